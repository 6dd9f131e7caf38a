// Instructions that often come together. The decoder marks the first of them, and the interpreter then goes on with the second
// without a dispatch.

import type { Length } from './operations.ts';

/** Mnemonics with the instructions' lengths: those that the interpreter met most often in a boot of Linux 6.12. */
const often = `
  sd:2 sd:2, ld:2 ld:2, sd:4 sd:4, ld:4 ld:4, lw:4 lw:4, sw:4 sw:4, lbu:4 lbu:4, sb:4 sb:4,
  sd:2 addi:2, ld:2 addi:2, ld:4 addi:2, sd:4 addi:2, addi:2 sd:2, ld:2 add:2, ld:4 add:2, add:2 ld:2, add:4 ld:4,
  addi:2 jalr:2, auipc:4 jalr:4, auipc:4 addi:4, add:2 auipc:4,
  add:2 add:2, addi:2 addi:2, addi:4 addi:4, addi:4 addi:2, addi:2 add:2, addi:4 add:2, add:2 addi:2,
  slli:4 srli:4, slli:4 srli:2, slli:2 srli:2, slli:2 add:2, slli:4 add:2, slli:2 slli:2, srli:4 andi:4, srli:4 xor:2,
  addi:2 bne:4, addi:2 bne:2, addi:2 beq:4, addi:4 beq:4, addi:2 bltu:4, addi:4 bltu:4, addi:2 bgeu:4,
  andi:2 beq:2, andi:2 bne:2, add:2 bne:4, add:2 bgeu:4, ld:4 beq:4, sd:4 bne:4,
  srliw:4 slliw:4, srliw:4 addw:4, srliw:4 xor:4, slliw:4 or:4, or:4 addw:4, xor:4 addw:4, addw:4 xor:4, addw:4 addw:4,
  or:4 or:4, or:4 xor:4, xor:4 xor:4, or:4 and:4, addw:4 srliw:4`;

export interface Half {
  readonly mnemonic: string;
  readonly length: Length;
}

/** First and second. */
export const pairs: readonly (readonly [Half, Half])[] = often
  .trim()
  .split(/,\s*/)
  .map((pair) => {
    const [first, second] = pair.split(' ').map((half): Half => {
      const [mnemonic, length] = half.split(':');
      return { mnemonic: mnemonic as string, length: Number(length) as Length };
    });
    return [first as Half, second as Half];
  });
