// Whose turn it is and what time it is. Harts take turns of a fixed number of instructions; guest time advances by one
// nanosecond for each instruction of a turn (traps count as one), and jumps over the time when every hart waits.

import type { PhysAddr } from './address.ts';
import type { Board } from './board.ts';
import type { Outcome } from './control.ts';
import type { Engine } from './core/engine.ts';
import { Exit, hartOffset } from './core/layout.ts';
import type { Translator } from './core/translator/translator.ts';
import type { Breakpoints } from './debug/breakpoints.ts';
import type { Watchpoints } from './debug/watchpoints.ts';
import type { HartContext } from './hart/context.ts';
import { pendingWord, supervisorTimer } from './hart/csr-file.ts';
import { Csr } from './hart/csr-numbers.ts';
import type { Hart } from './hart/hart.ts';
import { interruptToTake, takeTrap } from './hart/traps.ts';

/** Nanoseconds of guest time for a tick of mtime. */
const NS_PER_TICK = 100;
/** Most instructions of one call of generated code: V8 replaces a running function only between calls. */
const SLICE = 1_000_000;
/** Most instructions that a turn goes on for while a reservation is held. */
const LR_SC_GRACE = 64;

export interface RunOptions {
  readonly skipIdle: boolean;
  readonly resume: boolean;
  /** Stop when this hart has retired an instruction or taken a trap. */
  readonly step?: number;
}

interface Parts {
  readonly engine: Engine;
  readonly context: HartContext;
  readonly board: Board;
  readonly breakpoints: Breakpoints;
  readonly watchpoints: Watchpoints;
  readonly translator: Translator;
  /** Puts the instruction at pc to scratch; not 0 = a trap was taken. */
  readonly prepareAlone: (hart: Hart) => number;
}

export class RunLoop {
  private readonly harts: readonly Hart[];
  private readonly quantum: number;
  private parts!: Parts;
  private turn = 0;
  private usedInTurn = 0;
  /** Instructions and traps since the translator last had its turn. */
  private untranslated = 0;
  /** Ticks that mtime is ahead of guest time, after software wrote it; also as a number, where that is exact. */
  private mtimeOffset = 0n;
  private nearOffset: number | undefined = 0;
  /** Guest time (ns) when the current round of turns began, and the longest turn of it so far. */
  private roundStart = 0;
  private longest = 0;
  private stop: Outcome | undefined;
  private ended: Outcome | undefined;
  /** The instruction under way is not to be executed now: it is neither retired nor a trap. */
  private held = false;
  /** Progress of each hart when it was last held, so that the instruction is executed on resuming. */
  private readonly heldAt: number[] = [];
  /** Instructions and traps of each hart when a breakpoint was last reported, so that it is passed on resuming. */
  private readonly passed: number[] = [];

  constructor(harts: readonly Hart[], quantum: number) {
    this.harts = harts;
    this.quantum = quantum;
  }

  connect(parts: Parts): void {
    this.parts = parts;
  }

  reset(): void {
    this.turn = 0;
    this.usedInTurn = 0;
    this.roundStart = 0;
    this.longest = 0;
    this.mtimeOffset = 0n;
    this.nearOffset = 0;
    this.stop = undefined;
    this.ended = undefined;
    this.passed.length = 0;
    this.heldAt.length = 0;
  }

  /** The hart whose turn it is. */
  get current(): Hart {
    return this.harts[this.turn] as Hart;
  }

  /** Guest time in nanoseconds. */
  get now(): number {
    return this.roundStart + this.usedInTurn + this.current.usedInRun;
  }

  /** Ticks of guest time, as the hart sees it. */
  private passedFor(hart: Hart): number {
    return Math.floor((hart === this.current ? this.now : this.roundStart) / NS_PER_TICK);
  }

  /** mtime as the hart sees it. */
  mtimeOf(hart: Hart): bigint {
    return BigInt.asUintN(64, BigInt(this.passedFor(hart)) + this.mtimeOffset);
  }

  /** The same as a number, which is not exact from 2^53 on. */
  ticksOf(hart: Hart): number {
    return this.nearOffset === undefined ? Number(this.mtimeOf(hart)) : this.passedFor(hart) + this.nearOffset;
  }

  setMtime(value: bigint): void {
    this.mtimeOffset = value - BigInt(this.passedFor(this.current));
    const near = Number(this.mtimeOffset);
    this.nearOffset = Number.isSafeInteger(near) ? near : undefined;
    for (const hart of this.harts) hart.mtimeOffset = this.mtimeOffset;
  }

