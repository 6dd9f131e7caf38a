// Location expressions, run on a frame (DWARF 5, section 2.5 "DWARF Expressions" and 2.6 "Location Descriptions").

import { virt } from '../../emulator/address.ts';
import type { Frame, Located, Piece } from '../frame.ts';
import type { Variable } from '../program.ts';
import { At } from './constants.ts';
import { Cursor, DwarfError } from './cursor.ts';
import type { Entry } from './entry.ts';
import { ExpressionStack } from './expression-stack.ts';
import { bytesOf, fromBytes, Op, stackValue } from './stack-value.ts';
import type { Unit } from './unit.ts';

/** What an expression needs besides the machine. */
export interface Surroundings {
  /** Undefined for the rules of .debug_frame and .eh_frame, which belong to no unit. */
  readonly unit: Unit | undefined;
  readonly addressSize: number;
  readonly frame: Omit<Frame, 'cfa'> & Partial<Pick<Frame, 'cfa'>>;
  /** Where the function's locals count from. */
  frameBase(): Located | undefined;
  /** The value that an expression had on entry to the function. */
  entryValue(expression: Uint8Array): bigint;
  /** What the caller passed for a parameter, of which this copy of the function has no trace. */
  passedValue(parameter: Entry): bigint;
  /** The variable of an entry, for pointers that were optimised out. */
  variable(entry: Entry): Variable | undefined;
}

/** Why a value cannot be had though the debug information is sound. */
export class Unavailable extends Error {}

/** Steps and depth of the stack after which an expression is not believed any more. */
const [maxSteps, maxStack, maxCalls] = [10_000, 256, 8];

/** Where the expression says a value is. Throws a DwarfError where it is damaged, Unavailable where the frame lacks something. */
export function locate(expression: Uint8Array, surroundings: Surroundings, stack: bigint[] = []): Located {
  return new Evaluation(surroundings, stack).run(expression);
}

/** The number that an expression computes, as an unsigned word. */
export function evaluate(expression: Uint8Array, surroundings: Surroundings, stack: bigint[] = []): bigint {
  const located = locate(expression, surroundings, stack);
  if (located.kind === 'memory') return located.address;
  if (located.kind === 'value') return fromBytes(located.bytes);
  if (located.kind === 'register') return registerOf(surroundings.frame, located.register);
  throw new Unavailable(located.kind === 'unavailable' ? located.reason : 'it is no plain value');
}

function registerOf(frame: Pick<Frame, 'register'>, number: number): bigint {
  const value = frame.register(number);
  if (value === undefined) throw new Unavailable(`${registerName(number)} was not saved`);
  return value;
}

function registerName(number: number): string {
  return number < 32 ? `x${number}` : number < 64 ? `f${number - 32}` : `register ${number}`;
}

class Evaluation {
  readonly #around: Surroundings;
  readonly #stack: ExpressionStack;
  readonly #pieces: Piece[] = [];
  /** What was found since the last piece, where it is no address. */
  #found: Located | undefined;
  #steps = 0;
  #calls = 0;

  constructor(around: Surroundings, stack: readonly bigint[]) {
    this.#around = around;
    this.#stack = new ExpressionStack(around.unit, around.addressSize, stack);
  }

