// A file with a few line tables of another one: readelf decodes all that there are, which of a kernel takes it long.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openElf } from '../../emulator/loader/index.ts';
import { findLineUnits, type LineUnit } from '../../symbols/dwarf/line-unit.ts';
import { DebugSections } from '../../symbols/dwarf/sections.ts';
import { fileSource } from '../support/file-source.ts';

export interface LineSample {
  readonly units: readonly LineUnit[];
  /** An ELF with these units' line tables alone. */
  readonly elf: string;
}

/** So many line tables of the file, chosen by `random`, in their order. */
export function sampleLines(file: string, count: number, random: (below: number) => number): LineSample {
  const elf = openElf(fileSource(file));
  const sections = new DebugSections(elf);
  const lines = sections.open('.debug_line');
  const all = [...findLineUnits(lines)];
  const chosen = new Set(Array.from({ length: count }, () => random(all.length)));
  const units = all.filter((_, index) => chosen.has(index));
  const contents = [
    ['.debug_line', Buffer.concat(units.map(({ offset, size }) => lines.read(offset, size)))],
    ['.debug_line_str', Buffer.from(sections.bytes('.debug_line_str'))],
  ] as const;
  const folder = mkdtempSync(path.join(tmpdir(), 'pagewalk-lines-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const out = path.join(folder, 'sample.elf');
  writeFileSync(out, elfOf(elf.xlen, contents));
  return { units, elf: out };
}

/** An ELF of these sections and their names. */
function elfOf(xlen: 32 | 64, contents: readonly (readonly [name: string, bytes: Buffer])[]): Buffer {
  const wide = xlen === 64;
  const names = ['', ...contents.map(([name]) => name), '.shstrtab'];
  const strings = Buffer.from(names.map((name) => `${name}\0`).join(''));
  const bodies = [...contents.map(([, bytes]) => bytes), strings];
  const [headerSize, entrySize] = wide ? [64, 64] : [52, 40];
  const tableAt = headerSize + bodies.reduce((sum, { length }) => sum + length, 0);
  const header = Buffer.alloc(headerSize);
  Buffer.from([0x7f, 0x45, 0x4c, 0x46, wide ? 2 : 1, 1, 1]).copy(header);
  // e_type none, e_machine RISC-V, e_version 1; then e_shoff and, last of all, the sizes.
  header.writeUInt16LE(243, 18);
  header.writeUInt32LE(1, 20);
  header.writeUInt32LE(tableAt, wide ? 40 : 32);
  const sizes = wide ? 52 : 40;
  [headerSize, 0, 0, entrySize, names.length, names.length - 1].forEach((each, index) => {
    header.writeUInt16LE(each, sizes + 2 * index);
  });
  const table = Buffer.alloc(entrySize * names.length);
  let [at, nameAt] = [headerSize, 1];
  for (const [index, body] of bodies.entries()) {
    const entry = entrySize * (index + 1);
    table.writeUInt32LE(nameAt, entry);
    table.writeUInt32LE(index === bodies.length - 1 ? 3 : 1, entry + 4);
    table.writeUInt32LE(at, entry + (wide ? 24 : 16));
    table.writeUInt32LE(body.length, entry + (wide ? 32 : 20));
    at += body.length;
    nameAt += (names[index + 1]?.length ?? 0) + 1;
  }
  return Buffer.concat([header, ...bodies, table]);
}
