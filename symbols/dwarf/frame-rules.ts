// The rules of a function's code, row by row (DWARF 5, section 6.4.2 "Call Frame Instructions").

import { Cursor, DwarfError } from './cursor.ts';
import { type CommonInformation, type FrameDescription, readPointer } from './frame-table.ts';

/** How the caller's value of a register is found. */
export type RegisterRule =
  /** It has none; of the return address: there is no caller. */
  | { readonly kind: 'undefined' }
  | { readonly kind: 'same' }
  /** At the canonical frame address plus `offset`, or that sum itself. */
  | { readonly kind: 'saved' | 'value'; readonly offset: number }
  | { readonly kind: 'register'; readonly register: number }
  /** At the address that the expression computes, or that itself. */
  | { readonly kind: 'saved-at' | 'computed'; readonly expression: Uint8Array };

export type CfaRule =
  | { readonly register: number; readonly offset: number }
  | { readonly expression: Uint8Array }
  | undefined;

/** The rules from `start` on. */
export interface FrameRow {
  readonly start: bigint;
  readonly cfa: CfaRule;
  readonly registers: ReadonlyMap<number, RegisterRule>;
}

/** More rows or saved states than any function has. */
const [maxRows, maxStates] = [1 << 16, 256];

/** The row that holds at an address. */
export function rowAt(description: FrameDescription, address: bigint): FrameRow | undefined {
  let found: FrameRow | undefined;
  for (const row of rowsOf(description)) {
    if (row.start > address) break;
    found = row;
  }
  return found;
}

/** Every row of a function, ascending. */
export function* rowsOf({ common, start, instructions }: FrameDescription): Generator<FrameRow> {
  const program = new RuleProgram(common, start);
  for (const _ of program.run(common.instructions)) throw new DwarfError('common frame rules move on in the code');
  program.initial = program.registers;
  yield* program.run(instructions);
  yield program.row();
}

class RuleProgram {
  registers = new Map<number, RegisterRule>();
  /** What DW_CFA_restore brings back. */
  initial: ReadonlyMap<number, RegisterRule> = new Map();
  readonly #common: CommonInformation;
  readonly #states: { cfa: CfaRule; registers: Map<number, RegisterRule> }[] = [];
  #cfa: CfaRule;
  #at: bigint;
  #rows = 0;

  constructor(common: CommonInformation, start: bigint) {
    this.#common = common;
    this.#at = start;
  }

