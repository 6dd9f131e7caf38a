// The console's `map`: what is mapped now, one merged run a line.

import { hex64, paText, plus } from '../../emulator/address.ts';
import { sizeText } from '../../emulator/mmu/modes.ts';
import { permissionsText } from '../../emulator/mmu/pte.ts';
import { currentSpace, type MapRun, mappings } from '../../kernel/index.ts';
import { layoutOf } from './names.ts';
import type { View } from './row.ts';

const MOST = 500;

export function mapText({ session, scope: { machine, hart } }: View, filter: string): string {
  const space = currentSpace(machine, hart);
  if (!space) return 'satp is Bare: every address is physical.';
  const layout = layoutOf(session, hart);
  const wanted = filter.toLowerCase();
  const lines: string[] = [];
  for (const run of mappings(machine, space)) {
    const line = runText(run, layout.nameOf(run));
    if (!line.toLowerCase().includes(wanted)) continue;
    if (lines.length === MOST) return [...lines, `… and more; name a part of what you look for: map TEXT`].join('\n');
    lines.push(line);
  }
  if (lines.length === 0) return filter ? `Nothing in the map contains "${filter}".` : 'The root maps nothing.';
  return lines.join('\n');
}

function runText(run: MapRun, name: string): string {
  const range = `${hex64(run.va)}–${hex64(plus(run.va, run.size - 1n))}`;
  const flags = `${permissionsText(run)}${run.u ? 'U' : '-'}${run.g ? 'G' : '-'}`;
  const size = sizeText(run.size).padStart(8);
  return `${range} → ${paText(run.pa).padEnd(14)} ${size} in ${sizeText(run.pageSize).padEnd(6)} ${flags} ${name}`;
}
