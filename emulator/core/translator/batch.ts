// A batch of code pages as plain data, and the module of regions that is made of it: nothing of the machine is needed, so that
// another thread can do it.

import { decoderFor } from '../../isa/decode.ts';
import { parseIsa } from '../../isa/isa-string.ts';
import type { Instruction } from '../../isa/row.ts';
import { fusesProducts } from '../../wasm/fused.ts';
import { ModuleBuilder } from '../../wasm/module.ts';
import { regionParams } from '../jumps.ts';
import { withArms } from './arms.ts';
import { blocksOf, type PlacedInstruction } from './blocks.ts';
import { CodePage } from './code-page.ts';
import { type Draft, draftsFor } from './drafts.ts';
import { inOrder } from './order.ts';
import { type Callee, defineRegion } from './region-code.ts';

/** What is known of a region without its code. */
export interface RegionPlace {
  /** Where it is in the function table. */
  readonly slot: number;
  /** Page offsets that it may be entered at. */
  readonly entries: readonly number[];
  /** Page offsets of its instructions. */
  readonly covers: Uint16Array;
}

export interface BatchPage {
  readonly bytes: Uint8Array;
  /** Page offsets of instructions that are left to the interpreter, whatever they are. */
  readonly breakpoints: ReadonlySet<number>;
  /** Page offsets of accesses that often are in a page with watched bytes. */
  readonly besideWatched: ReadonlySet<number>;
  /** Page offsets of accesses whose pages often are not in the TLB. */
  readonly missed: ReadonlySet<number>;
  /** Page offsets to be translated. */
  readonly hot: readonly number[];
  /** The regions that it has. */
  readonly regions: readonly RegionPlace[];
}

export interface Batch {
  /** The machine's ISA string. */
  readonly isa: string;
  /** Misaligned loads and stores trap. */
  readonly trapsMisaligned: boolean;
  readonly tableSize: number;
  readonly pages: readonly BatchPage[];
  /** Places in the function table for as many regions. */
  readonly slots: readonly number[];
}

export interface MadeRegion extends RegionPlace {
  /** Of its function in the module. */
  readonly name: string;
  /** Index of its page in the batch. */
  readonly page: number;
  /** Of each entry. */
  readonly blocks: readonly number[];
  /** Places of the page's regions that it holds all of. */
  readonly replaces: readonly number[];
}

export interface Assembled {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly regions: readonly MadeRegion[];
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

/** The module of a batch. `fuses`: whether the host multiplies and adds with one rounding, asked where it matters. */
export function assemble({ isa, trapsMisaligned, tableSize, pages, slots }: Batch, fuses = fusesProducts): Assembled {
  const { decode, ...guest } = decoderOf(isa);
  const features = { ...guest, trapsMisaligned, fusesProducts: fuses };
  const module = new ModuleBuilder();
  // Modules that need it not are spared the call of an import that V8 must know.
  const asks = pages.some(({ besideWatched }) => besideWatched.size > 0);
  const besideWatched = asks ? module.import('besideWatched', ['i32', 'i64', 'i32', 'i32'], 'i32') : undefined;
  const fills = pages.some(({ missed }) => missed.size > 0);
  const refill = fills ? module.import('refill', ['i32', 'i64', 'i32'], 'i32') : undefined;
  module.importTable(tableSize);
  const enter = module.indirect(regionParams, 'i64');
  const drafts = pages.flatMap((each, index) => {
    const page = new CodePage(each, decode, guest.compressed);
    const callees = new Map<number, Callee>();
    return draftsFor(page, each.hot).map((draft) => ({ ...draft, index, page, callees }));
  });
  const plans = drafts.slice(0, slots.length).map((draft, at) => {
    const { index, page, callees } = draft;
    const slot = slots[at] as number;
    const entries = [...draft.entries];
    const name = `r${index}_${entries[0]}`;
    const blocks = inOrder(withArms(blocksOf(instructionsOf(draft, page), entries), entries), entries);
    const plan = { blocks, entries, slot, callees };
    const indexes = entries.map((offset) => blocks.findIndex(({ start }) => start === offset));
    const declared = module.declare(name, [...regionParams], 'i64');
    for (const [number, offset] of entries.entries()) {
      callees.set(offset, { region: declared, block: indexes[number] as number });
    }
    const covers = Uint16Array.from(draft.covers);
    const region = { name, page: index, slot, entries, covers, blocks: indexes, replaces: [...draft.replaces] };
    return { plan, declared, region };
  });
  for (const { plan, declared } of plans) defineRegion(declared, plan, { ...features, besideWatched, refill }, enter);
  return { bytes: module.bytes(), regions: plans.map(({ region }) => region) };
}

const instructionsOf = ({ covers }: Draft, page: CodePage): PlacedInstruction[] =>
  [...covers].map((offset) => page.stepAt(offset)).filter((step) => step !== null);
