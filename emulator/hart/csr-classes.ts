// Which CSR accesses generated code may do by itself, told from the CSR table and the machine's extensions.

import type { GuestMemory } from '../core/guest-memory.ts';
import { CsrClass, shared } from '../core/layout.ts';
import { legalise } from '../csr/legalise.ts';
import type { HartContext } from './context.ts';
import { presentCsr } from './csr-file.ts';
import { Csr } from './csr-numbers.ts';

/** Registers that hold what is written and change nothing else. */
const plain = [Csr.sscratch, Csr.sepc, Csr.scause, Csr.stval, Csr.mscratch, Csr.mepc, Csr.mcause, Csr.mtval] as const;

const CSRS = 4096;

/** Fills the tables by CSR number. */
export function classifyCsrs(context: HartContext): void {
  const { guest, facts } = context;
  guest.bytes.fill(CsrClass.host, shared.csrClasses, shared.csrClasses + CSRS);
  const all = (1n << BigInt(context.xlen)) - 1n;
  for (const number of plain) {
    const row = presentCsr(number, context);
    if (row) set(guest, number, CsrClass.plain, legalise(row, 0n, all, facts));
  }
  for (const number of [Csr.stvec, Csr.mtvec]) {
    if (presentCsr(number, context)) set(guest, number, CsrClass.vector, all);
  }
  const status = presentCsr(Csr.sstatus, context);
  if (status) set(guest, Csr.sstatus, CsrClass.status, status.viewOf?.mask ?? 0n);
  const machineStatus = presentCsr(Csr.mstatus, context);
  if (machineStatus) set(guest, Csr.mstatus, CsrClass.machineStatus, legalise(machineStatus, 0n, all, facts));
  if (presentCsr(Csr.satp, context)) set(guest, Csr.satp, CsrClass.satp, 0n);
  for (const number of [Csr.time, Csr.timeh]) {
    if (presentCsr(number, context)) set(guest, number, CsrClass.time, 0n);
  }
}

function set(guest: GuestMemory, number: number, kind: number, mask: bigint): void {
  guest.bytes[shared.csrClasses + number] = kind;
  guest.quads[shared.csrMasks / 8 + number] = mask;
}

/** Leaves the writes that are heard at once to the host, which tells of them; others are kept. */
export function listenToWrites(guest: GuestMemory, heard: (number: number) => 'at once' | 'late' | undefined): void {
  const bits = { 'at once': CsrClass.listened, late: CsrClass.late } as const;
  for (let number = 0; number < CSRS; number += 1) {
    const at = shared.csrClasses + number;
    const kind = (guest.bytes[at] as number) & (CsrClass.late - 1);
    if (kind === CsrClass.host) continue;
    const how = heard(number);
    guest.bytes[at] = how ? kind | bits[how] : kind;
  }
}
