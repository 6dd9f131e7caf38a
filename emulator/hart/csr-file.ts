// Reading and writing CSRs: the table's policies, and the behaviour that a table cannot say: views, counters, timers,
// and what else changes when a register does.

import { isPresent, legalise, throughView } from '../csr/legalise.ts';
import { pmpAddressLocked } from '../csr/pmp.ts';
import { type CsrRow, isReadOnly, privilegeOf } from '../csr/row.ts';
import { csrNamed, csrNumbered } from '../csr/table.ts';
import { Privilege } from '../inspection.ts';
import type { HartContext } from './context.ts';
import { Csr, Mstatus } from './csr-numbers.ts';
import { maySeed, nextSeed, seedOf } from './entropy.ts';
import type { Hart } from './hart.ts';
import { pmpConfiguration } from './pmp.ts';
import { selectTables } from './spaces.ts';

const bit = (position: number) => 1n << BigInt(position);
const SEIP = bit(9);
const STIP = bit(5);
const TIMER = Number(STIP);
const SSIP = bit(1);
const TM = bit(1);
const STCE = bit(63);
const ADUE_PBMTE = bit(61) | bit(62);

/** Bits of mstatus that change nothing but themselves. */
const PLAIN_STATUS = Mstatus.SIE | Mstatus.MIE | Mstatus.SPIE | Mstatus.MPIE | Mstatus.SPP;

/** The CSR of this number, if this machine has it. */
export function presentCsr(number: number, context: HartContext): CsrRow | undefined {
  const row = csrNumbered(number, context.xlen);
  return row && isPresent(row, context.facts) ? row : undefined;
}

/**
 * The time (mtime ticks) at which STIP is raised; undefined where software drives STIP. The built-in SBI keeps its timer
 * in the same place, with Sstc or without.
 */
export function supervisorTimer(hart: Hart, context: HartContext): bigint | undefined {
  const sstc = context.facts.sstc && (hart.menvcfg & STCE) !== 0n;
  return sstc || context.builtinSbi ? hart.stimecmp : undefined;
}

/** Interrupts pending for the hart: devices' pins, software's bits and the supervisor timer. */
export function pendingBits(hart: Hart, context: HartContext): bigint {
  return BigInt(pendingWord(hart, context));
}

/** The same as a number: it is asked for between any two calls of generated code. */
export function pendingWord(hart: Hart, context: HartContext): number {
  const sstc = context.facts.sstc && hart.hasStce;
  if (!sstc && !context.builtinSbi) return hart.pinBits | hart.softwareBits;
  const due = hart.isTimerDue(context.ticks(hart), context.mtime) ? TIMER : 0;
  return hart.pinBits | (hart.softwareBits & ~TIMER) | due;
}

/** What a read gives, without privilege checks; XLEN bits, unsigned. */
export function readCsr(hart: Hart, row: CsrRow, context: HartContext): bigint {
  return BigInt.asUintN(context.xlen, readWhole(hart, row, context));
}

function readWhole(hart: Hart, row: CsrRow, context: HartContext): bigint {
  switch (row.number) {
    case Csr.mip:
      return pendingBits(hart, context);
    case Csr.sip:
      return pendingBits(hart, context) & hart.raw(Csr.mideleg) & (row.viewOf?.mask ?? 0n);
    case Csr.sie:
      return hart.raw(Csr.mie) & hart.raw(Csr.mideleg) & (row.viewOf?.mask ?? 0n);
    case Csr.time:
      return context.mtime(hart);
    case Csr.timeh:
      return context.mtime(hart) >> 32n;
    case Csr.minstret:
    case Csr.instret:
      return instretOf(hart);
    case Csr.minstreth:
    case Csr.instreth:
      return instretOf(hart) >> 32n;
    case Csr.mcycle:
    case Csr.cycle:
      return cycleOf(hart);
    case Csr.mcycleh:
    case Csr.cycleh:
      return cycleOf(hart) >> 32n;
    case Csr.seed:
      return seedOf(hart);
    case Csr.mhartid:
      return BigInt(hart.id);
    case Csr.misa:
      return context.facts.misa;
    case Csr.tinfo:
      return row.reset ?? 0n;
    case Csr.fflags:
      return hart.raw(Csr.fcsr) & 0x1fn;
    case Csr.frm:
      return (hart.raw(Csr.fcsr) >> 5n) & 7n;
  }
  if (!row.viewOf) return hart.raw(row.number);
  const viewed = csrNamed(row.viewOf.csr, context.xlen);
  return viewed ? readCsr(hart, viewed, context) & row.viewOf.mask : 0n;
}

