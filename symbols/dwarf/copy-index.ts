// The copies of functions by what they are copies of, and where those begin that were inlined: for a kernel hundreds of
// thousands. Their entries are read again only where the bytes that were met do not tell.

import { Numbers } from '../numbers.ts';
import { spansOfList } from './ranges.ts';
import type { Unit } from './unit.ts';

/** How the address of a copy is to be taken. A smaller number is where its list of ranges is, in which it should lie. */
export const Told = { exactly: 0xffffffff, elsewhere: 0xfffffffe, notInlined: 0xfffffffd } as const;

export class CopyIndex {
  /** By unit: where its copies begin. */
  readonly #first = new Numbers();
  readonly #origins = new Numbers();
  readonly #positions = new Numbers();
  readonly #low = new Numbers();
  readonly #high = new Numbers();
  readonly #told = new Numbers();

  /** What is added from now on is of the next unit. */
  beginUnit(): void {
    this.#first.push(this.#origins.length);
  }

  /** A copy at `position` of what is at `origin`, both in the unit, and its address, by halves; see Told. */
  add(origin: number, position: number, low: number, high: number, told: number): void {
    this.#origins.push(origin);
    this.#positions.push(position);
    this.#low.push(low);
    this.#high.push(high);
    this.#told.push(told);
  }

  /** The numbers of an origin's copies, in the unit with that number. */
  *of(unit: number, origin: number): Generator<number> {
    const end = unit + 1 < this.#first.length ? this.#first.at(unit + 1) : this.#origins.length;
    const { values } = this.#origins;
    for (let i = this.#first.at(unit); i < end; i++) if (values[i] === origin) yield i;
  }

  /** In the unit. */
  positionOf(copy: number): number {
    return this.#positions.at(copy);
  }

  isInlined(copy: number): boolean {
    return this.#told.at(copy) !== Told.notInlined;
  }

  /** Where an inlined copy begins; undefined where its entry has to be asked, null where it has no code. */
  beginning(unit: Unit, copy: number): bigint | undefined | null {
    const told = this.#told.at(copy);
    const address = (BigInt(this.#high.at(copy)) << 32n) | BigInt(this.#low.at(copy));
    if (told === Told.exactly) return address;
    if (told >= Told.notInlined) return undefined;
    const spans = spansOfList(unit, { offset: told });
    const [first] = spans;
    // Some compilers tell an entry that lies before the copy's own code.
    return spans.some(({ start, end }) => address >= start && address < end) ? address : (first?.start ?? null);
  }
}
