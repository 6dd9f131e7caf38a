// Chains of loads in a loop: what one has loaded tells where the next one is, as in lists.

import type { Block, PlacedInstruction } from './blocks.ts';
import { effectsOfOne, registersIn } from './registers.ts';

/** Where an access is: what it is based on was loaded. */
export interface Lead {
  /** The register that was loaded. */
  readonly register: number;
  /** How far the access's rs1 is from the place that the loaded value leads to. */
  readonly plus: number;
}

/**
 * The accesses of a loop that are where a chain leads. A loaded value leads to one place, which is made of that value alone and of
 * what the loop does not load; all accesses at constants from there are told. As a block begins, a register that the loop loads is
 * held to be as it was loaded, and one that it makes of such in one way alone to be as it was made.
 */
export function chainsOf(blocks: readonly Block[]): ReadonlyMap<PlacedInstruction, Lead> {
  const loads = blocks.flatMap(({ instructions }) => instructions.flatMap((placed) => loadedBy(placed) ?? []));
  const { writes } = follow(blocks, heldAfter(loads.map((load) => [load.register, load])));
  const { links } = follow(blocks, heldAfter(writes));
  const places = new Map<number, string>();
  for (const { source } of cyclic(links.filter(({ to }) => loadedBy(to)))) {
    if (!places.has(source.register)) places.set(source.register, source.steps);
  }
  const leads = links.filter(({ source }) => places.get(source.register) === source.steps);
  return new Map(leads.map(({ source: { register, plus }, to }) => [to, { register, plus }]));
}

/** What a register's value is made of. */
interface Source extends Lead {
  /** By which load. */
  readonly load: PlacedInstruction | undefined;
  /** What was done to the loaded value, but for constants added in the end. */
  readonly steps: string;
}

/** An access whose base is made of what was loaded. */
interface Link {
  readonly source: Source;
  readonly to: PlacedInstruction;
}

/** A register that was written, and what it was made of, if that is one loaded value. */
type Write = readonly [register: number, source: Source | undefined];
type Sources = Map<number, Source>;

const accesses = new Set(['load', 'S', 'fp-load', 'fp-store']);

/** Of a load of what may be an address, or an index. */
function loadedBy(load: PlacedInstruction): Source | undefined {
  const { row, operands } = load.instruction;
  const leads = row.format === 'load' && /^l[wd]/.test(row.mnemonic) && operands.rd !== 0;
  return leads ? { ...asLoaded(operands.rd), load } : undefined;
}

const asLoaded = (register: number): Source => ({ register, plus: 0, steps: '', load: undefined });

/** What registers are held to be as a block begins, after these writes. */
function heldAfter(writes: readonly Write[]): Sources {
  const made = new Map<number, (Source | undefined)[]>();
  for (const [register] of writes) made.set(register, []);
  for (const [register, source] of writes) made.get(register)?.push(source);
  const held: Sources = new Map();
  for (const [register, sources] of made) {
    const isAll = (one: Source) => sources.every((source) => source && isSamePlace(source, one));
    const [first] = sources;
    if (sources.some((source) => source && isSamePlace(source, asLoaded(register))))
      held.set(register, asLoaded(register));
    else if (first && isAll(first)) held.set(register, { ...first, load: undefined });
  }
  return held;
}

const isSamePlace = (a: Source, b: Source) => a.register === b.register && a.plus === b.plus && a.steps === b.steps;

/** Follows loaded values through each block. */
function follow(blocks: readonly Block[], held: Sources): { links: readonly Link[]; writes: readonly Write[] } {
  const [links, writes]: [Link[], Write[]] = [[], []];
  for (const { instructions } of blocks) {
    const sources = new Map(held);
    for (const placed of instructions) {
      const { row, operands } = placed.instruction;
      const base = sources.get(operands.rs1);
      if (base && accesses.has(row.format)) links.push({ source: base, to: placed });
      const loaded = loadedBy(placed);
      const made = loaded ?? madeBy(placed, sources);
      // What was made of the register's last value leads elsewhere.
      for (const [copy, { register }] of sources) if (loaded?.register === register) sources.delete(copy);
      for (const register of registersIn(effectsOfOne(placed).writes.x)) {
        writes.push([register, made]);
        if (made) sources.set(register, made);
        else sources.delete(register);
      }
    }
  }
  return { links, writes };
}

/** What other instructions make of one loaded value. */
function madeBy(placed: PlacedInstruction, sources: Sources): Source | undefined {
  const { row, operands, word } = placed.instruction;
  const read = registersIn(effectsOfOne(placed).reads.x).flatMap((register) => sources.get(register) ?? []);
  const [source] = read;
  if (!source || read.length > 1 || placed.arms || accesses.has(row.format)) return undefined;
  if (row.mnemonic === 'addi') return { ...source, plus: source.plus + operands.imm };
  if (row.mnemonic === 'add' && (!operands.rs1 || !operands.rs2)) return source;
  return { ...source, plus: 0, steps: `${source.steps} ${source.plus} ${word}` };
}

/** Those that come back to themselves, and those between such. */
function cyclic(links: readonly Link[]): readonly Link[] {
  const follows = ({ source }: Link, { to }: Link) =>
    source.load ? source.load === to : source.register === to.instruction.operands.rd;
  const left = links.filter(
    (link) => links.some((other) => follows(link, other)) && links.some((other) => follows(other, link)),
  );
  return left.length === links.length ? left : cyclic(left);
}
