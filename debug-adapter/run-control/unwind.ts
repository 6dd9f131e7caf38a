// The callers of where a hart stands. A function's own prologue says where it has put the return address and the frame
// pointer; where there is none to read, the frame-pointer chain and, in the innermost frame, ra are tried and checked.

import { plus, type VirtAddr, virt } from '../../emulator/address.ts';
import type { HartView } from '../../emulator/inspection.ts';
import { here, readSpace } from '../memory/space.ts';
import type { SessionContext } from '../session-context.ts';
import { instructionAt, isCall, isReturn } from './code.ts';
import { readPrologue } from './prologue.ts';
import type { OpenTrap } from './traps.ts';

export interface Caller {
  readonly pc: VirtAddr;
  readonly sp: bigint | undefined;
  readonly fp: bigint;
  /** The register: known in the innermost frame and in code that a trap interrupted, not in callers. */
  readonly ra: bigint | undefined;
  /** Guessed from registers, not read from what the prologue did. */
  readonly guessed: boolean;
  /** This frame was interrupted by the trap, whose handler is the frame before. */
  readonly trap?: OpenTrap;
}

const DEEPEST = 64;

/** Innermost first. */
export function unwind(session: SessionContext, hartId: number): Caller[] {
  const hart = session.machine.harts.find(({ id }) => id === hartId) as HartView;
  const traps = [...session.watch.trapsOf(hartId).open];
  const frames: Caller[] = [{ pc: hart.pc, sp: hart.x(2), fp: hart.x(8), ra: hart.x(1), guessed: false }];
  while (frames.length < DEEPEST) {
    const frame = frames.at(-1) as Caller;
    const trap = traps.at(-1);
    if (trap && isHandler(session, frame, trap)) {
      traps.pop();
      frames.push({ pc: trap.event.pc, sp: trap.sp, fp: trap.fp, ra: trap.ra, guessed: false, trap });
    } else {
      const caller = callerOf(session, hart, frame);
      if (!caller) break;
      frames.push(caller);
    }
  }
  return frames;
}

/** The address that says where a frame is: of a caller the call, which may be the last instruction of its function. */
export function siteOf({ pc, ra }: Caller): VirtAddr {
  return ra === undefined ? plus(pc, -1) : pc;
}

/** Whether the frame is the trap's entry code itself, which has no caller. */
function isHandler({ symbols }: SessionContext, frame: Caller, { event }: OpenTrap): boolean {
  const handler = symbols.symbolAt(event.handler);
  const inside = symbols.symbolAt(siteOf(frame));
  return frame.pc === event.handler || (handler !== undefined && handler.value === inside?.value);
}

function callerOf(session: SessionContext, hart: HartView, frame: Caller): Caller | undefined {
  const { machine, symbols } = session;
  const word = (address: bigint) => readWord(session, hart, address);
  const at = instructionAt(machine, hart, frame.pc);
  const symbol = symbols.symbolAt(siteOf(frame));
  const prologue = readPrologue(machine, hart, symbol ? virt(symbol.value) : undefined, frame.pc);

  // Still, or again, without a frame of its own: the return address is in ra.
  const leaf = (at && isReturn(at)) || !prologue.ra;
  if (frame.ra !== undefined && frame.sp !== undefined && leaf) {
    const sp = at && isReturn(at) ? frame.sp : virt(frame.sp + prologue.size);
    // Left over from a call of the function's own, unless nothing has been called yet.
    const stale = !prologue.straight && symbol && symbols.symbolAt(virt(frame.ra))?.value === symbol.value;
    if (!stale && frame.ra !== frame.pc && isReturnAddress(session, hart, frame.ra)) {
      const fp = prologue.fp === undefined ? frame.fp : (word(sp + prologue.fp) ?? frame.fp);
      return { pc: virt(frame.ra), sp, fp, ra: undefined, guessed: symbol === undefined };
    }
  }
  const top = prologue.usesFp ? frame.fp : frame.sp === undefined ? undefined : virt(frame.sp + prologue.size);
  if (prologue.ra !== undefined && top !== undefined) {
    const ra = word(top + prologue.ra);
    const fp = prologue.fp === undefined ? frame.fp : word(top + prologue.fp);
    if (ra !== undefined && fp !== undefined && isReturnAddress(session, hart, ra)) {
      return { pc: virt(ra), sp: top, fp, ra: undefined, guessed: false };
    }
  }
  return byFramePointer(session, hart, frame);
}

/** The chain that -fno-omit-frame-pointer makes: s0 is the frame's top, below it ra, below that the caller's s0. */
function byFramePointer(session: SessionContext, hart: HartView, { fp, sp }: Caller): Caller | undefined {
  const size = BigInt(session.machine.xlen / 8);
  if (fp === 0n || fp % size !== 0n || (sp !== undefined && fp <= sp)) return undefined;
  const ra = readWord(session, hart, fp - size);
  const next = readWord(session, hart, fp - 2n * size);
  if (ra === undefined || next === undefined || !isReturnAddress(session, hart, ra)) return undefined;
  if (next !== 0n && next <= fp) return undefined;
  return { pc: virt(ra), sp: fp, fp: next, ra: undefined, guessed: true };
}

/** Whether a call stands just before `address`, or a symbol that a trap's entry code puts into ra by hand. */
function isReturnAddress({ machine, symbols }: SessionContext, hart: HartView, address: bigint): boolean {
  if (address === 0n || address % 2n !== 0n) return false;
  if (symbols.symbolAt(virt(address))?.offset === 0n) return true;
  return [2, 4].some((length) => {
    const call = instructionAt(machine, hart, plus(virt(address), -length));
    return call?.length === length && isCall(call);
  });
}

function readWord({ machine }: SessionContext, hart: HartView, address: bigint): bigint | undefined {
  const size = machine.xlen / 8;
  const bytes = readSpace(machine, hart, here, BigInt.asUintN(64, address), size);
  if (bytes.length < size) return undefined;
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}
