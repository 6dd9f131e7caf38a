// The stack of a location expression, and the operations that need nothing else (DWARF 5, section 2.5.1.3 "Stack
// Operations" to 2.5.1.6 "Type Conversions").

import { At, Tag } from './constants.ts';
import { type Cursor, DwarfError } from './cursor.ts';
import { binary, convert, Op, type StackValue, stackValue, unary, type ValueType } from './stack-value.ts';
import type { Unit } from './unit.ts';

export class ExpressionStack {
  readonly #unit: Unit | undefined;
  readonly #generic: ValueType;
  readonly #values: StackValue[];

  /** `values`, of the generic type, are on it from the start. */
  constructor(unit: Unit | undefined, addressSize: number, values: readonly bigint[]) {
    this.#unit = unit;
    this.#generic = { kind: 'generic', size: addressSize };
    this.#values = values.map((bits) => stackValue(bits, this.#generic));
  }

  get depth(): number {
    return this.#values.length;
  }

  /** A value of the generic type. */
  push(bits: bigint): void {
    this.#values.push(stackValue(bits, this.#generic));
  }

  pushValue(value: StackValue): void {
    this.#values.push(value);
  }

  pop(): StackValue {
    return this.#values.pop() ?? tooFew();
  }

  clear(): void {
    this.#values.length = 0;
  }

  /** Does an operation that needs the stack alone, jumps of the cursor included; false where it is none. */
  operate(opcode: number, cursor: Cursor): boolean {
    const values = this.#values;
    switch (opcode) {
      case Op.dup:
        values.push(this.#peek(0));
        return true;
      case Op.drop:
        this.pop();
        return true;
      case Op.over:
        values.push(this.#peek(1));
        return true;
      case Op.pick:
        values.push(this.#peek(cursor.u8()));
        return true;
      case Op.swap:
        values.push(...[this.pop(), this.pop()]);
        return true;
      case Op.rot: {
        const [top, second, third] = [this.pop(), this.pop(), this.pop()];
        values.push(top, third, second);
        return true;
      }
      case Op.plusUconst: {
        const value = this.pop();
        values.push(stackValue(value.bits + cursor.uleb64(), value.type));
        return true;
      }
      case Op.abs:
      case Op.neg:
      case Op.not:
        values.push(unary(opcode, this.pop()));
        return true;
      case Op.skip:
        jump(cursor);
        return true;
      case Op.bra:
        if (this.pop().bits !== 0n) jump(cursor);
        else cursor.skip(2);
        return true;
      case Op.convert:
      case Op.gnuConvert:
        values.push(convert(this.pop(), this.typeAt(cursor.uleb())));
        return true;
      case Op.reinterpret:
      case Op.gnuReinterpret:
        values.push(stackValue(this.pop().bits, this.typeAt(cursor.uleb())));
        return true;
      case Op.nop:
      case Op.gnuUninit:
        return true;
    }
    if ((opcode < Op.and || opcode > Op.xor) && (opcode < Op.eq || opcode > Op.ne)) return false;
    const right = this.pop();
    values.push(binary(opcode, this.pop(), right, this.#generic));
    return true;
  }

  /** The base type at a position of the unit; 0 is the generic type. */
  typeAt(position: number): ValueType {
    const entry = position === 0 ? undefined : this.#unit?.entryAt(position);
    if (!entry) return this.#generic;
    if (entry.tag !== Tag.baseType) throw new DwarfError('an expression computes with a type that is not a base type');
    const size = entry.number(At.byteSize) ?? this.#generic.size;
    if (size > 16) throw new DwarfError(`an expression computes with ${size} bytes`);
    const encoding = entry.number(At.encoding);
    const kind = encoding === 4 ? 'float' : encoding === 5 || encoding === 6 ? 'signed' : 'unsigned';
    return { kind, size };
  }

  #peek(depth: number): StackValue {
    return this.#values.at(-1 - depth) ?? tooFew();
  }
}

function tooFew(): never {
  throw new DwarfError('a location expression takes more than it pushed');
}

function jump(cursor: Cursor): void {
  const distance = BigInt.asIntN(16, BigInt(cursor.u16()));
  const target = cursor.at + Number(distance);
  if (target < 0 || target > cursor.bytes.length) throw new DwarfError('a location expression jumps out of itself');
  cursor.at = target;
}
