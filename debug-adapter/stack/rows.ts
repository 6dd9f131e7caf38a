// A stack as people read it: a row for each function, inlined ones too, and a label where a trap lies between two. Rows
// are made when they are asked for, and kept as long as the machine stands.

import { hex, type VirtAddr } from '../../emulator/address.ts';
import { causeText } from '../../emulator/csr/causes.ts';
import type { OpenTrap } from '../../emulator/events.ts';
import type { SessionContext } from '../session-context.ts';
import type { Line, Located } from '../symbols.ts';
import { type MachineFrame, siteOf } from './frame.ts';
import { unwind } from './unwind.ts';

/** A function that is being executed: a frame of the machine's, or one of the functions inlined there. */
export interface FunctionRow {
  readonly frame: MachineFrame;
  /** Where the frame is in its symbol file; undefined where it is in none. */
  readonly located: Located | undefined;
  /** Which of the functions at that address it is, as the debug information lists them; 0 = the innermost. */
  readonly scope: number;
  /** It has no frame of its own. */
  readonly inlined: boolean;
  /** `start_kernel+0x10`; of an inlined function its name. */
  readonly name: string;
  /** Where it is in the source: of a function that has called another one, inlined or not, the call. */
  readonly line: Line | undefined;
  /** The frame's caller, its caller's caller (2) and so on, as far as there are any. */
  caller(levels: number): MachineFrame | undefined;
}

export interface LabelRow {
  readonly label: string;
}

export type StackRow = FunctionRow | LabelRow;

const privileges = ['U', 'S', '', 'M'];

/** The rows of one hart's stack, innermost first. */
export class Stack {
  readonly #frames: Generator<MachineFrame>;
  readonly #known: MachineFrame[] = [];
  readonly #rows: StackRow[] = [];
  readonly #xlen: 32 | 64;
  /** Functions inlined at pc that the user has not entered yet. */
  readonly #hidden: number;
  #done = false;

  constructor(session: SessionContext, hart: number) {
    const { lastStop } = session.runControl;
    this.#frames = unwind(session, hart);
    this.#xlen = session.machine.xlen;
    this.#hidden = lastStop?.hart === hart ? (lastStop.hidden ?? 0) : 0;
  }

  /** As many of the first `count` rows as there are. */
  rows(count: number): readonly StackRow[] {
    while (this.#rows.length < count && !this.#done) this.#more();
    return this.#rows;
  }

  /** The machine's frames, without those of inlined functions. */
  frame(level: number): MachineFrame | undefined {
    while (this.#known.length <= level && !this.#done) this.#more();
    return this.#known[level];
  }

  #more(): void {
    const { value: frame, done } = this.#frames.next();
    this.#done = done === true;
    if (!frame) return;
    const level = this.#known.push(frame);
    if (frame.trap) this.#rows.push({ label: trapLabel(frame.trap, this.#xlen) });
    const rows = functionRows(frame, (levels) => this.frame(level + levels - 1));
    this.#rows.push(...rows.slice(level === 1 ? Math.min(this.#hidden, rows.length - 1) : 0));
  }
}

function functionRows(frame: MachineFrame, caller: FunctionRow['caller']): FunctionRow[] {
  const { symbols } = frame;
  const site = siteOf(frame);
  const located = symbols.locate(site);
  const scopes = located ? located.module.file.debug.scopesAt(located.link) : [];
  const own = { frame, located, caller };
  const here = symbols.lineAt(site);
  if (!located || scopes.length === 0)
    return [{ ...own, scope: 0, inlined: false, name: nameOf(frame, site), line: here }];
  return scopes.map(({ inlined, function: { name } }, scope) => {
    const call = scopes[scope - 1]?.call;
    const line = scope === 0 ? here : call && { ...call, source: symbols.source(call.file, located.module) };
    return { ...own, scope, inlined, name: inlined ? `${name} [inlined]` : nameOf(frame, site), line };
  });
}

/** The function that the frame is in, also where pc is behind its last instruction. */
function nameOf({ pc, symbols }: MachineFrame, site: VirtAddr): string {
  const symbol = symbols.symbolAt(site);
  if (!symbol) return hex(pc);
  const offset = pc - symbol.value;
  return offset === 0n ? symbol.name : `${symbol.name}+${hex(offset)}`;
}

/** `trap from U: environment call from U-mode (8)`. */
function trapLabel({ event }: OpenTrap, xlen: 32 | 64): string {
  const top = event.interrupt ? 1n << BigInt(xlen - 1) : 0n;
  const what = event.interrupt ? 'interrupt' : 'trap';
  return `${what} from ${privileges[event.from]}: ${causeText(top | BigInt(event.cause), xlen)}`;
}

interface Kept {
  readonly stop: number;
  readonly stacks: Map<number, Stack>;
}

const kept = new WeakMap<SessionContext, Kept>();

/** The stack of a hart as it stands now. */
export function stackOf(session: SessionContext, hart: number): Stack {
  let known = kept.get(session);
  if (!known || known.stop !== session.stop || session.running) {
    known = { stop: session.stop, stacks: new Map() };
    kept.set(session, known);
  }
  const stack = known.stacks.get(hart) ?? new Stack(session, hart);
  if (!session.running) known.stacks.set(hart, stack);
  return stack;
}
