// The rule of the privileged manual behind each reason why a translation fails (docs/specs.md has the edition).

import type { Access, AccessRefusal } from '../../emulator/inspection.ts';
import type { FaultReason, WalkFailure } from '../../emulator/mmu/walk.ts';

export interface ManualRule {
  /** Rule id; empty where the manual's step has none. */
  readonly id: string;
  /** Title of the section that holds it. */
  readonly title: string;
}

const process = 'Virtual Address Translation Process';
const protection = 'Addressing and Memory Protection';
const privilege = 'Memory Privilege in sstatus Register';
const priority = 'Priority and Matching Logic';

const permission: Readonly<Record<Access, string>> = {
  fetch: 'fetch_page_fault_no_x',
  load: 'load_page_fault_no_r',
  store: 'store_page_fault_no_w',
};

const simple: Readonly<Partial<Record<FaultReason, ManualRule>>> = {
  'not-valid': { id: '', title: process },
  'write-without-read': { id: '', title: process },
  'pointer-at-last-level': { id: '', title: process },
  'reserved-bits': { id: 'Sv39_pte_future_rsv', title: protection },
  'reserved-napot': { id: 'Svnapot_reserved_encoding_fault', title: 'Svnapot' },
  'pointer-with-leaf-bits': { id: '', title: process },
  'user-page': { id: 'sstatus_sum', title: privilege },
  'not-user-page': { id: '', title: process },
  'not-readable': { id: permission.load, title: protection },
  'not-writable': { id: permission.store, title: protection },
  'not-executable': { id: permission.fetch, title: protection },
  'accessed-clear': { id: 'svade_access_ad_bit_clear', title: protection },
  'dirty-clear': { id: 'svade_access_ad_bit_clear', title: protection },
  'ad-update-refused': { id: 'Svadu_hw_update_a_d_bits', title: 'Svadu' },
};

/** The rule that a failed walk broke. */
export function ruleOf({ reason, regime, steps, refusal }: WalkFailure): ManualRule {
  const mode = regime.mode?.name ?? '';
  if (reason === 'non-canonical') return { id: `${mode}_va_signext`, title: protection };
  if (reason === 'misaligned-superpage') {
    return {
      id: mode === 'Sv32' ? '' : `${mode}_superpage_align_fault`,
      title: mode === 'Sv32' ? process : protection,
    };
  }
  if (reason === 'reserved-memory-type') {
    const value3 = steps.at(-1)?.pte?.pbmt === 'reserved';
    if (value3) return { id: 'Svpbmt_leaf_pte_pbmt_reserved_3_fault', title: 'Svpbmt' };
    return { id: 'Sv39_pte_svpbmt_rsv', title: protection };
  }
  const pte = steps.at(-1)?.pte;
  if (reason === 'pointer-with-leaf-bits' && pte && pte.pbmt !== 'PMA') {
    return { id: 'Svpbmt_nonleaf_pte_pbmt_must_be_zero', title: 'Svpbmt' };
  }
  if (reason === 'pte-unreadable' && refusal?.by === 'PMP') {
    return { id: 'pmp_check_pagetable_access', title: 'Physical Memory Protection' };
  }
  return simple[reason] ?? refused(refusal);
}

function refused(refusal: AccessRefusal | undefined): ManualRule {
  if (refusal?.by !== 'PMP') return { id: 'pma_chk_paddr', title: 'Physical Memory Attributes' };
  if (refusal.entry === undefined) return { id: 'pmp_no_entry_match', title: priority };
  return { id: refusal.text.includes('part') ? 'pmp_full_match_required' : 'pmp_rwx_check', title: priority };
}
