// A random program: functions that call each other, and a loop that calls them for ever. Whatever they do to each other, each
// call ends: loops count down, and what could go on without end takes fuel, which is given out anew before each call.

import { lengthOf } from '../../oracle/programs.ts';
import type { Random } from '../../oracle/random.ts';
import { Assembler, C_NOP, Label, NOP } from './assembler.ts';
import { FunctionWriter } from './function.ts';
import { codePages, type Layout, pageBytes } from './layout.ts';
import { chance, first, fuel, type Link, links, second, stack } from './registers.ts';
import { Words } from './words.ts';

/** Above the stack pointer: how often the loop went round. */
export const ROUNDS = 16;
/** Functions that are called from the loop by one link register. */
const TABLE = 32;
/** So far code reaches: stores beside the data lie behind it. */
const most = (codePages - 3) * pageBytes;

/** A function to be written, or that is. */
export interface Callee {
  readonly label: Label;
  readonly link: Link;
  /** 0: calls nothing; 1: only such, by other registers; 2: anything. */
  readonly level: 0 | 1 | 2;
}

/** An instruction that is replaced as the program runs. */
export interface Site {
  readonly label: Label;
  /** What may be there; 4 bytes each. */
  words: number[];
}

export interface Described {
  readonly xlen: 32 | 64;
  readonly layout: Layout;
  readonly harts: number;
  readonly compressed: boolean;
}

export interface Program {
  readonly bytes: Uint8Array;
  readonly size: number;
  readonly entry: bigint;
  /** Instructions that are replaced, with what they may be. */
  readonly sites: readonly Site[];
}

/** What the writers of functions share. */
export interface Shared extends Described {
  readonly a: Assembler;
  readonly random: Random;
  readonly words: Words;
  readonly callees: readonly Callee[];
  /** One is as often another as it is in here. */
  readonly sites: Site[];
  /** Of functions by each link register. */
  readonly tables: ReadonlyMap<Link, Label>;
  readonly weights: readonly number[];
  /** Rounds of the loop for each change of an instruction: a page that changes often is not translated any more. */
  readonly untilChanged: number;
}

export function programFor(described: Described, random: Random): Program {
  const { xlen, layout, compressed } = described;
  const a = new Assembler(layout.window, codePages * pageBytes, xlen);
  const words = new Words(xlen, compressed, random);
  const callees = Array.from({ length: 9 + random.below(24) }, (_, index): Callee => {
    const level = index < 6 ? 0 : random.of([0, 1, 2, 2, 2] as const);
    return { label: new Label(), link: links[index % 3] as Link, level };
  });
  const sites = Array.from({ length: 10 }, (): Site => ({ label: new Label(), words: [] }));
  const tables = new Map(links.map((link) => [link, new Label()]));
  const weights = FunctionWriter.weights(random);
  const shared: Shared = {
    ...described,
    a,
    random,
    words,
    callees,
    sites,
    tables,
    weights,
    untilChanged: random.of([1, 4, 16]),
  };
  const entry = a.here;
  writeLoop(shared);
  for (const callee of callees) {
    if (a.offset > most) throw new Error(`a program of ${a.offset} bytes`);
    new FunctionWriter(shared, callee).write();
    // Some functions begin just before a page's end.
    const left = pageBytes - (a.offset % pageBytes) - 40 - random.below(200);
    const bytes = random.once(3) && a.offset < most / 2 ? left : 2 * random.below(24);
    const filler = compressed ? C_NOP : NOP;
    for (let pad = bytes; pad > 0; pad -= lengthOf(filler)) a.emit(filler);
  }
  for (const site of sites) if (site.label.address === undefined) FunctionWriter.writeSite(shared, site);
  return { bytes: a.bytes, size: a.offset, entry, sites: sites.filter((site) => site.words.length) };
}

/** For ever: calls a function by each of the link registers. */
function writeLoop({ a, random, callees, tables }: Shared): void {
  const again = a.bind();
  for (const [operation, by] of [
    ['slli', 13],
    ['srli', a.xlen === 64 ? 7 : 17],
    ['slli', a.xlen === 64 ? 17 : 5],
  ] as const) {
    a.immediate(operation, second, chance, by);
    a.xor(chance, chance, second);
  }
  a.load('lw', second, stack, ROUNDS);
  a.immediate('addi', second, second, 1);
  a.store('sw', second, stack, ROUNDS);
  for (const [index, link] of links.entries()) {
    a.immediate('andi', fuel, chance, random.of([0x1f, 0x3f, 0xff]));
    a.immediate('addi', fuel, fuel, 3);
    a.immediate('srli', second, chance, 4 + 7 * index);
    a.immediate('andi', second, second, TABLE - 1);
    a.immediate('slli', second, second, a.xlen === 64 ? 3 : 2);
    a.locate(first, tables.get(link) as Label);
    a.add(first, first, second);
    a.restore(second, first, 0);
    a.jumpRegister(link, second);
  }
  a.jump(0, again);
  while (a.offset % 8) a.half(0);
  for (const link of links) {
    a.bind(tables.get(link));
    const own = callees.filter((callee) => callee.link === link);
    for (let index = 0; index < TABLE; index += 1) a.address(random.of(own).label);
  }
}
