// What the index of names does with the entries of one shape, and how it finds their values without reading them all.

import type { Abbreviation } from './abbreviations.ts';
import { At, Tag } from './constants.ts';
import { Form } from './forms.ts';

/** What names are kept for. */
export const Kind = { function: 1, variable: 2, type: 4, enumerator: 8 } as const;

/** An attribute of a shape. */
export interface Place {
  /** Among the attributes. */
  readonly index: number;
  readonly form: number;
  /** Bytes of the values before it; -1 where they vary. */
  readonly behind: number;
}

/** What tells where code is. */
export interface CodePlaces {
  readonly entry: Place | undefined;
  readonly low: Place | undefined;
  readonly high: Place | undefined;
  readonly ranges: Place | undefined;
}

export interface Role {
  readonly abbreviation: Abbreviation;
  /** See Kind; 0 where the index keeps nothing of such entries. */
  readonly kind: number;
  readonly name: Place | undefined;
  /** DW_AT_abstract_origin of what has code, DW_AT_specification of functions and variables. */
  readonly origin: Place | undefined;
  /** `origin` is DW_AT_specification: the name that it has is this entry's. */
  readonly completes: boolean;
  /** Where entries below it need not be looked at in units whose names do not nest: the next one of its level. */
  readonly next: Place | undefined;
  /** Of what has code. */
  readonly code: CodePlaces | undefined;
  /** An expression of a variable's place. */
  readonly location: Place | undefined;
  /** A bit: one entry of each name with it is kept where names do not nest. 0 keeps them all. */
  readonly once: number;
  /** The same for what is inside of a function. */
  readonly onceInside: number;
}

/** Types by how they are sought; definitions and declarations apart. */
const typeBits: ReadonlyMap<number, number> = new Map([
  [Tag.structureType, 0x001],
  [Tag.classType, 0x001],
  [Tag.unionType, 0x002],
  [Tag.enumerationType, 0x004],
  [Tag.typedef, 0x008],
  [Tag.baseType, 0x008],
  [Tag.unspecifiedType, 0x008],
]);
const declaredFunction = 0x1000;
const declaredVariable = 0x2000;
const enumerator = 0x4000;

export function roleOf(abbreviation: Abbreviation): Role {
  const { tag, attributes } = abbreviation;
  const has = (attribute: number) => attributes.includes(attribute);
  const place = (attribute: number) => placeOf(abbreviation, attribute);
  const declared = has(At.declaration);
  const type = typeBits.get(tag) ?? 0;
  const hasCode = (tag === Tag.subprogram || tag === Tag.inlinedSubroutine) && (has(At.lowPc) || has(At.ranges));
  const hasPlace = tag === Tag.variable && (has(At.location) || has(At.constValue));
  const specification = place(At.specification);
  const refers = hasCode || hasPlace || (tag === Tag.subprogram && specification !== undefined);
  const location = tag === Tag.variable ? place(At.location) : undefined;
  const holdsCode = tag === Tag.subprogram || tag === Tag.lexicalBlock || tag === Tag.inlinedSubroutine;
  return {
    abbreviation,
    kind: kindOf(abbreviation, hasPlace || declared, type !== 0),
    name: place(At.name),
    origin: refers ? (specification ?? place(At.abstractOrigin)) : undefined,
    completes: specification !== undefined,
    next: holdsCode || tag === Tag.enumerationType ? undefined : place(At.sibling),
    code: hasCode
      ? { entry: place(At.entryPc), low: place(At.lowPc), high: place(At.highPc), ranges: place(At.ranges) }
      : undefined,
    location: location && isExpression(location.form) ? location : undefined,
    once: onceOf(tag, declared, type, hasPlace),
    onceInside: type === 0 ? onceOf(tag, declared, type, hasPlace) : type << 8,
  };
}

function kindOf({ tag, attributes }: Abbreviation, isPlaced: boolean, isType: boolean): number {
  if (isType) return Kind.type;
  if (tag === Tag.subprogram) return Kind.function;
  if (tag === Tag.enumerator) return Kind.enumerator;
  if (tag === Tag.variable) return isPlaced ? Kind.variable : 0;
  const isStatic = tag === Tag.member && attributes.includes(At.external);
  return isStatic || tag === Tag.constant ? Kind.variable : 0;
}

function onceOf(tag: number, declared: boolean, type: number, hasPlace: boolean): number {
  if (type !== 0) return declared ? type << 4 : type;
  if (tag === Tag.enumerator) return enumerator;
  if (tag === Tag.subprogram) return declared ? declaredFunction : 0;
  return tag === Tag.variable && declared && !hasPlace ? declaredVariable : 0;
}

export function placeOf({ attributes, forms, sizes }: Abbreviation, attribute: number): Place | undefined {
  const index = attributes.indexOf(attribute);
  if (index < 0) return undefined;
  const before = sizes.slice(0, index);
  const behind = before.includes(-1) ? -1 : before.reduce((sum, size) => sum + size, 0);
  return { index, form: forms[index] ?? 0, behind };
}

function isExpression(form: number): boolean {
  return form === Form.exprloc || form === Form.block1;
}
