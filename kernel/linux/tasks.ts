// Linux's tasks: which one each hart runs, and all processes with the page tables of their address spaces.

import type { HartView } from '../../emulator/inspection.ts';
import { listOf, type Walked } from '../objects/lists.ts';
import { KernelObject, type KernelProgram } from '../objects/object.ts';

export interface Task {
  /** Address of its task_struct. */
  readonly address: bigint;
  readonly pid: number;
  /** Thread group: what user space calls the process. */
  readonly tgid: number;
  readonly comm: string;
  /** `R`, `S`, `D`, … as ps shows it; empty where the kernel does not say. */
  readonly state: string;
  /** Virtual address of the root of its own page tables; undefined for kernel threads. */
  readonly pgd: bigint | undefined;
  readonly kernelThread: boolean;
}

const SSCRATCH = 0x140;
const LONGEST_NAME = 16;
/** PID_MAX_LIMIT of 64-bit kernels. */
const MOST_PIDS = 1n << 22n;

/**
 * The task that a hart runs: in the kernel tp leads to it, in user space sscratch does. Undefined where neither leads to
 * something that looks like a task, as in firmware or before the kernel has set it up.
 */
export function currentTask(program: KernelProgram, hart: HartView): Task | undefined {
  const type = program.type('struct task_struct');
  if (!type) return undefined;
  const scratch = BigInt.asUintN(program.xlen, hart.csr(SSCRATCH) ?? 0n);
  for (const address of [scratch, BigInt.asUintN(program.xlen, hart.x(4))]) {
    if (address === 0n) continue;
    const task = taskAt(new KernelObject(program, type, address));
    if (task && isPlausible(task)) return task;
  }
  return undefined;
}

/** Every process, and with `threads` every thread, in the kernel's order; the idle task first. */
export function tasks(program: KernelProgram, threads = false): Walked<Task> | undefined {
  const idle = KernelObject.named(program, 'init_task');
  const head = idle?.at('tasks');
  if (!idle || !head || !program.type('struct task_struct')) return undefined;
  const list = listOf(head, idle.type, 'tasks');
  const leaders = [idle, ...list.items];
  const all = threads ? leaders.flatMap((leader) => [leader, ...othersOf(leader)]) : leaders;
  const items = all.map(taskAt).filter((task) => task !== undefined);
  return { items, ...(list.note && { note: list.note }) };
}

/** The threads of a process but its first. */
function othersOf(leader: KernelObject): readonly KernelObject[] {
  const head = leader.at('signal')?.follow()?.at('thread_head');
  if (!head || !leader.at('thread_node')) return [];
  return listOf(head, leader.type, 'thread_node', 4096).items.filter(({ address }) => address !== leader.address);
}

function taskAt(object: KernelObject): Task | undefined {
  const [pid, tgid] = [object.at('pid')?.number(), object.at('tgid')?.number()];
  const comm = object.at('comm')?.text(LONGEST_NAME);
  if (pid === undefined || comm === undefined) return undefined;
  const mm = object.at('mm')?.follow();
  return {
    address: object.address,
    pid: Number(pid),
    tgid: Number(tgid ?? pid),
    comm,
    state: stateOf(object),
    pgd: mm?.at('pgd')?.number(),
    kernelThread: mm === undefined,
  };
}

function isPlausible({ pid, comm }: Task): boolean {
  return comm !== '' && /^[\x20-\x7e]+$/.test(comm) && pid >= 0 && BigInt(pid) < MOST_PIDS;
}

/** The letters of TASK_RUNNING and its successors, by the lowest bit that is set (include/linux/sched.h). */
const STATES = 'SDTtXZPI';

function stateOf(task: KernelObject): string {
  const state = (task.at('__state') ?? task.at('state'))?.number();
  if (state === undefined) return '';
  if (state === 0n) return 'R';
  // An uninterruptible task that does not count for the load is idle.
  if ((state & 0x402n) === 0x402n) return 'I';
  const exit = task.at('exit_state')?.number() ?? 0n;
  const bits = state | exit;
  const lowest = [...STATES].findIndex((_, bit) => (bits >> BigInt(bit)) & 1n);
  return STATES[lowest] ?? '';
}
