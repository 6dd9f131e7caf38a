// Watched bytes that no instruction stores to: devices, the built-in firmware and page-table walks write them.

import { type PhysAddr, phys, type VirtAddr, virt } from '../address.ts';
import type { Watchpoint } from '../events.ts';
import type { HartView, Inspection } from '../inspection.ts';
import { spanOf } from '../mmu/modes.ts';
import { regimeOf, walkMemoryOf } from '../mmu/regime.ts';
import { walk } from '../mmu/walk.ts';

/** Bytes of a watchpoint that lie side by side in both spaces. */
interface Piece {
  /** As the watchpoint says it: the physical address for one by physical address. */
  readonly va: VirtAddr;
  readonly pa: PhysAddr;
  readonly size: bigint;
}

/** What is told of a write that is longer. */
const MOST_TOLD = 8n;
/** Mappings of a watched range of virtual addresses that are looked at for each write. */
const MOST_MAPPINGS = 256;

/** The watched bytes among those written: eight at most of each piece, from the first that changes on. */
export function writtenIn(pieces: Iterable<Piece>, address: PhysAddr, before: Uint8Array, after: Uint8Array) {
  const found: { readonly va: VirtAddr; readonly pa: PhysAddr; readonly size: number }[] = [];
  for (const { va, pa, size } of pieces) {
    const start = pa > address ? pa : address;
    const end = least(pa + size, address + BigInt(before.length));
    if (start >= end) continue;
    let at: bigint = start;
    while (at < end && before[Number(at - address)] === after[Number(at - address)]) at += 1n;
    const from = at < end ? at : start;
    found.push({ va: virt(va + (from - pa)), pa: phys(from), size: Number(least(end - from, MOST_TOLD)) });
  }
  return found;
}

/** Where a watchpoint's bytes are as the hart would see them in S-mode, or in M-mode if it is there. */
export function* piecesOf({ space, address, size }: Watchpoint, machine: Inspection, hart: HartView): Generator<Piece> {
  const current = regimeOf(machine, hart, 'fetch');
  if (space === 'physical' || !current.mode) {
    yield { va: virt(address), pa: phys(address), size };
    return;
  }
  // Whether anybody may access the page, and whether it was, is not asked.
  const regime = { ...current, privilege: 1, sum: true, mxr: true, hardwareAD: true } as const;
  const memory = walkMemoryOf(machine, hart.id);
  const end = address + size;
  let at: bigint = address;
  for (let left = MOST_MAPPINGS; at < end && left > 0; left -= 1) {
    const result = walk(memory, regime, virt(at), 'load');
    const span = result.ok ? result.pageSize : spanOf(current.mode, result.steps.at(-1)?.level ?? 0);
    const next = (at & ~(span - 1n)) + span;
    if (result.ok) yield { va: virt(at), pa: result.pa, size: least(next, end) - at };
    at = next;
  }
}

const least = (a: bigint, b: bigint) => (a < b ? a : b);
