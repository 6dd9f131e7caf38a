// The one grammar of addresses: on the wire, in breakpoints, in `evaluate`, on the command line.
//
//   0x80200000  2149580800     virtual, here and now (in the address space that is in force)
//   va:0x80200000              the same
//   va:0x80200000@0x81fca000   virtual, in the address space whose root table is at that physical address
//   va:0x80200000@0x81fca000:sv39     … read with that paging mode
//   pa:0x80200000              physical
//
// Hex digits of either case; `_` between digits.

import { hex, type PhysAddr, paText, phys, type VirtAddr, virt } from '../emulator/address.ts';
import { modeNamed, type PagingMode } from '../emulator/mmu/modes.ts';
import { UserError } from '../emulator/user-error.ts';

export type Place =
  | { readonly space: 'physical'; readonly address: PhysAddr }
  | {
      readonly space: 'virtual';
      readonly address: VirtAddr;
      /** The root table of the address space that is meant; absent = the one in force. */
      readonly root?: PhysAddr;
      /** Absent = the mode in force. */
      readonly mode?: PagingMode;
    };

const NUMBER = /^(?:0x[0-9a-f]+(?:_[0-9a-f]+)*|[0-9]+(?:_[0-9]+)*)$/i;

/** Reads a place. @throws UserError that says which part is wrong and what would be right. */
export function parsePlace(text: string): Place {
  const trimmed = text.trim();
  const space = /^(pa|va):/i.exec(trimmed)?.[1]?.toLowerCase();
  const body = space ? trimmed.slice(3) : trimmed;
  if (space === 'pa') return { space: 'physical', address: physical(body, text) };

  const [address = '', root, ...more] = body.split('@');
  if (root === undefined) return { space: 'virtual', address: virt(number(address, text, 64)) };
  if (space === undefined) throw wrong(text, 'an address in another address space begins with "va:"');
  if (more.length > 0) throw wrong(text, 'there is more than one "@"');
  const [table = '', modeName, ...rest] = root.split(':');
  if (rest.length > 0) throw wrong(text, 'nothing may follow the paging mode');
  const place = { space: 'virtual', address: virt(number(address, text, 64)), root: physical(table, text) } as const;
  if (place.root & 0xfffn) throw wrong(text, `a root table begins at a multiple of 0x1000, and ${table} does not`);
  if (modeName === undefined) return place;
  const mode = modeNamed(modeName);
  if (!mode) throw wrong(text, `"${modeName}" is no paging mode (sv32, sv39, sv48, sv57)`);
  return { ...place, mode };
}

/** Whether `text` is meant as a place rather than as an expression. */
export function looksLikePlace(text: string): boolean {
  return /^\s*(?:(?:pa|va):|[0-9][0-9a-z_]*\s*$)/i.test(text);
}

/** The shortest text that `parsePlace` reads back as `place`. */
export function formatPlace(place: Place): string {
  if (place.space === 'physical') return paText(place.address);
  if (place.root === undefined) return hex(place.address);
  const mode = place.mode ? `:${place.mode.name.toLowerCase()}` : '';
  return `va:${hex(place.address)}@${hex(place.root)}${mode}`;
}

function physical(digits: string, whole: string): PhysAddr {
  return phys(number(digits, whole, 56));
}

function number(digits: string, whole: string, bits: number): bigint {
  if (!NUMBER.test(digits)) throw wrong(whole, digits === '' ? 'a number is missing' : `"${digits}" is no number`);
  const value = BigInt(digits.replaceAll('_', ''));
  if (value >> BigInt(bits)) {
    throw wrong(
      whole,
      `${digits} has more than ${bits} bits, which no ${bits === 56 ? 'physical' : 'virtual'} address has`,
    );
  }
  return value;
}

function wrong(text: string, why: string): UserError {
  return new UserError(
    `"${text.trim()}" is no address: ${why}. Write 0x80200000 (virtual), pa:0x80200000 (physical) or va:0x80200000@0xROOT:sv39.`,
  );
}
