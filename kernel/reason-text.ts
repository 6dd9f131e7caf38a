// Why a translation fails, as the end of a sentence whose subject is the PTE (or the address, or the access).

import type { Access } from '../emulator/inspection.ts';
import { type PagingMode, sizeText, spanOf } from '../emulator/mmu/modes.ts';
import type { Pte } from '../emulator/mmu/pte.ts';
import type { FaultReason, Regime, WalkStep } from '../emulator/mmu/walk.ts';

/** `has V = 0`; follows the words `the level-1 PTE at pa:0x80212ff8`. */
export function reasonText(reason: FaultReason, access: Access, regime: Regime, step: WalkStep | undefined): string {
  const malformed = malformationText(reason, step?.pte, step?.level ?? 0, regime.mode);
  if (malformed) return malformed;
  switch (reason) {
    case 'non-canonical': {
      const bits = regime.mode?.vaBits ?? 64;
      return `is not canonical: bits 63:${bits} do not all equal bit ${bits - 1}, as ${regime.mode?.name ?? 'the mode'} requires`;
    }
    case 'pte-unreadable':
      return 'cannot be read';
    case 'user-page':
      return access === 'fetch'
        ? 'has U = 1, and S-mode may never execute user pages'
        : 'has U = 1, and S-mode may not touch user pages while SUM = 0';
    case 'not-user-page':
      return 'has U = 0, and U-mode may only touch pages with U = 1';
    case 'not-readable':
      return step?.pte?.x ? 'has R = 0 (X = 1 would do if MXR were 1)' : 'has R = 0';
    case 'not-writable':
      return 'has W = 0';
    case 'not-executable':
      return 'has X = 0';
    case 'accessed-clear':
      return 'has A = 0, and the hardware does not set it (Svade)';
    case 'dirty-clear':
      return 'has D = 0 at a store, and the hardware does not set it (Svade)';
    case 'ad-update-refused':
      return 'needs its A or D bit set, but may not be written';
    default:
      return 'is refused';
  }
}

/** What is wrong with an entry whatever the access; undefined for the reasons that depend on it. */
export function malformationText(
  reason: FaultReason,
  pte: Pte | undefined,
  level: number,
  mode: PagingMode | undefined,
): string | undefined {
  switch (reason) {
    case 'not-valid':
      return 'has V = 0';
    case 'write-without-read':
      return 'has W = 1 and R = 0, which is reserved';
    case 'reserved-bits':
      return `has reserved bits 60:54 = 0x${(pte?.reserved ?? 0).toString(16)} set`;
    case 'reserved-memory-type':
      return pte?.pbmt === 'reserved'
        ? 'has PBMT (bits 62:61) = 3, which is reserved'
        : 'has PBMT (bits 62:61) set, which is reserved unless menvcfg.PBMTE = 1 (Svpbmt)';
    case 'reserved-napot':
      return napotText(pte, level);
    case 'pointer-with-leaf-bits':
      return `is a pointer (R = W = X = 0) and has ${reservedInPointer(pte)} set, which is reserved in pointers`;
    case 'pointer-at-last-level':
      return 'is a pointer (R = W = X = 0) at level 0, where only leaves may be';
    case 'misaligned-superpage': {
      const size = mode ? sizeText(spanOf(mode, level)) : 'superpage';
      return `is a misaligned superpage: the low ${(mode?.vpnBits ?? 9) * level} bits of its PPN are not 0, as a ${size} leaf needs`;
    }
    default:
      return undefined;
  }
}

function napotText(pte: Pte | undefined, level: number): string {
  if (pte && level > 0) return `has N (bit 63) = 1 at level ${level}, where it is reserved`;
  if (pte && (pte.ppn & 15n) !== 8n) return 'has N (bit 63) = 1 and PPN[3:0] other than 1000, which is reserved';
  return 'has N (bit 63) = 1 while Svnapot is not there';
}

function reservedInPointer(pte: Pte | undefined): string {
  const names: string[] = [];
  if (pte?.u) names.push('U');
  if (pte?.a) names.push('A');
  if (pte?.d) names.push('D');
  if (pte && pte.pbmt !== 'PMA') names.push('PBMT');
  if (pte?.napot) names.push('N');
  return names.join(', ');
}
