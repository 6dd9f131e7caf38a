// What accesses in loops guess of their pages' addends, so that the host, which goes on with a guess, need not wait for the TLB's
// entry. The entry always tells whether it was right.

import { type I32, i32, type Local, type Statement, sequence, when } from '../../wasm/code.ts';
import type { Locals } from '../../wasm/module.ts';
import { guessTableBytes, guessTables } from '../layout.ts';
import type { Source } from './sources.ts';

/** The addend that an access found last. */
export interface Guess {
  readonly addend: Local<'i32'>;
}

/** The tag, too. Nothing changes the entry while it is remembered: see core/refill.ts. */
export interface Site extends Guess {
  readonly tag: Local<'i64'>;
  /** How far from the tag the access may begin, in its units of alignment; 0 as the region begins. */
  readonly span: Local<'i64'>;
}

/** For accesses whose bases are made of a loaded value in one way. */
interface Lead extends Guess {
  /** Bits 8 to 23 of what was loaded, once pages are held to be scattered. */
  readonly bits: Local<'i32'>;
  /** How often the guess was wrong. */
  readonly wrong: Local<'i32'>;
  /** The address of its table, which tells what was right for these bits. */
  readonly table: number;
}

/** Accesses of a region that remember; more would cost more than they gain. */
const MAX_SITES = 32;

/** So often the last addend may be wrong before pages are held to be scattered. */
const MAX_WRONG = 4;

export class Guesses {
  private readonly locals: Locals;
  private readonly leads = new Map<string, Lead>();
  private sites = 0;

  constructor(locals: Locals) {
    this.locals = locals;
  }

  nextSite(): Site | undefined {
    if (this.sites >= MAX_SITES) return undefined;
    this.sites += 1;
    return { tag: this.locals.fresh('i64'), span: this.locals.fresh('i64'), addend: this.locals.fresh('i32') };
  }

  /** For an access whose base comes from memory. */
  next(source: Source | undefined): Guess | undefined {
    return (source && this.leadFrom(source)) ?? this.nextSite();
  }

  /** Makes the guess right. */
  settle(guess: Guess, right: I32): Statement {
    const { addend, bits, wrong, table } = guess as Guess & Partial<Lead>;
    const learnt =
      bits && wrong
        ? sequence(wrong.set(i32.add(wrong.get, i32.const(1))), i32.store(placeOf(bits), addend.get, table))
        : sequence();
    return when(i32.ne(right, addend.get), sequence(addend.set(right), learnt));
  }

  /** Guesses where what was just loaded leads; at `at` is its second byte. */
  follow(source: Source, at: I32, offset: number): Statement {
    const lead = this.leadFrom(source);
    if (!lead) return sequence();
    const { addend, bits, wrong, table } = lead;
    return when(
      i32.geU(wrong.get, i32.const(MAX_WRONG)),
      sequence(bits.set(i32.load16u(at, offset)), addend.set(i32.load(placeOf(bits), table))),
    );
  }

  private leadFrom({ register, steps }: Source): Lead | undefined {
    const name = `x${register}${steps}`;
    const known = this.leads.get(name);
    if (known || this.leads.size >= guessTables) return known;
    const fresh = () => this.locals.fresh('i32');
    const lead = { addend: fresh(), bits: fresh(), wrong: fresh(), table: this.leads.size * guessTableBytes };
    this.leads.set(name, lead);
    return lead;
  }
}

/** In a table. To rotate takes a processor less than to multiply by 4 what is to be an address. */
const placeOf = (bits: Local<'i32'>) => i32.rotl(bits.get, i32.const(2));
