// A point in a guest's run, as people write it.

import { UserError } from '../../emulator/user-error.ts';

export type Point =
  /** Just after the N-th retired instruction that writes satp, from 1. */
  | { readonly kind: 'satp'; readonly index: number }
  /** After N instructions of all harts together. */
  | { readonly kind: 'insn'; readonly count: number }
  /** Before the instruction at a symbol is executed for the first time: `name` or `name+0x10`. */
  | { readonly kind: 'symbol'; readonly name: string; readonly offset: bigint }
  /** When a text has been printed. */
  | { readonly kind: 'console'; readonly text: string }
  /** When the guest ends. */
  | { readonly kind: 'end' };

export const pointHelp = 'satp:N (just after that write), insn:N, symbol:NAME, console:TEXT or end';

export function parsePoint(given: string): Point {
  const wrong = (why: string) => new UserError(`--at ${given}: ${why}; a point is ${pointHelp}`);
  if (given === 'end') return { kind: 'end' };
  const [, kind, rest = ''] = /^(\w+):(.*)$/s.exec(given) ?? [];
  if (kind === 'satp' || kind === 'insn') {
    const number = /^\d[\d_]*(e\d+)?$/.test(rest) ? Number(rest.replaceAll('_', '')) : Number.NaN;
    if (!Number.isSafeInteger(number)) throw wrong(`"${rest}" is no number`);
    if (kind === 'insn') return { kind, count: number };
    if (number === 0) throw wrong('satp writes are counted from 1');
    return { kind, index: number };
  }
  if (kind === 'symbol') {
    const [, name, offset] = /^([^+]+)(?:\+(0x[0-9a-f]+|\d+))?$/i.exec(rest) ?? [];
    if (!name) throw wrong(`"${rest}" is no symbol`);
    return { kind, name, offset: BigInt(offset ?? 0) };
  }
  if (kind === 'console') {
    if (!rest) throw wrong('the text is missing');
    return { kind, text: rest };
  }
  throw wrong('it is no point');
}
