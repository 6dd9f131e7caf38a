// Threads are harts; their frames lead through traps to the code that was interrupted.

import type { DebugProtocol } from '@vscode/debugprotocol';
import { hex, paText } from '../../emulator/address.ts';
import { causeText } from '../../emulator/csr/causes.ts';
import type { HartView } from '../../emulator/inspection.ts';
import { decodeSatp } from '../../emulator/mmu/modes.ts';
import { UserError } from '../../emulator/user-error.ts';
import type { OpenTrap } from '../run-control/traps.ts';
import { type Caller, siteOf, unwind } from '../run-control/unwind.ts';
import type { Frame, SessionContext } from '../session-context.ts';
import { hartOf } from './run.ts';

const SATP = 0x180;
const privileges = ['U', 'S', '', 'M'];
/** Frame ids are hart × this + row + 1: the same frame has the same id at every stop. */
const ROWS = 1000;

type Row = Caller | { readonly label: string };

export function threads({ machine }: SessionContext): DebugProtocol.ThreadsResponse['body'] {
  return { threads: machine.harts.map((hart) => ({ id: hart.id + 1, name: threadName(hart, machine.xlen) })) };
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
  const rows = rowsOf(session, hart);
  const shown = rows.slice(startFrame, levels > 0 ? startFrame + levels : undefined);
  return {
    stackFrames: shown.map((row, index) => toFrame(session, row, hart * ROWS + startFrame + index + 1)),
    totalFrames: rows.length,
  };
}

/** The frame with this id; without one, where the hart stands that stopped last. */
export function frameOf(session: SessionContext, id?: number): Frame {
  if (id === undefined) return topFrame(session, session.runControl.lastStop?.hart ?? 0);
  const hart = Math.floor((id - 1) / ROWS);
  const level = (id - 1) % ROWS;
  if (level === 0) return topFrame(session, hart);
  const row = session.machine.harts.some((known) => known.id === hart) ? rowsOf(session, hart)[level] : undefined;
  if (!row || 'label' in row) throw new UserError(`There is no frame ${id} any more.`);
  return { hart, level, pc: row.pc, sp: row.sp };
}

function topFrame({ machine }: SessionContext, id: number): Frame {
  const hart = machine.harts.find((known) => known.id === id);
  if (!hart) throw new UserError(`The machine has no hart ${id}.`);
  return { hart: id, level: 0, pc: hart.pc, sp: hart.x(2) };
}

/** Frames, with a label where a trap lies between two. */
function rowsOf(session: SessionContext, hart: number): Row[] {
  return unwind(session, hart).flatMap((frame): Row[] =>
    frame.trap ? [{ label: trapLabel(frame.trap, session.machine.xlen) }, frame] : [frame],
  );
}

function trapLabel({ event }: OpenTrap, xlen: 32 | 64): string {
  const top = event.interrupt ? 1n << BigInt(xlen - 1) : 0n;
  return `${causeText(top | BigInt(event.cause), xlen)}, from ${privileges[event.from]}-mode`;
}

function toFrame(session: SessionContext, row: Row, id: number): DebugProtocol.StackFrame {
  if ('label' in row) return { id, name: row.label, line: 0, column: 0, presentationHint: 'label' };
  const line = session.symbols.lineAt(siteOf(row));
  const shown = line?.source && line.line > 0 ? line : undefined;
  return {
    id,
    name: nameOf(session, row),
    instructionPointerReference: hex(row.pc),
    ...(shown?.source && { source: shown.source }),
    line: shown?.line ?? 0,
    column: shown ? Math.max(shown.column, 1) : 0,
    ...(row.guessed && { presentationHint: 'subtle' }),
  };
}

/** `start_kernel+0x10`: the function that the frame is in, also where pc is behind its last instruction. */
function nameOf({ symbols }: SessionContext, row: Caller): string {
  const symbol = symbols.symbolAt(siteOf(row));
  if (!symbol) return hex(row.pc);
  const offset = row.pc - symbol.value;
  return offset === 0n ? symbol.name : `${symbol.name}+${hex(offset)}`;
}
