// Every row of every line table, ours against readelf's, as a stream: a kernel has millions.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { openElf } from '../../emulator/loader/index.ts';
import { runLineProgram } from '../../symbols/dwarf/line-program.ts';
import { findLineUnits, LineProgram, type LineUnit } from '../../symbols/dwarf/line-unit.ts';
import { DebugSections } from '../../symbols/dwarf/sections.ts';
import { fileSource } from '../support/file-source.ts';
import type { LineSample } from './line-sample.ts';

/** `file line address x`, of a statement with the x; at the end of a sequence the line is `-`. */
export function* ourRows(elf: string, units?: Iterable<LineUnit>): Generator<string> {
  const sections = new DebugSections(openElf(fileSource(elf)));
  for (const unit of units ?? findLineUnits(sections.open('.debug_line'))) {
    const program = new LineProgram(unit, sections);
    const { files } = program.files();
    const rows: { text: string; offset: number }[] = [];
    const done: string[] = [];
    runLineProgram(program.header, program.cursor, {
      row(offset, file, line, _column, isStmt) {
        rows.push({ offset, text: `${files[file]?.name.split('/').at(-1)} ${line} @${isStmt ? ' x' : ''}` });
      },
      end(base, size) {
        for (const { offset, text } of rows) done.push(text.replace('@', `0x${(base + BigInt(offset)).toString(16)}`));
        done.push(`- 0x${(base + BigInt(size)).toString(16)}`);
        rows.length = 0;
      },
    });
    yield* done;
  }
}

/** The same as readelf decodes them. */
export async function* readelfRows(elf: string): AsyncGenerator<string> {
  const child = spawn('riscv64-unknown-elf-readelf', ['--debug-dump=decodedline', '-W', elf], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const row = /^(\S+) +(\d+|-) +(0x[0-9a-f]+|0)(?:\[\d+\])?((?: +\d+)?(?: +x)?)/.exec(line);
    if (!row) continue;
    const address = `0x${BigInt(row[3] ?? '0').toString(16)}`;
    yield row[2] === '-' ? `- ${address}` : `${row[1]} ${row[2]} ${address}${row[4]?.includes('x') ? ' x' : ''}`;
  }
}

/** How many rows there are, and how many of them differ; the first differences as text. `sample` has some of the tables. */
export async function compareRows(
  elf: string,
  sample?: LineSample,
): Promise<{ rows: number; different: number; examples: string[] }> {
  const ours = ourRows(elf, sample?.units);
  const examples: string[] = [];
  let [rows, different] = [0, 0];
  for await (const theirs of readelfRows(sample?.elf ?? elf)) {
    rows++;
    const { value, done } = ours.next();
    if (!done && value === theirs) continue;
    different++;
    if (examples.length < 5) examples.push(`row ${rows}: ours ${value}, readelf's ${theirs}`);
  }
  for (const value of ours) {
    different++;
    if (examples.length < 5) examples.push(`only ours: ${value}`);
  }
  return { rows, different, examples };
}

/** `file:line` that readelf's rows give to some addresses. */
export async function readelfLines(elf: string, addresses: readonly bigint[]): Promise<ReadonlyMap<bigint, string>> {
  const wanted = [...addresses].sort((a, b) => (a < b ? -1 : 1));
  const found = new Map<bigint, string>();
  let [text, start] = ['', 0n];
  for await (const row of readelfRows(elf)) {
    const [file = '', line = '', at = line] = row.split(' ');
    const address = BigInt(at);
    if (text !== '' && address > start) {
      let [from, to] = [0, wanted.length];
      while (from < to) {
        const middle = (from + to) >>> 1;
        if ((wanted[middle] ?? 0n) < start) from = middle + 1;
        else to = middle;
      }
      for (let each = wanted[from]; each !== undefined && each < address; each = wanted[++from]) found.set(each, text);
    }
    [text, start] = [file === '-' ? '' : `${file}:${line}`, address];
  }
  return found;
}
