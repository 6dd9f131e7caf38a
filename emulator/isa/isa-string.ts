// The ISA string (unprivileged manual, "ISA Extension Naming Conventions"): which extensions a machine has.

import { UserError } from '../user-error.ts';

/** What may be named, beside `g` = imafd_zicsr_zifencei. Each row of the tables belongs to one of them. */
const known = ['i', 'm', 'a', 'f', 'd', 'c', 's', 'u'];
const knownLong = ['zicsr', 'zifencei', 'zicntr', 'zihpm', 'sstc', 'svade', 'svadu', 'sv39', 'sv48', 'sv57'];

export interface Isa {
  readonly xlen: 32 | 64;
  /** Lower-case names. */
  readonly extensions: ReadonlySet<string>;
}

export const defaultIsa = 'rv64gc_zicntr_zihpm_sstc';

export function parseIsa(text: string): Isa {
  const match = /^rv(32|64)([a-z]+)((?:_[a-z0-9]+)*)$/.exec(text.trim().toLowerCase());
  if (!match) throw new UserError(`isa: "${text}" is no ISA string: write one such as ${defaultIsa}`);
  const [, width, letters, rest] = match as unknown as [string, string, string, string];
  const extensions = new Set<string>(['zicsr', 'zifencei', 'i', 's', 'u']);
  const add = (name: string) => {
    if (name === 'g') for (const part of ['m', 'a', 'f', 'd']) extensions.add(part);
    else if (name.length === 1 ? known.includes(name) : knownLong.includes(name)) extensions.add(name);
    else
      throw new UserError(
        `isa: extension "${name}" is not known here: use ${known.join(' ')} g ${knownLong.join(' ')}`,
      );
  };
  // A multi-letter extension may follow the letters directly: rv64imaczicsr.
  const long = letters.search(/z|sv|ss/);
  for (const letter of long < 0 ? letters : letters.slice(0, long)) add(letter);
  if (long >= 0) add(letters.slice(long));
  for (const name of rest.split('_')) if (name) add(name);
  if (extensions.has('d')) extensions.add('f');
  return { xlen: width === '32' ? 32 : 64, extensions };
}

/** The string in canonical order. */
export function isaText(isa: Isa): string {
  const letters = ['i', 'm', 'a', 'f', 'd', 'c'].filter((letter) => isa.extensions.has(letter)).join('');
  const long = knownLong.filter((name) => isa.extensions.has(name));
  return [`rv${isa.xlen}${letters}`, ...long].join('_');
}

/** misa's bits. */
export function misaOf(isa: Isa): bigint {
  let value = (isa.xlen === 64 ? 2n : 1n) << BigInt(isa.xlen - 2);
  for (const name of isa.extensions) if (name.length === 1) value |= 1n << BigInt(name.charCodeAt(0) - 97);
  return value;
}
