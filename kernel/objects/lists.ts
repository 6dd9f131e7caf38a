// Walks of the kernel's linked lists. The memory may be corrupt, or a list half changed: a walk is bounded, sees a cycle,
// and says in one sentence where it ended early.

import { hex } from '../../emulator/address.ts';
import type { Type } from '../../symbols/index.ts';
import type { KernelObject } from './object.ts';

const MOST = 65536;

export interface Walked<T> {
  readonly items: readonly T[];
  /** Why there may be more: undefined when the list was walked to its end. */
  readonly note?: string;
}

/** The objects on a circular list (`struct list_head`), found by the member that links them. */
export function listOf(head: KernelObject, type: Type, member: string, most = MOST): Walked<KernelObject> {
  const items: KernelObject[] = [];
  const seen = new Set<bigint>([head.address]);
  let link = head;
  for (;;) {
    const next = link.at('next')?.follow();
    if (!next)
      return { items, note: `the list breaks off at ${hex(link.address)}: its next pointer is ${pointerText(link)}` };
    if (next.address === head.address) return { items };
    const object = next.containedIn(type, member);
    if (!object) return { items, note: `this kernel's list has no member ${member}` };
    if (seen.has(next.address)) return { items, note: `the list runs in a circle: ${hex(next.address)} comes twice` };
    if (next.at('next')?.number() === undefined) {
      return { items, note: `the list leads to ${hex(next.address)}, where nothing can be read` };
    }
    if (items.length >= most) return { items, note: `the list goes on after ${most} entries` };
    seen.add(next.address);
    items.push(object);
    link = next;
  }
}

function pointerText(link: KernelObject): string {
  const next = link.at('next')?.number();
  return next === undefined ? 'not readable' : hex(next);
}

/** The objects of a chain that ends with NULL, each leading to the next by a pointer member. */
export function chainOf(first: KernelObject | undefined, member: string, most = MOST): Walked<KernelObject> {
  const items: KernelObject[] = [];
  const seen = new Set<bigint>();
  for (let object = first; object; object = object.at(member)?.follow()) {
    if (seen.has(object.address))
      return { items, note: `the chain runs in a circle: ${hex(object.address)} comes twice` };
    if (items.length >= most) return { items, note: `the chain goes on after ${most} entries` };
    if (object.at(member)?.number() === undefined) {
      return { items, note: `the chain leads to ${hex(object.address)}, where nothing can be read` };
    }
    seen.add(object.address);
    items.push(object);
  }
  return { items };
}
