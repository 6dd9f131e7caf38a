// One hart's state: registers and raw CSRs in linear memory, the little that generated code never sees beside it.

import { type VirtAddr, virt } from '../address.ts';
import type { GuestMemory } from '../core/guest-memory.ts';
import { hartBytes, hartOffset, hartsAt } from '../core/layout.ts';
import { type HartState, Privilege } from '../inspection.ts';
import type { PmpEntry } from '../mmu/pmp.ts';
import { Csr } from './csr-numbers.ts';
import { emptyTables } from './forget.ts';

export class Hart {
  readonly id: number;
  /** Address of its block in linear memory. */
  readonly block: number;
  readonly guest: GuestMemory;
  state: HartState = 'stopped';
  /** Instructions retired, and traps taken, before the current `run`. */
  retired = 0;
  traps = 0;
  /** Budget of the current `run`, and whether an instruction is under way in it. */
  granted = 0;
  underWay = 0;
  /** The active PMP entries, kept while the PMP CSRs stay. */
  pmp: readonly PmpEntry[] = [];
  private devicePins = 0n;
  private softwarePending = 0n;
  /** `pins` and `software` as numbers. */
  pinBits = 0;
  softwareBits = 0;
  /** The address space that was given away last: see spaces.ts. */
  lastSpace = 0;
  /** What instret and cycle showed less than the counters count, after software wrote them. */
  instretOffset = 0n;
  cycleOffset = 0n;

  constructor(id: number, guest: GuestMemory) {
    this.id = id;
    this.guest = guest;
    this.block = hartsAt + id * hartBytes;
  }

  private quad(offset: number): number {
    return (this.block + offset) / 8;
  }

  private readQuad(offset: number): bigint {
    return this.guest.quads[this.quad(offset)] as bigint;
  }

  private writeQuad(offset: number, value: bigint): void {
    this.guest.quads[this.quad(offset)] = value;
  }

  /** An integer, perhaps negative, as 64 bits. */
  private writeNumber(offset: number, value: number): void {
    this.setWord(offset, value | 0);
    this.setWord(offset + 4, Math.floor(value / 2 ** 32) | 0);
  }

  /** 8 bytes of its block. */
  quadAt(offset: number): bigint {
    return this.readQuad(offset);
  }

  setQuad(offset: number, value: bigint): void {
    this.writeQuad(offset, value);
  }

  /** A copy of so many of them. */
  quadsAt(offset: number, count: number): BigUint64Array {
    const first = this.quad(offset);
    return this.guest.quads.slice(first, first + count);
  }

  word(offset: number): number {
    return this.guest.words[(this.block + offset) / 4] as number;
  }

  setWord(offset: number, value: number): void {
    this.guest.words[(this.block + offset) / 4] = value;
  }

  get privilege(): Privilege {
    return this.word(hartOffset.privilege) as Privilege;
  }

  set privilege(value: Privilege) {
    this.setWord(hartOffset.privilege, value);
  }

  /** mip bits that devices drive. */
  get pins(): bigint {
    return this.devicePins;
  }

  set pins(value: bigint) {
    this.devicePins = value;
    this.pinBits = Number(value);
    this.setWord(hartOffset.interruptible, 1);
  }

  /** mip bits that software has set. */
  get software(): bigint {
    return this.softwarePending;
  }

  set software(value: bigint) {
    this.softwarePending = value;
    this.softwareBits = Number(value);
    this.setWord(hartOffset.interruptible, 1);
  }

  get pc(): VirtAddr {
    return virt(this.readQuad(hartOffset.pc));
  }

  set pc(value: bigint) {
    this.writeQuad(hartOffset.pc, value);
  }

  x(index: number): bigint {
    return index === 0 ? 0n : this.readQuad(hartOffset.x + index * 8);
  }

  setX(index: number, value: bigint): void {
    if (index) this.writeQuad(hartOffset.x + index * 8, BigInt.asUintN(64, value));
  }

  f(index: number): bigint {
    return this.readQuad(hartOffset.f + index * 8);
  }

  setF(index: number, value: bigint): void {
    this.writeQuad(hartOffset.f + index * 8, BigInt.asUintN(64, value));
  }