  run(expression: Uint8Array): Located {
    this.#execute(new Cursor(expression));
    if (this.#pieces.length > 0) return { kind: 'pieces', pieces: this.#pieces };
    return this.#take() ?? { kind: 'unavailable', reason: 'optimized out' };
  }

  #execute(cursor: Cursor): void {
    while (!cursor.atEnd) {
      if (++this.#steps > maxSteps) throw new DwarfError('a location expression does not end');
      this.#step(cursor.u8(), cursor);
      if (this.#stack.depth > maxStack) throw new DwarfError('a location expression pushes too much');
    }
  }

  /** What was described since the last piece; undefined where that is nothing. */
  #take(): Located | undefined {
    const top = this.#stack.depth > 0 ? this.#stack.pop() : undefined;
    const located: Located | undefined = this.#found ?? (top && { kind: 'memory', address: top.bits });
    this.#found = undefined;
    this.#stack.clear();
    return located;
  }

  #step(opcode: number, cursor: Cursor): void {
    if (opcode >= Op.lit0 && opcode <= Op.lit31) this.#stack.push(BigInt(opcode - Op.lit0));
    else if (opcode >= Op.reg0 && opcode <= Op.reg31) this.#found = { kind: 'register', register: opcode - Op.reg0 };
    else if (opcode >= Op.breg0 && opcode <= Op.breg31) {
      this.#stack.push(this.#register(opcode - Op.breg0) + cursor.sleb64());
    } else if (!this.#constant(opcode, cursor) && !this.#stack.operate(opcode, cursor)) this.#location(opcode, cursor);
  }

  #constant(opcode: number, cursor: Cursor): boolean {
    const { frame, unit, addressSize } = this.#around;
    switch (opcode) {
      case Op.addr:
        this.#stack.push(frame.addressOf(virt(cursor.address(addressSize))));
        return true;
      case Op.addrx:
      case Op.gnuAddrIndex:
        this.#stack.push(frame.addressOf(virt(unit?.addressOf(cursor.uleb()) ?? 0n)));
        return true;
      case Op.constx:
      case Op.gnuConstIndex:
        this.#stack.push(unit?.addressOf(cursor.uleb()) ?? 0n);
        return true;
      case Op.const1u:
        this.#stack.push(BigInt(cursor.u8()));
        return true;
      case Op.const1s:
        this.#stack.push(BigInt(cursor.i8()));
        return true;
      case Op.const2u:
        this.#stack.push(BigInt(cursor.u16()));
        return true;
      case Op.const2s:
        this.#stack.push(BigInt.asIntN(16, BigInt(cursor.u16())));
        return true;
      case Op.const4u:
        this.#stack.push(BigInt(cursor.u32()));
        return true;
      case Op.const4s:
        this.#stack.push(BigInt.asIntN(32, BigInt(cursor.u32())));
        return true;
      case Op.const8u:
      case Op.const8s:
        this.#stack.push(cursor.u64());
        return true;
      case Op.constu:
        this.#stack.push(cursor.uleb64());
        return true;
      case Op.consts:
        this.#stack.push(cursor.sleb64());
        return true;
      case Op.constType:
      case Op.gnuConstType: {
        const type = this.#stack.typeAt(cursor.uleb());
        this.#stack.pushValue(stackValue(fromBytes(cursor.take(cursor.u8())), type));
        return true;
      }
    }
    return false;
  }

