// Whether the machine runs, and the one way in which it stops.

import { hex } from '../../emulator/address.ts';
import type { GuestEnd } from '../../emulator/control.ts';
import { announceMoves } from '../modules/announce.ts';
import type { SessionContext } from '../session-context.ts';
import { stackOf } from '../stack/rows.ts';
import { isExplained } from '../stack/shown.ts';
import { Driver, Interruption } from './driver.ts';
import { GuestConsole } from './guest-console.ts';
import type { StopFact } from './stop-fact.ts';

/** What to do until the machine stops; reaching the end is a finished step of `hart`. */
export interface Plan {
  readonly hart: number;
  readonly go: (driver: Driver) => Promise<void>;
}

/** The one reason for which VS Code opens the disassembly by itself. The fact stands in the description all the same. */
const disassemblyReason = 'instruction breakpoint';

export class RunControl {
  readonly console: GuestConsole;
  /** Why the machine stands now; undefined before the first stop. */
  lastStop: StopFact | undefined;
  readonly #session: SessionContext;
  readonly #stopped: () => void;
  /** Settles when the machine has come to a stop. */
  #run: Promise<void> | undefined;
  /** The hart that a wish to pause names. */
  #pausing: number | undefined;
  #discarding = false;

  /** `stopped` is told of each stop before the client is. */
  constructor(session: SessionContext, stopped: () => void) {
    this.#session = session;
    this.#stopped = stopped;
    this.console = new GuestConsole(session);
  }

  get running(): boolean {
    return this.#run !== undefined;
  }

  start(plan: Plan): void {
    if (this.#run) return;
    this.#pausing = undefined;
    this.#run = this.#follow(plan);
  }

  /** `hart` is the one that the client wants to look at. */
  pause(hart: number): void {
    this.#pausing = hart;
  }

  /** Stops without telling the client; resolves when the machine stands. */
  async halt(): Promise<void> {
    this.#discarding = true;
    this.#pausing = 0;
    await this.#run;
    this.#discarding = false;
  }

  /** Tells the client that the machine stands. */
  stop(fact: StopFact): void {
    this.lastStop = fact;
    this.#stopped();
    const { send, symbols, watch } = this.#session;
    announceMoves(this.#session, watch.takeMoved());
    for (const problem of symbols.newProblems()) this.#session.output(problem, 'important');
    send('stopped', {
      reason: this.#showsDisassembly(fact) ? disassemblyReason : fact.reason,
      description: fact.description,
      text: fact.description,
      threadId: fact.hart + 1,
      allThreadsStopped: true,
      hitBreakpointIds: [...fact.breakpointIds],
    });
    send('pagewalk/changed', { stop: this.#session.stop });
    void this.#readAhead(fact);
    void this.#session.indexing.whileIdle();
  }

  /** Reads the stack as soon as the client has the news, so that it need not wait for it: it is what clients ask for first.
   * Where VS Code waits, its Call Stack asks, too, and the second answer takes away the frame that is to be explained. */
  async #readAhead(fact: StopFact): Promise<void> {
    await this.#session.host.breathe();
    if (this.running || this.lastStop !== fact) return;
    try {
      stackOf(this.#session, fact.hart).rows(isExplained(fact) ? Number.POSITIVE_INFINITY : 2);
    } catch {
      // Who asks is told.
    }
  }

  /** Whether the editor should open the disassembly of itself, as there is no source to show. What is explained is drawn in
   * a text: the stack has one for it. */
  #showsDisassembly(fact: StopFact): boolean {
    const { client, machine, symbols } = this.#session;
    if (client.clientID !== 'vscode' || isExplained(fact)) return false;
    const hart = machine.harts.find((known) => known.id === fact.hart);
    return hart !== undefined && !symbols.lineAt(hart.pc);
  }

  async #follow(plan: Plan): Promise<void> {
    // The answer to the request that started it goes out first.
    await this.#session.host.breathe();
    const cut = await this.#cut(plan);
    this.#run = undefined;
    this.console.flush();
    if (this.#discarding) return;
    if ('kind' in cut) this.#ended(cut);
    else this.stop(cut);
  }

  async #cut(plan: Plan): Promise<StopFact | GuestEnd> {
    const driver = new Driver(this.#session, this.console, () => this.#pausing);
    try {
      await plan.go(driver);
      return {
        reason: 'step',
        description: `Stepped to ${this.#place(plan.hart)}`,
        hart: plan.hart,
        breakpointIds: [],
        ...(driver.hidden > 0 && { hidden: driver.hidden }),
      };
    } catch (error) {
      if (error instanceof Interruption) return error.cut;
      this.#session.host.log(`run: ${(error as Error).stack ?? error}`);
      const description = `The emulator failed: ${(error as Error).message}`;
      this.#session.output(description, 'important');
      return { reason: 'pause', description, hart: plan.hart, breakpointIds: [] };
    }
  }

  #place(id: number): string {
    const hart = this.#session.machine.harts.find((candidate) => candidate.id === id);
    return hart ? this.#session.symbols.nameOf(hart.pc) || hex(hart.pc) : `hart ${id}`;
  }

  #ended(end: GuestEnd): void {
    const how = end.kind === 'reset' ? 'asked for a reset' : `powered off with code ${end.code}`;
    this.#session.output(`The guest ${how} (${end.by}).`);
    this.#session.send('exited', { exitCode: end.code });
    this.#session.send('terminated', {});
  }
}
