// Which translation is in force for a hart: effective privilege, satp and the switches that matter.

import { type PhysAddr, phys } from '../address.ts';
import type { Access, AccessRefusal, HartView, Inspection, Privilege } from '../inspection.ts';
import { decodeSatp } from './modes.ts';
import type { Regime, WalkMemory } from './walk.ts';

const SATP = 0x180;
const MSTATUS = 0x300;
const MENVCFG = 0x30a;
const MENVCFGH = 0x31a;

/** The effective privilege of an access: MPRV makes loads and stores of M-mode use MPP (rule mstatus_mprv_ldst_op). */
export function effectivePrivilege(hart: HartView, access: Access): Privilege {
  const mstatus = hart.csr(MSTATUS) ?? 0n;
  if (access !== 'fetch' && (mstatus >> 17n) & 1n) return Number((mstatus >> 11n) & 3n) as Privilege;
  return hart.privilege;
}

/** The translation in force now for `access` on `hart`. In M-mode paging is never in force. */
export function regimeOf(machine: Inspection, hart: HartView, access: Access): Regime {
  const privilege = effectivePrivilege(hart, access);
  const satp = decodeSatp(hart.csr(SATP) ?? 0n, machine.xlen);
  return regimeUnder(machine, hart, privilege === 3 ? undefined : satp.mode, satp.root, privilege);
}

/** The translation that `mode` and `root` would give at `privilege`, with the hart's other switches as they are. */
export function regimeUnder(
  machine: Inspection,
  hart: HartView,
  mode: Regime['mode'],
  root: PhysAddr,
  privilege: Privilege,
): Regime {
  const mstatus = hart.csr(MSTATUS) ?? 0n;
  const menvcfg = (hart.csr(MENVCFG) ?? 0n) | ((hart.csr(MENVCFGH) ?? 0n) << 32n);
  return {
    mode,
    root,
    privilege,
    sum: ((mstatus >> 18n) & 1n) === 1n,
    mxr: ((mstatus >> 19n) & 1n) === 1n,
    hardwareAD: machine.paging.svadu && ((menvcfg >> 61n) & 1n) === 1n,
    pbmt: machine.paging.svpbmt && ((menvcfg >> 62n) & 1n) === 1n,
    svnapot: machine.paging.svnapot,
  };
}

/** A machine's memory as the walk reads it, without effect. The walker's own reads are checked as S-mode loads. */
export function walkMemoryOf(machine: Inspection, hart = 0): WalkMemory {
  return {
    readPte(address, size) {
      const refusal = machine.refusal(address, size, 'load', 1, hart);
      if (refusal) return refusal;
      const bytes = machine.readPhysical(address, size);
      if (bytes.length < size) return { by: 'PMA', text: 'nothing at this address' } satisfies AccessRefusal;
      return littleEndian(bytes);
    },
    refusal: (address, size, access, privilege) => machine.refusal(address, size, access, privilege, hart),
  };
}

/** An unsigned little-endian number of any length. */
export function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (let index = bytes.length - 1; index >= 0; index -= 1) value = (value << 8n) | BigInt(bytes[index] as number);
  return value;
}

/** The physical page (4 KiB) that holds `address`. */
export function pageOf(address: PhysAddr): PhysAddr {
  return phys(address & ~0xfffn);
}
