// Entries of variables and parameters, and where their values are in a frame.

import { type VirtAddr, virt } from '../../emulator/address.ts';
import { At, Tag } from '../dwarf/constants.ts';
import { Cursor, DwarfError } from '../dwarf/cursor.ts';
import type { Entry } from '../dwarf/entry.ts';
import { evaluate, locate, type Surroundings, Unavailable } from '../dwarf/expression.ts';
import { expressionAt } from '../dwarf/location-list.ts';
import { fromBytes, Op } from '../dwarf/stack-value.ts';
import type { Frame, Located } from '../frame.ts';
import type { CompilationUnit, Variable } from '../program.ts';
import type { Type } from '../types.ts';
import type { EntryValues } from './entry-values.ts';
import type { TypeReader } from './type-reader.ts';
import { typeWith } from './types-in-frame.ts';
import type { UnitReader } from './unit-reader.ts';
import { isDefined } from './unit-variables.ts';

const gone: Located = { kind: 'unavailable', reason: 'optimized out' };

export class VariableReader {
  readonly types: TypeReader;
  readonly units: UnitReader;
  /** The address of a symbol that other files see. */
  readonly symbolOf: (name: string) => VirtAddr | undefined;
  readonly #entryValues: EntryValues;
  readonly #variables = new WeakMap<Entry['unit'], Map<number, Variable>>();

  constructor(
    types: TypeReader,
    units: UnitReader,
    entryValues: EntryValues,
    symbolOf: (name: string) => VirtAddr | undefined,
  ) {
    this.symbolOf = symbolOf;
    this.types = types;
    this.units = units;
    this.#entryValues = entryValues;
  }

  /** The variable of an entry; `scope` is the function's entry, whose frame base it counts from. */
  variable(entry: Entry, scope: Entry | undefined): Variable {
    let known = this.#variables.get(entry.unit);
    if (!known) {
      known = new Map();
      this.#variables.set(entry.unit, known);
    }
    let variable = known.get(entry.at);
    if (!variable) {
      variable = new ReadVariable(this, entry, scope);
      known.set(entry.at, variable);
    }
    return variable;
  }

  /** Where the value of an entry's attribute is: an expression or a list of them. */
  locate(entry: Entry, attribute: number, scope: Entry | undefined, frame: Frame): Located {
    let damage = '';
    const located = this.types.guard<Located | undefined>(undefined, () => {
      try {
        const expression = this.expression(entry, attribute, frame);
        if (!expression || expression.length === 0) return gone;
        return locate(expression, this.surroundings(entry, scope, frame));
      } catch (error) {
        if (error instanceof Unavailable) return { kind: 'unavailable', reason: error.message };
        if (error instanceof DwarfError) damage = `: ${error.message}`;
        throw error;
      }
    });
    return located ?? { kind: 'unavailable', reason: `its debug information is damaged${damage}` };
  }

  /** The expression that holds where the frame is. */
  expression(entry: Entry, attribute: number, frame: Pick<Frame, 'pc' | 'called'>): Uint8Array | undefined {
    const list = entry.list(attribute);
    if (!list) return entry.block(attribute);
    return expressionAt(entry.unit, list, frame.called ? frame.pc - 1n : frame.pc);
  }

  /** What an attribute comes to that is a number, an expression or a variable; undefined where the frame does not tell. */
  numberIn(entry: Entry, attribute: number, scope: Entry | undefined, frame: Frame): bigint | undefined {
    return this.types.guard(undefined, () => {
      const referred = entry.reference(attribute);
      if (referred) return this.#valueIn(this.variable(referred, scope), frame);
      try {
        const expression = this.expression(entry, attribute, frame);
        return expression && evaluate(expression, this.surroundings(entry, scope, frame));
      } catch (error) {
        if (error instanceof Unavailable) return undefined;
        throw error;
      }
    });
  }

  #valueIn(variable: Variable, frame: Frame): bigint | undefined {
    const located = variable.locate(frame);
    const size = Math.min(variable.type.size ?? 8, 8);
    if (located.kind === 'value') return fromBytes(located.bytes.subarray(0, size));
    if (located.kind === 'register') return frame.register(located.register);
    const bytes = located.kind === 'memory' ? frame.memory(located.address, size) : undefined;
    return bytes && fromBytes(bytes);
  }

  surroundings(entry: Entry, scope: Entry | undefined, frame: Frame): Surroundings {
    return {
      unit: entry.unit,
      addressSize: entry.unit.addressSize,
      frame,
      frameBase: () => (scope?.has(At.frameBase) ? this.locate(scope, At.frameBase, undefined, frame) : undefined),
      entryValue: (expression) => this.#entryValues.valueOf(expression, frame, this),
      passedValue: (parameter) => this.#entryValues.passed(parameter, frame, this),
      variable: (target) => this.variable(target, scope),
    };
  }
}

