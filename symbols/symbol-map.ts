// System.map and /proc/kallsyms: a kernel's symbols as text, for when there is no ELF that has them. A line is an address,
// a letter as nm writes it, and a name.

import { virt } from '../emulator/address.ts';
import {
  type ByteSource,
  type Elf,
  type ElfSection,
  ElfSymbols,
  SectionFlag,
  textOf,
} from '../emulator/loader/index.ts';
import { UserError } from '../emulator/user-error.ts';
import { utf8 } from './utf8.ts';

const line = /^([0-9a-fA-F]{8}|[0-9a-fA-F]{16}) ([a-zA-Z?]) (\S+)/;

/** More text than any kernel's symbols take. */
const maxSize = 1 << 28;

/** Whether a file begins as such a text does. */
export function isSymbolMap(source: ByteSource): boolean {
  return line.test(textIn(source.read(0, 256)));
}

/** The symbols of the text, and an ELF without contents that they are of. A UserError where the addresses are hidden. */
export function readSymbolMap(source: ByteSource): { elf: Elf; symbols: ElfSymbols } {
  const rows: { address: bigint; letter: string; name: string }[] = [];
  let xlen: 32 | 64 = 64;
  for (const text of textIn(source.read(0, Math.min(source.size, maxSize))).split('\n')) {
    const [, digits = '', letter = '', name = ''] = line.exec(text) ?? [];
    if (name === '' || letter === 'U') continue;
    if (digits.length === 8) xlen = 32;
    rows.push({ address: BigInt(`0x${digits}`), letter, name });
  }
  if (rows.every(({ address }) => address === 0n)) {
    throw new UserError(`${source.name} has no addresses, which the kernel hides: read it as root, or give System.map`);
  }
  const entry = rows.find(({ name }) => name === '_start')?.address ?? 0n;
  return {
    elf: {
      source,
      xlen,
      relocatable: false,
      object: false,
      entry: virt(entry),
      segments: [],
      sections: sectionsOf(rows),
    },
    symbols: symbolsOf(rows),
  };
}

type Row = { readonly address: bigint; readonly letter: string; readonly name: string };

const isCode = ({ letter }: Row) => letter === 't' || letter === 'T';
const isAbsolute = ({ letter }: Row) => letter === 'a' || letter === 'A';

/** Code from the first to the last function, and what is before and behind it. */
function sectionsOf(rows: readonly Row[]): ElfSection[] {
  const placed = rows
    .filter((row) => !isAbsolute(row) && row.address !== 0n)
    .sort((a, b) => (a.address < b.address ? -1 : 1));
  const code = placed.filter(isCode);
  const [first, last] = [placed[0]?.address ?? 0n, placed.at(-1)?.address ?? 0n];
  const [from, to] = [code[0]?.address ?? last, code.at(-1)?.address ?? first];
  const section = (name: string, start: bigint, end: bigint, flags: number): ElfSection[] => {
    if (end <= start) return [];
    return [
      {
        name,
        type: 1,
        flags: flags | SectionFlag.alloc,
        va: virt(start),
        offset: 0,
        size: Number(end - start),
        link: 0,
        info: 0,
      },
    ];
  };
  // Behind the last function and the last object comes what nobody names.
  const page = 4096n;
  return [
    ...section('.data', first, from, SectionFlag.write),
    ...section('.text', from, to + page, SectionFlag.exec),
    ...section('.bss', to + page, last + page, SectionFlag.write),
  ];
}

/** As an ELF's 64-bit symbol table would have them. */
function symbolsOf(rows: readonly Row[]): ElfSymbols {
  const encoded = rows.map((row) => utf8(`${row.name}\0`));
  const names = new Uint8Array(1 + encoded.reduce((sum, { length }) => sum + length, 0));
  const table = new DataView(new ArrayBuffer(24 * rows.length));
  let name = 1;
  for (const [i, row] of rows.entries()) {
    const at = 24 * i;
    const [none, object, code] = [0, 1, 2];
    const type = isAbsolute(row) ? none : /[tTwW]/.test(row.letter) ? code : object;
    const binding = /[wWvV]/.test(row.letter) ? 2 : row.letter === row.letter.toUpperCase() ? 1 : 0;
    table.setUint32(at, name, true);
    table.setUint8(at + 4, (binding << 4) | type);
    table.setUint16(at + 6, isAbsolute(row) ? 0xfff1 : 1, true);
    table.setBigUint64(at + 8, row.address, true);
    names.set(encoded[i] ?? [], name);
    name += encoded[i]?.length ?? 0;
  }
  return new ElfSymbols(new Uint8Array(table.buffer), names, 64);
}

function textIn(bytes: Uint8Array): string {
  return textOf(bytes, 0, bytes.length);
}
