// One fault in each row of the tables, one after the other: do the comparisons with QEMU notice it? Prints the survivors.
// Run by scripts/mutate.mjs.

import type { Emitter } from '../../emulator/core/emitter.ts';
import type { CompressedRow, InstructionRow } from '../../emulator/isa/row.ts';
import { compressedInstructions, existsIn, instructions } from '../../emulator/isa/table.ts';
import { i32, i64 } from '../../emulator/wasm/code.ts';
import { caseOf, fullModel, isShort, piecesOf, type Row } from './cases.ts';
import { forgetMachines, type Model, type Program, runOurs, runTheirs } from './machines.ts';
import { randomProgram } from './programs.ts';
import { Random, seed } from './random.ts';
import { registerProgram } from './register-harness.ts';

const casesARow = 60;

/** Semantics that say something else wherever these say something; a jump where they say nothing, as hints do. */
const faulty =
  (semantics: (e: Emitter) => void) =>
  (e: Emitter): void => {
    let silent = true;
    semantics(
      wrongly(e, () => {
        silent = false;
      }),
    );
    if (silent) e.jump();
  };

function wrongly(e: Emitter, used: () => void): Emitter {
  const wrong: Partial<Record<keyof Emitter, (...args: never[]) => void>> = {
    rd: (value: Parameters<Emitter['rd']>[0]) => e.rd(i64.xor(value, i64.const(1))),
    rdWord: (value: Parameters<Emitter['rdWord']>[0]) => e.rdWord(i32.xor(value, i32.const(1))),
    rdFlag: (value: Parameters<Emitter['rdFlag']>[0]) => e.rdFlag(i32.xor(value, i32.const(1))),
    load: (size: 1 | 2 | 4 | 8, signed: boolean) => (size === 8 ? e.load(4, true) : e.load(size, !signed)),
    store: (size: 1 | 2 | 4 | 8) => e.store(size === 8 ? 4 : ((size * 2) as 2 | 4 | 8)),
    loadFp: (size: 2 | 4 | 8) => e.loadFp(size === 8 ? 4 : 8),
    storeFp: (size: 2 | 4 | 8) => e.storeFp(size === 8 ? 4 : 8),
    branch: (condition: Parameters<Emitter['branch']>[0]) => e.branch(i32.eqz(condition)),
    jump: () => e.jumpRegister(),
    jumpRegister: () => e.jump(),
    amo: (size: 1 | 2 | 4 | 8, operation: Parameters<Emitter['amo']>[1]) =>
      e.amo(size, (loaded, operand) => i64.xor(operation(loaded, operand), i64.const(1))),
    loadReserved: (size: 4 | 8) => e.load(size, true),
    storeConditional: () => e.rd(i64.const(1)),
    fence: () => e.jump(),
  };
  return new Proxy(e, {
    get: (target, name) => {
      const other = wrong[name as keyof Emitter];
      if (other) used();
      const value = other ?? Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** The row with a fault: what is different in it. */
function fault(row: Row): Partial<InstructionRow> | Partial<CompressedRow> {
  if (isShort(row)) {
    const operands: CompressedRow['operands'] = (word) => {
      const found = row.operands(word);
      return found && { ...found, rs2: found.rs2 ^ 1, imm: found.imm ^ 2 };
    };
    return { operands, expandsTo: row.expandsTo === 'ebreak' ? 'ecall' : row.expandsTo };
  }
  const { semantics, host, format } = row;
  if (semantics) return { semantics: faulty(semantics) };
  // What the host executes it knows by its name.
  const others = instructions.filter((other) => other.host === host && other.format === format && other !== row);
  const like = others.find(({ mnemonic }) => mnemonic === 'cbo.zero') ?? others[0];
  if (like && host !== 'system') return { mnemonic: like.mnemonic };
  return { host: 'system', semantics: (e) => e.jump() };
}

/** Puts the fault into the row; returns what takes it out again. */
function spoil(row: Row): () => void {
  const before = { ...row };
  Object.assign(row, fault(row));
  return () => {
    for (const key of Object.keys(row)) if (!(key in before)) Reflect.deleteProperty(row, key);
    Object.assign(row, before);
  };
}

interface Check {
  readonly program: Program;
  readonly right: readonly Uint8Array[];
}

/** A program with what our machine makes of it, which must be what QEMU makes of it, known differences apart. */
function checkOf(model: Model, program: Program): Check {
  return { program, right: runOurs(model, program) };
}

/** Whether the machine as it is now gives something else, or does not end. */
function notices(model: Model, { program, right }: Check): boolean {
  forgetMachines();
  try {
    return runOurs(model, program, 1_000_000).some(
      (bytes, index) => Buffer.compare(bytes, right[index] as Uint8Array) !== 0,
    );
  } catch {
    return true;
  }
}

let caught = 0;
const survivors: string[] = [];
for (const xlen of [64, 32] as const) {
  const model = fullModel(xlen);
  const random = new Random(seed);
  const loops = checkOf(model, randomProgram(model, random, 128).program);
  const theirs = await runTheirs(model, loops.program);
  if (theirs.some((bytes, index) => Buffer.compare(bytes, loops.right[index] as Uint8Array) !== 0)) {
    throw new Error('the machines disagree before any fault is seeded: node scripts/oracle.mjs');
  }
  const rows = [...instructions, ...compressedInstructions].filter((row) => existsIn(row, xlen));
  // RV32 adds the rows that RV64 has not.
  for (const row of rows.filter((each) => xlen === 64 || !existsIn(each, 64))) {
    const cases = Array.from({ length: casesARow }, (_, slot) => caseOf(row, xlen, slot, random));
    const single = checkOf(model, registerProgram(xlen, cases, piecesOf(cases, random)));
    const name = `RV${xlen} ${row.mnemonic}`;
    const repair = spoil(row);
    if (notices(model, single) || notices(model, loops)) caught += 1;
    else {
      survivors.push(name);
      console.log(`survived: ${name}`);
    }
    repair();
    forgetMachines();
  }
}
console.log(`rows: ${caught} faults caught, ${survivors.length} survived`);
process.exitCode = survivors.length ? 1 : 0;