const [CY, IR] = [1n, 4n];

/** minstret: what has retired and an offset; while mcountinhibit.IR is set the offset alone. */
function instretOf(hart: Hart): bigint {
  const running = hart.raw(Csr.mcountinhibit) & IR ? 0n : hart.instret;
  return BigInt.asUintN(64, running + hart.instretOffset);
}

/** mcycle: an instruction or a trap is a cycle. */
function cycleOf(hart: Hart): bigint {
  const running = hart.raw(Csr.mcountinhibit) & CY ? 0n : hart.instret + BigInt(hart.traps + hart.trapsInRun);
  return BigInt.asUintN(64, running + hart.cycleOffset);
}

/** Makes the counters show these values at the next instruction. */
function setInstret(hart: Hart, value: bigint): void {
  hart.instretOffset = 0n;
  const next = hart.raw(Csr.mcountinhibit) & IR ? 0n : instretOf(hart) + 1n;
  hart.instretOffset = BigInt.asUintN(64, value - next);
}

function setCycle(hart: Hart, value: bigint): void {
  hart.cycleOffset = 0n;
  const next = hart.raw(Csr.mcountinhibit) & CY ? 0n : cycleOf(hart) + 1n;
  hart.cycleOffset = BigInt.asUintN(64, value - next);
}

/** The 64-bit counter with one of its parts written: all of it, or on RV32 a half. */
function withPart(counter: bigint, number: number, written: bigint, context: HartContext): bigint {
  if (context.xlen === 64) return written;
  const upper = number === Csr.minstreth || number === Csr.mcycleh;
  return upper ? BigInt.asUintN(32, counter) | (written << 32n) : (counter & ~0xffff_ffffn) | written;
}

/** Why an access is an illegal instruction (rules of "CSR Address Mapping Conventions" and of the single switches). */
export function mayAccess(hart: Hart, row: CsrRow, write: boolean, context: HartContext): boolean {
  const { number } = row;
  if (hart.privilege < privilegeOf(number) || (write && isReadOnly(number))) return false;
  if (row.extension === 'F' && (hart.raw(Csr.mstatus) & Mstatus.FS) === 0n) return false;
  if (number === Csr.satp && hart.privilege === Privilege.S && (hart.raw(Csr.mstatus) & Mstatus.TVM) !== 0n)
    return false;
  if ((number === Csr.stimecmp || number === Csr.stimecmph) && hart.privilege < Privilege.M) {
    return (hart.menvcfg & STCE) !== 0n && (hart.raw(Csr.mcounteren) & TM) !== 0n && context.facts.sstc;
  }
  if (number === Csr.seed) return maySeed(hart, write);
  if (number === Csr.senvcfg || isStateEnable(number)) return stateEnabled(hart, number, context);
  const counter = number & ~0x80;
  if (counter >= Csr.cycle && counter < Csr.cycle + 32) {
    const enable = bit(counter - Csr.cycle);
    if (hart.privilege < Privilege.M && (hart.raw(Csr.mcounteren) & enable) === 0n) return false;
    if (hart.privilege === Privilege.U && (hart.raw(Csr.scounteren) & enable) === 0n) return false;
  }
  return true;
}

const isStateEnable = (number: number) => number >= Csr.sstateen0 && number < Csr.sstateen0 + 4;

/** S-mode reaches senvcfg and sstateen only as far as mstateen lets it, where there is mstateen. */
function stateEnabled(hart: Hart, number: number, context: HartContext): boolean {
  if (hart.privilege === Privilege.M || !context.facts.extensions.has('smstateen')) return true;
  const index = number === Csr.senvcfg ? 0 : number - Csr.sstateen0;
  const enables = hart.raw(Csr.mstateen0 + index) | (hart.raw(Csr.mstateen0h + index) << 32n);
  return (enables & bit(number === Csr.senvcfg ? 62 : 63)) !== 0n;
}

