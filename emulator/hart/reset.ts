// The state of a hart at its first instruction: after reset for M-mode programs, as firmware leaves it when the SBI is
// built in.

import type { CsrFacts } from '../csr/legalise.ts';
import { Privilege } from '../inspection.ts';
import type { BootPlan } from '../loader/index.ts';
import type { HartContext } from './context.ts';
import { Csr } from './csr-numbers.ts';
import type { Hart } from './hart.ts';
import { selectTables } from './spaces.ts';

const [a0, a1, a2] = [10, 11, 12];

/** UXL and SXL: 64 bits. */
const WIDTHS_64 = 0xa_0000_0000n;
const ADUE = 1n << 61n;
const PBMTE = 1n << 62n;
const STCE = 1n << 63n;
const SSEED = 1n << 9n;
/** SE0 and ENVCFG of mstateen0. */
const STATE_ENABLES = 3n << 62n;

/** What firmware gives to S-mode: every exception but its own calls, and S-mode's interrupts. */
const DELEGATED_EXCEPTIONS = 0xb1ffn;
const DELEGATED_INTERRUPTS = 0x222n;
const ALL_COUNTERS = 0xffff_ffffn;
const BASIC_COUNTERS = 7n;
/** One PMP entry: NAPOT over everything, R W X. */
const OPEN_ADDRESS = (1n << 54n) - 1n;
const OPEN_CONFIGURATION = 0x1fn;

export function resetHart(hart: Hart, plan: BootPlan, context: HartContext): void {
  const { facts } = context;
  hart.setRaw(Csr.mstatus, context.xlen === 64 ? WIDTHS_64 : 0n);
  hart.setStimecmp(0xffff_ffff_ffff_ffffn, context.xlen);
  setEnvironment(hart, facts.svadu ? ADUE : 0n, context.xlen);
  hart.privilege = plan.privilege === 1 ? Privilege.S : Privilege.M;
  hart.pc = plan.entry;
  hart.setX(a0, BigInt(hart.id));
  hart.setX(a1, plan.dtb);
  if (plan.dynamicInfo !== undefined) hart.setX(a2, plan.dynamicInfo);
  hart.state = plan.firmware === 'builtin' && hart.id > 0 ? 'stopped' : 'started';
  if (plan.firmware === 'builtin') actAsFirmware(hart, facts);
  context.pmpChanged(hart);
  context.regimeChanged(hart);
  selectTables(hart);
}

/** Sets menvcfg, on RV32 both halves. */
function setEnvironment(hart: Hart, value: bigint, xlen: 32 | 64): void {
  hart.setRaw(Csr.menvcfg, BigInt.asUintN(xlen, value));
  if (xlen === 32) hart.setRaw(Csr.menvcfgh, value >> 32n);
}

/** Everything that S-mode may be given; cbo.inval as the flush that it may safely be. */
function environmentOf({ extensions, sstc, svpbmt }: CsrFacts): bigint {
  const cacheBlocks = (extensions.has('zicbom') ? 0x50n : 0n) | (extensions.has('zicboz') ? 0x80n : 0n);
  return cacheBlocks | (svpbmt ? PBMTE : 0n) | (sstc ? STCE : 0n);
}

function actAsFirmware(hart: Hart, facts: CsrFacts): void {
  const { xlen } = facts;
  hart.setRaw(Csr.medeleg, DELEGATED_EXCEPTIONS);
  hart.setRaw(Csr.mideleg, DELEGATED_INTERRUPTS);
  hart.setRaw(Csr.mcounteren, ALL_COUNTERS);
  hart.setRaw(Csr.scounteren, BASIC_COUNTERS);
  setEnvironment(hart, hart.menvcfg | environmentOf(facts), xlen);
  if (facts.extensions.has('zkr')) hart.setRaw(Csr.mseccfg, SSEED);
  if (facts.extensions.has('smstateen')) {
    if (xlen === 64) hart.setRaw(Csr.mstateen0, STATE_ENABLES);
    else hart.setRaw(Csr.mstateen0h, STATE_ENABLES >> 32n);
  }
  hart.setRaw(Csr.pmpaddr0, BigInt.asUintN(xlen, OPEN_ADDRESS));
  hart.setRaw(Csr.pmpcfg0, OPEN_CONFIGURATION);
}
