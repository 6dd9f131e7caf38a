// The kernel's tree of physical address ranges, as /proc/iomem shows it.

import { hex } from '../../emulator/address.ts';
import type { Walked } from '../objects/lists.ts';
import { KernelObject, type KernelProgram } from '../objects/object.ts';

export interface Resource {
  /** 0 = at the top. */
  readonly depth: number;
  readonly start: bigint;
  /** Inclusive, as the kernel has it. */
  readonly end: bigint;
  readonly name: string;
}

const MOST = 10_000;
const DEEPEST = 32;

/** The ranges below iomem_resource in their order, children behind their parents; undefined where there is none. */
export function resources(program: KernelProgram): Walked<Resource> | undefined {
  const root = KernelObject.named(program, 'iomem_resource');
  if (!root) return undefined;
  const items: Resource[] = [];
  const note = collect(root.at('child')?.follow(), 0, items, new Set([root.address]));
  return { items, ...(note && { note }) };
}

function collect(
  first: KernelObject | undefined,
  depth: number,
  items: Resource[],
  seen: Set<bigint>,
): string | undefined {
  if (depth > DEEPEST) return `the tree is more than ${DEEPEST} levels deep`;
  for (let resource = first; resource; resource = resource.at('sibling')?.follow()) {
    if (seen.has(resource.address)) return `the tree runs in a circle: ${hex(resource.address)} comes twice`;
    if (items.length >= MOST) return `the tree goes on after ${MOST} entries`;
    seen.add(resource.address);
    const [start, end] = [resource.at('start')?.number(), resource.at('end')?.number()];
    if (start === undefined || end === undefined) {
      return `the tree leads to ${hex(resource.address)}, where nothing can be read`;
    }
    items.push({ depth, start, end, name: resource.at('name')?.text() || '<BAD>' });
    const note = collect(resource.at('child')?.follow(), depth + 1, items, seen);
    if (note) return note;
  }
  return undefined;
}
