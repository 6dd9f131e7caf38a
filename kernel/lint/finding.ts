// What the lint says of a map. docs/lint.md has a section for each rule.

import { hex64, type PhysAddr, type VirtAddr } from '../../emulator/address.ts';

export const lintRules = {
  'writable-and-executable': 'A page is both writable and executable (W+X).',
  'user-kernel': "A page of the kernel's image can be used by user programs.",
  'page-table-user': 'A page table can be reached from user programs.',
  'reserved-bits': 'An entry has reserved bits set.',
  'write-without-read': 'An entry has W without R, which is reserved.',
  'reserved-memory-type': 'An entry has a memory type that is reserved or not in force.',
  'reserved-napot': 'An entry has a NAPOT encoding that is reserved.',
  'pointer-with-leaf-bits': 'A pointer has U, A, D, N or PBMT set, which is reserved.',
  'pointer-at-last-level': 'An entry of level 0 is no leaf.',
  'misaligned-superpage': 'A leaf above level 0 has low PPN bits set.',
  'table-outside-memory': 'A pointer leads to where no RAM is.',
  'page-outside-memory': 'A leaf leads to where nothing answers.',
  'accessed-clear': 'A page of the kernel has A = 0, and the hardware does not set it (Svade).',
  'dirty-clear': 'A writable page of the kernel has D = 0, and the hardware does not set it (Svade).',
  'text-not-executable': 'Code of the kernel is mapped without X.',
  'text-writable': 'Code of the kernel is mapped writable.',
  'rodata-writable': 'Read-only data of the kernel is mapped writable.',
  'device-executable': 'A device is mapped executable.',
  'device-not-io': 'A device is mapped with a memory type of ordinary memory.',
  'memory-uncached': 'RAM is mapped uncached.',
  'alias-types': 'One physical page is mapped with different memory types.',
  'no-guard-page': 'Nothing but mapped memory lies below a stack.',
  'null-mapped': 'The page at address 0 is mapped for the kernel: null pointers do not fault.',
  'reserved-memory-mapped': 'Memory that the device tree keeps from being mapped is mapped.',
} as const;

export type LintRule = keyof typeof lintRules;
export type Severity = 'error' | 'warning' | 'note';

export interface Finding {
  readonly rule: LintRule;
  readonly severity: Severity;
  /** One sentence. */
  readonly text: string;
  /** Why this kernel has it by design; then it is a note. */
  readonly explained?: string;
  readonly va: VirtAddr;
  /** The last byte. */
  readonly vaEnd: VirtAddr;
  readonly pa?: PhysAddr;
  /** Bytes that are concerned; less than the range where it has gaps. */
  readonly size: bigint;
  /** How many runs of the map, or entries, were joined. */
  readonly count: number;
  /** The first entry that is concerned. */
  readonly pte?: { readonly address: PhysAddr; readonly raw: bigint };
  /** `.text`, `direct map`. */
  readonly region: string;
  /** The object that is concerned; empty where nobody knows. */
  readonly symbol: string;
}

/** A finding before its neighbours are joined. */
export interface RawFinding {
  readonly rule: LintRule;
  readonly severity: Severity;
  readonly va: bigint;
  /** In bytes. */
  readonly size: bigint;
  readonly pa?: bigint;
  readonly pte?: { readonly address: PhysAddr; readonly raw: bigint };
  /** What is wrong, as the end of a sentence that begins with the range: `is writable and executable`. */
  readonly what: string;
}

/** A finding as programs read it, but for its size. */
export function findingFields({ rule, severity, text, explained, va, vaEnd, pa, pte, region, symbol }: Finding) {
  return {
    rule,
    severity,
    text,
    ...(explained !== undefined && { explained }),
    va: hex64(va),
    vaEnd: hex64(vaEnd),
    ...(pa !== undefined && { pa: hex64(pa) }),
    ...(pte && { pteAddress: hex64(pte.address), pte: hex64(pte.raw) }),
    region,
    symbol,
  };
}
