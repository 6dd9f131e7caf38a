// Where a stack crosses a trap: the frame of the trap's entry code is followed by what was interrupted. Which of the
// open traps it is, is told by the registers that the entry code has saved: a kernel that switches tasks leaves traps in
// another order than it took them.

import type { OpenTrap } from '../../emulator/events.ts';
import type { HartView } from '../../emulator/inspection.ts';
import type { SessionContext } from '../session-context.ts';
import { interrupted, type MachineFrame, RA, SP, siteOf, unsigned, wordOf } from './frame.ts';

/** Words above the entry code's sp in which it saves registers: more than there are. */
const SAVE_AREA = 48;
/** Values below are too common to tell anything. */
const TELLING = 0x1000n;

export class TrapBoundaries {
  readonly #session: SessionContext;
  readonly #hart: HartView;
  /** The traps that may have been taken below the frames seen so far; outermost first. */
  #left: readonly OpenTrap[];
  /** Traps that other harts took: a kernel goes on with a task on any hart. Only what it has saved tells of them. */
  readonly #elsewhere: readonly OpenTrap[];
  #level = 0;

  constructor(session: SessionContext, hart: HartView) {
    this.#session = session;
    this.#hart = hart;
    this.#left = session.watch.trapsOf(hart.id).open;
    const others = session.machine.harts.filter(({ id }) => id !== hart.id);
    this.#elsewhere = others.flatMap(({ id }) => session.watch.trapsOf(id).open);
  }

  /** What the trap interrupted, where the frame is its entry code. Asked once for each frame, in their order. */
  beyond(frame: MachineFrame): MachineFrame | undefined {
    this.#level += 1;
    const candidates = this.#left.filter((trap) => isEntryCode(frame, trap));
    const saved = (trap: OpenTrap) => this.#saveArea(frame, trap) !== undefined;
    // Where the hart stands nothing need be saved yet.
    const latest = this.#level === 1 ? candidates.at(-1) : undefined;
    const found =
      candidates.filter(saved).at(-1) ??
      latest ??
      this.#elsewhere.filter((trap) => isEntryCode(frame, trap) && saved(trap)).at(-1) ??
      candidates.at(-1);
    return found && this.#cross(frame, found);
  }

  /** A caller that is the interrupted code, since the entry code has jumped to its handler and left ra as it was. */
  instead(caller: MachineFrame | undefined): MachineFrame | undefined {
    const trap = this.#left.at(-1);
    const entered = caller && trap && caller.pc === unsigned(trap.registers[RA] ?? 0n, this.#session.machine);
    return entered ? this.#cross(caller, trap) : caller;
  }

  #cross(frame: MachineFrame, trap: OpenTrap): MachineFrame {
    const { machine, symbols } = this.#session;
    // What the hart itself was in when it went on with another one's trap says nothing of that one's stack.
    this.#left = this.#left.slice(0, Math.max(0, this.#left.indexOf(trap)));
    const saved = this.#saveArea(frame, trap);
    return interrupted(machine, this.#hart, trap, symbols, (number) => saved?.get(number));
  }

  /** Where the frame has saved the registers of the trap, by number; undefined where it has not saved most of them. */
  #saveArea(frame: MachineFrame, trap: OpenTrap): ReadonlyMap<number, bigint> | undefined {
    const { machine } = this.#session;
    const sp = frame.register(SP);
    if (sp === undefined) return undefined;
    const size = BigInt(machine.xlen / 8);
    const words = new Map<bigint, bigint>();
    for (let index = 0n; index < SAVE_AREA; index += 1n) {
      const word = wordOf(frame, sp + index * size, machine);
      if (word !== undefined && !words.has(word)) words.set(word, sp + index * size);
    }
    const places = new Map<number, bigint>();
    let telling = 0;
    trap.registers.forEach((value, number) => {
      const register = unsigned(value, machine);
      if (register < TELLING) return;
      telling += 1;
      const place = words.get(register);
      if (place !== undefined) places.set(number, place);
    });
    return places.size * 2 >= telling && places.size > 0 ? places : undefined;
  }
}

/** Whether the frame is in the trap's entry code itself, at whatever label of it; such code has no caller. */
function isEntryCode({ pc, called, symbols }: MachineFrame, { event }: OpenTrap): boolean {
  if (pc === event.handler) return true;
  const handler = symbols.locate(event.handler);
  const site = symbols.locate(siteOf({ pc, called }));
  if (!handler || !site || handler.module !== site.module) return false;
  const { file } = handler.module;
  const start = file.symbolAt(handler.link)?.value;
  return [file.symbolAt(site.link), file.symbolAround(site.link)].some((symbol) => symbol?.value === start);
}
