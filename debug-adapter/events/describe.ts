// Occurrences in words.

import { hex, type PhysAddr, paText } from '../../emulator/address.ts';
import { causeText } from '../../emulator/csr/causes.ts';
import { csrNumbered } from '../../emulator/csr/table.ts';
import type { CsrWriteEvent, SbiCallEvent, TrapEvent } from '../../emulator/events.ts';
import { extensions } from '../../emulator/firmware/sbi/sbi.ts';
import { decodePte } from '../../emulator/mmu/pte.ts';
import { changeText, describeSatp, malformationText, rangeText, satpText } from '../../kernel/index.ts';
import type { Occurrence } from './occurrence.ts';

const SATP = 0x180;
const privilegeNames = { 0: 'U', 1: 'S', 3: 'M' } as const;

/** What happened, without where: `satp ← Sv39, root pa:0x80210000, ASID 0 (was Bare)`. */
export function describe(occurrence: Occurrence, xlen: 32 | 64): string {
  switch (occurrence.kind) {
    case 'csr-write':
      return occurrence.csr === SATP ? describeSatp(occurrence, xlen) : describeCsr(occurrence, xlen);
    case 'csr-pending': {
      const { csr, written, before } = occurrence;
      const text = (value: bigint) => (csr === SATP ? satpText(value, xlen) : hex(value));
      return `about to write ${csrName(csr, xlen)} ← ${text(written)} (is ${text(before)})`;
    }
    case 'trap':
      return describeTrap(occurrence, xlen);
    case 'trap-return':
      return `return from ${privilegeNames[occurrence.from]} to ${privilegeNames[occurrence.to]} at ${hex(occurrence.target)}`;
    case 'privilege':
      return `${privilegeNames[occurrence.from]} → ${privilegeNames[occurrence.to]}, to ${hex(occurrence.target)}`;
    case 'paging-start': {
      const { target, mapped, satp } = occurrence;
      const fetch = `first fetch under ${satpText(satp, xlen)}: ${hex(target)}`;
      return mapped ? fetch : `${fetch} is not mapped executable`;
    }
    case 'jump-unmapped': {
      const { target, caller } = occurrence;
      return `jump to ${hex(target)}, which is not mapped executable${caller === undefined ? '' : `; ra tells of a call at ${hex(caller)}`}`;
    }
    case 'sfence': {
      const { address, asid } = occurrence;
      return `sfence.vma ${address === undefined ? 'all addresses' : hex(address)}, ${asid === undefined ? 'every ASID' : `ASID ${asid}`}`;
    }
    case 'fence-i':
      return 'fence.i';
    case 'wfi':
      return occurrence.waits ? 'wfi: waits' : 'wfi: an interrupt is pending';
    case 'sbi-call':
      return describeCall(occurrence);
    case 'hart-state':
      return `hart ${occurrence.hart} ${occurrence.state}`;
    case 'device-access': {
      const { device, access, pa, size, value } = occurrence;
      return `${access} of ${size} at ${paText(pa)} (${device}): ${hex(value)}`;
    }
    case 'ad-update': {
      const { va, pte, level, before, after } = occurrence;
      const bits = (after & ~before & 0x80n) !== 0n ? ((before & 0x40n) === 0n ? 'A and D' : 'D') : 'A';
      return `hardware sets ${bits} for ${occurrence.access} at ${hex(va)}: level-${level} PTE @${paText(pte)} ${hex(before)} → ${hex(after)}`;
    }
    case 'first-use': {
      const { va, pa, access } = occurrence;
      return `first use of the mapping of ${hex(va)}: ${access} at ${paText(pa)}`;
    }
    case 'console':
      return `printed "${occurrence.text}"`;
    case 'pte-write':
      return `level-${occurrence.level} PTE @${pteText(occurrence.pte)} for ${hex(occurrence.va)}: ${hex(occurrence.old)} → ${hex(occurrence.new)}`;
    case 'map-change': {
      const { va, size, change, more } = occurrence;
      return `${rangeText(va, size)}: ${changeText(change.before, change.after)} by ${howWritten(occurrence, xlen)}${andMore(more)}`;
    }
    case 'map-wx':
      return `${rangeText(occurrence.va, occurrence.size)} is writable and executable by ${howWritten(occurrence, xlen)}${andMore(occurrence.more)}`;
    case 'map-frame':
      return `${rangeText(occurrence.va, occurrence.size)} maps watched memory by ${howWritten(occurrence, xlen)}`;
    case 'map-malformed':
      return `malformed entry for ${hex(occurrence.va)}: ${malformed(occurrence)}, by ${howWritten(occurrence, xlen)}`;
    case 'table-write':
    case 'page-use':
      return occurrence.kind;
  }
}

function pteText(pte: PhysAddr | undefined): string {
  return pte === undefined ? '?' : paText(pte);
}

function malformed({ reason, new: raw, level, mode }: Extract<Occurrence, { readonly kind: 'map-malformed' }>): string {
  return malformationText(reason, decodePte(raw, mode), level, mode) ?? reason;
}

type Written = Extract<Occurrence, { readonly kind: 'map-change' | 'map-wx' | 'map-frame' | 'map-malformed' }>;

/** `store, level-1 PTE @pa:0x80212000: 0x0 → 0x200000cf`; of satp: `satp ← Sv39, …`. */
function howWritten({ pte, old, new: now, level }: Written, xlen: 32 | 64): string {
  if (pte === undefined) return `satp ← ${satpText(now, xlen)} (was ${satpText(old, xlen)})`;
  if (old === now) return `coming into force, level-${level} PTE @${paText(pte)} = ${hex(now)}`;
  return `store, level-${level} PTE @${paText(pte)}: ${hex(old)} → ${hex(now)}`;
}

function andMore(more: number): string {
  return more === 0 ? '' : `, and ${more} more ${more === 1 ? 'run' : 'runs'}`;
}

function csrName(csr: number, xlen: 32 | 64): string {
  return csrNumbered(csr, xlen)?.name ?? `CSR ${hex(csr)}`;
}

function describeCsr({ csr, before, after }: CsrWriteEvent, xlen: 32 | 64): string {
  return `${csrName(csr, xlen)} ← ${hex(after)} (was ${hex(before)})`;
}

function describeTrap(event: TrapEvent, xlen: 32 | 64): string {
  const { interrupt, cause, tval, fault } = event;
  const top = interrupt ? 1n << BigInt(xlen - 1) : 0n;
  const address = hasAddress(event) ? ` for ${hex(tval)}` : '';
  const pmp = fault?.refusal?.by === 'PMP' ? ` (PMP: ${fault.refusal.text})` : '';
  return `${causeText(top | BigInt(cause), xlen)}${address}${pmp}`;
}

function hasAddress({ interrupt, cause }: TrapEvent): boolean {
  return !interrupt && [0, 1, 4, 5, 6, 7, 12, 13, 15].includes(cause);
}

/** `HSM`, `legacy`, or the number. */
export function extensionName(id: bigint): string {
  if (id < 0x10n) return 'legacy';
  return extensions.find((extension) => BigInt(extension.id) === id)?.name ?? hex(id);
}

function describeCall({ extension, function: called, error }: SbiCallEvent): string {
  const name = extensionName(BigInt.asUintN(32, extension));
  const text = name === 'legacy' ? `legacy ${hex(extension)}` : `${name}/${called}`;
  const failed = BigInt.asIntN(64, error);
  return failed < 0n && name !== 'legacy' ? `SBI call ${text}: error ${failed}` : `SBI call ${text}`;
}
