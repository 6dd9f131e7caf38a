// The steps that a user asks for, as plans.

import { plus, type VirtAddr } from '../../emulator/address.ts';
import type { MachineEvent, TrapEvent } from '../../emulator/events.ts';
import { UserError } from '../../emulator/user-error.ts';
import type { SessionContext } from '../session-context.ts';
import { SP } from '../stack/frame.ts';
import { stackOf } from '../stack/rows.ts';
import type { Line } from '../symbols.ts';
import { instructionAt, isCall } from './code.ts';
import type { Driver } from './driver.ts';
import type { Plan } from './run-control.ts';
import type { OpenTrap } from './traps.ts';

const SATP = 0x180;

/** On, until something stops it. */
export function continueRun(hart: number): Plan {
  return { hart, go: (driver) => driver.runOn() };
}

/** One instruction; a trap leads to its handler. */
export function stepInstruction(hart: number): Plan {
  return {
    hart,
    async go(driver) {
      await driver.step(hart);
    },
  };
}

/** One instruction; calls and traps are run through. */
export function nextInstruction(session: SessionContext, hart: number): Plan {
  return { hart, go: (driver) => overInstruction(session, driver, hart) };
}

/** To another line; calls and traps are run through. By instruction where no line is known. */
export function nextLine(session: SessionContext, hart: number): Plan {
  return {
    hart,
    go: (driver) =>
      toAnotherLine(session, driver, hart, async () => {
        await overInstruction(session, driver, hart);
        return false;
      }),
  };
}

/** To another line, into calls of functions that have lines, into exceptions; interrupts are run through. */
export function stepLine(session: SessionContext, hart: number): Plan {
  return { hart, go: (driver) => toAnotherLine(session, driver, hart, () => intoInstruction(session, driver, hart)) };
}

/** To the caller; out of a trap to where it was taken. */
export function stepOut(session: SessionContext, hart: number): Plan {
  const caller = stackOf(session, hart).frame(1);
  const trap = caller ? caller.trap : session.watch.trapsOf(hart).open.at(-1);
  if (trap) return { hart, go: (driver) => leaveTrap(driver, trap) };
  if (!caller) throw new UserError('There is no caller to step out to: this frame is the outermost known.');
  const [pc, sp] = [caller.pc, caller.register(SP)];
  return {
    hart,
    go: (driver) => driver.runTo(session.symbols.placesOf(pc), hart, () => driver.hart(hart).x(2) >= (sp ?? 0n)),
  };
}

async function overInstruction(session: SessionContext, driver: Driver, hart: number): Promise<void> {
  const { pc } = driver.hart(hart);
  const sp = driver.hart(hart).x(2);
  for (;;) {
    const instruction = instructionAt(driver.machine, driver.hart(hart), pc);
    const trap = await driver.step(hart);
    if (trap) {
      if (!(await throughTrap(session, driver, trap))) return;
      // Taken before the instruction (an interrupt) or to be tried again (a page fault that was mended).
      if (driver.hart(hart).pc === pc) continue;
      return;
    }
    const behind = instruction && plus(pc, instruction.length);
    if (instruction && behind !== undefined && isCall(instruction) && driver.hart(hart).pc !== behind) {
      await driver.runTo(session.symbols.placesOf(behind), hart, () => driver.hart(hart).x(2) >= sp);
    }
    return;
  }
}

/** Returns true where the step ends for good: in a handler, or in a function that has lines. */
async function intoInstruction(session: SessionContext, driver: Driver, hart: number): Promise<boolean> {
  const { symbols } = session;
  const { pc } = driver.hart(hart);
  const sp = driver.hart(hart).x(2);
  const instruction = instructionAt(driver.machine, driver.hart(hart), pc);
  const trap = await driver.step(hart);
  if (trap) return trap.interrupt ? !(await throughTrap(session, driver, trap)) : true;
  const target = driver.hart(hart).pc;
  const behind = instruction && plus(pc, instruction.length);
  if (!instruction || behind === undefined || !isCall(instruction) || target === behind) return false;
  const start = symbols.symbolAt(target)?.offset === 0n ? symbols.functionStart(target) : target;
  if (!symbols.lineAt(start)) {
    await driver.runTo(symbols.placesOf(behind), hart, () => driver.hart(hart).x(2) >= sp);
    return false;
  }
  if (start !== target) await driver.runTo(symbols.placesOf(start), hart, () => true);
  return true;
}

/** Repeats `once` until the line is another one, or there is none any more. */
async function toAnotherLine(
  session: SessionContext,
  driver: Driver,
  hart: number,
  once: () => Promise<boolean>,
): Promise<void> {
  const start = session.symbols.lineAt(driver.hart(hart).pc);
  for (;;) {
    const ended = await once();
    if (ended || !start) return;
    const line = session.symbols.lineAt(driver.hart(hart).pc);
    if (!line || !isSameLine(line, start)) return;
  }
}

/** Line 0 is code that the compiler says belongs to no line: it counts to the line before. */
function isSameLine(line: Line, start: Line): boolean {
  return line.line === 0 || (line.line === start.line && line.file === start.file);
}

/** Runs until the trap has been left; false where it leads on, by the kernel's own plan, and the hart stays there. */
async function throughTrap(session: SessionContext, driver: Driver, event: TrapEvent): Promise<boolean> {
  if (session.watch.isPlanned(event)) return false;
  const open = session.watch.trapsOf(event.hart).open.at(-1);
  if (open) await leaveTrap(driver, open);
  return true;
}

/** Runs until the hart goes back to the interrupted code: same privilege, same stack, same address space. */
async function leaveTrap(driver: Driver, { event, registers, satp }: OpenTrap): Promise<void> {
  const targets: readonly VirtAddr[] = [event.pc, plus(event.pc, 2), plus(event.pc, 4)];
  await driver.runUntil((later: MachineEvent) => {
    if (later.kind !== 'trap-return' || later.hart !== event.hart || later.to !== event.from) return false;
    const hart = driver.hart(event.hart);
    return targets.includes(later.target) && hart.x(SP) === registers[SP] && hart.csr(SATP) === satp;
  });
}
