// The ISA string (unprivileged manual, "ISA Extension Naming Conventions"): which extensions a machine has.

import { UserError } from '../user-error.ts';

/**
 * Every extension that can be named and what it brings along, in the order of the canonical string. Each row of the
 * tables belongs to one of them.
 */
const implied: Readonly<Record<string, readonly string[]>> = {
  i: [],
  m: [],
  a: [],
  f: ['zicsr'],
  d: ['f'],
  c: [],
  b: ['zba', 'zbb', 'zbs'],
  s: [],
  u: [],
  zicsr: [],
  zifencei: [],
  zicntr: [],
  zihpm: [],
  zicbom: [],
  zicbop: [],
  zicboz: [],
  zicond: [],
  zihintntl: [],
  zihintpause: [],
  zawrs: ['a'],
  zabha: ['a'],
  zacas: ['a'],
  zfa: ['f'],
  zfh: ['zfhmin'],
  zfhmin: ['f'],
  zca: ['c'],
  zcb: ['zca'],
  zba: [],
  zbb: [],
  zbc: [],
  zbs: [],
  zkr: [],
  smstateen: ['ssstateen'],
  sscofpmf: ['zihpm'],
  ssstateen: [],
  sstc: [],
  svade: [],
  svadu: [],
  svinval: [],
  svnapot: [],
  svpbmt: [],
  svvptc: [],
  sv32: [],
  sv39: [],
  sv48: [],
  sv57: [],
};

/** What changes guests that do not ask for it: Svade makes clear A and D bits fault, with Zkr kernels move (KASLR). */
const unlessNamed = new Set(['svade', 'zkr']);

/** Groups of other names, which the canonical string does not have. */
const groups: Readonly<Record<string, readonly string[]>> = {
  g: ['m', 'a', 'f', 'd', 'zifencei'],
  max: Object.keys(implied).filter((name) => !unlessNamed.has(name) && !/^sv\d/.test(name)),
};

/** What no machine is without; `sm` is the machine level. */
const always = ['i', 's', 'u', 'sm', 'zicsr', 'zifencei'];

export interface Isa {
  readonly xlen: 32 | 64;
  /** Lower-case names. */
  readonly extensions: ReadonlySet<string>;
}

/** For messages. */
const example = 'rv64gc_zicntr_sstc';

/** `rv64gc_zba_zbb`; `rv64max` has everything but Svade and Zkr, which change guests that do not ask for them. */
export function parseIsa(text: string): Isa {
  const match = /^rv(32|64)([a-z]+)((?:_[a-z0-9]+)*)$/.exec(text.trim().toLowerCase());
  if (!match) throw new UserError(`isa: "${text}" is no ISA string: write one such as ${example}`);
  const [, width, letters, rest] = match as unknown as [string, string, string, string];
  const extensions = new Set<string>(always);
  const add = (name: string) => {
    const brings = groups[name] ?? implied[name];
    if (!brings) {
      const known = Object.keys({ ...groups, ...implied }).join(' ');
      throw new UserError(`isa: extension "${name}" is not known here: use ${known}`);
    }
    if (name in implied) extensions.add(name);
    for (const each of brings) add(each);
  };
  // A multi-letter extension may follow the letters directly: rv64imaczicsr.
  const long = letters.search(/max|z|sv|ss/);
  for (const letter of long < 0 ? letters : letters.slice(0, long)) add(letter);
  if (long >= 0) add(letters.slice(long));
  for (const name of rest.split('_')) if (name) add(name);
  return { xlen: width === '32' ? 32 : 64, extensions };
}

/** The string in canonical order. */
export function isaText(isa: Isa): string {
  const names = Object.keys(implied).filter((name) => isa.extensions.has(name));
  const letters = names.filter((name) => name.length === 1 && name !== 's' && name !== 'u').join('');
  return [`rv${isa.xlen}${letters}`, ...names.filter((name) => name.length > 1)].join('_');
}

/** misa's bits. */
export function misaOf(isa: Isa): bigint {
  let value = (isa.xlen === 64 ? 2n : 1n) << BigInt(isa.xlen - 2);
  for (const name of isa.extensions) if (name.length === 1) value |= 1n << BigInt(name.charCodeAt(0) - 97);
  return value;
}
