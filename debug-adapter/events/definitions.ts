// The events that can be stopped at by name, one row each: exception filters, checkboxes of MMU Breakpoints, `event:NAME`
// in function and data breakpoints, `pagewalk trace`. docs/events.md is generated from this table.

import type { TrapEvent } from '../../emulator/events.ts';
import type { Occurrence, OccurrenceFacts, OccurrenceKind } from './occurrence.ts';

export interface EventDefinition {
  readonly id: string;
  /** Its heading in the tree. */
  readonly group: 'Paging' | 'Traps' | 'CSRs' | 'Firmware and Harts' | 'Devices';
  readonly label: string;
  /** When the machine stops, in a sentence. */
  readonly description: string;
  /** Announced as an exception filter; the others are accepted as such, too. */
  readonly published?: true;
  readonly default?: true;
  /** What conditions can use besides $pc, $hart and $user. */
  readonly variables: string;
  /** A condition that makes sense, for the documentation. */
  readonly example: string;
  readonly kinds: readonly OccurrenceKind[];
  readonly csrs?: readonly number[];
  /** See Needs: where the user has given no condition. */
  readonly patience?: number;
  readonly untilUser?: true;
  /** Whether an occurrence of these kinds belongs to it; absent = all. */
  readonly matches?: (occurrence: Occurrence, facts: OccurrenceFacts) => boolean;
  /** Which of them stop when the user has given no condition; absent = all. */
  readonly usually?: (occurrence: Occurrence, facts: OccurrenceFacts) => boolean;
}

/** Traps without progress that make a loop. */
const LOOP = 16;
const SATP = 0x180;
const trapVariables = '$cause $tval $epc $from $to $handler';
const csrVariables = '$csr $old $new $written';
const pteVariables = '$va $size $pte $old $new $level $root';

function isChange(occurrence: Occurrence): boolean {
  return occurrence.kind === 'csr-write' && occurrence.after !== occurrence.before;
}

function isException(occurrence: Occurrence): occurrence is TrapEvent {
  return occurrence.kind === 'trap' && !occurrence.interrupt;
}

function exceptions(
  id: string,
  label: string,
  causes: readonly number[],
  more: Partial<EventDefinition> = {},
): EventDefinition {
  const codes = `exception code${causes.length > 1 ? 's' : ''} ${causes.join(', ')}`;
  return {
    id,
    group: 'Traps',
    label,
    description: `Stops at the first instruction of the handler (${codes}).`,
    variables: trapVariables,
    example: '$from == S',
    kinds: ['trap'],
    matches: (occurrence) => isException(occurrence) && causes.includes(occurrence.cause),
    ...more,
  };
}

