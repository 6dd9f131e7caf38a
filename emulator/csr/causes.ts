// Names of trap causes (privileged manual, rules mcause_exccode_enc_img and scause_exception_code_sz).

/** Exceptions by code. */
export const exceptionNames: Readonly<Record<number, string>> = {
  0: 'instruction address misaligned',
  1: 'instruction access fault',
  2: 'illegal instruction',
  3: 'breakpoint',
  4: 'load address misaligned',
  5: 'load access fault',
  6: 'store address misaligned',
  7: 'store access fault',
  8: 'environment call from U-mode',
  9: 'environment call from S-mode',
  11: 'environment call from M-mode',
  12: 'instruction page fault',
  13: 'load page fault',
  15: 'store page fault',
  16: 'double trap',
  18: 'software check',
  19: 'hardware error',
};

/** Interrupts by code. */
export const interruptNames: Readonly<Record<number, string>> = {
  1: 'supervisor software interrupt',
  3: 'machine software interrupt',
  5: 'supervisor timer interrupt',
  7: 'machine timer interrupt',
  9: 'supervisor external interrupt',
  11: 'machine external interrupt',
  13: 'counter-overflow interrupt',
};

/** A cause register's value in words: `store page fault (15)`. */
export function causeText(value: bigint, xlen: 32 | 64): string {
  const top = 1n << BigInt(xlen - 1);
  const interrupt = (value & top) !== 0n;
  const code = value & (top - 1n);
  const name = (interrupt ? interruptNames : exceptionNames)[Number(code)];
  return `${name ?? (interrupt ? 'reserved interrupt' : 'reserved exception')} (${code})`;
}
