// Short names for what `pagewalk trace --events` lists: kinds of events as a whole, also those that would not stop.

import type { EventPoint } from './expression.ts';
import type { OccurrenceKind } from './occurrence.ts';

interface EventKindRow {
  readonly text: string;
  readonly kinds: readonly OccurrenceKind[];
  readonly csrs?: readonly number[];
}

export const eventKinds: Readonly<Record<string, EventKindRow>> = {
  satp: { text: 'writes to satp', kinds: ['csr-write'], csrs: [0x180] },
  csr: { text: 'writes to any CSR', kinds: ['csr-write'] },
  trap: { text: 'exceptions and interrupts', kinds: ['trap'] },
  return: { text: 'mret and sret', kinds: ['trap-return'] },
  priv: { text: 'changes of the privilege mode', kinds: ['privilege'] },
  sfence: { text: 'sfence.vma', kinds: ['sfence'] },
  pte: { text: 'stores into page tables in force', kinds: ['pte-write'] },
  ad: { text: 'A and D set by hardware', kinds: ['ad-update'] },
  wx: { text: 'writable and executable pages', kinds: ['map-wx'] },
  sbi: { text: 'calls of the built-in SBI', kinds: ['sbi-call'] },
  hart: { text: 'harts started and stopped', kinds: ['hart-state'] },
  mmio: { text: 'accesses of devices', kinds: ['device-access'] },
  wfi: { text: 'wfi', kinds: ['wfi'] },
  'fence.i': { text: 'fence.i', kinds: ['fence-i'] },
};

/** Every event of a kind. */
export function kindPoint(name: string): EventPoint | undefined {
  const row = Object.hasOwn(eventKinds, name) ? eventKinds[name] : undefined;
  if (!row) return undefined;
  const { kinds, csrs, text } = row;
  return {
    id: name,
    label: text,
    variables: '',
    needs: { kinds, ...(csrs && { csrs }) },
    matches: (occurrence) =>
      kinds.includes(occurrence.kind) && (!csrs || ('csr' in occurrence && csrs.includes(occurrence.csr))),
    usually: () => true,
  };
}
