// A batch of regions as plain data, and the module that is made of it: nothing of the machine is needed, so that another
// thread can do it.

import { decoderFor } from '../../isa/decode.ts';
import { parseIsa } from '../../isa/isa-string.ts';
import type { Instruction } from '../../isa/row.ts';
import { fusesProducts } from '../../wasm/fused.ts';
import { ModuleBuilder } from '../../wasm/module.ts';
import { regionParams } from '../jumps.ts';
import { withArms } from './arms.ts';
import { blocksOf, type PlacedInstruction } from './blocks.ts';
import { type Callee, defineRegion } from './region-code.ts';

export interface BatchRegion {
  /** Of its function in the module. */
  readonly name: string;
  /** The page of code that it is in; any number of its own. */
  readonly page: number;
  /** Where it will be in the function table. */
  readonly slot: number;
  /** Page offsets of blocks that may be entered. */
  readonly entries: readonly number[];
  /** Its instructions: page offset and bits of each, in turn. */
  readonly code: Uint32Array;
}

export interface Batch {
  /** The machine's ISA string. */
  readonly isa: string;
  /** Misaligned loads and stores trap. */
  readonly trapsMisaligned: boolean;
  readonly tableSize: number;
  readonly regions: readonly BatchRegion[];
}

export interface Assembled {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** For each region the block of each of its entries. */
  readonly blocks: readonly (readonly number[])[];
}

/** Decoders of machines; making one takes long, and a process has machines of few kinds. */
const decoders = new Map<string, { readonly decode: (word: number) => Instruction | undefined } & Features>();

interface Features {
  readonly xlen: 32 | 64;
  readonly compressed: boolean;
}

function decoderOf(text: string) {
  const known = decoders.get(text);
  if (known) return known;
  const isa = parseIsa(text);
  const made = { decode: decoderFor(isa), xlen: isa.xlen, compressed: isa.extensions.has('c') };
  decoders.set(text, made);
  return made;
}

/** Whether there is a product with a sum in it (MADD, MSUB, NMSUB, NMADD): the opcodes 0x43, 0x47, 0x4b and 0x4f. */
export function hasFusedProducts({ regions }: Batch): boolean {
  return regions.some(({ code }) => code.some((word, at) => (at & 1) === 1 && (word & 0x73) === 0x43));
}

/** The module of a batch. `fuses`: whether the host multiplies and adds with one rounding; found out where it matters. */
export function assemble(batch: Batch, fuses = hasFusedProducts(batch) && fusesProducts()): Assembled {
  const { isa, trapsMisaligned, tableSize, regions } = batch;
  const { decode, ...guest } = decoderOf(isa);
  const features = { ...guest, trapsMisaligned, fusesProducts: fuses };
  const module = new ModuleBuilder();
  module.importTable(tableSize);
  const enter = module.indirect(regionParams, 'i64');
  const callees = new Map<number, Map<number, Callee>>();
  const plans = regions.map(({ name, page, slot, entries, code }) => {
    const placed: PlacedInstruction[] = [];
    for (let at = 0; at < code.length; at += 2) {
      const instruction = decode(code[at + 1] as number);
      if (instruction) placed.push({ offset: code[at] as number, instruction });
    }
    const inPage = callees.get(page) ?? new Map<number, Callee>();
    callees.set(page, inPage);
    const plan = { blocks: withArms(blocksOf(placed, entries), entries), entries, slot, callees: inPage };
    const starts = entries.map((offset) => plan.blocks.findIndex(({ start }) => start === offset));
    const declared = module.declare(name, [...regionParams], 'i64');
    for (const [index, offset] of entries.entries())
      inPage.set(offset, { region: declared, block: starts[index] as number });
    return { plan, declared, starts };
  });
  for (const { plan, declared } of plans) defineRegion(declared, plan, features, enter);
  return { bytes: module.bytes(), blocks: plans.map(({ starts }) => starts) };
}
