// Breakpoints that were reached, as facts of a stop.

import { hex, paText, type VirtAddr } from '../../emulator/address.ts';
import type { WatchHit } from '../../emulator/events.ts';
import type { StopFact } from '../run-control/stop-fact.ts';
import type { Symbols } from '../symbols.ts';
import type { Breakpoint } from './breakpoint.ts';

const reasons = {
  line: 'breakpoint',
  function: 'function breakpoint',
  instruction: 'instruction breakpoint',
  data: 'data breakpoint',
  event: 'exception',
} as const;

export function hitFact(point: Breakpoint, hart: number, pc: VirtAddr, symbols: Symbols): StopFact {
  const description = `Breakpoint at ${hex(pc)}${withName(symbols.nameOf(pc))}`;
  return { reason: reasons[point.location.kind], description, hart, breakpointIds: [point.id] };
}

/**
 * `store of 8 bytes at 0x80405010 <banner>: 0x0 → 0x1`; of who else writes `page-table walk writes 8 bytes at
 * pa:0x80405010: 0x1 → 0x41`.
 */
export function watchFact(hit: WatchHit, point: Breakpoint, symbols: Symbols): StopFact {
  const isPhysical = hit.by !== undefined && hit.watchpoint.space === 'physical';
  const at = `${isPhysical ? paText(hit.pa) : hex(hit.va)}${withName(symbols.nameOf(hit.va))}`;
  const values = hit.access === 'store' ? `${hex(hit.before)} → ${hex(hit.after)}` : hex(hit.after);
  const what = hit.by === undefined ? `${hit.access} of` : `${hit.by} writes`;
  return {
    reason: 'data breakpoint',
    description: `${what} ${hit.size} bytes at ${at}: ${values}`,
    hart: hit.hart,
    breakpointIds: [point.id],
  };
}

function withName(name: string): string {
  return name && ` <${name}>`;
}
