// Call frame rules as readelf decodes them, and ours in the same words.

import { openElf } from '../../emulator/loader/index.ts';
import { type FrameRow, type RegisterRule, rowsOf } from '../../symbols/dwarf/frame-rules.ts';
import { FrameTable } from '../../symbols/dwarf/frame-table.ts';
import { DebugSections } from '../../symbols/dwarf/sections.ts';
import { fileSource } from '../support/file-source.ts';
import { gnu } from '../support/riscv-gcc.ts';

/** A function's rules: `start..size`, then a line for each row, registers without a rule left out. */
export type Frames = Map<string, string[]>;

const names = [
  ...['zero', 'ra', 'sp', 'gp', 'tp', 't0', 't1', 't2', 's0', 's1'],
  ...Array.from({ length: 8 }, (_, i) => `a${i}`),
  ...Array.from({ length: 10 }, (_, i) => `s${i + 2}`),
  ...['t3', 't4', 't5', 't6'],
];

export function readelfFrames(elf: string): Frames {
  const found: Frames = new Map();
  let rows: string[] = [];
  let columns: string[] = [];
  for (const line of gnu('readelf', ['--debug-dump=frames-interp', '-W', elf]).split('\n')) {
    const range = /FDE .*pc=([0-9a-f]+)\.\.([0-9a-f]+)/.exec(line);
    const words = line.trim().split(/\s+/);
    if (range) {
      rows = [];
      found.set(`${BigInt(`0x${range[1]}`).toString(16)}..${BigInt(`0x${range[2]}`).toString(16)}`, rows);
    } else if (/ CIE /.test(line)) rows = [];
    else if (words[0] === 'LOC') columns = words.slice(2);
    else if (/^[0-9a-f]{8,16}$/.test(words[0] ?? '') && words.length >= 2) {
      const rules = columns.flatMap((name, i) => (words[i + 2] === 'u' ? [] : [`${name}=${words[i + 2]}`]));
      rows.push([BigInt(`0x${words[0]}`).toString(16), words[1], ...rules.sort()].join(' '));
    }
  }
  return found;
}

export function ourFrames(elf: string): Frames {
  const opened = openElf(fileSource(elf));
  const sections = new DebugSections(opened);
  const found: Frames = new Map();
  for (const name of ['.eh_frame', '.debug_frame']) {
    const section = {
      bytes: sections.bytes(name),
      va: sections.addressOf(name),
      isEh: name === '.eh_frame',
      addressSize: opened.xlen / 8,
    };
    const table = new FrameTable(section, (work) => work());
    for (const at of table.positions()) {
      const description = table.description(at);
      const key = `${description.start.toString(16)}..${(description.start + description.size).toString(16)}`;
      const rows = [...rowsOf(description)].map(rowText);
      // readelf prints no row for rules that are all padding.
      found.set(key, description.instructions.some((byte) => byte !== 0) ? rows : []);
    }
  }
  return found;
}

function rowText({ start, cfa, registers }: FrameRow): string {
  const rules = [...registers].flatMap(([number, rule]) => {
    const text = ruleText(rule);
    return text === 'u' ? [] : [`${names[number] ?? `r${number}`}=${text}`];
  });
  const base = !cfa ? 'none' : 'expression' in cfa ? 'exp' : `${names[cfa.register]}+${cfa.offset}`;
  return [start.toString(16), base.replace('+-', '-'), ...rules.sort()].join(' ');
}

function ruleText(rule: RegisterRule): string {
  const signed = (offset: number) => (offset < 0 ? `${offset}` : `+${offset}`);
  switch (rule.kind) {
    case 'undefined':
      return 'u';
    case 'same':
      return 's';
    case 'saved':
      return `c${signed(rule.offset)}`;
    case 'value':
      return `v${signed(rule.offset)}`;
    case 'register':
      return names[rule.register] ?? `r${rule.register}`;
    case 'saved-at':
      return 'exp';
    case 'computed':
      return 'vexp';
  }
}
