// The interpreter's floating-point instructions, each as a function of its own: within the interpreter they would be more
// than half of it, and V8 would compile that much longer before a program that never computes runs fast.

import type { InstructionRow } from '../../isa/row.ts';
import { type I64, i32, i64, type Local, ret, type Statement, sequence } from '../../wasm/code.ts';
import type { FunctionHandle, Locals, ModuleBuilder } from '../../wasm/module.ts';
import { REGISTER_BYTES, recordField } from '../layout.ts';
import { markDirty, RTZ, requireEnabled, requireNearest } from './base.ts';
import { floatPath } from './paths.ts';

/** (hart, record) → 0: not done, the host does it. By mnemonic. */
export type FloatFunctions = ReadonlyMap<string, FunctionHandle<'i32'>>;

export function defineFloats(module: ModuleBuilder, table: readonly InstructionRow[], xlen: 32 | 64): FloatFunctions {
  const functions = new Map<string, FunctionHandle<'i32'>>();
  for (const { mnemonic, format, semantics } of table) {
    if (!/^fp-(?!load|store)/.test(format) || !semantics) continue;
    const handle = module.function(mnemonic, ['i32', 'i32'], 'i32', ([hart, record], locals) => {
      return sequence(pathOf(mnemonic, xlen, hart, record, locals), ret(i32.const(1))) as never;
    });
    functions.set(mnemonic, handle);
  }
  return functions;
}

function pathOf(mnemonic: string, xlen: 32 | 64, hart: Local<'i32'>, record: Local<'i32'>, locals: Locals): Statement {
  const field = (offset: number) => i32.load8u(record.get, offset);
  const register = (offset: number) => i32.add(hart.get, i32.mul(field(offset), i32.const(REGISTER_BYTES)));
  const set = (value: I64) => i64.store(register(recordField.rd), value);
  const giveUp = ret(i32.const(0));
  const rm = field(recordField.rm);
  const path = floatPath(mnemonic, {
    xlen,
    hart: hart.get,
    f1: i64.load(register(recordField.rs1)),
    f2: i64.load(register(recordField.rs2)),
    f3: i64.load(register(recordField.rs3)),
    x1: i64.load(register(recordField.rs1)),
    towardsZero: i32.eq(rm, i32.const(RTZ)),
    setF: set,
    setX: set,
    enabled: () => requireEnabled(hart.get, giveUp),
    nearest: () => requireNearest(hart.get, rm, giveUp),
    dirty: () => markDirty(hart.get, xlen),
    giveUp,
    fused: () => false,
    thorough: true,
    f64: (index) => locals.numbered('f64', index),
    i64: (index) => locals.numbered('i64', index),
  });
  return path ?? giveUp;
}