  #location(opcode: number, cursor: Cursor): void {
    const { frame, addressSize } = this.#around;
    switch (opcode) {
      case Op.regx:
        this.#found = { kind: 'register', register: cursor.uleb() };
        return;
      case Op.bregx: {
        const register = cursor.uleb();
        this.#stack.push(this.#register(register) + cursor.sleb64());
        return;
      }
      case Op.fbreg:
        this.#stack.push(this.#frameBase() + cursor.sleb64());
        return;
      case Op.callFrameCfa: {
        const cfa = frame.cfa?.();
        if (cfa === undefined) throw new Unavailable('the canonical frame address is not known here');
        this.#stack.push(cfa);
        return;
      }
      case Op.deref:
        this.#stack.push(this.#memory(this.#stack.pop().bits, addressSize));
        return;
      case Op.derefSize:
        this.#stack.push(this.#memory(this.#stack.pop().bits, cursor.u8()));
        return;
      case Op.derefType:
      case Op.gnuDerefType: {
        const size = cursor.u8();
        const type = this.#stack.typeAt(cursor.uleb());
        this.#stack.pushValue(stackValue(this.#memory(this.#stack.pop().bits, size), type));
        return;
      }
      case Op.regvalType:
      case Op.gnuRegvalType: {
        const register = cursor.uleb();
        this.#stack.pushValue(stackValue(this.#register(register), this.#stack.typeAt(cursor.uleb())));
        return;
      }
      case Op.stackValue:
        this.#found = { kind: 'value', bytes: bytesOf(this.#stack.pop()) };
        return;
      case Op.implicitValue:
        this.#found = { kind: 'value', bytes: cursor.take(cursor.uleb()) };
        return;
      case Op.entryValue:
      case Op.gnuEntryValue:
        this.#stack.push(this.#around.entryValue(cursor.take(cursor.uleb())));
        return;
      case Op.piece:
        this.#piece(8 * cursor.uleb(), 0);
        return;
      case Op.bitPiece: {
        const bits = cursor.uleb();
        this.#piece(bits, cursor.uleb());
        return;
      }
      default:
        this.#reference(opcode, cursor);
    }
  }

  /** Operations that refer to other entries. */
  #reference(opcode: number, cursor: Cursor): void {
    const { unit } = this.#around;
    cursor.offsetSize = unit?.offsetSize === 8 ? 8 : 4;
    switch (opcode) {
      case Op.implicitPointer:
      case Op.gnuImplicitPointer: {
        const entry = unit?.units.entryAt(
          unit.version === 2 ? Number(cursor.address(unit.addressSize)) : cursor.offset(),
        );
        const target = entry && this.#around.variable(entry);
        this.#found = { kind: 'implicit-pointer', target, offset: cursor.sleb() };
        return;
      }
      case Op.call2:
        this.#call(unit?.entryAt(cursor.u16()));
        return;
      case Op.call4:
        this.#call(unit?.entryAt(cursor.u32()));
        return;
      case Op.callRef:
        this.#call(unit?.units.entryAt(cursor.offset()));
        return;
      case Op.gnuVariableValue: {
        const entry = unit?.units.entryAt(cursor.offset());
        const variable = entry && this.#around.variable(entry);
        const located = variable?.locate(this.#around.frame as Frame);
        if (located?.kind === 'register') this.#stack.push(this.#register(located.register));
        else if (located?.kind === 'memory') this.#stack.push(this.#memory(located.address, this.#around.addressSize));
        else if (located?.kind === 'value') this.#stack.push(fromBytes(located.bytes));
        else throw new Unavailable('it depends on a variable that was optimized out');
        return;
      }
      case Op.gnuParameterRef: {
        const parameter = unit?.entryAt(cursor.u32());
        if (!parameter) throw new DwarfError('a location expression refers to no parameter');
        this.#stack.push(this.#around.passedValue(parameter));
        return;
      }
      case Op.formTlsAddress:
      case Op.gnuPushTlsAddress:
        throw new Unavailable('it is thread-local');
      case Op.pushObjectAddress:
        throw new Unavailable('it depends on the object that it is part of');
    }
    throw new DwarfError(`operation 0x${opcode.toString(16)} of a location expression is not known`);
  }

  #call(entry: Entry | undefined): void {
    const expression = entry?.block(At.location);
    if (!expression) return;
    if (++this.#calls > maxCalls) throw new DwarfError('location expressions call each other without end');
    this.#execute(new Cursor(expression));
    this.#calls--;
  }

  #piece(bits: number, shift: number): void {
    const located = this.#take() ?? { kind: 'unavailable', reason: 'optimized out' };
    this.#pieces.push({ located, bits, shift });
    if (this.#pieces.length > maxStack) throw new DwarfError('a value has too many pieces');
  }

  #frameBase(): bigint {
    const base = this.#around.frameBase();
    if (base?.kind === 'memory') return base.address;
    if (base?.kind === 'register') return this.#register(base.register);
    if (base?.kind === 'value') return fromBytes(base.bytes);
    throw new Unavailable(base?.kind === 'unavailable' ? base.reason : 'the frame base is not known here');
  }

  #register(number: number): bigint {
    return registerOf(this.#around.frame, number);
  }

  #memory(address: bigint, size: number): bigint {
    if (size > 16) throw new DwarfError(`an expression reads ${size} bytes at once`);
    const bytes = this.#around.frame.memory(address, size);
    if (!bytes || bytes.length < size) throw new Unavailable(`the memory at 0x${address.toString(16)} cannot be read`);
    return fromBytes(bytes);
  }
}
