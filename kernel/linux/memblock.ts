// The boot allocator's two lists: the memory that there is, and what of it is taken.

import type { Walked } from '../objects/lists.ts';
import { KernelObject, type KernelProgram } from '../objects/object.ts';

export interface MemblockRegion {
  readonly kind: 'memory' | 'reserved';
  readonly base: bigint;
  /** In bytes. */
  readonly size: bigint;
  readonly flags: readonly string[];
}

const MOST = 4096n;
/** Bits of enum memblock_flags (include/linux/memblock.h). */
const flagNames = ['hotplug', 'mirror', 'nomap', 'driver-managed', 'noinit'];

/** Undefined where this kernel has no memblock. */
export function memblockRegions(program: KernelProgram): Walked<MemblockRegion> | undefined {
  const memblock = KernelObject.named(program, 'memblock');
  if (!memblock) return undefined;
  if (isFreed(program, memblock)) {
    return { items: [], note: 'the kernel has given the memory of these lists back: they were for its start only' };
  }
  const lists = (['memory', 'reserved'] as const).map((kind) => regionsOf(memblock, kind));
  const note = lists.find((list) => list.note)?.note;
  return { items: lists.flatMap(({ items }) => items), ...(note && { note }) };
}

function regionsOf(memblock: KernelObject, kind: MemblockRegion['kind']): Walked<MemblockRegion> {
  const list = memblock.at(kind);
  const [count, first] = [list?.at('cnt')?.number(), list?.at('regions')?.follow()];
  if (count === undefined || !first) return { items: [], note: `memblock.${kind} cannot be read` };
  const length = Number(count > MOST ? MOST : count);
  const items: MemblockRegion[] = [];
  for (let index = 0; index < length; index += 1) {
    const region = first.neighbour(index);
    const [base, size] = [region.at('base')?.number(), region.at('size')?.number()];
    if (base === undefined || size === undefined)
      return { items, note: `memblock.${kind} breaks off after ${index} regions` };
    const flags = region.at('flags')?.number() ?? 0n;
    if (size) items.push({ kind, base, size, flags: flagNames.filter((_, bit) => (flags >> BigInt(bit)) & 1n) });
  }
  return count > MOST ? { items, note: `memblock.${kind} says that it has ${count} regions` } : { items };
}

/** Whether the variable is among what is freed when the kernel has started, and it has. */
function isFreed(program: KernelProgram, { address }: KernelObject): boolean {
  const [begin, end] = [program.symbol('__init_begin'), program.symbol('__init_end')];
  if (begin === undefined || end === undefined || address < begin || address >= end) return false;
  const state = KernelObject.named(program, 'system_state')?.number();
  return state !== undefined && state >= runningState(program);
}

/** The first state in which initial memory may be gone. */
function runningState(program: KernelProgram): bigint {
  const type = program.type('enum system_states');
  const states = type?.kind === 'enum' ? type.enumerators : [];
  const named = (name: string) => states.find((each) => each.name === name)?.value;
  return named('SYSTEM_FREEING_INITMEM') ?? named('SYSTEM_RUNNING') ?? 2n;
}