export const eventDefinitions: readonly EventDefinition[] = [
  {
    id: 'satp-write',
    group: 'Paging',
    label: 'satp Writes',
    description: 'Stops just after an instruction that changes satp, until user space has run for the first time.',
    published: true,
    default: true,
    variables: `${csrVariables} $mode $root $asid $ignored`,
    example: '$mode == Sv39 && $asid != 0',
    kinds: ['csr-write'],
    csrs: [SATP],
    matches: (occurrence) => occurrence.kind === 'csr-write' && occurrence.csr === SATP,
    untilUser: true,
    usually: isChange,
  },
  {
    id: 'satp-pending',
    group: 'Paging',
    label: 'Before satp Writes',
    description: 'Stops before an instruction that will change satp.',
    variables: `${csrVariables} $mode $root $asid`,
    example: '$root == 0x80210000',
    kinds: ['csr-pending'],
    csrs: [SATP],
    matches: (occurrence) => occurrence.kind === 'csr-pending' && occurrence.csr === SATP,
    usually: (occurrence) => occurrence.kind === 'csr-pending' && occurrence.written !== occurrence.before,
  },
  {
    id: 'satp-preflight',
    group: 'Paging',
    label: 'Fatal satp Writes',
    description:
      'Stops before a satp write after which the kernel could not go on: the pre-flight is red. Until user space has run for the first time.',
    published: true,
    default: true,
    variables: `${csrVariables} $mode $root $asid`,
    example: '$hart == 0',
    kinds: ['csr-pending'],
    csrs: [SATP],
    matches: (occurrence, { preflight }) =>
      occurrence.kind === 'csr-pending' && occurrence.csr === SATP && preflight()?.verdict === 'red',
    untilUser: true,
  },
  {
    id: 'paging-first-fetch',
    group: 'Paging',
    label: 'First Fetch under Paging',
    description: 'Stops when a hart, after satp has turned paging on, is about to fetch through it for the first time.',
    published: true,
    variables: '$target $mapped $mode $root $asid',
    example: '!$mapped',
    kinds: ['paging-start'],
  },
  {
    id: 'jump-unmapped',
    group: 'Paging',
    label: 'Jumps to Unmapped Addresses',
    description:
      'Stops when an instruction is fetched by a jump to where nothing executable is mapped; not behind a satp write, where the map goes and not the hart.',
    variables: '$target $caller',
    example: '$target == 0',
    kinds: ['jump-unmapped'],
  },
  {
    id: 'sfence',
    group: 'Paging',
    label: 'sfence.vma',
    description: 'Stops after sfence.vma and sinval.vma.',
    published: true,
    variables: '$va $all $asid',
    example: '$all',
    kinds: ['sfence'],
  },
  {
    id: 'pte-write-active',
    group: 'Paging',
    label: 'Page-Table Writes',
    description: "Stops after a store into a page table that a hart's satp leads to.",
    published: true,
    variables: pteVariables,
    example: '$level > 0 && ($new & 1) == 0',
    kinds: ['pte-write'],
    usually: (occurrence) => occurrence.kind === 'pte-write' && occurrence.old !== occurrence.new,
  },
  {
    id: 'map-wx',
    group: 'Paging',
    label: 'Writable and Executable Pages',
    description:
      'Stops when a page that is writable and executable at once comes into force, by a store or with a root.',
    published: true,
    variables: pteVariables,
    example: '$va >= 0xffffffff00000000',
    kinds: ['map-wx'],
  },
  {
    id: 'map-malformed',
    group: 'Paging',
    label: 'Malformed Entries',
    description:
      'Stops when an entry in force becomes one that the walk refuses: reserved bits, W without R, A, D or U on a pointer, a misaligned superpage.',
    variables: pteVariables,
    example: '$level == 2',
    kinds: ['map-malformed'],
  },
  {
    id: 'ad-update',
    group: 'Paging',
    label: 'A and D Set by Hardware',
    description: 'Stops after an access for which the hardware has set A, or A and D, in a PTE.',
    variables: '$va $pte $old $new $level',
    example: '($new & ~$old & 0x80) != 0',
    kinds: ['ad-update'],
  },
  {
    id: 'kernel-panic',
    group: 'Traps',
    label: 'Kernel Panics',
    description: 'Stops where the kernel gives up, on entry to panic or die (an oops), with the message.',
    published: true,
    default: true,
    variables: '',
    example: 'a0 != 0',
    // No event of the machine: the functions are waited for (run-control/panic.ts).
    kinds: [],
  },
  {
    id: 'trap-unexpected',
    group: 'Traps',
    label: 'Unexpected Traps',
    description:
      'Stops at exceptions that S-mode or M-mode takes in itself, and at traps whose handler is not mapped; not at those that the kernel reckons with (__ex_table, jumps to the link address, probes of firmware).',
    published: true,
    default: true,
    variables: trapVariables,
    example: '$cause != 2',
    kinds: ['trap'],
    patience: Number.POSITIVE_INFINITY,
    matches: (occurrence, { expected }) => occurrence.kind === 'trap' && expected() === undefined,
  },
  {
    id: 'trap-loop',
    group: 'Traps',
    label: 'Trap Loop',
    description: `Stops when one trap (same cause, pc and address) has been taken ${LOOP} times without progress.`,
    published: true,
    default: true,
    variables: `$count ${trapVariables}`,
    example: '$count == 3',
    kinds: ['trap'],
    patience: LOOP - 1,
    matches: (occurrence, { count }) => occurrence.kind === 'trap' && count > 1,
    usually: (_, { count }) => count === LOOP,
  },
  exceptions('page-fault', 'Page Faults', [12, 13, 15], { published: true, example: '$from == S && $tval < 0x1000' }),
  exceptions('instruction-page-fault', 'Instruction Page Faults', [12]),
  exceptions('load-page-fault', 'Load Page Faults', [13]),
  exceptions('store-page-fault', 'Store Page Faults', [15]),
  exceptions('access-fault', 'Access Faults', [1, 5, 7], { published: true, example: '$to == M' }),
  {
    id: 'pmp-deny',
    group: 'Traps',
    label: 'Denied by PMP',
    description:
      "Stops at the first instruction of the handler when PMP has refused an access, or the walk's own read of a PTE.",
    variables: `${trapVariables} $entry`,
    example: '$entry == 0xffff_ffff_ffff_ffff',
    kinds: ['trap'],
    matches: (occurrence) => occurrence.kind === 'trap' && occurrence.fault?.refusal?.by === 'PMP',
  },
  exceptions('misaligned', 'Misaligned Addresses', [0, 4, 6]),
  exceptions('illegal-instruction', 'Illegal Instructions', [2], { published: true, example: '$tval == 0' }),
  exceptions('ebreak', 'ebreak', [3]),
  {
    id: 'ecall',
    group: 'Traps',
    label: 'Environment Calls',
    description: 'Stops at the handler of an ecall; at an S-mode call that the built-in SBI answers, just after it.',
    published: true,
    variables: `${trapVariables} $extension $function $error`,
    example: '$from == U && a7 == 64',
    kinds: ['trap', 'sbi-call'],
    matches: (occurrence) =>
      occurrence.kind === 'sbi-call' || (isException(occurrence) && occurrence.cause >= 8 && occurrence.cause <= 11),
  },
  {
    id: 'interrupt',
    group: 'Traps',
    label: 'Interrupts',
    description: "Stops at the first instruction of an interrupt's handler.",
    published: true,
    variables: trapVariables,
    example: '$cause == 9',
    kinds: ['trap'],
    matches: (occurrence) => occurrence.kind === 'trap' && occurrence.interrupt,
  },
  {
    id: 'csr-write',
    group: 'CSRs',
    label: 'CSR Writes',
    description: 'Stops after any instruction that changes a CSR. For a single one write csr:NAME.',
    variables: csrVariables,
    example: '$csr == 0x105',
    kinds: ['csr-write'],
    usually: isChange,
  },
  {
    id: 'pmp-change',
    group: 'CSRs',
    label: 'PMP Changes',
    description: 'Stops after an instruction that changes pmpcfg or pmpaddr.',
    variables: csrVariables,
    example: '$csr >= 0x3b0',
    kinds: ['csr-write'],
    csrs: Array.from({ length: 0x50 }, (_, index) => 0x3a0 + index),
    matches: (occurrence) => occurrence.kind === 'csr-write' && occurrence.csr >= 0x3a0 && occurrence.csr < 0x3f0,
    usually: isChange,
  },
  {
    id: 'priv-change',
    group: 'CSRs',
    label: 'Changes of the Privilege Mode',
    description: 'Stops at the first instruction in another privilege mode.',
    published: true,
    variables: '$from $to $target',
    example: '$from == S && $to == U',
    kinds: ['privilege'],
  },
  {
    id: 'sbi-call',
    group: 'Firmware and Harts',
    label: 'SBI Calls',
    description: 'Stops after a call that the built-in SBI has answered. For one extension write sbi:NAME.',
    variables: '$extension $function $error $value $arg0 … $arg5',
    example: '$error != 0',
    kinds: ['sbi-call'],
  },
  {
    id: 'hart-state',
    group: 'Firmware and Harts',
    label: 'Harts Started and Stopped',
    description: 'Stops when the SBI starts, stops or suspends a hart.',
    variables: '$state (0 started, 1 stopped, 4 suspended)',
    example: '$state == 0',
    kinds: ['hart-state'],
  },
  {
    id: 'wfi',
    group: 'Firmware and Harts',
    label: 'wfi',
    description: 'Stops after wfi.',
    variables: '$waits',
    example: '$waits',
    kinds: ['wfi'],
  },
  {
    id: 'fence-i',
    group: 'Firmware and Harts',
    label: 'fence.i',
    description: 'Stops after fence.i.',
    variables: '',
    example: '$hart == 1',
    kinds: ['fence-i'],
  },
  {
    id: 'mmio',
    group: 'Devices',
    label: 'Device Accesses',
    description: "Stops after a load or store of a device's register. For one device write mmio:NAME.",
    variables: '$addr $pa $size $value $store',
    example: '$store && $pa == 0x10000000',
    kinds: ['device-access'],
  },
];
