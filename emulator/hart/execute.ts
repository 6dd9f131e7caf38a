// Instructions that TypeScript executes with the hart's precise state: CSR accesses, system instructions, floating-point
// arithmetic, and the atomics that the fast path declined.

import { further, virt } from '../address.ts';
import { asidMask } from '../core/flush.ts';
import { Status } from '../core/layout.ts';
import type { FenceEvent, InstructionFenceEvent, WaitEvent } from '../events.ts';
import { Privilege } from '../inspection.ts';
import { executeFp } from '../isa/fp/execute.ts';
import type { Instruction } from '../isa/row.ts';
import { executeAtomic } from './atomics.ts';
import { executeCacheBlock, mayOperateOnBlocks } from './cache-blocks.ts';
import type { HartContext } from './context.ts';
import { markFpDirty, mayAccess, pendingBits, presentCsr, readCsr, writeCsr } from './csr-file.ts';
import { Csr, Mstatus } from './csr-numbers.ts';
import type { Hart } from './hart.ts';
import { interruptToTake, returnFromTrap, takeTrap } from './traps.ts';

const A0_TO_A5 = [10, 11, 12, 13, 14, 15];
const Cause = { misalignedFetch: 0, illegal: 2, breakpoint: 3, ecallFromU: 8 } as const;

/** Executes the instruction at pc; returns a Status. */
export function execute(hart: Hart, word: number, context: HartContext): number {
  const instruction = context.decode(word);
  if (!instruction) return illegal(hart, word, context);
  const { row } = instruction;
  if (row.host === 'csr') return executeCsr(hart, instruction, context);
  if (row.host === 'system') return executeSystem(hart, instruction, context);
  if (row.host === 'fp') return executeFloat(hart, instruction, context);
  if (row.host === 'cbo') {
    const may = mayOperateOnBlocks(hart, instruction);
    return may ? executeCacheBlock(hart, instruction, context) : illegal(hart, word, context);
  }
  if (row.format.startsWith('amo') || row.format === 'lr') {
    return executeAtomic(hart, instruction, context);
  }
  if (row.format === 'B' || row.format === 'J' || row.format === 'jalr')
    return misalignedJump(hart, instruction, context);
  // A floating-point load or store with mstatus.FS = Off.
  return illegal(hart, word, context);
}

/** Without C, a taken jump to an address between two words (cause 0, told at the jump). */
function misalignedJump(hart: Hart, { row, operands }: Instruction, context: HartContext): number {
  const base = row.format === 'jalr' ? hart.x(operands.rs1) : hart.pc;
  const target = BigInt.asUintN(context.xlen, base + BigInt(operands.imm)) & ~1n;
  return trap(hart, Cause.misalignedFetch, target, context);
}

function trap(hart: Hart, cause: number, tval: bigint, context: HartContext): number {
  takeTrap(hart, cause, tval, false, context);
  return Status.trap;
}

function illegal(hart: Hart, word: number, context: HartContext): number {
  const bits = (word & 3) === 3 ? word >>> 0 : word & 0xffff;
  return trap(hart, Cause.illegal, BigInt(bits), context);
}

/** Goes on behind the instruction; leaves when a listener asks for it or an interrupt has become possible. */
function goOn(hart: Hart, instruction: Instruction, stop: boolean, refetch: boolean, context: HartContext): number {
  if (!stop && !refetch && interruptToTake(hart, context) === undefined) return Status.done;
  hart.pc = further(hart.pc, instruction.length, context.xlen);
  return stop || interruptToTake(hart, context) !== undefined ? Status.leave : Status.jump;
}

function executeCsr(hart: Hart, instruction: Instruction, context: HartContext): number {
  const { row, operands, word } = instruction;
  const number = operands.imm;
  const kind = row.mnemonic.charAt(4) as 'w' | 's' | 'c';
  const writes = kind === 'w' || operands.rs1 !== 0;
  const csr = presentCsr(number, context);
  if (!csr || !mayAccess(hart, csr, writes, context)) return illegal(hart, word, context);
  const before = readCsr(hart, csr, context);
  if (!writes) {
    hart.setX(operands.rd, extended(before, context));
    return Status.done;
  }
  const operand = row.format === 'csri' ? BigInt(operands.rs1) : hart.x(operands.rs1);
  // SEIP's pin is no part of what set and clear read and write back (rule mip_seip_rdcsr).
  const base = number === Csr.mip ? (before & ~0x200n) | (hart.software & 0x200n) : before;
  const wanted = kind === 'w' ? operand : kind === 's' ? base | operand : base & ~operand;
  const written = BigInt.asUintN(context.xlen, wanted);
  const { pc, instret, privilege } = hart;
  if (context.listeners.hearsCsr('csr-pending', number)) {
    const pending = {
      kind: 'csr-pending',
      hart: hart.id,
      pc,
      instret,
      csr: number,
      privilege,
      written,
      before,
    } as const;
    if (context.emitBefore(hart, pending)) return Status.trap;
  }
  const after = writeCsr(hart, csr, written, context);
  hart.setX(operands.rd, extended(before, context));
  const heard = context.listeners.hearsCsr('csr-write', number);
  const stop =
    heard &&
    context.emit({
      kind: 'csr-write',
      hart: hart.id,
      pc,
      instret,
      csr: number,
      privilege,
      written,
      before,
      after,
    });
  return goOn(hart, instruction, stop, number === Csr.satp || csr.extension === 'PMP', context);
}

/** CSR values are XLEN wide, registers hold them sign-extended. */
const extended = (value: bigint, context: HartContext) => BigInt.asUintN(64, BigInt.asIntN(context.xlen, value));

