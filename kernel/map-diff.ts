// What differs between two address spaces: ranges that only one maps, or that both map differently.

import { type PhysAddr, plus, type VirtAddr, virt } from '../emulator/address.ts';
import { permissionsText } from '../emulator/mmu/pte.ts';
import type { MapRun } from './run.ts';

export interface MapDifference {
  readonly kind: 'added' | 'removed' | 'changed';
  readonly va: VirtAddr;
  /** In bytes. */
  readonly size: bigint;
  /** The runs that hold it, each as it maps `va`. */
  readonly before: Mapped | undefined;
  readonly after: Mapped | undefined;
}

export interface Mapped {
  readonly run: MapRun;
  readonly pa: PhysAddr;
}

/** Compares merged runs in ascending order; sizes of leaves, A, D and G do not count. */
export function* mapDifferences(before: Iterable<MapRun>, after: Iterable<MapRun>): Generator<MapDifference> {
  const [left, right] = [new Cursor(before), new Cursor(after)];
  for (;;) {
    const [a, b] = [left.at, right.at];
    if (a === undefined && b === undefined) return;
    const from = a === undefined ? (b as bigint) : b === undefined || a < b ? a : b;
    const [was, is] = [left.covering(from), right.covering(from)];
    const ends = [left.boundary(from), right.boundary(from)].filter((end) => end !== undefined);
    const to = ends.reduce((least, end) => (end < least ? end : least));
    if (!was || !is || !same(was, is)) {
      const kind = was ? (is ? 'changed' : 'removed') : 'added';
      yield { kind, va: virt(from), size: to - from, before: was, after: is };
    }
    left.advance(to);
    right.advance(to);
  }
}

function same(a: Mapped, b: Mapped): boolean {
  const [x, y] = [a.run, b.run];
  const rights = x.r === y.r && x.w === y.w && x.x === y.x && x.u === y.u && x.memoryType === y.memoryType;
  return rights && a.pa === b.pa && x.repeated === y.repeated;
}

/** `pa:0x80200000 RWX`, with `U` and the memory type where they are special. */
export function mappedText({ run, pa }: Mapped): string {
  const type = run.memoryType === 'PMA' ? '' : ` ${run.memoryType}`;
  return `pa:0x${pa.toString(16)} ${permissionsText(run)}${run.u ? ' user' : ''}${type}`;
}

/** Goes along runs, which may be left in the middle. */
class Cursor {
  readonly #runs: Iterator<MapRun>;
  #run: MapRun | undefined;
  #from = 0n;

  constructor(runs: Iterable<MapRun>) {
    this.#runs = runs[Symbol.iterator]();
    this.#next();
  }

  /** The next address that is mapped. */
  get at(): bigint | undefined {
    return this.#run && this.#from;
  }

  covering(va: bigint): Mapped | undefined {
    const run = this.#run;
    if (!run || va < this.#from) return undefined;
    return { run, pa: run.repeated ? run.pa : plus(run.pa, va - run.va) };
  }

  /** Where what is true at `va` ends: the run, or the gap before it. */
  boundary(va: bigint): bigint | undefined {
    if (!this.#run) return undefined;
    return va < this.#from ? this.#from : this.#run.va + this.#run.size;
  }

  advance(to: bigint): void {
    if (!this.#run) return;
    if (to >= this.#run.va + this.#run.size) this.#next();
    else if (to > this.#from) this.#from = to;
  }

  #next(): void {
    const { value, done } = this.#runs.next();
    this.#run = done ? undefined : value;
    this.#from = this.#run?.va ?? 0n;
  }
}
