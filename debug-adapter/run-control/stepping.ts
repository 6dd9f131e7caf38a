// The steps that a user asks for, as plans.

import { plus, type VirtAddr } from '../../emulator/address.ts';
import type { MachineEvent, OpenTrap, TrapEvent } from '../../emulator/events.ts';
import { UserError } from '../../emulator/user-error.ts';
import type { SessionContext } from '../session-context.ts';
import { SP } from '../stack/frame.ts';
import { stackOf } from '../stack/rows.ts';
import { instructionAt, isCall, isReturn } from './code.ts';
import { type Driver, Interruption } from './driver.ts';
import { leaveInlined, type Moved, stepByLine } from './line-step.ts';
import type { Plan } from './run-control.ts';

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
  return {
    hart,
    async go(driver) {
      await overInstruction(session, driver, hart);
    },
  };
}

/** To another line; calls, inlined or not, and traps are run through. By instruction where no line is known. */
export function nextLine(session: SessionContext, hart: number): Plan {
  return {
    hart,
    go: (driver) => stepByLine(session, driver, hart, false, () => overInstruction(session, driver, hart)),
  };
}

/** To another line, into calls of functions that have lines, into exceptions; interrupts are run through. */
export function stepLine(session: SessionContext, hart: number): Plan {
  return {
    hart,
    go: (driver) => stepByLine(session, driver, hart, true, () => intoInstruction(session, driver, hart)),
  };
}

/** To the caller, of an inlined function too; out of a trap to where it was taken. */
export function stepOut(session: SessionContext, hart: number): Plan {
  const stack = stackOf(session, hart);
  const [top] = stack.rows(1);
  if (top && 'frame' in top && top.inlined) {
    return { hart, go: (driver) => leaveInlined(session, driver, hart, () => overInstruction(session, driver, hart)) };
  }
  let level = 1;
  while (stack.frame(level)?.jumpedOn) level++;
  const caller = stack.frame(level);
  const trap = caller ? caller.trap : session.watch.trapsOf(hart).open.at(-1);
  if (trap) return { hart, go: (driver) => leaveTrap(driver, trap, hart) };
  if (!caller) throw new UserError('There is no caller to step out to: this frame is the outermost known.');
  const [pc, sp] = [caller.pc, caller.register(SP)];
  return {
    hart,
    go: (driver) => driver.runTo(session.symbols.placesOf(pc), hart, () => driver.hart(hart).x(2) >= (sp ?? 0n)),
  };
}

async function overInstruction(session: SessionContext, driver: Driver, hart: number): Promise<Moved> {
  const { pc } = driver.hart(hart);
  const sp = driver.hart(hart).x(SP);
  for (;;) {
    const instruction = instructionAt(driver.machine, driver.hart(hart), pc);
    const trap = await driver.step(hart);
    if (trap) {
      if (!(await throughTrap(session, driver, trap))) return 'on';
      // Taken before the instruction (an interrupt) or to be tried again (a page fault that was mended).
      if (driver.hart(hart).pc === pc) continue;
      return 'on';
    }
    const behind = instruction && plus(pc, instruction.length);
    if (instruction && behind !== undefined && isCall(instruction) && driver.hart(hart).pc !== behind) {
      await driver.runTo(session.symbols.placesOf(behind), hart, () => driver.hart(hart).x(SP) >= sp);
    }
    return instruction && isReturn(instruction) ? 'left' : 'on';
  }
}

async function intoInstruction(session: SessionContext, driver: Driver, hart: number): Promise<Moved> {
  const { symbols } = session;
  const { pc } = driver.hart(hart);
  const sp = driver.hart(hart).x(SP);
  const instruction = instructionAt(driver.machine, driver.hart(hart), pc);
  const trap = await driver.step(hart);
  if (trap) return trap.interrupt && (await throughTrap(session, driver, trap)) ? 'on' : 'ended';
  const target = driver.hart(hart).pc;
  const behind = instruction && plus(pc, instruction.length);
  if (!instruction || behind === undefined || target === behind) return 'on';
  if (!isCall(instruction)) return isReturn(instruction) ? 'left' : 'on';
  const start = symbols.symbolAt(target)?.offset === 0n ? symbols.functionStart(target) : target;
  if (!symbols.lineAt(start)) {
    await driver.runTo(symbols.placesOf(behind), hart, () => driver.hart(hart).x(SP) >= sp);
    return 'on';
  }
  if (start !== target) await driver.runTo(symbols.placesOf(start), hart, () => true);
  return 'ended';
}

/** Runs until the trap has been left; false where it leads on, by the kernel's own plan, and the hart stays there. */
async function throughTrap(session: SessionContext, driver: Driver, event: TrapEvent): Promise<boolean> {
  if (session.watch.isPlanned(event)) return false;
  const open = session.watch.trapsOf(event.hart).open.at(-1);
  if (open) await leaveTrap(driver, open, event.hart);
  return true;
}

/**
 * Runs until a hart goes back to the interrupted code: same privilege, same stack, same address space. A kernel may have
 * gone on with it on another hart than the one that steps: then the step ends there.
 */
async function leaveTrap(driver: Driver, { event, registers, satp }: OpenTrap, steps: number): Promise<void> {
  let on = steps;
  const targets: readonly VirtAddr[] = [event.pc, plus(event.pc, 2), plus(event.pc, 4)];
  await driver.runUntil((later: MachineEvent) => {
    if (later.kind !== 'trap-return' || later.to !== event.from || !targets.includes(later.target)) return false;
    const hart = driver.hart(later.hart);
    on = hart.id;
    return hart.x(SP) === registers[SP] && (hart.csr(SATP) ?? 0n) === satp;
  });
  if (on === steps) return;
  const description = `Back from the trap on hart ${on}`;
  throw new Interruption({ reason: 'step', description, hart: on, breakpointIds: [] });
}
