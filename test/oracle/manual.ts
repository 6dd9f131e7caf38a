// What the manual says of walks where QEMU errs (docs/oracle.md), so that it cannot be the judge: each is a page table of
// one entry, an access, and how the walk must end.

import { phys, virt } from '../../emulator/address.ts';
import type { Access, AccessRefusal } from '../../emulator/inspection.ts';
import { Sv39 } from '../../emulator/mmu/modes.ts';
import { type FaultReason, type Regime, walk } from '../../emulator/mmu/walk.ts';

const root = phys(0x8000_0000);
const gigapage = 0x8000_0000n;
const [V, R, W, A, D] = [1n, 2n, 4n, 0x40n, 0x80n];
const leaf = ((gigapage >> 12n) << 10n) | V | R | W | A | D;
const nothing: AccessRefusal = { by: 'PMA', text: 'nothing at this address' };

interface Rule {
  readonly text: string;
  readonly pte: bigint | AccessRefusal;
  readonly access: Access;
  /** What memory refuses: the walker's own store. */
  readonly refuses?: Access;
  readonly ends: FaultReason;
}

export const rules: readonly Rule[] = [
  { text: 'a PTE that cannot be read is an access fault', pte: nothing, access: 'load', ends: 'pte-unreadable' },
  { text: 'PBMT 3 is reserved', pte: leaf | (3n << 61n), access: 'load', ends: 'reserved-memory-type' },
  { text: 'NAPOT is for 4 KiB pages', pte: (leaf & ~A) | (1n << 63n), access: 'load', ends: 'reserved-napot' },
  {
    text: 'memory protection holds for the setting of A and D',
    pte: leaf & ~D,
    access: 'store',
    refuses: 'store',
    ends: 'ad-update-refused',
  },
  {
    text: 'a page that is only readable faults before its memory does',
    pte: leaf & ~W,
    access: 'store',
    ends: 'not-writable',
  },
];

const regime: Regime = {
  mode: Sv39,
  root,
  privilege: 1,
  sum: false,
  mxr: false,
  hardwareAD: true,
  pbmt: true,
  svnapot: true,
};

/** How the walk of a rule ends; undefined = well. */
export function endOf({ pte, access, refuses }: Rule): FaultReason | undefined {
  const memory = {
    readPte: () => pte,
    refusal: (_: unknown, __: number, kind: Access) => (kind === refuses ? nothing : undefined),
  };
  const result = walk(memory, regime, virt(0x1234), access, 1);
  return result.ok ? undefined : result.reason;
}
