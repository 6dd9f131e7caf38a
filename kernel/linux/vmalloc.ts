// What the kernel has mapped into its vmalloc area, as /proc/vmallocinfo lists it.

import { listOf, type Walked } from '../objects/lists.ts';
import { KernelObject, type KernelProgram } from '../objects/object.ts';

export interface VmapArea {
  readonly start: bigint;
  /** Exclusive. */
  readonly end: bigint;
  /** Where it was asked for; undefined where the kernel does not say. */
  readonly caller: bigint | undefined;
  /** `ioremap`, `vmalloc`, `vmap`, `user`, …; empty for what vm_map_ram mapped. */
  readonly flags: readonly string[];
  /** Of ioremap: what is mapped there. */
  readonly physical: bigint | undefined;
  readonly pages: number;
}

/** Bits of vm_struct.flags (include/linux/vmalloc.h), which have not moved since 4.x. */
const flagNames = ['ioremap', 'vmalloc', 'vmap', 'user', 'dma-coherent', 'uninitialized', 'no guard', 'kasan'];

/** Ascending; undefined where this is no kernel with a vmalloc area. */
export function vmapAreas(program: KernelProgram): Walked<VmapArea> | undefined {
  const type = program.type('struct vmap_area');
  const heads = listHeads(program);
  if (!type || heads.length === 0) return undefined;
  const lists = heads.map((head) => listOf(head, type, 'list'));
  const items = lists.flatMap((list) => list.items.map(areaOf)).filter((area) => area !== undefined);
  const note = lists.find((list) => list.note)?.note;
  return { items: items.sort((a, b) => (a.start < b.start ? -1 : 1)), ...(note && { note }) };
}

/** One list of all areas, or one for each node of the allocator. */
function listHeads(program: KernelProgram): KernelObject[] {
  const nodes = KernelObject.named(program, 'vmap_nodes');
  if (!nodes) return [KernelObject.named(program, 'vmap_area_list')].filter((head) => head !== undefined);
  const count = KernelObject.named(program, 'nr_vmap_nodes')?.number() ?? 1n;
  const indices = Array.from({ length: Math.min(Number(count), 1024) }, (_, index) => index);
  return indices.map((index) => nodes.element(index)?.at('busy.head')).filter((head) => head !== undefined);
}

function areaOf(area: KernelObject): VmapArea | undefined {
  const [start, end] = [area.at('va_start')?.number(), area.at('va_end')?.number()];
  if (start === undefined || end === undefined) return undefined;
  const vm = area.at('vm')?.follow();
  const flags = vm?.at('flags')?.number() ?? 0n;
  const physical = vm?.at('phys_addr')?.number();
  return {
    start,
    end,
    caller: vm?.at('caller')?.number() || undefined,
    flags: flagNames.filter((_, bit) => (flags >> BigInt(bit)) & 1n),
    physical: physical || undefined,
    pages: Number(vm?.at('nr_pages')?.number() ?? 0n),
  };
}
