// pagewalk trace: what happens to address spaces while a guest runs, a line each: to be read, filtered, pasted into mails.

import { describe } from '../debug-adapter/events/describe.ts';
import { type EventPoint, parseEvent } from '../debug-adapter/events/expression.ts';
import { eventKinds, kindPoint } from '../debug-adapter/events/kinds.ts';
import { type Occurrence, pteOf } from '../debug-adapter/events/occurrence.ts';
import { Past } from '../debug-adapter/events/past.ts';
import { EventSource } from '../debug-adapter/events/source.ts';
import { type EventVariables, eventVariables } from '../debug-adapter/events/variables.ts';
import { evaluateCondition } from '../debug-adapter/expressions/index.ts';
import { kernelProgramOf } from '../debug-adapter/program/kernel-program.ts';
import { hex64 } from '../emulator/address.ts';
import type { HartView, Privilege } from '../emulator/inspection.ts';
import { UserError } from '../emulator/user-error.ts';
import { parsePoint, pointHelp } from '../kernel/index.ts';
import { drive } from './drive.ts';
import { exitCodeOf } from './ending.ts';
import { type Guest, loadGuest } from './guest.ts';
import type { Verb } from './help.ts';
import { namesOf } from './names.ts';
import { help, launchOf, limitOf, machineOptions, oneOf, wholeNumber } from './options.ts';
import { type Awaited, awaitPoint } from './point.ts';
import { Progress } from './progress.ts';
import { type Column, row } from './table.ts';

const DEFAULT_EVENTS = 'satp,sfence,trap,priv,hart,wx';
const DEFAULT_LINES = 100_000;
const privileges: Readonly<Record<Privilege, string>> = { 0: 'U', 1: 'S', 3: 'M' };

const columnsFor = (events: readonly EventPoint[]): readonly Column[] => [
  { title: 'instret', width: 13, right: true },
  { title: 'hart', width: 4, right: true },
  { title: 'priv', width: 4 },
  { title: 'pc', width: 18 },
  { title: 'symbol', width: 32 },
  { title: 'event', width: Math.min(20, Math.max(5, ...events.map(({ id }) => id.length))) },
  { title: 'what', width: 0 },
];

const kindList = Object.keys(eventKinds).join(', ');

export const trace: Verb = {
  name: 'trace',
  operands: ['KERNEL'],
  summary: 'Prints what happens to address spaces, a line each: satp writes, fences, traps, stores into page tables, …',
  notes: `Events: ${kindList};\nany event of docs/events.md by its name (map-malformed, trap-unexpected) or expression (csr:stvec, sbi:HSM, map:_stext+2M).\nColumns: instructions the hart had retired before; the hart; the mode it was in; pc and its symbol; the event; what happened.\nJSON: one object a line, with the event's variables as 0x numbers.\nExit code: 0; the guest’s own when it powers off with another; 1 after a kernel panic or when the guest is stuck.`,
  options: {
    ...machineOptions,
    events: { value: 'LIST', text: `what to print, with commas between (default ${DEFAULT_EVENTS})` },
    where: { value: 'EXPR', text: "only events for which this holds, such as '$cause == 15' (docs/expressions.md)" },
    until: { value: 'POINT', text: `where to end: ${pointHelp}` },
    lines: { value: 'N', text: `end after N lines (default ${DEFAULT_LINES})` },
    limit: { value: 'N', text: 'end after N instructions of all harts together' },
    format: { value: 'FORMAT', text: 'text (default) or json' },
    help,
  },

  async run([kernel = ''], given) {
    const limit = limitOf(given);
    const format = oneOf('format', (given.format as string | undefined) ?? 'text', ['text', 'json'] as const);
    const lines = wholeNumber('lines', (given.lines as string | undefined) ?? String(DEFAULT_LINES), 1, 1e12);
    const until = given.until as string | undefined;
    const point = until === undefined ? undefined : parsePoint(until);
    const list = (given.events as string | undefined) ?? DEFAULT_EVENTS;
    const guest = loadGuest(launchOf(kernel, given));
    const progress = new Progress();
    const print = (line: string) => {
      progress.clear();
      process.stdout.write(`${line}\n`);
    };
    const events = eventsOf(list, guest);
    const columns = columnsFor(events);
    if (format === 'text')
      print(
        row(
          columns,
          columns.map(({ title }) => title),
        ),
      );
    const tracer = new Tracer(guest, events, given.where as string | undefined, lines, (told) =>
      print(format === 'json' ? JSON.stringify(jsonOf(told, guest)) : textOf(told, guest, columns)),
    );
    const awaited = tracer.awaited(point && awaitPoint(point, guest));
    const end = await drive(guest, { limit, awaited, progress });
    if (tracer.full) process.stderr.write(`pagewalk: stopped after --lines ${lines}\n`);
    if (tracer.problem) process.stderr.write(`pagewalk: --where held for no event: ${tracer.problem}\n`);
    return end.kind === 'limit' ? 0 : exitCodeOf(end);
  },
};

