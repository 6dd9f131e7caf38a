// Names of the registers (psABI, "Register Convention"), and what each is for.

/** Integer registers by number, ABI names. */
export const integerNames: readonly string[] =
  'zero ra sp gp tp t0 t1 t2 s0 s1 a0 a1 a2 a3 a4 a5 a6 a7 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 t3 t4 t5 t6'.split(' ');

/** Floating-point registers by number, ABI names. */
export const floatNames: readonly string[] =
  'ft0 ft1 ft2 ft3 ft4 ft5 ft6 ft7 fs0 fs1 fa0 fa1 fa2 fa3 fa4 fa5 fa6 fa7 fs2 fs3 fs4 fs5 fs6 fs7 fs8 fs9 fs10 fs11 ft8 ft9 ft10 ft11'.split(
    ' ',
  );

/** A register of either file. */
export interface Register {
  readonly file: 'x' | 'f';
  readonly index: number;
}

/** The register that an ABI name, `x5`, `f5` or `fp` means; lower case. */
export function registerNamed(name: string): Register | undefined {
  const numbered = /^([xf])(\d|[12]\d|3[01])$/.exec(name);
  if (numbered) return { file: numbered[1] as 'x' | 'f', index: Number(numbered[2]) };
  if (name === 'fp') return { file: 'x', index: 8 };
  if (integerNames.includes(name)) return { file: 'x', index: integerNames.indexOf(name) };
  return floatNames.includes(name) ? { file: 'f', index: floatNames.indexOf(name) } : undefined;
}

/** What the calling convention uses a register for, one clause. */
export function registerText({ file, index }: Register): string {
  const name = (file === 'x' ? integerNames : floatNames)[index] ?? '';
  const special: Readonly<Record<string, string>> = {
    zero: 'always 0',
    ra: 'return address',
    sp: 'stack pointer',
    gp: 'global pointer',
    tp: 'thread pointer',
    s0: 'saved register, or frame pointer',
  };
  const known = special[name];
  if (known) return known;
  if (/a[01]$/.test(name)) return 'argument and return value';
  if (/a\d$/.test(name)) return 'argument';
  return /s\d+$/.test(name) ? 'saved by the function that uses it' : 'temporary, not kept over calls';
}
