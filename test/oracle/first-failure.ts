// The translation process of the privileged manual, written down a second time and as plainly as possible: bit by bit, in
// the manual's order, without the tables and helpers of the machine. It says which rule fails first.

import { phys } from '../../emulator/address.ts';
import type { Inspection } from '../../emulator/inspection.ts';
import type { FaultReason } from '../../emulator/mmu/walk.ts';
import type { Attempt } from '../../kernel/index.ts';

const geometry = {
  Sv32: { levels: 2, pteSize: 4, vpnBits: 10, vaBits: 32 },
  Sv39: { levels: 3, pteSize: 8, vpnBits: 9, vaBits: 39 },
  Sv48: { levels: 4, pteSize: 8, vpnBits: 9, vaBits: 48 },
  Sv57: { levels: 5, pteSize: 8, vpnBits: 9, vaBits: 57 },
} as const;

export function firstFailure(machine: Inspection, { regime, va, access, size }: Attempt): FaultReason | 'none' {
  const refused = (pa: bigint, bytes: number, kind: typeof access, privilege: 0 | 1 | 3) =>
    machine.refusal(phys(pa), bytes, kind, privilege) !== undefined;
  const arriving = (pa: bigint) => (refused(pa, size, access, regime.privilege) ? 'access-refused' : 'none');
  if (!regime.mode) return arriving(va);

  const { levels, pteSize, vpnBits, vaBits } = geometry[regime.mode.name];
  const at = BigInt(va);
  if (vaBits !== 32) {
    const top = at >> BigInt(vaBits - 1);
    const ones = (1n << BigInt(64 - vaBits + 1)) - 1n;
    if (top !== 0n && top !== ones) return 'non-canonical';
  }
  let table = BigInt(regime.root);
  for (let i = levels - 1; i >= 0; i -= 1) {
    const shift = BigInt(12 + vpnBits * i);
    const index = (at >> shift) & ((1n << BigInt(vpnBits)) - 1n);
    const address = table + index * BigInt(pteSize);
    if (refused(address, pteSize, 'load', 1)) return 'pte-unreadable';
    let pte = 0n;
    for (const [place, byte] of machine.readPhysical(phys(address), pteSize).entries())
      pte |= BigInt(byte) << BigInt(place * 8);
    const [v, r, w, x, u, , a, d] = Array.from({ length: 8 }, (_, place) => (pte >> BigInt(place)) & 1n);
    const n = pteSize === 8 ? pte >> 63n : 0n;
    const pbmt = pteSize === 8 ? (pte >> 61n) & 3n : 0n;
    const ppn = (pte >> 10n) & (pteSize === 8 ? (1n << 44n) - 1n : (1n << 22n) - 1n);
    if (v === 0n) return 'not-valid';
    if (r === 0n && w === 1n) return 'write-without-read';
    if (pteSize === 8 && ((pte >> 54n) & 0x7fn) !== 0n) return 'reserved-bits';
    if (pbmt === 3n || (pbmt !== 0n && !regime.pbmt)) return 'reserved-memory-type';
    if (n === 1n && !regime.svnapot) return 'reserved-napot';
    if (r === 0n && x === 0n) {
      if (d === 1n || a === 1n || u === 1n || n === 1n || pbmt !== 0n) return 'pointer-with-leaf-bits';
      if (i === 0) return 'pointer-at-last-level';
      table = ppn << 12n;
      continue;
    }
    if (n === 1n && (i > 0 || (ppn & 15n) !== 8n)) return 'reserved-napot';
    const low = (1n << BigInt(vpnBits * i)) - 1n;
    if ((ppn & low) !== 0n) return 'misaligned-superpage';
    if (u === 1n && regime.privilege === 1 && (access === 'fetch' || !regime.sum)) return 'user-page';
    if (u === 0n && regime.privilege === 0) return 'not-user-page';
    if (access === 'fetch' && x === 0n) return 'not-executable';
    if (access === 'store' && w === 0n) return 'not-writable';
    if (access === 'load' && r === 0n && !(regime.mxr && x === 1n)) return 'not-readable';
    if (a === 0n && !regime.hardwareAD) return 'accessed-clear';
    if (access === 'store' && d === 0n && !regime.hardwareAD) return 'dirty-clear';
    const written = a === 0n || (access === 'store' && d === 0n);
    if (written && refused(address, pteSize, 'store', 1)) return 'ad-update-refused';
    const frame = n === 1n ? (ppn & ~15n) | ((at >> 12n) & 15n) : ppn | ((at >> 12n) & low);
    return arriving((frame << 12n) | (at & 0xfffn));
  }
  return 'none';
}