/** Writes, as M-mode would; returns what a read then gives. */
export function writeCsr(hart: Hart, row: CsrRow, written: bigint, context: HartContext): bigint {
  const before = readCsr(hart, row, context);
  switch (row.number) {
    case Csr.mip:
      hart.software = legalise(row, hart.software, written, context.facts) & (SSIP | STIP | SEIP);
      return readCsr(hart, row, context);
    case Csr.sip: {
      const writable = SSIP & hart.raw(Csr.mideleg);
      hart.software = (hart.software & ~writable) | (written & writable);
      return readCsr(hart, row, context);
    }
    case Csr.sie: {
      const writable = hart.raw(Csr.mideleg) & (row.viewOf?.mask ?? 0n);
      hart.setRaw(Csr.mie, (hart.raw(Csr.mie) & ~writable) | (written & writable));
      return readCsr(hart, row, context);
    }
    case Csr.fflags:
    case Csr.frm:
    case Csr.fcsr:
      writeFcsr(hart, row.number, written, context);
      return readCsr(hart, row, context);
    case Csr.seed:
      nextSeed(hart);
      return readCsr(hart, row, context);
    // The writing instruction itself does not count (rule mcycle_minstret_wr).
    case Csr.minstret:
    case Csr.minstreth: {
      const counter = withPart(instretOf(hart), row.number, written, context);
      setInstret(hart, counter);
      return BigInt.asUintN(context.xlen, written);
    }
    case Csr.mcycle:
    case Csr.mcycleh: {
      const counter = withPart(cycleOf(hart), row.number, written, context);
      setCycle(hart, counter);
      return BigInt.asUintN(context.xlen, written);
    }
  }
  if (row.number === Csr.sstatus && ((before ^ written) & ~PLAIN_STATUS) === 0n) {
    const plain = (before ^ written) & (row.viewOf?.mask ?? 0n);
    hart.setRaw(Csr.mstatus, hart.raw(Csr.mstatus) ^ plain);
    return before ^ plain;
  }
  if (row.number >= Csr.pmpaddr0 && row.number < Csr.pmpaddrEnd && addressLocked(hart, row.number, context))
    return before;
  if (row.viewOf) {
    const viewed = csrNamed(row.viewOf.csr, context.xlen);
    if (!viewed) return before;
    const held = legalise(row, before, written, context.facts);
    writeCsr(hart, viewed, throughView(row, readCsr(hart, viewed, context), held), context);
    return readCsr(hart, row, context);
  }
  const after = legalise(row, before, written, context.facts);
  if (row.number === Csr.mcountinhibit) {
    inhibit(hart, after);
    return after;
  }
  hart.setRaw(row.number, after);
  if (after !== before) changed(hart, row, before ^ after, context);
  if (row.number === Csr.stimecmp || row.number === Csr.stimecmph) context.rescheduled(hart);
  return after;
}

/** Counters stop at, or go on from, what they show. */
function inhibit(hart: Hart, value: bigint): void {
  const [instret, cycle] = [instretOf(hart), cycleOf(hart)];
  hart.setRaw(Csr.mcountinhibit, value);
  setInstret(hart, instret);
  setCycle(hart, cycle);
}

function addressLocked(hart: Hart, number: number, context: HartContext): boolean {
  return pmpAddressLocked(number - Csr.pmpaddr0, (entry) => pmpConfiguration(hart, entry, context.xlen));
}

function writeFcsr(hart: Hart, number: number, written: bigint, context: HartContext): void {
  const old = hart.raw(Csr.fcsr);
  const value =
    number === Csr.fflags
      ? (old & ~0x1fn) | (written & 0x1fn)
      : number === Csr.frm
        ? (old & ~0xe0n) | ((written & 7n) << 5n)
        : written & 0xffn;
  hart.setRaw(Csr.fcsr, value);
  markFpDirty(hart, context.xlen);
}

/** mstatus.FS = Dirty. */
export function markFpDirty(hart: Hart, xlen: 32 | 64): void {
  hart.setRaw(Csr.mstatus, hart.raw(Csr.mstatus) | Mstatus.FS | bit(xlen - 1));
}

function changed(hart: Hart, row: CsrRow, bits: bigint, context: HartContext): void {
  if (row.number === Csr.mstatus) {
    if (bits & (Mstatus.MPRV | Mstatus.SUM | Mstatus.MPP)) selectTables(hart);
    if (bits & Mstatus.MXR) context.regimeChanged(hart);
  } else if (row.number === Csr.satp) {
    context.spaceChanged(hart);
  } else if (row.number === Csr.menvcfg || row.number === Csr.menvcfgh) {
    if (bits & (row.number === Csr.menvcfg ? ADUE_PBMTE : ADUE_PBMTE >> 32n)) context.regimeChanged(hart);
    context.rescheduled(hart);
  } else if (row.extension === 'PMP') {
    context.pmpChanged(hart);
  }
}
