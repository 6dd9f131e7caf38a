// The explained page-table walk: the specification of translation in this project (privileged manual, "Virtual Address
// Translation Process"). It records every step and fails with a reason, never with an exception code; `cause.ts` maps
// reason × access to the code. Nothing is written: what the hardware would set is in `sets`.

import { type PhysAddr, phys, plus, type VirtAddr } from '../address.ts';
import type { Access, AccessRefusal, Privilege } from '../inspection.ts';
import { entriesOf, isCanonical, type PagingMode, spanOf, vpn } from './modes.ts';
import { decodePte, type Pte } from './pte.ts';

/** Everything besides the address that decides a translation. */
export interface Regime {
  /** undefined = Bare: the physical address is the virtual one. */
  readonly mode: PagingMode | undefined;
  readonly root: PhysAddr;
  /** The effective privilege (MPRV applied). */
  readonly privilege: Privilege;
  /** mstatus.SUM and MXR. */
  readonly sum: boolean;
  readonly mxr: boolean;
  /** A and D are set by hardware; false = Svade: a clear bit faults. */
  readonly hardwareAD: boolean;
  /** Svpbmt is in force (extension present and menvcfg.PBMTE set). */
  readonly pbmt: boolean;
  readonly svnapot: boolean;
}

/** What the walk reads memory through. */
export interface WalkMemory {
  /** The PTE at `address`, or why it could not be read. */
  readPte(address: PhysAddr, size: 4 | 8): bigint | AccessRefusal;
  /** Why the final access (or the A/D write-back) would be refused; undefined = allowed. */
  refusal(address: PhysAddr, size: number, access: Access, privilege: Privilege): AccessRefusal | undefined;
}

/** Why a translation failed. Names are the project's; the rule of the manual is in `docs/`. */
export type FaultReason =
  | 'non-canonical'
  | 'pte-unreadable'
  | 'not-valid'
  | 'write-without-read'
  | 'reserved-bits'
  | 'reserved-memory-type'
  | 'reserved-napot'
  | 'pointer-with-leaf-bits'
  | 'pointer-at-last-level'
  | 'misaligned-superpage'
  | 'user-page'
  | 'not-user-page'
  | 'not-readable'
  | 'not-writable'
  | 'not-executable'
  | 'accessed-clear'
  | 'dirty-clear'
  | 'ad-update-refused'
  | 'access-refused';

/** One PTE that the walk looked at. */
export interface WalkStep {
  readonly level: number;
  readonly index: number;
  /** Where the table is. */
  readonly table: PhysAddr;
  /** Where the PTE is. */
  readonly address: PhysAddr;
  /** undefined when it could not be read. */
  readonly pte: Pte | undefined;
}

interface WalkBase {
  readonly va: VirtAddr;
  readonly access: Access;
  readonly regime: Regime;
  /** From the root down; empty for Bare and for a non-canonical address. */
  readonly steps: readonly WalkStep[];
}

export interface WalkSuccess extends WalkBase {
  readonly ok: true;
  readonly pa: PhysAddr;
  /** The leaf's level; undefined for Bare. */
  readonly level: number | undefined;
  /** Bytes that the leaf maps (64 KiB for NAPOT; 4 KiB for Bare). */
  readonly pageSize: bigint;
  /** The leaf; undefined for Bare. */
  readonly leaf: Pte | undefined;
  /** PTE bits that the hardware sets on this access (A, or A and D); 0 = none. */
  readonly sets: bigint;
}

export interface WalkFailure extends WalkBase {
  readonly ok: false;
  readonly reason: FaultReason;
  /** For the refused reads and accesses. */
  readonly refusal?: AccessRefusal;
  /** With `access-refused`: bits that the hardware has set in the leaf before memory refused. */
  readonly sets?: bigint;
}

export type Walk = WalkSuccess | WalkFailure;

const PAGE = 4096n;