  row(): FrameRow {
    return { start: this.#at, cfa: this.#cfa, registers: new Map(this.registers) };
  }

  /** Runs instructions; yields each row when the next one begins. */
  *run(instructions: Uint8Array): Generator<FrameRow> {
    // What restore brings back must not change with the rules.
    this.registers = new Map(this.registers);
    const cursor = new Cursor(instructions);
    while (!cursor.atEnd) {
      const byte = cursor.u8();
      const [primary, low] = [byte & 0xc0, byte & 0x3f];
      const delta = primary === 0x40 ? low : primary === 0 ? advance(low, cursor) : undefined;
      if (delta !== undefined) {
        yield this.row();
        if (++this.#rows > maxRows) throw new DwarfError('a function has too many frame rules');
        this.#at += BigInt(delta * this.#common.codeAlignment);
      } else if (byte === Cfa.setLoc) {
        yield this.row();
        if (++this.#rows > maxRows) throw new DwarfError('a function has too many frame rules');
        this.#at = readPointer(cursor, this.#common.encoding, this.#common.addressSize, 0n);
      } else if (primary === 0x80) this.#save(low, cursor.uleb());
      else if (primary === 0xc0) this.#restore(low);
      else if (!this.#define(low, cursor)) this.#rule(low, cursor);
    }
  }

  /** Instructions on the canonical frame address and on whole states; false when it is none of them. */
  #define(opcode: number, cursor: Cursor): boolean {
    const factor = this.#common.dataAlignment;
    switch (opcode) {
      case Cfa.defCfa:
        this.#cfa = { register: cursor.uleb(), offset: cursor.uleb() };
        return true;
      case Cfa.defCfaSf:
        this.#cfa = { register: cursor.uleb(), offset: cursor.sleb() * factor };
        return true;
      case Cfa.defCfaRegister:
        this.#cfa = { register: cursor.uleb(), offset: this.#plainCfa().offset };
        return true;
      case Cfa.defCfaOffset:
        this.#cfa = { register: this.#plainCfa().register, offset: cursor.uleb() };
        return true;
      case Cfa.defCfaOffsetSf:
        this.#cfa = { register: this.#plainCfa().register, offset: cursor.sleb() * factor };
        return true;
      case Cfa.defCfaExpression:
        this.#cfa = { expression: cursor.take(cursor.uleb()) };
        return true;
      case Cfa.rememberState:
        if (this.#states.length >= maxStates) throw new DwarfError('frame rules remember too many states');
        this.#states.push({ cfa: this.#cfa, registers: new Map(this.registers) });
        return true;
      case Cfa.restoreState: {
        const state = this.#states.pop();
        if (!state) throw new DwarfError('frame rules restore a state that they did not remember');
        this.#cfa = state.cfa;
        this.registers = state.registers;
        return true;
      }
      case Cfa.nop:
        return true;
      case Cfa.gnuArgsSize:
        cursor.skipLeb();
        return true;
    }
    return false;
  }

  /** Instructions on one register. */
  #rule(opcode: number, cursor: Cursor): void {
    const factor = this.#common.dataAlignment;
    const register = cursor.uleb();
    switch (opcode) {
      case Cfa.offsetExtended:
        this.#save(register, cursor.uleb());
        return;
      case Cfa.offsetExtendedSf:
        this.#save(register, cursor.sleb());
        return;
      case Cfa.gnuNegativeOffset:
        this.#save(register, -cursor.uleb());
        return;
      case Cfa.restoreExtended:
        this.#restore(register);
        return;
      case Cfa.undefined:
        this.#set(register, { kind: 'undefined' });
        return;
      case Cfa.sameValue:
        this.#set(register, { kind: 'same' });
        return;
      case Cfa.register:
        this.#set(register, { kind: 'register', register: cursor.uleb() });
        return;
      case Cfa.valOffset:
        this.#set(register, { kind: 'value', offset: cursor.uleb() * factor });
        return;
      case Cfa.valOffsetSf:
        this.#set(register, { kind: 'value', offset: cursor.sleb() * factor });
        return;
      case Cfa.expression:
        this.#set(register, { kind: 'saved-at', expression: cursor.take(cursor.uleb()) });
        return;
      case Cfa.valExpression:
        this.#set(register, { kind: 'computed', expression: cursor.take(cursor.uleb()) });
        return;
    }
    throw new DwarfError(`call frame instruction 0x${opcode.toString(16)} is not known`);
  }

  /** GNU as names only the register at first, which then counts from 0. */
  #plainCfa(): { register: number; offset: number } {
    if (!this.#cfa) return { register: 0, offset: 0 };
    if ('expression' in this.#cfa) throw new DwarfError('frame rules change the register of an expression');
    return this.#cfa;
  }

  #save(register: number, factored: number): void {
    this.#set(register, { kind: 'saved', offset: factored * this.#common.dataAlignment });
  }

  #restore(register: number): void {
    const rule = this.initial.get(register);
    if (rule) this.registers.set(register, rule);
    else this.registers.delete(register);
  }

  #set(register: number, rule: RegisterRule): void {
    this.registers.set(register, rule);
  }
}

/** By how many units of code the DW_CFA_advance_loc* moves on; undefined where the opcode is another one. */
function advance(opcode: number, cursor: Cursor): number | undefined {
  if (opcode === Cfa.advanceLoc1) return cursor.u8();
  if (opcode === Cfa.advanceLoc2) return cursor.u16();
  if (opcode === Cfa.advanceLoc4) return cursor.u32();
  return undefined;
}

/** DW_CFA_* with the two high bits clear. */
const Cfa = {
  nop: 0x00,
  setLoc: 0x01,
  advanceLoc1: 0x02,
  advanceLoc2: 0x03,
  advanceLoc4: 0x04,
  offsetExtended: 0x05,
  restoreExtended: 0x06,
  undefined: 0x07,
  sameValue: 0x08,
  register: 0x09,
  rememberState: 0x0a,
  restoreState: 0x0b,
  defCfa: 0x0c,
  defCfaRegister: 0x0d,
  defCfaOffset: 0x0e,
  defCfaExpression: 0x0f,
  expression: 0x10,
  offsetExtendedSf: 0x11,
  defCfaSf: 0x12,
  defCfaOffsetSf: 0x13,
  valOffset: 0x14,
  valOffsetSf: 0x15,
  valExpression: 0x16,
  gnuArgsSize: 0x2e,
  gnuNegativeOffset: 0x2f,
} as const;