  /** The first reason counts; the end of the guest beats all. */
  stopWith(outcome: Outcome): void {
    if (outcome.reason === 'ended') this.ended = outcome;
    this.stop ??= outcome;
  }

  /** Whether the hart's instruction under way has been held already. */
  wasHeld(hart: Hart): boolean {
    return this.heldAt[hart.id] === progressNow(hart);
  }

  /** Leaves the hart before its instruction under way; the next run executes it. */
  hold(hart: Hart): void {
    this.held = true;
    this.heldAt[hart.id] = progressNow(hart);
  }

  run(limit: number, options: RunOptions): Outcome {
    this.stop = undefined;
    let left = limit;
    const stepped = options.step === undefined ? undefined : (this.harts[options.step] as Hart);
    const stepFrom = stepped ? progress(stepped) : 0;
    const startedAt = options.resume ? this.harts.map(progress) : [];
    for (;;) {
      if (this.ended) return this.ended;
      const stopped = this.takeStop();
      if (stopped) return stopped;
      const hits = this.parts.watchpoints.take();
      if (hits.length) return { reason: 'watchpoint', hart: hits[0]?.hart ?? 0, hits };
      if (stepped && progress(stepped) !== stepFrom) return { reason: 'step', hart: stepped.id };
      if (left <= 0) return { reason: 'limit' };
      const hart = this.current;
      if (this.leftOfTurn(hart) <= 0 || !this.mayRun(hart)) {
        if (this.passTurn()) continue;
        const until = this.nextTimer();
        if (until === undefined || !options.skipIdle) {
          return { reason: 'idle', until: until === undefined ? undefined : BigInt(until) };
        }
        this.skipTo(until);
        continue;
      }
      const untilTimer = this.untilTimer(hart);
      const interrupt = interruptToTake(hart, this.parts.context);
      if (interrupt !== undefined) {
        takeTrap(hart, interrupt, 0n, true, this.parts.context);
        left -= this.countTrap(hart);
        continue;
      }
      const budget = Math.min(left, this.leftOfTurn(hart), untilTimer, SLICE);
      this.translate();
      left -= this.runHart(hart, hart === stepped ? 1 : budget, startedAt[hart.id]);
    }
  }

  /** Between calls of generated code, where nothing is left to be counted or told should it fail. */
  private translate(): void {
    const used = this.untranslated;
    this.untranslated = 0;
    this.parts.translator.work(used);
  }

  /** Why to stop, with the watchpoints that the same instruction hit. */
  private takeStop(): Outcome | undefined {
    if (this.stop?.reason !== 'event') return this.stop;
    const hits = this.parts.watchpoints.take();
    return hits.length ? { ...this.stop, hits } : this.stop;
  }

  /** Runs the hart and deals with why it came back; returns what it used of the limit. */
  private runHart(hart: Hart, budget: number, startedAt: number | undefined): number {
    const before = this.usedInTurn;
    const exit = this.enter(hart, budget, false);
    if (exit === Exit.trap) this.leftByTrap(hart);
    if (exit === Exit.breakpoint) {
      const pa = this.parts.breakpoints.hit(hart);
      const here = progress(hart);
      if (pa !== undefined && here !== this.passed[hart.id] && here !== startedAt) this.report(hart, pa);
      else this.stepAlone(hart);
    }
    const used = this.usedInTurn - before;
    this.untranslated += used;
    return used;
  }

  private report(hart: Hart, pa: PhysAddr): void {
    this.passed[hart.id] = progress(hart);
    this.stopWith({ reason: 'breakpoint', hart: hart.id, pc: hart.pc, pa });
  }

  /** One instruction, whatever breakpoint lies on it. */
  private stepAlone(hart: Hart): void {
    if (this.parts.prepareAlone(hart) || this.enter(hart, 1, true) === Exit.trap) this.leftByTrap(hart);
  }