  /** The stored value of a CSR; views and counters are not stored. */
  raw(number: number): bigint {
    return this.readQuad(hartOffset.csr + number * 8);
  }

  /** Its low 32 bits. */
  rawWord(number: number): number {
    return this.word(hartOffset.csr + number * 8);
  }

  setRaw(number: number, value: bigint): void {
    if (number === Csr.mie) this.setWord(hartOffset.interruptible, 1);
    this.writeQuad(hartOffset.csr + number * 8, value);
  }

  /** Both halves; on RV64 there is no upper register, and its place holds 0. */
  get menvcfg(): bigint {
    return this.raw(Csr.menvcfg) | (this.raw(Csr.menvcfgh) << 32n);
  }

  /** menvcfg.STCE, bit 63. */
  get hasStce(): boolean {
    return (this.word(hartOffset.csr + Csr.menvcfg * 8 + 4) | this.rawWord(Csr.menvcfgh)) < 0;
  }

  /** Whether stimecmp is no later than mtime, which is also given as a number. */
  isTimerDue(ticks: number, mtime: (hart: Hart) => bigint): boolean {
    const upper = this.word(hartOffset.csr + Csr.stimecmp * 8 + 4) | this.rawWord(Csr.stimecmph);
    // From 2^53 on numbers are not exact.
    if (upper >>> 21) return mtime(this) >= this.stimecmp;
    return ticks >= upper * 2 ** 32 + (this.rawWord(Csr.stimecmp) >>> 0);
  }

  get stimecmp(): bigint {
    return this.raw(Csr.stimecmp) | (this.raw(Csr.stimecmph) << 32n);
  }

  /** Guest time (ns) when the granted budget is used up. */
  set clock(nanoseconds: number) {
    this.writeNumber(hartOffset.clock, nanoseconds);
  }

  /** What instret will be when the granted budget is used up, but for traps. */
  set lastInstret(instructions: number) {
    this.writeNumber(hartOffset.lastInstret, instructions);
  }

  /** Ticks that mtime is ahead of guest time. */
  set mtimeOffset(ticks: bigint) {
    this.setQuad(hartOffset.mtimeOffset, BigInt.asUintN(64, ticks));
  }

  setStimecmp(ticks: bigint, xlen: 32 | 64): void {
    this.setRaw(Csr.stimecmp, BigInt.asUintN(xlen, ticks));
    if (xlen === 32) this.setRaw(Csr.stimecmph, ticks >> 32n);
  }

  /** Address and value of the slow access under way. */
  get accessAddress(): VirtAddr {
    return virt(this.readQuad(hartOffset.address));
  }

  get accessValue(): bigint {
    return this.readQuad(hartOffset.value);
  }

  set accessValue(value: bigint) {
    this.writeQuad(hartOffset.value, value);
  }

  /** Of the budget of the current `run`, what was used so far, by instructions and by traps. */
  get usedInRun(): number {
    if (!this.granted) return 0;
    return this.granted - this.word(hartOffset.left) - this.word(hartOffset.stash) - this.underWay;
  }

  /** Traps that generated code has taken in the current `run`. */
  get trapsInRun(): number {
    return this.word(hartOffset.trapsInRun);
  }

  get instret(): bigint {
    return BigInt(this.retired + this.usedInRun - this.trapsInRun);
  }

  /** Asks generated code to return after the current instruction. */
  attend(): void {
    this.setWord(hartOffset.interruptible, 1);
    this.setWord(hartOffset.attention, 1);
  }

  dropReservation(): void {
    this.setWord(hartOffset.reservation, 0);
  }

  /** Registers, CSRs and counters to zero; nothing cached. */
  clear(): void {
    emptyTables(this);
    this.guest.bytes.fill(0, this.block, this.block + hartOffset.tlb);
    this.privilege = Privilege.M;
    this.state = 'stopped';
    this.retired = 0;
    this.traps = 0;
    this.granted = 0;
    this.underWay = 0;
    this.pins = 0n;
    this.software = 0n;
    this.lastSpace = 0;
    this.instretOffset = 0n;
    this.cycleOffset = 0n;
    const { regions, pages } = this.guest;
    this.setWord(hartOffset.pmp, regions.pmp + this.id * pages);
  }
}
