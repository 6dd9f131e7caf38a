// pagewalk explain: why a guest trapped.

import { kernelProgramOf } from '../debug-adapter/program/kernel-program.ts';
import { Traps } from '../debug-adapter/run-control/traps.ts';
import { hex64 } from '../emulator/address.ts';
import type { TrapEvent } from '../emulator/events.ts';
import type { HartView } from '../emulator/inspection.ts';
import {
  ExpectedTraps,
  type ExplainedTrap,
  explainedFields,
  explainTrap,
  parsePoint,
  pointHelp,
} from '../kernel/index.ts';
import { drive } from './drive.ts';
import { exitCodeOf } from './ending.ts';
import { type Guest, loadGuest } from './guest.ts';
import type { Verb } from './help.ts';
import { namesOf } from './names.ts';
import { endOptions, help, launchOf, limitOf, machineOptions, oneOf } from './options.ts';
import { awaitPoint, missed } from './point.ts';
import { Progress } from './progress.ts';

const SATP = 0x180;

/** A trap as it was when it was taken. */
interface Taken {
  readonly event: TrapEvent;
  readonly satp: bigint;
  /** Why the kernel reckons with it; undefined = unexpected. */
  readonly expected: string | undefined;
}

export const explain: Verb = {
  name: 'explain',
  operands: ['KERNEL'],
  summary: 'Explains the first trap that the kernel does not reckon with, and what would have let it pass.',
  notes:
    'A kernel reckons with ecalls, interrupts, faults of user programs, its jump to the link address when it turns paging\non, and the instructions of its __ex_table. With --at it is the exception that a hart is in at that point, else the\nlast one before it, expected or not.\nJSON: one object: name, cause, hart, pc, pcSymbol, instruction, va, object, effective, steps, rule, repairs, text,\nexpected.\nExit code: 1 when the trap was unexpected, 0 when there was none; 1 also after a kernel panic or when the guest is stuck;\n2 for a mistake on the command line; 3 at --limit.',
  options: {
    ...machineOptions,
    ...endOptions,
    at: { value: 'POINT', text: `explain what has been taken by then: ${pointHelp}` },
    hart: { value: 'N', text: 'only this hart (default: all)' },
    format: { value: 'FORMAT', text: 'text (default) or json' },
    help,
  },

  async run([kernel = ''], given) {
    const limit = limitOf(given);
    const format = oneOf('format', (given.format as string | undefined) ?? 'text', ['text', 'json'] as const);
    const point = given.at === undefined ? undefined : parsePoint(given.at as string);
    const guest = loadGuest(launchOf(kernel, given));
    const watch = new TrapWatch(guest, given.hart as string | undefined, point === undefined);
    const until = given.until as string | undefined;
    const awaited =
      point !== undefined
        ? awaitPoint(point, guest)
        : watch.awaited(until === undefined ? undefined : awaitPoint({ kind: 'console', text: until }, guest));
    const end = await drive(guest, { limit, awaited, progress: new Progress() });
    if (point && end.kind !== 'reached' && point.kind !== 'end') throw missed(given.at as string, end, awaited);
    const taken = watch.found;
    if (!taken) {
      const what = point ? 'no exception has been taken by then' : 'no unexpected trap';
      process.stdout.write(format === 'json' ? '{}\n' : `${what}\n`);
      return end.kind === 'ended' && end.end.code === 0 ? 0 : exitCodeOf(end);
    }
    const hart = guest.machine.harts.find(({ id }) => id === taken.event.hart) as HartView;
    const told = explainTrap(guest.machine, hart, taken.event, taken.satp, namesOf(guest, hart));
    process.stdout.write(`${format === 'json' ? JSON.stringify(jsonOf(told, taken)) : textOf(told, taken)}\n`);
    return taken.expected === undefined ? 1 : 0;
  },
};

/** Keeps the exceptions that harts are in; stops at the first unexpected one if asked. */
class TrapWatch {
  readonly #traps = new Map<number, Traps>();
  readonly #taken = new Map<TrapEvent, Taken>();
  #last: Taken | undefined;
  #unexpected: Taken | undefined;
  readonly #stops: boolean;

  constructor(guest: Guest, only: string | undefined, stops: boolean) {
    this.#stops = stops;
    const { machine } = guest;
    const expected = new ExpectedTraps(
      machine,
      () => guest.symbols,
      (hart) => kernelProgramOf(guest, hart),
    );
    machine.listen(
      (event) => {
        expected.note(event);
        if (only !== undefined && String(event.hart) !== only) return false;
        const hart = machine.harts.find(({ id }) => id === event.hart) as HartView;
        if (event.kind === 'trap-return') this.#of(event.hart).left(event, hart);
        if (event.kind !== 'trap') return false;
        this.#of(event.hart).taken(event, hart);
        if (event.interrupt || (event.cause >= 8 && event.cause <= 11)) return false;
        this.#last = { event, satp: hart.csr(SATP) ?? 0n, expected: expected.why(event) };
        this.#taken.set(event, this.#last);
        if (this.#taken.size > 256) this.#forget();
        if (this.#last.expected === undefined) this.#unexpected ??= this.#last;
        return stops && this.#unexpected !== undefined;
      },
      { kinds: ['csr-write', 'trap', 'trap-return'], csrs: ExpectedTraps.csrs },
    );
  }

  get found(): Taken | undefined {
    if (this.#stops) return this.#unexpected;
    for (const traps of this.#traps.values()) {
      const open = [...traps.open].reverse().find(({ event }) => this.#taken.has(event));
      if (open) return this.#taken.get(open.event);
    }
    return this.#last;
  }

  /** Reached at the first unexpected trap, or at the other point. */
  awaited(other: ReturnType<typeof awaitPoint> | undefined): ReturnType<typeof awaitPoint> {
    return {
      reached: () => this.#unexpected !== undefined || (other?.reached() ?? false),
      progress: () => other?.progress() ?? '',
      slice: () => other?.slice() ?? Number.POSITIVE_INFINITY,
      dispose: () => other?.dispose(),
    };
  }

  #of(hart: number): Traps {
    const known = this.#traps.get(hart) ?? new Traps();
    this.#traps.set(hart, known);
    return known;
  }

  /** Of those that have been left long ago only the last counts. */
  #forget(): void {
    const open = new Set([...this.#traps.values()].flatMap((traps) => traps.open.map(({ event }) => event)));
    for (const event of this.#taken.keys()) if (!open.has(event)) this.#taken.delete(event);
  }
}

function textOf({ text, details }: ExplainedTrap, { expected }: Taken): string {
  return [text, '', details, ...(expected === undefined ? [] : [`expected: ${expected}`])].join('\n');
}

function jsonOf(told: ExplainedTrap, { expected }: Taken) {
  const { event, steps } = told;
  return {
    ...explainedFields(told),
    instret: Number(event.instret),
    steps: steps.map(({ level, index, pteAddress, pte, text: step }) => ({
      level,
      index,
      pteAddress: hex64(pteAddress),
      ...(pte !== undefined && { pte: hex64(pte) }),
      text: step,
    })),
    ...(expected !== undefined && { expected }),
  };
}
