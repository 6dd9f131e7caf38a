// One hart's state: registers and raw CSRs in linear memory, the little that generated code never sees beside it.

import { type VirtAddr, virt } from '../address.ts';
import type { GuestMemory } from '../core/guest-memory.ts';
import {
  chunkBytes,
  Filled,
  hartBytes,
  hartOffset,
  hartsAt,
  spaceBytes,
  spaces,
  superpageRegions,
  Tlb,
  tlbBytes,
  tlbEmpty,
  tlbEntries,
  tlbEntryBytes,
  tlbField,
  WATCHED,
  watchField,
} from '../core/layout.ts';
import { type HartState, Privilege } from '../inspection.ts';
import { decodeSatp } from '../mmu/modes.ts';
import type { PmpEntry } from '../mmu/pmp.ts';
import { Csr } from './csr-numbers.ts';
import { emptyTables } from './forget.ts';

export const Mstatus = {
  SIE: 1n << 1n,
  MIE: 1n << 3n,
  SPIE: 1n << 5n,
  MPIE: 1n << 7n,
  SPP: 1n << 8n,
  MPP: 3n << 11n,
  FS: 3n << 13n,
  MPRV: 1n << 17n,
  SUM: 1n << 18n,
  MXR: 1n << 19n,
  TVM: 1n << 20n,
  TW: 1n << 21n,
  TSR: 1n << 22n,
} as const;

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
  /** The address space that was given away last. */
  private lastSpace = 0;
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

  /** Whether bytes are watched in the page, and whether for loads, too. */
  private watchedIn(address: bigint): { readonly stores: boolean; readonly loads: boolean } {
    const list = hartOffset.watched;
    const found = { stores: false, loads: false };
    for (let index = 0; index < this.word(list + watchField.count); index += 1) {
      const at = list + watchField.ranges + index * 16;
      if (address < (this.readQuad(at) & ~0xfffn) || address > (this.readQuad(at + 8) | 0xfffn)) continue;
      found.stores = true;
      found.loads ||= ((this.word(list + watchField.loads) >> index) & 1) !== 0;
    }
    return found;
  }

  /** Address of the entry of the table in force that is about to hold a translation of the address. */
  entryFor(address: bigint, inForce: typeof hartOffset.fetchTlb | typeof hartOffset.dataTlb): number {
    const index = Number((address >> 12n) & BigInt(tlbEntries - 1));
    const entry = this.word(inForce) + index * tlbEntryBytes;
    const chunk = Math.floor((entry - this.block - hartOffset.tlb) / chunkBytes);
    (this.guest.bytes[this.block + hartOffset.tlbUsed + chunk] as number) |= Filled.own;
    return entry;
  }

  /** Keeps a translation that the fast walk does not find by itself; `host` is the page's frame. */
  remember(address: bigint, host: number, readable: boolean, writable: boolean, wide: boolean): void {
    const { quads, words, bytes } = this.guest;
    const entry = this.entryFor(address, hartOffset.dataTlb);
    const tag = address & ~0xfffn;
    const watched = this.watchedIn(address);
    const tagOf = (isWatched: boolean) => (isWatched ? tag | BigInt(WATCHED) : tag);
    bytes.fill(tlbEmpty, entry, entry + tlbField.addend);
    if (readable) quads[(entry + tlbField.read) / 8] = tagOf(watched.loads);
    if (readable && writable) quads[(entry + tlbField.write) / 8] = tagOf(watched.stores);
    words[(entry + tlbField.addend) / 4] = host - Number(tag & 0xffffffffn);
    if (wide) this.noteSuperpage(address);
  }

  /** Remembers that a part of the superpage is cached. */
  noteSuperpage(address: bigint): void {
    this.guest.bytes[this.block + hartOffset.superpages + Number((address >> 30n) & BigInt(superpageRegions - 1))] = 1;
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

  /** Host address of the byte at a virtual address whose page is cached for fetching, or for writing. */
  fetchedAddress(address: bigint): number | undefined {
    return this.cachedAddress(address, hartOffset.fetchTlb, tlbField.execute);
  }

  readableAddress(address: bigint): number | undefined {
    return this.cachedAddress(address, hartOffset.dataTlb, tlbField.read);
  }

  writableAddress(address: bigint): number | undefined {
    return this.cachedAddress(address, hartOffset.dataTlb, tlbField.write);
  }

  /** The decoded page that pc is fetched from; 0 where none is cached. */
  get fetchedCode(): number {
    const { quads, words } = this.guest;
    const entry = this.entryFor(this.pc, hartOffset.fetchTlb);
    if (quads[(entry + tlbField.execute) / 8] !== (this.pc & ~0xfffn)) return 0;
    return words[(entry + tlbField.code) / 4] as number;
  }

  private cachedAddress(address: bigint, table: number, tag: number): number | undefined {
    const index = Number((address >> 12n) & BigInt(tlbEntries - 1));
    const entry = this.word(table) + index * tlbEntryBytes;
    const { quads, words } = this.guest;
    if (quads[(entry + tag) / 8] !== (address & ~0xfffn)) return undefined;
    return ((words[(entry + tlbField.addend) / 4] as number) + Number(address & 0xffffffffn)) >>> 0;
  }

  /** Puts the tables in force that privilege, MPRV and SUM ask for. */
  selectTables(): void {
    const mstatus = this.raw(Csr.mstatus);
    const data = mstatus & Mstatus.MPRV ? (Number((mstatus & Mstatus.MPP) >> 11n) as Privilege) : this.privilege;
    const tableOf = (privilege: Privilege, sum: boolean) =>
      privilege === Privilege.M ? Tlb.M : privilege === Privilege.U ? Tlb.U : sum ? Tlb.SSum : Tlb.S;
    const space = this.word(hartOffset.space);
    const at = (table: number) => this.block + hartOffset.tlb + (table === Tlb.M ? 0 : space) + table * tlbBytes;
    this.setWord(hartOffset.fetchTlb, at(tableOf(this.privilege, false)));
    this.setWord(hartOffset.dataTlb, at(tableOf(data, (mstatus & Mstatus.SUM) !== 0n)));
  }

  /**
   * Puts the translations in force that are kept for satp, or else a space for new ones, which must be emptied and is
   * returned.
   */
  enterSpace(xlen: 32 | 64): number | undefined {
    const satp = this.raw(Csr.satp);
    const { asid } = decodeSatp(satp, xlen);
    const known = asid ? this.spaceKeys.indexOf(satp, 1) : -1;
    const space = known > 0 ? known : asid ? this.spaceFor(asid, xlen) : 0;
    this.spaceKeys[space] = satp;
    this.setWord(hartOffset.space, space * spaceBytes);
    this.selectTables();
    return known > 0 ? undefined : space;
  }

  /** Address spaces that may have translations. */
  get usedSpaces(): readonly number[] {
    return [...this.spaceKeys.keys()].filter((space) => space === 0 || this.spaceKeys[space] !== 0n);
  }

  /** An ASID has one space; of those with none the oldest goes. */
  private spaceFor(asid: number, xlen: 32 | 64): number {
    const its = this.spaceKeys.findIndex(
      (key, space) => space > 0 && key !== 0n && decodeSatp(key, xlen).asid === asid,
    );
    if (its > 0) return its;
    this.lastSpace = (this.lastSpace % (spaces - 1)) + 1;
    return this.lastSpace;
  }

  private get spaceKeys(): BigUint64Array {
    const first = this.quad(hartOffset.spaceKeys);
    return this.guest.quads.subarray(first, first + spaces);
  }

  /** Tells the fast walk satp's mode and root and mstatus.MXR. */
  selectPaging(xlen: 32 | 64): void {
    const { mode, root } = decodeSatp(this.raw(Csr.satp), xlen);
    this.setWord(hartOffset.levels, mode?.levels ?? 0);
    this.writeQuad(hartOffset.root, root);
    this.setWord(hartOffset.mxr, this.raw(Csr.mstatus) & Mstatus.MXR ? 1 : 0);
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
