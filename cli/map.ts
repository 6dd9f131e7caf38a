// pagewalk map: what the page tables map at a point of the run, merged into runs.

import { hex64, paText } from '../emulator/address.ts';
import type { HartView } from '../emulator/inspection.ts';
import { sizeText } from '../emulator/mmu/modes.ts';
import { UserError } from '../emulator/user-error.ts';
import {
  type AddressSpace,
  currentSpace,
  type Layout,
  linuxPtdump,
  type MapRun,
  mappings,
  plainPtdump,
  ptdump,
} from '../kernel/index.ts';
import { formatOf, guestAt, lookOptions } from './at-point.ts';
import type { Guest } from './guest.ts';
import type { Verb } from './help.ts';
import { type Column, row } from './table.ts';

const columns: readonly Column[] = [
  { title: 'va', width: 18 },
  { title: 'last', width: 18 },
  { title: 'pa', width: 15 },
  { title: 'size', width: 11, right: true },
  { title: 'page', width: 7, right: true },
  { title: 'perm', width: 4 },
  { title: 'bits', width: 4 },
  { title: 'region', width: 0 },
];

export const map: Verb = {
  name: 'map',
  operands: ['KERNEL'],
  summary: "Shows what a hart's satp maps at a point of the run.",
  notes:
    'Columns: bits are U (user), G (global), A (accessed), D (dirty); a small letter: on some pages of the run only.',
  options: lookOptions,

  async run([kernel = ''], given) {
    const format = formatOf(given);
    const { guest, hart } = await guestAt(kernel, given);
    const space = currentSpace(guest.machine, hart);
    if (!space) throw new UserError(`hart ${hart.id}'s satp is Bare at this point: every address is physical`);
    if (format === 'ptdump') {
      for (const line of dumpLines(guest, hart, space)) process.stdout.write(`${line}\n`);
      return 0;
    }
    const { layout } = guest.layout(hart);
    if (format === 'table') {
      process.stdout.write(`${space.mode.name}, root ${paText(space.root)}, ${layout.title} layout\n`);
      process.stdout.write(
        `${row(
          columns,
          columns.map(({ title }) => title),
        )}\n`,
      );
    }
    for (const run of mappings(guest.machine, space)) {
      process.stdout.write(`${format === 'json' ? JSON.stringify(jsonRow(run, layout)) : tableRow(run, layout)}\n`);
    }
    return 0;
  },
};

/** The lines of Linux's kernel_page_tables file; of another kernel, in the same columns without markers. */
export function dumpLines(guest: Guest, hart: HartView, space: AddressSpace): Iterable<string> {
  const { linux } = guest.layout(hart);
  return ptdump(guest.machine, space.mode, space.root, linux ? linuxPtdump(linux) : plainPtdump);
}

const permissions = ({ r, w, x }: MapRun): string => `${r ? 'R' : '-'}${w ? 'W' : '-'}${x ? 'X' : '-'}`;

function tableRow(run: MapRun, layout: Layout): string {
  const share = (letter: string, of: MapRun['accessed']) =>
    ({ all: letter, some: letter.toLowerCase(), none: '.' })[of];
  const bits = `${run.u ? 'U' : '.'}${run.g ? 'G' : '.'}${share('A', run.accessed)}${share('D', run.dirty)}`;
  const type = run.memoryType === 'PMA' ? '' : ` (${run.memoryType})`;
  return row(columns, [
    hex64(run.va),
    hex64(run.va + run.size - 1n),
    paText(run.pa),
    sizeText(run.size),
    sizeText(run.pageSize),
    permissions(run),
    bits,
    `${layout.nameOf(run)}${type}`,
  ]);
}

function jsonRow(run: MapRun, layout: Layout) {
  return {
    va: hex64(run.va),
    vaEnd: hex64(run.va + run.size - 1n),
    pa: hex64(run.pa),
    size: Number(run.size),
    pageSize: Number(run.pageSize),
    permissions: permissions(run),
    user: run.u,
    global: run.g,
    accessed: run.accessed,
    dirty: run.dirty,
    memoryType: run.memoryType,
    region: layout.nameOf(run),
  };
}
