// .debug_aranges: which compilation unit an address belongs to (DWARF 5, section 6.1.2 "Lookup by Address").

import type { AddressRange } from '../address-ranges.ts';
import { Cursor, DwarfError, within } from './cursor.ts';
import type { DebugSections } from './sections.ts';

/** The ranges, each with the .debug_info offset of its unit. */
export function readAranges(sections: DebugSections): AddressRange[] {
  return within('.debug_aranges', () => readSets(sections));
}

function readSets(sections: DebugSections): AddressRange[] {
  const ranges: AddressRange[] = [];
  const source = sections.open('.debug_aranges');
  const cursor = new Cursor(source.read(0, source.size));
  while (!cursor.atEnd) {
    const start = cursor.at;
    const length = cursor.unitLength();
    const end = cursor.at + length;
    const version = cursor.u16();
    if (version !== 2) throw new DwarfError(`.debug_aranges version ${version} is not supported`);
    const unit = cursor.offset();
    const addressSize = cursor.u8();
    if (cursor.u8() !== 0) throw new DwarfError('.debug_aranges has segments');
    // The pairs are aligned to their own size.
    cursor.skip((2 * addressSize - ((cursor.at - start) % (2 * addressSize))) % (2 * addressSize));
    while (cursor.at < end) {
      const address = cursor.address(addressSize);
      const size = Number(cursor.address(addressSize));
      if (address === 0n && size === 0) break;
      ranges.push({ start: address, size, id: unit });
    }
    cursor.at = end;
  }
  return ranges;
}
