// Mask and match of an instruction from the fixed fields of its format (unprivileged manual, "Base Instruction Formats").
// Both are 32-bit signed, as JavaScript's `&` gives them, so that `(word & mask) === match` holds.

/** The fixed bits of an encoding. */
export interface Encoding {
  readonly mask: number;
  readonly match: number;
}

const opcodeMask = 0x7f;
const funct3Mask = 0x7000;
const funct7Mask = 0xfe000000;

/** funct7, funct3 and the 7-bit opcode are fixed. */
export function rType(funct7: number, funct3: number, opcode: number): Encoding {
  return fixed(funct7Mask | funct3Mask | opcodeMask, (funct7 << 25) | (funct3 << 12) | opcode);
}

/** funct3 and opcode are fixed (formats I, S and B). */
export function iType(funct3: number, opcode: number): Encoding {
  return fixed(funct3Mask | opcodeMask, (funct3 << 12) | opcode);
}

/** Only the opcode is fixed (formats U and J). */
export function uType(opcode: number): Encoding {
  return fixed(opcodeMask, opcode);
}

/** A shift by an immediate of six bits. */
export function shift64(funct6: number, funct3: number, opcode: number): Encoding {
  return fixed(0xfc000000 | funct3Mask | opcodeMask, (funct6 << 26) | (funct3 << 12) | opcode);
}

/** A shift by an immediate of five bits. */
export function shift32(funct7: number, funct3: number, opcode: number): Encoding {
  return rType(funct7, funct3, opcode);
}

/** An atomic of width funct3 (2 = W, 3 = D); aq and rl are free, and so is rs2. */
export function amoType(funct5: number, funct3: number): Encoding {
  return fixed(0xf8000000 | funct3Mask | opcodeMask, (funct5 << 27) | (funct3 << 12) | 0x2f);
}

/** lr.w and lr.d: an atomic whose rs2 is zero. */
export function lrType(funct3: number): Encoding {
  const { mask, match } = amoType(2, funct3);
  return fixed(mask | (31 << 20), match);
}

/** Every bit is fixed. */
export function exact(word: number): Encoding {
  return fixed(-1, word);
}

/** An encoding from its mask and match, made signed. */
export function fixed(mask: number, match: number): Encoding {
  return { mask: mask | 0, match: match | 0 };
}
