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
import { type FunctionRow, type StackRow, stackOf } from '../stack/rows.ts';
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
  const stackFrames = rows
    .slice(startFrame, end)
    .map((row, at) => toFrame(session, row, hart * ROWS + startFrame + at + 1));
  const [top] = stackFrames;
  if (startFrame === 0 && top && stoppedAtFault(session, hart)) stackFrames[0] = secondary(top);
  return { stackFrames, totalFrames: rows.length };
}

/** The frame so that an editor shows the next one: the line that faulted, with what exceptionInfo says, and not the
 * handler's first line. (VS Code holds the hint with the file: it counts where no other frame is in the handler's file.) */
function secondary(frame: DebugProtocol.StackFrame): DebugProtocol.StackFrame {
  return frame.source ? { ...frame, source: { ...frame.source, presentationHint: 'deemphasize' } } : frame;
}

/** Whether the hart stands at a handler because of what went wrong elsewhere. */
function stoppedAtFault({ runControl: { lastStop } }: SessionContext, hart: number): boolean {
  const event = lastStop?.reason === 'exception' && lastStop.hart === hart ? lastStop.event : undefined;
  return event?.kind === 'trap' && !event.interrupt && !isEcall(event.cause);
}

const isEcall = (cause: number) => cause >= 8 && cause <= 11;

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

function toFrame(session: SessionContext, row: StackRow, id: number): DebugProtocol.StackFrame {
  if ('label' in row) return { id, name: row.label, line: 0, column: 0, presentationHint: 'label' };
  const { frame, located } = row;
  const shown = shownOf(session, row);
  return {
    id,
    name: row.name,
    instructionPointerReference: hex(frame.pc),
    ...(located && { moduleId: located.module.id }),
    ...(shown && { source: shown.source }),
    line: shown?.line ?? 0,
    column: shown ? Math.max(shown.column, 1) : 0,
    ...(frame.guessed && { presentationHint: 'subtle' }),
  };
}

/** Where the client shows the frame: its line in the source, or its instruction in a listing where the file is not here. */
function shownOf(session: SessionContext, { line, located }: FunctionRow) {
  if (!line || line.line === 0) return undefined;
  if (line.source) {
    tellOf(session, line.source);
    return { source: line.source, line: line.line, column: line.column };
  }
  const listing = located && session.listings.at(located, line.file);
  if (!listing) return undefined;
  const name = line.file.slice(line.file.lastIndexOf('/') + 1);
  const source: DebugProtocol.Source = {
    name: `${name} (instructions)`,
    sourceReference: listing.reference,
    origin: `${line.file} is not here`,
    presentationHint: 'deemphasize',
  };
  return { source, line: listing.line, column: 1 };
}

/** The sources that each client has been told of. */
const told = new WeakMap<SessionContext, Set<string>>();

/** Tells the client of a source the first time that a stack leads there. */
function tellOf(session: SessionContext, source: DebugProtocol.Source): void {
  const known = told.get(session) ?? new Set<string>();
  told.set(session, known);
  if (!source.path || known.has(source.path)) return;
  known.add(source.path);
  session.send('loadedSource', { reason: 'new', source });
}
