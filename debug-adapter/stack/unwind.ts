// The callers of where a hart stands, innermost first: through traps by our own record of them, else by the debug
// information's frame rules, else by what the prologue did, else by the frame-pointer chain and ra, which is a guess.

import { plus, type VirtAddr, virt } from '../../emulator/address.ts';
import type { HartView, Inspection } from '../../emulator/inspection.ts';
import { decoded, isCall, isReturn } from '../run-control/code.ts';
import type { SessionContext } from '../session-context.ts';
import { debugFrame, FP, innermost, type MachineFrame, RA, SP, siteOf, unsigned, wordOf } from './frame.ts';
import { readPrologue } from './prologue.ts';
import { TrapBoundaries } from './trap-boundaries.ts';

const DEEPEST = 256;

export function* unwind(session: SessionContext, hartId: number): Generator<MachineFrame> {
  const { machine } = session;
  const hart = machine.harts.find(({ id }) => id === hartId) as HartView;
  const boundaries = new TrapBoundaries(session, hart);
  let frame: MachineFrame | undefined = innermost(machine, hart, session.symbols);
  for (let depth = 0; frame && depth < DEEPEST; depth += 1) {
    yield frame;
    const outer: MachineFrame | undefined = boundaries.beyond(frame) ?? boundaries.instead(callerOf(machine, frame));
    if (outer && !outer.doubtful) yield* jumpedOn(frame, outer);
    frame = outer?.doubtful ? undefined : outer;
  }
}

function callerOf(machine: Inspection, frame: MachineFrame): MachineFrame | undefined {
  const told = byRules(machine, frame);
  if (told !== 'unknown') return told;
  return byPrologue(machine, frame) ?? byFramePointer(machine, frame);
}

/** The functions between a frame and its caller that have jumped on, as far as the debug information knows them. */
function* jumpedOn(frame: MachineFrame, outer: MachineFrame): Generator<MachineFrame> {
  if (!outer.called || outer.guessed) return;
  const inner = frame.symbols.locate(siteOf(frame));
  const call = outer.symbols.locate(siteOf(outer));
  if (!inner || !call || inner.module !== call.module) return;
  const shift = siteOf(outer) - call.link;
  for (const link of call.module.file.debug.tailCalls(plus(call.link, 1), inner.link)) {
    yield {
      ...outer,
      pc: plus(link, shift),
      jumpedOn: true,
      // Before the jump the function has put back what its caller expects to find.
      register: (number) => (kept.has(number) ? outer.register(number) : undefined),
    };
  }
}

/** x0, sp, gp, tp, s0 to s11 and fs0 to fs11 by DWARF's numbers: what functions leave as they found it. */
const kept: ReadonlySet<number> = new Set([
  ...[0, 2, 3, 4, 8, 9, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27],
  ...[40, 41, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59],
]);

/** By .debug_frame or .eh_frame; undefined for the outermost frame. */
function byRules(machine: Inspection, frame: MachineFrame): MachineFrame | undefined | 'unknown' {
  const located = frame.symbols.locate(siteOf(frame));
  const debug = located && debugFrame(frame, () => undefined);
  const unwound = debug && located.module.file.debug.unwind(debug);
  if (!unwound) return 'unknown';
  const { returnAddress, interrupted } = unwound;
  if (returnAddress === undefined || returnAddress === 0n) return undefined;
  const pc = virt(returnAddress);
  // The outermost frame of a stack returns to nowhere.
  const doubtful = !interrupted && !isReturnAddress(machine, frame, pc);
  if (unwound.cfa === frame.register(SP) && pc === frame.pc) return undefined;
  const innerSavedAt = frame.savedAt;
  return {
    ...frame,
    pc,
    called: !interrupted,
    guessed: false,
    doubtful,
    trap: undefined,
    register: (number) => {
      const value = unwound.register(number);
      return value === undefined ? undefined : number < 32 ? unsigned(value, machine) : value;
    },
    savedAt: (number) => unwound.savedAt(number) ?? innerSavedAt(number),
  };
}

