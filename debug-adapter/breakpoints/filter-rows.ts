// The events that a client can switch on as exception filters, one row each.

import type { MachineEvent, TrapEvent } from '../../emulator/events.ts';
import type { EventFacts } from './event-variables.ts';

/** What rows look at beyond the event. */
export interface FilterFacts extends EventFacts {
  /** Why the kernel reckons with the trap; undefined = unexpected. */
  readonly expected: () => string | undefined;
}

export interface FilterRow {
  readonly filter: string;
  readonly label: string;
  readonly description: string;
  readonly default: boolean;
  /** Variables that conditions can use. */
  readonly variables: string;
  /** Whether the event belongs to this filter. */
  readonly matches: (event: MachineEvent, facts: FilterFacts) => boolean;
  /** Which of them stop when the user has given no condition; absent = all. */
  readonly usually?: (event: MachineEvent, facts: FilterFacts) => boolean;
}

/** Traps without progress that make a loop. */
const LOOP = 16;
const SATP = 0x180;
const trapVariables = '$cause $tval $epc $from $to $handler $hart';

export const filterRows: readonly FilterRow[] = [
  {
    filter: 'satp-write',
    label: 'satp Writes',
    description: 'Stops just after an instruction that changes satp, until user space has run for the first time.',
    default: true,
    variables: '$old $new $written $mode $root $asid $pc $hart $ignored $user',
    matches: (event) => event.kind === 'csr-write' && event.csr === SATP,
    usually: (event, facts) => event.kind === 'csr-write' && event.after !== event.before && !facts.user,
  },
  {
    filter: 'trap-loop',
    label: 'Trap Loop',
    description: `Stops when one trap (same cause, pc and address) has been taken ${LOOP} times without progress.`,
    default: true,
    variables: `$count ${trapVariables}`,
    matches: (event, facts) => event.kind === 'trap' && facts.count > 1,
    usually: (_, facts) => facts.count === LOOP,
  },
  {
    filter: 'trap-unexpected',
    label: 'Unexpected Traps',
    description:
      'Stops at exceptions that S-mode or M-mode takes in itself, and at traps whose handler is not mapped; not at the planned fault by which a kernel jumps to its link address.',
    default: false,
    variables: trapVariables,
    matches: (event, facts) => event.kind === 'trap' && facts.expected() === undefined,
  },
  faults('instruction-page-fault', 'Instruction Page Faults', [12]),
  faults('load-page-fault', 'Load Page Faults', [13]),
  faults('store-page-fault', 'Store Page Faults', [15]),
  faults('access-fault', 'Access Faults', [1, 5, 7]),
  faults('illegal-instruction', 'Illegal Instructions', [2]),
  {
    filter: 'ecall',
    label: 'Environment Calls',
    description: 'Stops at the handler of an ecall; at an S-mode call that the built-in SBI answers, just after it.',
    default: false,
    variables: `${trapVariables} $extension $function $error`,
    matches: (event) => event.kind === 'sbi-call' || (isException(event) && event.cause >= 8 && event.cause <= 11),
  },
  {
    filter: 'interrupt',
    label: 'Interrupts',
    description: "Stops at the first instruction of an interrupt's handler.",
    default: false,
    variables: trapVariables,
    matches: (event) => event.kind === 'trap' && event.interrupt,
  },
];

function faults(filter: string, label: string, causes: readonly number[]): FilterRow {
  return {
    filter,
    label,
    description: `Stops at the first instruction of the handler (exception code ${causes.join(', ')}).`,
    default: false,
    variables: trapVariables,
    matches: (event) => isException(event) && causes.includes(event.cause),
  };
}

function isException(event: MachineEvent): event is TrapEvent {
  return event.kind === 'trap' && !event.interrupt;
}