/** Translates `va` for `access` of `size` bytes (within one page) and says how. */
export function walk(memory: WalkMemory, regime: Regime, va: VirtAddr, access: Access, size = 1): Walk {
  const steps: WalkStep[] = [];
  const base = { va, access, regime, steps };
  const fail = (reason: FaultReason, refusal?: AccessRefusal): WalkFailure =>
    refusal ? { ...base, ok: false, reason, refusal } : { ...base, ok: false, reason };
  const finish = (
    pa: PhysAddr,
    level: number | undefined,
    pageSize: bigint,
    leaf: Pte | undefined,
    sets: bigint,
  ): Walk => {
    const refusal = memory.refusal(pa, size, access, regime.privilege);
    if (refusal) return { ...fail('access-refused', refusal), sets };
    // Written out: spreading an object is slow, and every access of a device comes by here.
    return { va, access, regime, steps, ok: true, pa, level, pageSize, leaf, sets };
  };

  const mode = regime.mode;
  if (!mode) return finish(phys(va), undefined, PAGE, undefined, 0n);
  if (!isCanonical(mode, va)) return fail('non-canonical');

  let table = regime.root;
  for (let level = mode.levels - 1; ; level -= 1) {
    const index = vpn(mode, va, level);
    const address = plus(table, index * mode.pteSize);
    const raw = memory.readPte(address, mode.pteSize);
    if (typeof raw !== 'bigint') {
      steps.push({ level, index, table, address, pte: undefined });
      return fail('pte-unreadable', raw);
    }
    const pte = decodePte(raw, mode);
    steps.push({ level, index, table, address, pte });

    const malformed = malformation(pte, level, mode, regime);
    if (malformed) return fail(malformed);
    if (pte.pointer) {
      table = pte.target;
      continue;
    }

    const denied = denial(pte, access, regime);
    if (denied) return fail(denied);

    let sets = 0n;
    if (!pte.a) sets |= 0x40n;
    if (access === 'store' && !pte.d) sets |= 0x80n;
    if (sets !== 0n) {
      if (!regime.hardwareAD) return fail(pte.a ? 'dirty-clear' : 'accessed-clear');
      const refusal = memory.refusal(address, mode.pteSize, 'store', 1);
      if (refusal) return fail('ad-update-refused', refusal);
    }
    const pageSize = pte.napot ? 0x10000n : spanOf(mode, level);
    const start = pte.napot ? pte.target & ~0xffffn : pte.target;
    return finish(phys(start | (va & (pageSize - 1n))), level, pageSize, pte, sets);
  }
}

/** Encodings that fault whatever the access (rules Sv39_pte_future_rsv, Sv39_pte_svpbmt_rsv, Sv39_pte_svnapot_rsv). */
export function malformation(
  pte: Pte,
  level: number,
  mode: PagingMode,
  regime: Pick<Regime, 'pbmt' | 'svnapot'>,
): FaultReason | undefined {
  if (!pte.valid) return 'not-valid';
  if (pte.w && !pte.r) return 'write-without-read';
  if (pte.reserved !== 0) return 'reserved-bits';
  if (pte.pbmt !== 'PMA' && !regime.pbmt) return 'reserved-memory-type';
  if (pte.pbmt === 'reserved') return 'reserved-memory-type';
  if (pte.napot && !regime.svnapot) return 'reserved-napot';
  if (pte.pointer) {
    if (pte.u || pte.a || pte.d || pte.pbmt !== 'PMA' || pte.napot) return 'pointer-with-leaf-bits';
    return level === 0 ? 'pointer-at-last-level' : undefined;
  }
  if (pte.napot && (level !== 0 || (pte.ppn & 15n) !== 8n)) return 'reserved-napot';
  return pte.target % spanOf(mode, level) === 0n ? undefined : 'misaligned-superpage';
}

/** Permission checks on a leaf (rules mstatus_sum_op, mstatus_mxr_op, *_page_fault_no_*). */
function denial(pte: Pte, access: Access, regime: Regime): FaultReason | undefined {
  if (pte.u && regime.privilege === 1 && (access === 'fetch' || !regime.sum)) return 'user-page';
  if (!pte.u && regime.privilege === 0) return 'not-user-page';
  if (access === 'fetch') return pte.x ? undefined : 'not-executable';
  if (access === 'store') return pte.w ? undefined : 'not-writable';
  return pte.r || (regime.mxr && pte.x) ? undefined : 'not-readable';
}

/** Entries of the table at `table`, for those who list tables rather than walk one address. */
export function readTable(
  memory: WalkMemory,
  mode: PagingMode,
  table: PhysAddr,
): { readonly index: number; readonly address: PhysAddr; readonly pte: Pte }[] {
  const present: { index: number; address: PhysAddr; pte: Pte }[] = [];
  for (let index = 0; index < entriesOf(mode); index += 1) {
    const address = plus(table, index * mode.pteSize);
    const raw = memory.readPte(address, mode.pteSize);
    if (typeof raw === 'bigint' && raw & 1n) present.push({ index, address, pte: decodePte(raw, mode) });
  }
  return present;
}
