// From what the client asked for to addresses, CSRs and ranges of the machine.

import { type PhysAddr, phys, plus, type VirtAddr, virt } from '../../emulator/address.ts';
import { UserError } from '../../emulator/user-error.ts';
import { looksLikePlace, type Place, parsePlace } from '../../kernel/index.ts';
import { looksLikeEvent, parseEvent } from '../events/expression.ts';
import { joinPlaces, type Places, type Symbols } from '../symbols.ts';
import type { Binding, InstructionLocation, LineLocation, Location } from './breakpoint.ts';
import { parseDataId } from './data-id.ts';

const SEEKING = 'Its copies are being looked for in the debug information.';

export function bind(location: Location, symbols: Symbols): Binding {
  try {
    switch (location.kind) {
      case 'line':
        return bindLine(location, symbols);
      case 'function':
        return bindFunction(location.name.trim(), symbols);
      case 'instruction':
        return bindInstruction(location, symbols);
      case 'data':
        return bindData(location.dataId, location.access, symbols);
      case 'event':
        return bindEvent(location.event, symbols);
    }
  } catch (error) {
    if (error instanceof UserError) return failed(error.message);
    throw error;
  }
}

function bindLine({ path, line, column, mode }: LineLocation, symbols: Symbols): Binding {
  const inColumn =
    column === undefined ? [] : symbols.addressesOf(path, line, columnMeant(path, line, column, symbols));
  const found = inColumn.length > 0 ? inColumn : symbols.addressesOf(path, line);
  const [first] = found;
  if (!first) {
    return failed('No code at or behind this line in the symbol files (see "symbols" and "sourceMap" in launch.json).');
  }
  const places = inMode(joinPlaces(found.map(({ va }) => symbols.placesOf(va))), mode);
  return { kind: 'code', places, line: first.line, ...(inColumn.length > 0 && { column }) };
}

/** Of the columns of a line where something begins: that one, or the nearest before it. */
function columnMeant(path: string, line: number, column: number, symbols: Symbols): number {
  const columns = symbols.statementsIn(path, line, line).map((each) => each.column);
  return columns.filter((each) => each <= column).at(-1) ?? columns[0] ?? column;
}

/** The places that a breakpoint mode leaves. */
function inMode(places: Places, mode: string | undefined): Places {
  if (mode === 'virtual') return { ...places, physical: [] };
  return mode === 'physical' && places.physical.length > 0 ? { virtual: [], physical: places.physical } : places;
}

/** `name`, `name+off`, `*0x…` and the address grammar, events. */
function bindFunction(name: string, symbols: Symbols): Binding {
  if (looksLikeEvent(name)) return bindEvent(name, symbols);
  const place = name.replace(/^\*\s*/, '');
  if (looksLikePlace(place)) return bindPlace(parsePlace(place), 0n, symbols);

  const [, base = '', sign, digits] = /^(.*?)(?:([+-])(0x[0-9a-f]+|\d+))?$/i.exec(name.replaceAll(' ', '')) ?? [];
  const offset = digits === undefined ? 0n : BigInt(digits) * (sign === '-' ? -1n : 1n);
  const values = symbols.named(base);
  const seeking = digits === undefined && symbols.mayHaveMoreCopies(base);
  const copies = digits === undefined && !seeking ? symbols.inlinedCopies(base) : [];
  if (values.length + copies.length === 0) {
    return seeking
      ? { kind: 'unbound', pending: true, why: SEEKING, seeking }
      : failed(`No symbol is called "${base}".`);
  }
  const own = values.map((value) => (digits === undefined ? symbols.functionStart(value) : plus(value, offset)));
  const starts = [...own, ...copies];
  return { kind: 'code', places: joinPlaces(starts.map((start) => symbols.placesOf(start))), seeking };
}

function bindPlace(place: Place, offset: bigint, symbols: Symbols): Binding {
  if (place.space === 'physical') {
    return { kind: 'code', places: { virtual: [], physical: [plus(place.address, offset)] } };
  }
  const address = plus(place.address, offset);
  if (place.root === undefined) return { kind: 'code', places: symbols.placesOf(address) };
  return { kind: 'code', places: { virtual: [address], physical: [] }, root: place.root };
}

function bindInstruction({ reference, offset, mode }: InstructionLocation, symbols: Symbols): Binding {
  const bound = bindPlace(parsePlace(reference), BigInt(offset), symbols);
  return bound.kind === 'code' ? { ...bound, places: inMode(bound.places, mode) } : bound;
}

function bindEvent(text: string, symbols: Symbols): Binding {
  const names = { xlen: symbols.xlen, valueOf: (name: string) => symbols.named(name)[0] };
  return { kind: 'event', event: parseEvent(text, names) };
}

function bindData(dataId: string, access: 'read' | 'write' | 'readWrite', symbols: Symbols): Binding {
  const data = parseDataId(dataId);
  if (data.kind === 'event') {
    return access === 'write'
      ? bindEvent(data.event, symbols)
      : failed(`${data.event} can be watched for writes only.`);
  }
  const on = data.change ? 'change' : access === 'readWrite' ? 'read-write' : access;
  const address: VirtAddr | PhysAddr = data.space === 'virtual' ? virt(data.address) : phys(data.address);
  return { kind: 'memory', watch: { space: data.space, address, size: data.size, on } };
}

function failed(why: string): Binding {
  return { kind: 'unbound', pending: false, why };
}
