// From a frame to its caller, by the rules of .debug_frame and .eh_frame.

import { DwarfError, within } from '../dwarf/cursor.ts';
import { evaluate, type Surroundings, Unavailable } from '../dwarf/expression.ts';
import { type CfaRule, type FrameRow, type RegisterRule, rowAt } from '../dwarf/frame-rules.ts';
import { type FrameDescription, FrameTable } from '../dwarf/frame-table.ts';
import type { DebugSections } from '../dwarf/sections.ts';
import { fromBytes } from '../dwarf/stack-value.ts';
import type { Frame, Unwound } from '../frame.ts';
import type { Guard } from '../guard.ts';

type Callee = Omit<Frame, 'cfa'>;

/** x2, which by the psABI is the canonical frame address where no rule says otherwise. */
const sp = 2;

export class Unwinder {
  readonly #sections: DebugSections;
  readonly #addressSize: number;
  readonly #guard: Guard;
  #tables: readonly FrameTable[] | undefined;

  constructor(sections: DebugSections, addressSize: number, guard: Guard) {
    this.#sections = sections;
    this.#addressSize = addressSize;
    this.#guard = guard;
  }

  cfaOf(frame: Callee): bigint | undefined {
    return this.#try(() => {
      const found = this.#rules(frame);
      return found && this.#cfa(found.row.cfa, frame);
    });
  }

  unwind(frame: Callee): Unwound | undefined {
    return this.#try(() => {
      const found = this.#rules(frame);
      const cfa = found && this.#cfa(found.row.cfa, frame);
      return found && cfa !== undefined ? this.#caller(found.description, found.row, frame, cfa) : undefined;
    });
  }

  /** Every table there is, .debug_frame's first. */
  get tables(): readonly FrameTable[] {
    this.#tables ??= (['.debug_frame', '.eh_frame'] as const).flatMap((name) => {
      const bytes = this.#guard(new Uint8Array(), () => this.#sections.bytes(name));
      if (bytes.length === 0) return [];
      const va = this.#sections.addressOf(name);
      const section = { bytes, va, isEh: name === '.eh_frame', addressSize: this.#addressSize };
      return [new FrameTable(section, (work) => this.#guard(undefined, () => within(name, work)))];
    });
    return this.#tables;
  }

  #rules({ pc, called }: Callee): { description: FrameDescription; row: FrameRow } | undefined {
    const address = called ? pc - 1n : pc;
    for (const table of this.tables) {
      const name = table.isEh ? '.eh_frame' : '.debug_frame';
      const description = within(name, () => table.at(address));
      const row = description && within(name, () => rowAt(description, address));
      if (row) return { description, row };
    }
    return undefined;
  }

  #cfa(rule: CfaRule, frame: Callee): bigint | undefined {
    if (!rule) return undefined;
    if ('expression' in rule) return evaluate(rule.expression, this.#surroundings(frame));
    const base = frame.register(rule.register);
    return base === undefined ? undefined : this.#word(base + BigInt(rule.offset));
  }

  #caller({ common }: FrameDescription, row: FrameRow, frame: Callee, cfa: bigint): Unwound {
    const ruleOf = (number: number): RegisterRule =>
      row.registers.get(number) ?? (number === sp ? { kind: 'value', offset: 0 } : { kind: 'same' });
    const savedAt = (number: number): bigint | undefined => {
      const rule = ruleOf(number);
      if (rule.kind === 'saved') return this.#word(cfa + BigInt(rule.offset));
      if (rule.kind === 'saved-at') return this.#try(() => evaluate(rule.expression, this.#surroundings(frame), [cfa]));
      return undefined;
    };
    const register = (number: number): bigint | undefined => {
      const rule = ruleOf(number);
      switch (rule.kind) {
        case 'undefined':
          return undefined;
        case 'same':
          return frame.register(number);
        case 'register':
          return frame.register(rule.register);
        case 'value':
          return this.#word(cfa + BigInt(rule.offset));
        case 'computed':
          return this.#try(() => evaluate(rule.expression, this.#surroundings(frame), [cfa]));
      }
      const address = savedAt(number);
      const bytes = address === undefined ? undefined : frame.memory(address, this.#addressSize);
      return bytes && bytes.length === this.#addressSize ? fromBytes(bytes) : undefined;
    };
    const returnAddress = register(common.returnRegister);
    return { cfa, returnAddress, interrupted: common.signal, register, savedAt };
  }

  #surroundings(frame: Callee): Surroundings {
    const noCaller = () => {
      throw new DwarfError('frame rules ask for values on entry');
    };
    return {
      unit: undefined,
      addressSize: this.#addressSize,
      frame,
      frameBase: () => undefined,
      entryValue: noCaller,
      passedValue: noCaller,
      variable: () => undefined,
    };
  }

  #word(value: bigint): bigint {
    return BigInt.asUintN(8 * this.#addressSize, value);
  }

  #try<T>(work: () => T): T | undefined {
    return this.#guard<T | undefined>(undefined, () => {
      try {
        return work();
      } catch (error) {
        if (error instanceof Unavailable) return undefined;
        throw error;
      }
    });
  }
}