function executeSystem(hart: Hart, instruction: Instruction, context: HartContext): number {
  const { row, operands, word } = instruction;
  const mstatus = hart.raw(Csr.mstatus);
  switch (row.mnemonic) {
    case 'fence.i':
      // Stores are seen by decoded code at once.
      return tellAndGoOn(hart, instruction, { kind: 'fence-i' }, context);
    case 'ecall':
      return executeEcall(hart, instruction, context);
    case 'ebreak':
      return trap(hart, Cause.breakpoint, hart.pc, context);
    case 'mret':
      if (hart.privilege < Privilege.M) return illegal(hart, word, context);
      return afterReturn(hart, returnFromTrap(hart, false, context), context);
    case 'sret': {
      const forbidden = hart.privilege === Privilege.S && mstatus & Mstatus.TSR;
      if (hart.privilege < Privilege.S || forbidden) return illegal(hart, word, context);
      return afterReturn(hart, returnFromTrap(hart, true, context), context);
    }
    case 'wfi': {
      // With TW, or in U-mode, waiting is not allowed to last: it is illegal at once.
      if (hart.privilege === Privilege.U || (hart.privilege === Privilege.S && mstatus & Mstatus.TW)) {
        return illegal(hart, word, context);
      }
      const waits = (pendingBits(hart, context) & hart.raw(Csr.mie)) === 0n;
      if (!waits) return tellAndGoOn(hart, instruction, { kind: 'wfi', waits }, context);
      tell(hart, { kind: 'wfi', waits }, context);
      hart.state = 'waiting';
      hart.pc = further(hart.pc, instruction.length, context.xlen);
      return Status.leave;
    }
    case 'wrs.nto':
      if (hart.privilege < Privilege.M && mstatus & Mstatus.TW) return illegal(hart, word, context);
      return Status.done;
    case 'wrs.sto':
      // A wait may end for any reason; harts take turns, so this one ends at once.
      return Status.done;
    case 'sfence.w.inval':
    case 'sfence.inval.ir':
      // Everything is in order already.
      return hart.privilege < Privilege.S ? illegal(hart, word, context) : Status.done;
    default: {
      // sfence.vma and sinval.vma
      const forbidden = hart.privilege === Privilege.S && mstatus & Mstatus.TVM;
      if (hart.privilege < Privilege.S || forbidden) return illegal(hart, word, context);
      const address = operands.rs1 ? virt(BigInt.asUintN(context.xlen, hart.x(operands.rs1))) : undefined;
      const asid = operands.rs2 ? Number(hart.x(operands.rs2) & 0xffffn) : undefined;
      context.forgetTranslations(hart, address, asid === undefined ? undefined : asid & asidMask(context.xlen));
      const stop = tell(hart, { kind: 'sfence', address, asid }, context);
      return goOn(hart, instruction, stop, true, context);
    }
  }
}

type Told =
  | Pick<InstructionFenceEvent, 'kind'>
  | Pick<WaitEvent, 'kind' | 'waits'>
  | Omit<FenceEvent, 'hart' | 'pc' | 'instret'>;

/** Tells of the instruction at pc, which retires; true = a listener wants to stop. */
function tell(hart: Hart, what: Told, context: HartContext): boolean {
  if (!context.listeners.hears(what.kind)) return false;
  return context.emit({ ...what, hart: hart.id, pc: hart.pc, instret: hart.instret });
}

function tellAndGoOn(hart: Hart, instruction: Instruction, what: Told, context: HartContext): number {
  return tell(hart, what, context) ? goOn(hart, instruction, true, false, context) : Status.done;
}

function afterReturn(hart: Hart, stop: boolean, context: HartContext): number {
  return stop || interruptToTake(hart, context) !== undefined ? Status.leave : Status.jump;
}

function executeEcall(hart: Hart, instruction: Instruction, context: HartContext): number {
  const delegated = (hart.raw(Csr.medeleg) >> 9n) & 1n;
  if (!context.builtinSbi || hart.privilege !== Privilege.S || delegated) {
    return trap(hart, Cause.ecallFromU + hart.privilege, 0n, context);
  }
  const { pc, instret } = hart;
  const heard = context.listeners.hears('sbi-call');
  const asked = heard && { extension: hart.x(17), function: hart.x(16), args: A0_TO_A5.map((index) => hart.x(index)) };
  const answer = context.callSbi(hart);
  const { error, value } = answer === 'halted' ? { error: 0n, value: 0n } : answer;
  const stop = asked && context.emit({ kind: 'sbi-call', hart: hart.id, pc, instret, ...asked, error, value });
  if (answer === 'halted') return Status.leave;
  hart.pc = further(pc, instruction.length, context.xlen);
  // Other harts, timers and devices may have been touched: look at everything anew.
  if (stop) return Status.leave;
  hart.attend();
  return Status.jump;
}

function executeFloat(hart: Hart, instruction: Instruction, context: HartContext): number {
  if ((hart.raw(Csr.mstatus) & Mstatus.FS) === 0n) return illegal(hart, instruction.word, context);
  const fcsr = hart.raw(Csr.fcsr);
  let dirty = false;
  const done = executeFp(instruction, {
    f: (index) => hart.f(index),
    setF: (index, value) => {
      hart.setF(index, value);
      dirty = true;
    },
    x: (index) => hart.x(index),
    setX: (index, value) => hart.setX(index, value),
    frm: Number((fcsr >> 5n) & 7n),
    raise: (flags) => {
      if (!flags) return;
      hart.setRaw(Csr.fcsr, hart.raw(Csr.fcsr) | BigInt(flags));
      dirty = true;
    },
  });
  if (!done) return illegal(hart, instruction.word, context);
  if (dirty) markFpDirty(hart, context.xlen);
  return Status.done;
}
