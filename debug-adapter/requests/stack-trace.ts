// Threads are harts; their frames lead through traps to the code that was interrupted.

import type { DebugProtocol } from '@vscode/debugprotocol';
import { hex, paText } from '../../emulator/address.ts';
import type { HartView } from '../../emulator/inspection.ts';
import { decodeSatp } from '../../emulator/mmu/modes.ts';
import { UserError } from '../../emulator/user-error.ts';
import { currentTask } from '../../kernel/linux/tasks.ts';
import { kernelProgramOf, knowsTasks } from '../program/kernel-program.ts';
import type { Frame, SessionContext } from '../session-context.ts';
import { SP } from '../stack/frame.ts';
import { type FunctionRow, stackOf } from '../stack/rows.ts';
import { type Shown, showing } from '../stack/shown.ts';
import { hartOf } from './run.ts';

const SATP = 0x180;
const privileges = ['U', 'S', '', 'M'];
/** Frame ids are hart × this + row + 1: the same frame has the same id at every stop. */
const ROWS = 1000;

export function threads(session: SessionContext): DebugProtocol.ThreadsResponse['body'] {
  const { machine } = session;
  const named = machine.harts.map((hart) => ({
    id: hart.id + 1,
    name: threadName(hart, machine.xlen) + taskSuffix(session, hart),
  }));
  return { threads: named };
}

/** ` · init[1]`: the task that Linux runs there, once tasks have been asked for. */
function taskSuffix(session: SessionContext, hart: HartView): string {
  const task = knowsTasks(session) ? currentTask(kernelProgramOf(session, hart), hart) : undefined;
  return task ? ` · ${task.comm}[${task.pid}]` : '';
}

/** `hart 0 · S · Sv39 root pa:0x80210000`. */
function threadName(hart: HartView, xlen: 32 | 64): string {
  if (hart.state === 'stopped') return `hart ${hart.id} · stopped`;
  const { mode, root } = decodeSatp(hart.csr(SATP) ?? 0n, xlen);
  const paging = mode ? `${mode.name} root ${paText(root)}` : 'Bare';
  const inForce = mode && hart.privilege === 3 ? `Bare (satp: ${paging})` : paging;
  const asleep = { waiting: ' · wfi', suspended: ' · suspended', started: '' }[hart.state];
  return `hart ${hart.id} · ${privileges[hart.privilege]} · ${inForce}${asleep}`;
}

export function stackTrace(
  session: SessionContext,
  { threadId, startFrame = 0, levels = 0 }: DebugProtocol.StackTraceArguments,
): DebugProtocol.StackTraceResponse['body'] {
  if (session.running) throw new UserError('The machine is running: pause it to see a stack.');
  const hart = hartOf(session, threadId);
  const end = levels > 0 ? startFrame + levels : Number.POSITIVE_INFINITY;
  // One more than was asked for tells the client whether to ask again.
  const rows = stackOf(session, hart).rows(end + 1);
  const shownOf = showing(session, hart);
  const stackFrames = rows.slice(startFrame, end).map((row, at) => {
    const index = startFrame + at;
    const id = hart * ROWS + index + 1;
    if ('label' in row) return { id, name: row.label, line: 0, column: 0, presentationHint: 'label' as const };
    return toFrame(row, id, shownOf(row, index));
  });
  return { stackFrames, totalFrames: rows.length };
}

/** The frame with this id; without one, where the hart stands that stopped last. */
export function frameOf(session: SessionContext, id?: number): Frame {
  const hart = id === undefined ? (session.runControl.lastStop?.hart ?? 0) : Math.floor((id - 1) / ROWS);
  const level = id === undefined ? 0 : (id - 1) % ROWS;
  const known = session.machine.harts.some((each) => each.id === hart);
  if (!known && id === undefined) throw new UserError(`The machine has no hart ${hart}.`);
  const row = known ? stackOf(session, hart).rows(level + 1)[level] : undefined;
  if (!row || 'label' in row) throw new UserError(`There is no frame ${id} any more.`);
  return { hart, level, pc: row.frame.pc, sp: row.frame.register(SP), row };
}

function toFrame(
  { name, frame, located }: FunctionRow,
  id: number,
  shown: Shown | undefined,
): DebugProtocol.StackFrame {
  return {
    id,
    name,
    instructionPointerReference: hex(frame.pc),
    ...(located && { moduleId: located.module.id }),
    ...(shown && { source: shown.source }),
    line: shown?.line ?? 0,
    column: shown ? Math.max(shown.column, 1) : 0,
    ...(frame.guessed && { presentationHint: 'subtle' }),
  };
}