class ReadVariable implements Variable {
  readonly #reader: VariableReader;
  readonly #entry: Entry;
  readonly #scope: Entry | undefined;

  constructor(reader: VariableReader, entry: Entry, scope: Entry | undefined) {
    this.#reader = reader;
    this.#entry = entry;
    this.#scope = scope;
  }

  get name(): string {
    return this.#read('', () => {
      const { names } = this.#reader.types;
      // A local's name has no path, whatever the language.
      if (this.#scope) return this.#entry.whoHas(At.name)?.text(At.name) ?? '';
      return names.nameOf(this.#entry) ?? '';
    });
  }

  get kind(): Variable['kind'] {
    if (this.#entry.tag === Tag.formalParameter) return 'parameter';
    if (!this.#scope)
      return this.#read(false, () => this.#entry.whoHas(At.external) !== undefined) ? 'global' : 'static';
    return this.address === undefined ? 'local' : 'static';
  }

  get type(): Type {
    return this.#reader.types.typeOf(this.#entry);
  }

  get declared() {
    return this.#read(undefined, () => this.#reader.types.names.declared(this.#entry));
  }

  get artificial(): boolean {
    return this.#read(false, () => this.#entry.whoHas(At.artificial)?.flag(At.artificial) ?? false);
  }

  get unit(): CompilationUnit {
    return this.#reader.units.unit(this.#entry.unit);
  }

  get address(): VirtAddr | undefined {
    return this.#read<VirtAddr | undefined>(undefined, () => {
      const { unit } = this.#entry;
      if (this.#entry.flag(At.declaration) && !isDefined(this.#entry)) return this.#reader.symbolOf(this.name);
      const block = this.#entry.whoHas(At.location)?.block(At.location);
      if (!block || block.length === 0) return undefined;
      const cursor = new Cursor(block);
      const opcode = cursor.u8();
      let address: bigint | undefined;
      if (opcode === Op.addr) address = cursor.address(unit.addressSize);
      else if (opcode === Op.addrx || opcode === Op.gnuAddrIndex) address = unit.addressOf(cursor.uleb());
      return address === undefined || !cursor.atEnd ? undefined : virt(address);
    });
  }

  inFrame(frame: Frame): Variable {
    const type = typeWith(this.type, (range, attribute) => this.#reader.numberIn(range, attribute, this.#scope, frame));
    return type === this.type ? this : new VariableInFrame(this, type);
  }

  locate(frame: Frame): Located {
    const entry = this.#read(undefined, () => this.#entry.whoHas(At.location));
    if (entry) return this.#reader.locate(entry, At.location, this.#scope, frame);
    return this.#read<Located>(gone, () => {
      const constant = this.#entry.whoHas(At.constValue);
      if (!constant) return gone;
      const bytes = constant.block(At.constValue) ?? this.#constantBytes(constant);
      return bytes ? { kind: 'value', bytes } : gone;
    });
  }

  #constantBytes(entry: Entry): Uint8Array | undefined {
    const text = entry.text(At.constValue);
    if (text !== undefined) return Uint8Array.from([...text, '\0'], (letter) => letter.charCodeAt(0));
    const value = entry.constant(At.constValue);
    if (value === undefined) return undefined;
    const size = Math.min(this.type.size ?? entry.unit.addressSize, 16);
    return Uint8Array.from({ length: size }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
  }

  #read<T>(otherwise: T, work: () => T): T {
    return this.#reader.types.guard(otherwise, work);
  }
}

/** A variable whose type is told as a frame has it. */
class VariableInFrame implements Variable {
  readonly type: Type;
  readonly #variable: Variable;

  constructor(variable: Variable, type: Type) {
    this.#variable = variable;
    this.type = type;
  }

  get name() {
    return this.#variable.name;
  }

  get kind() {
    return this.#variable.kind;
  }

  get declared() {
    return this.#variable.declared;
  }

  get artificial() {
    return this.#variable.artificial;
  }

  get unit() {
    return this.#variable.unit;
  }

  get address() {
    return this.#variable.address;
  }

  inFrame(frame: Frame): Variable {
    return this.#variable.inFrame(frame);
  }

  locate(frame: Frame): Located {
    return this.#variable.locate(frame);
  }
}