  /** Calls generated code and counts what retired. */
  private enter(hart: Hart, budget: number, alone: boolean): number {
    const mayInterrupt = (pendingWord(hart, this.parts.context) & hart.rawWord(Csr.mie)) !== 0;
    hart.setWord(hartOffset.interruptible, mayInterrupt ? 1 : 0);
    hart.granted = budget;
    hart.underWay = 1;
    hart.setWord(hartOffset.left, budget);
    hart.setWord(hartOffset.stash, 0);
    hart.setWord(hartOffset.trapsInRun, 0);
    hart.clock = this.roundStart + this.usedInTurn + budget - 1;
    hart.lastInstret = hart.retired + budget - 1;
    const exit = this.parts.engine.run(hart.block, budget, alone);
    const used = budget - hart.word(hartOffset.left);
    hart.granted = 0;
    hart.retired += used - hart.trapsInRun;
    hart.traps += hart.trapsInRun;
    hart.setWord(hartOffset.trapsInRun, 0);
    this.usedInTurn += used;
    return exit;
  }

  private leftByTrap(hart: Hart): void {
    if (!this.held) this.countTrap(hart);
    this.held = false;
  }

  private countTrap(hart: Hart): number {
    hart.traps += 1;
    this.usedInTurn += 1;
    return 1;
  }

  /**
   * Instructions until the turn may end. It goes on for a while where a reservation is held, so that a constrained LR/SC
   * loop ends whatever the quantum (rule of the A chapter: eventual success).
   */
  private leftOfTurn(hart: Hart): number {
    const left = this.quantum - this.usedInTurn;
    if (left > 0 || this.harts.length === 1 || left <= -LR_SC_GRACE) return left;
    return hart.word(hartOffset.reservation) ? 1 : 0;
  }

  private mayRun(hart: Hart): boolean {
    const asleep = hart.state === 'waiting' || hart.state === 'suspended';
    if (asleep && pendingWord(hart, this.parts.context) & hart.rawWord(Csr.mie)) hart.state = 'started';
    return hart.state === 'started';
  }

  /** Gives the turn to the next hart that can run; false when none can. */
  private passTurn(): boolean {
    for (let count = 0; count < this.harts.length; count += 1) {
      this.longest = Math.max(this.longest, this.usedInTurn);
      this.turn += 1;
      this.usedInTurn = 0;
      if (this.turn === this.harts.length) {
        this.turn = 0;
        this.roundStart += this.longest;
        this.longest = 0;
        this.parts.board.tick();
      }
      if (this.harts.length > 1) this.current.dropReservation();
      if (this.mayRun(this.current)) return true;
    }
    return false;
  }

  /** The guest times (ns) at which the hart's timers are due; Infinity = never. */
  private deadlinesOf(hart: Hart): readonly number[] {
    const machine = this.parts.board.aclint.deadline(hart.id);
    const supervisor = supervisorTimer(hart, this.parts.context);
    const { nearOffset } = this;
    const nanoseconds = (ticks: bigint) => {
      const passed = nearOffset === undefined ? Number(ticks - this.mtimeOffset) : Number(ticks) - nearOffset;
      const value = passed * NS_PER_TICK;
      return value > Number.MAX_SAFE_INTEGER ? Infinity : value;
    };
    return supervisor === undefined ? [nanoseconds(machine)] : [nanoseconds(machine), nanoseconds(supervisor)];
  }

  /** Instructions until a timer of the hart is due; one that is due already is pending from now on and counts no more. */
  private untilTimer(hart: Hart): number {
    const { now } = this;
    const { board } = this.parts;
    const deadlines = this.deadlinesOf(hart);
    const { due } = board;
    if (Math.min(deadlines[0] as number, due) <= now) board.tickFor(hart.id);
    let next = due > now ? due : Infinity;
    for (const deadline of deadlines) if (deadline > now && deadline < next) next = deadline;
    return next - now;
  }

  /** Guest time of the next timer of any hart, if one is set. */
  private nextTimer(): number | undefined {
    const { now } = this;
    const harts = this.harts.filter(({ state }) => state !== 'stopped');
    const deadlines = [...harts.flatMap((hart) => this.deadlinesOf(hart)), this.parts.board.due];
    const next = Math.min(...deadlines.filter((deadline) => deadline > now));
    return next === Infinity ? undefined : next;
  }

  /** Idle time passes. */
  skipTo(time: number): void {
    const target = Math.max(time, this.roundStart + Math.max(this.longest, this.usedInTurn));
    this.roundStart = target;
    this.longest = 0;
    this.usedInTurn = 0;
    this.turn = 0;
    this.parts.board.tick();
  }
}

/** As `progress`, in the middle of a run. */
function progressNow(hart: Hart): number {
  return progress(hart) + hart.usedInRun;
}

/** Grows with every instruction and every trap of the hart. */
function progress(hart: Hart): number {
  return hart.retired + hart.traps;
}