function byPrologue(machine: Inspection, frame: MachineFrame): MachineFrame | undefined {
  const { symbols } = frame;
  const [ra, sp, fp] = [frame.called ? undefined : frame.register(RA), frame.register(SP), frame.register(FP)];
  const at = instructionIn(frame, machine, frame.pc);
  const symbol = symbols.symbolAt(siteOf(frame));
  const prologue = readPrologue((address) => instructionIn(frame, machine, address), symbol?.value, frame.pc);

  // Still, or again, without a frame of its own: the return address is in ra.
  const leaf = (at && isReturn(at)) || prologue.ra === undefined;
  if (ra !== undefined && sp !== undefined && leaf) {
    const top = at && isReturn(at) ? sp : sp + prologue.size;
    // Left over from a call of the function's own, unless nothing has been called yet.
    const stale = !prologue.straight && symbol && symbols.symbolAt(virt(ra))?.value === symbol.value;
    if (!stale && ra !== frame.pc && isReturnAddress(machine, frame, virt(ra))) {
      const outer = prologue.fp === undefined ? undefined : wordOf(frame, top + prologue.fp, machine);
      return caller(frame, virt(ra), top, outer ?? fp, symbol === undefined);
    }
  }
  const top = prologue.usesFp ? fp : sp === undefined ? undefined : sp + prologue.size;
  if (prologue.ra === undefined || top === undefined) return undefined;
  const saved = wordOf(frame, top + prologue.ra, machine);
  const outer = prologue.fp === undefined ? fp : wordOf(frame, top + prologue.fp, machine);
  if (saved === undefined || !isReturnAddress(machine, frame, virt(saved))) return undefined;
  return caller(frame, virt(saved), top, outer, false);
}

/** The chain that -fno-omit-frame-pointer makes: s0 is the frame's top, below it ra, below that the caller's s0. */
function byFramePointer(machine: Inspection, frame: MachineFrame): MachineFrame | undefined {
  const [fp, sp] = [frame.register(FP) ?? 0n, frame.register(SP)];
  const size = BigInt(machine.xlen / 8);
  if (fp === 0n || fp % size !== 0n || (sp !== undefined && fp <= sp)) return undefined;
  const ra = wordOf(frame, fp - size, machine);
  const next = wordOf(frame, fp - 2n * size, machine);
  if (ra === undefined || next === undefined || !isReturnAddress(machine, frame, virt(ra))) return undefined;
  if (next !== 0n && next <= fp) return undefined;
  return caller(frame, virt(ra), fp, next, true);
}

function caller(frame: MachineFrame, pc: VirtAddr, sp: bigint, fp: bigint | undefined, guessed: boolean): MachineFrame {
  const known = new Map([
    [SP, sp],
    [FP, fp],
  ]);
  return {
    ...frame,
    pc,
    called: true,
    guessed,
    trap: undefined,
    register: (number) => (number === 0 ? 0n : known.get(number)),
    savedAt: () => undefined,
  };
}

/** Whether a call stands just before `address`, or a symbol that a trap's entry code puts into ra by hand. */
function isReturnAddress(machine: Inspection, frame: MachineFrame, address: VirtAddr): boolean {
  if (address === 0n || address % 2n !== 0n) return false;
  if (frame.symbols.symbolAt(address)?.offset === 0n) return true;
  return [2, 4].some((length) => {
    const call = instructionIn(frame, machine, plus(address, -length));
    return call?.length === length && isCall(call);
  });
}

/** The instruction that the frame's code has at `address`, in its own address space. */
function instructionIn(frame: MachineFrame, { xlen }: Inspection, address: VirtAddr) {
  return decoded(frame.read(address, 4) ?? frame.read(address, 2) ?? new Uint8Array(0), xlen);
}