/** Short names, names of the table, expressions; commas within expressions do not occur. */
function eventsOf(list: string, { machine, symbols }: Guest): EventPoint[] {
  const names = { xlen: machine.xlen, valueOf: (name: string) => symbols.named(name)[0] };
  const wanted = list.split(',').map((name) => name.trim());
  return wanted.map((name) => {
    if (!name)
      throw new UserError(
        `--events ${list}: a name is missing; the events are ${kindList} and those of docs/events.md`,
      );
    try {
      return kindPoint(name) ?? parseEvent(name, names);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      throw new UserError(`--events ${name}: ${error.message} The short names are ${kindList}.`);
    }
  });
}

/** What a line is made of. */
interface Told {
  readonly occurrence: Occurrence;
  readonly event: string;
  readonly privilege: Privilege;
  readonly variables: EventVariables;
}

class Tracer {
  full = false;
  /** Why the condition could not be asked of any event. */
  problem: string | undefined;
  readonly #guest: Guest;
  readonly #points: readonly EventPoint[];
  readonly #where: string | undefined;
  readonly #print: (told: Told) => void;
  readonly #past: Past;
  #left: number;
  #held = false;

  constructor(
    guest: Guest,
    points: readonly EventPoint[],
    where: string | undefined,
    lines: number,
    print: (told: Told) => void,
  ) {
    const { machine, symbols } = guest;
    this.#guest = guest;
    this.#points = points;
    this.#where = where;
    this.#left = lines;
    this.#print = print;
    this.#past = new Past(
      machine,
      () => symbols,
      (hart) => namesOf(guest, hart),
      (hart) => kernelProgramOf(guest, hart),
    );
    const source = new EventSource(machine, ['trap', 'trap-return'], (occurrence) => this.#on(occurrence));
    source.want(points.map(({ needs }) => needs));
  }

  /** Reached when enough has been printed, or at the point. */
  awaited(point: Awaited | undefined): Awaited {
    return {
      reached: () => this.full || (point?.reached() ?? false),
      progress: () => point?.progress() ?? '',
      slice: () => point?.slice() ?? Number.POSITIVE_INFINITY,
      dispose: () => point?.dispose(),
    };
  }

  #on(occurrence: Occurrence): boolean {
    this.#past.note(occurrence);
    if (this.full) return true;
    const facts = this.#past.factsOf(occurrence);
    const point = this.#points.find((one) => one.matches(occurrence, facts));
    if (!point) return false;
    const { machine, symbols } = this.#guest;
    const hart = machine.harts.find(({ id }) => id === occurrence.hart) as HartView;
    const variables = eventVariables(occurrence, facts);
    if (this.#where !== undefined && !this.#holds(this.#where, { machine, hart, symbols, events: variables }))
      return false;
    this.#print({ occurrence, event: point.id, privilege: privilegeOf(occurrence, hart), variables });
    this.#left -= 1;
    this.full = this.#left <= 0;
    return this.full;
  }

  /** An event without the variables that the condition asks for is not meant. */
  #holds(where: string, scope: Parameters<typeof evaluateCondition>[1]): boolean {
    try {
      const holds = evaluateCondition(where, scope);
      this.#held = true;
      this.problem = undefined;
      return holds;
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      if (!this.#held) this.problem = error.message;
      return false;
    }
  }
}

/** The mode that the instruction was in. */
function privilegeOf(occurrence: Occurrence, hart: HartView): Privilege {
  if ('privilege' in occurrence) return occurrence.privilege;
  return 'from' in occurrence ? occurrence.from : hart.privilege;
}

function textOf(told: Told, { machine, symbols }: Guest, columns: readonly Column[]): string {
  const { occurrence, event, privilege } = told;
  const { instret, hart, pc } = occurrence;
  const cells = [String(instret), String(hart), privileges[privilege], hex64(pc), symbols.nameOf(pc)];
  return row(columns, [...cells, event, describe(occurrence, machine.xlen)]);
}

function jsonOf({ occurrence, event, privilege, variables }: Told, { machine, symbols }: Guest) {
  const { instret, hart, pc, kind } = occurrence;
  const pte = pteOf(occurrence);
  const values = Object.entries(variables).filter(([name]) => name !== 'pc' && name !== 'hart' && name !== 'user');
  return {
    instret: Number(instret),
    hart,
    privilege: privileges[privilege],
    pc: hex64(pc),
    symbol: symbols.nameOf(pc),
    event,
    kind,
    text: describe(occurrence, machine.xlen),
    ...(pte !== undefined && { pte: hex64(pte) }),
    variables: Object.fromEntries(values.map(([name, value]) => [name, hex64(value)])),
  };
}
