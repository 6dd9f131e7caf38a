// What accesses in loops guess, so that the host, which goes on with a guess, need not wait for what it takes the place of. The
// TLB's entry always tells whether it was right.

import { type I32, i32, type Local, type Statement, select, sequence, when } from '../../wasm/code.ts';
import type { Locals } from '../../wasm/module.ts';
import { leadTableBytes, leadTables } from '../layout.ts';
import type { Lead } from './chains.ts';

/** An access that stays on a page for long. Nothing changes the entry while it is remembered: see core/refill.ts. */
export interface Site {
  readonly tag: Local<'i64'>;
  /** How far from the tag the access may begin, in its units of alignment; 0 as the region begins. */
  readonly span: Local<'i64'>;
  readonly addend: Local<'i32'>;
}

/** Of the values that are loaded into one register of a chain. */
interface Followed {
  /** The addend that was right last, until pages are held to be scattered. */
  readonly addend: Local<'i32'>;
  /** Host address of the place that the value leads to, as the table tells it. */
  readonly host: Local<'i32'>;
  /** Where the table tells what was right when last a value came from the same address. */
  readonly place: Local<'i32'>;
  /** Host address of the access. */
  readonly at: Local<'i32'>;
  /** How often the guess was wrong. */
  readonly wrong: Local<'i32'>;
}

/** Accesses of a region that remember; more would cost more than they gain. */
const MAX_SITES = 32;

/** So often the last addend may be wrong before pages are held to be scattered, and the table is asked. */
const SCATTERED = 4;

/** And so often all guesses, before the region makes none until it is entered anew: what is loaded changes, or is still unknown. */
const UNKNOWN = 8192;

/** Addends are multiples of a page's size. */
const NO_ADDEND = 1;

export class Guesses {
  private readonly locals: Locals;
  private readonly followed = new Map<number, Followed>();
  private sites = 0;

  constructor(locals: Locals) {
    this.locals = locals;
  }

  nextSite(): Site | undefined {
    if (this.sites >= MAX_SITES) return undefined;
    this.sites += 1;
    return { tag: this.locals.fresh('i64'), span: this.locals.fresh('i64'), addend: this.locals.fresh('i32') };
  }

  /** A value was loaded into the register from host address `at`: guesses where it leads. */
  follow(register: number, at: I32, size: 4 | 8): Statement {
    const followed = this.followedIn(register);
    if (!followed) return sequence();
    const { host, place, wrong } = followed;
    const table = [...this.followed.keys()].indexOf(register) * leadTableBytes;
    const index = i32.and(size === 8 ? i32.shrU(at, i32.const(1)) : at, i32.const(leadTableBytes - 4));
    return when(
      i32.geU(wrong.get, i32.const(SCATTERED)),
      sequence(place.set(table ? i32.or(index, i32.const(table)) : index), host.set(i32.load(place.get))),
    );
  }

  /**
   * The host address of the access at `address`, in a local, and what puts it right: the `right` addend is the entry's. It is
   * `lead.plus` bytes from where the register's value leads. Undefined where nothing is guessed.
   */
  arrive({ register, plus }: Lead, address: I32, right: I32): [at: I32, settle: Statement] | undefined {
    const followed = this.followedIn(register);
    if (!followed) return undefined;
    const { addend, host, place, at, wrong } = followed;
    const beyond = (start: I32, bytes: number) => (bytes ? i32.add(start, i32.const(bytes)) : start);
    const found = beyond(i32.add(address, right), -plus);
    const learn = sequence(
      host.set(found),
      i32.store(place.get, found),
      wrong.set(i32.add(wrong.get, i32.const(1))),
      addend.set(select(right, i32.const(NO_ADDEND), i32.ltU(wrong.get, i32.const(SCATTERED)))),
    );
    const scattered = sequence(
      when(i32.geU(wrong.get, i32.const(UNKNOWN)), host.set(found)),
      when(i32.ne(found, host.get), learn),
      at.set(beyond(host.get, plus)),
    );
    return [at.get, when(i32.eq(right, addend.get), at.set(i32.add(address, addend.get)), scattered)];
  }

  private followedIn(register: number): Followed | undefined {
    const known = this.followed.get(register);
    if (known || this.followed.size >= leadTables) return known;
    const fresh = () => this.locals.fresh('i32');
    const followed = { addend: fresh(), host: fresh(), place: fresh(), at: fresh(), wrong: fresh() };
    this.followed.set(register, followed);
    return followed;
  }
}
