// Taking traps and returning from them (privileged manual, chapters "Machine-Level ISA" and "Supervisor-Level ISA").

import { virt } from '../address.ts';
import { Privilege } from '../inspection.ts';
import type { WalkFailure } from '../mmu/walk.ts';
import type { HartContext } from './context.ts';
import { pendingWord } from './csr-file.ts';
import { Csr, Mstatus } from './csr-numbers.ts';
import type { Hart } from './hart.ts';
import { selectTables } from './spaces.ts';

const [SIE, MIE] = [Number(Mstatus.SIE), Number(Mstatus.MIE)];

/** Interrupts by priority, highest first (rule intr_M_mode_pri). */
const priority = [11, 3, 7, 9, 1, 5];

/** The code of the interrupt to be taken now, or undefined. */
export function interruptToTake(hart: Hart, context: HartContext): number | undefined {
  const pending = pendingWord(hart, context) & hart.rawWord(Csr.mie);
  if (pending === 0) return undefined;
  const mstatus = hart.rawWord(Csr.mstatus);
  const delegated = hart.rawWord(Csr.mideleg);
  const { privilege } = hart;
  const machine = privilege < Privilege.M || mstatus & MIE ? pending & ~delegated : 0;
  const supervisor = privilege < Privilege.S || (privilege === Privilege.S && mstatus & SIE) ? pending & delegated : 0;
  const candidates = machine || supervisor;
  return priority.find((code) => (candidates >>> code) & 1);
}

/** A trap is about to be taken for the instruction at pc, which does not retire. */
export function takeTrap(
  hart: Hart,
  cause: number,
  tval: bigint,
  interrupt: boolean,
  context: HartContext,
  fault?: WalkFailure,
): boolean {
  const pc = hart.pc;
  const instret = hart.instret;
  const from = hart.privilege;
  const mstatus = hart.raw(Csr.mstatus);
  const delegation = hart.raw(interrupt ? Csr.mideleg : Csr.medeleg);
  const to = from < Privilege.M && (delegation >> BigInt(cause)) & 1n ? Privilege.S : Privilege.M;
  const supervisor = to === Privilege.S;
  const topBit = interrupt ? 1n << BigInt(context.xlen - 1) : 0n;

  hart.setRaw(supervisor ? Csr.sepc : Csr.mepc, pc);
  hart.setRaw(supervisor ? Csr.scause : Csr.mcause, topBit | BigInt(cause));
  hart.setRaw(supervisor ? Csr.stval : Csr.mtval, tval);
  hart.setRaw(Csr.mstatus, stacked(mstatus, from, supervisor));
  hart.privilege = to;
  selectTables(hart);
  hart.dropReservation();
  const vector = hart.raw(supervisor ? Csr.stvec : Csr.mtvec);
  const handler = (vector & ~3n) + (interrupt && vector & 1n ? BigInt(cause * 4) : 0n);
  hart.pc = BigInt.asUintN(context.xlen, handler);
  if (!context.listeners.hears('trap')) return false;
  return context.emit({
    kind: 'trap',
    hart: hart.id,
    pc,
    instret,
    interrupt,
    cause,
    tval,
    from,
    to,
    handler: virt(handler),
    mstatus,
    ...(fault && { fault }),
  });
}

/** xPIE = xIE, xIE = 0, xPP = the privilege that was left. */
function stacked(mstatus: bigint, from: Privilege, supervisor: boolean): bigint {
  if (supervisor) {
    const kept = mstatus & ~(Mstatus.SPIE | Mstatus.SIE | Mstatus.SPP);
    return kept | (mstatus & Mstatus.SIE ? Mstatus.SPIE : 0n) | (from ? Mstatus.SPP : 0n);
  }
  const kept = mstatus & ~(Mstatus.MPIE | Mstatus.MIE | Mstatus.MPP);
  return kept | (mstatus & Mstatus.MIE ? Mstatus.MPIE : 0n) | (BigInt(from) << 11n);
}

/** mret or sret: the state after it, pc at the target. True = a listener wants to stop. */
export function returnFromTrap(hart: Hart, supervisor: boolean, context: HartContext): boolean {
  const pc = hart.pc;
  const instret = hart.instret;
  const from = hart.privilege;
  const mstatus = hart.raw(Csr.mstatus);
  let to: Privilege;
  let next: bigint;
  if (supervisor) {
    to = mstatus & Mstatus.SPP ? Privilege.S : Privilege.U;
    next = mstatus & ~(Mstatus.SIE | Mstatus.SPP);
    if (mstatus & Mstatus.SPIE) next |= Mstatus.SIE;
    next |= Mstatus.SPIE;
  } else {
    to = Number((mstatus & Mstatus.MPP) >> 11n) as Privilege;
    next = mstatus & ~(Mstatus.MIE | Mstatus.MPP);
    if (mstatus & Mstatus.MPIE) next |= Mstatus.MIE;
    next |= Mstatus.MPIE;
  }
  // Rule mstatus_mprv_clr_mret_sret_less_priv.
  if (to !== Privilege.M) next &= ~Mstatus.MPRV;
  hart.setRaw(Csr.mstatus, next);
  hart.privilege = to;
  selectTables(hart);
  const target = hart.raw(supervisor ? Csr.sepc : Csr.mepc);
  hart.pc = target;
  if (!context.listeners.hears('trap-return')) return false;
  return context.emit({ kind: 'trap-return', hart: hart.id, pc, instret, from, to, target: virt(target) });
}
