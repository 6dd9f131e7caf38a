// Members of structs and unions by name, those of anonymous parts among them.

import { type Member, strip, type Type } from '../../symbols/index.ts';
import type { StructType } from '../../symbols/types.ts';

const DEEPEST = 20;

/** The struct that a type is below its typedefs and qualifiers. */
export function structOf(type: Type): StructType | undefined {
  const bare = strip(type);
  return bare.kind === 'struct' || bare.kind === 'union' || bare.kind === 'class' ? bare : undefined;
}

/** Every member, also those of the variants of a Rust enum. */
export function allMembers(struct: StructType): readonly Member[] {
  if (!struct.variants) return struct.members;
  return [...struct.members, ...struct.variants.variants.flatMap(({ members }) => members)];
}

/** The member of that name with its offset in `type`; undefined where there is none, or `type` is no struct. A Rust tuple's
 * first is `0`. */
export function memberNamed(type: Type, name: string, depth = 0): Member | undefined {
  const struct = structOf(type);
  if (!struct || depth > DEEPEST) return undefined;
  const compiled = /^\d+$/.test(name) ? `__${name}` : name;
  const own = allMembers(struct).find((member) => member.name === compiled);
  if (own) return own;
  for (const outer of struct.members) {
    if (outer.name !== undefined && !outer.inherited) continue;
    const inner = memberNamed(outer.type, name, depth + 1);
    if (inner) return moved(inner, outer.offset);
  }
  return undefined;
}

/** Members read their types when they are asked: no copy may ask for them. */
function moved(member: Member, by: number): Member {
  const { name, offset, bits, inherited, declared } = member;
  return {
    name,
    offset: offset + by,
    bits,
    inherited,
    declared,
    get type() {
      return member.type;
    },
  };
}

/** Names that may stand behind the dot. */
export function memberNames(type: Type, depth = 0): string[] {
  const struct = structOf(type);
  if (!struct || depth > DEEPEST) return [];
  return allMembers(struct).flatMap((member) => member.name ?? memberNames(member.type, depth + 1));
}
