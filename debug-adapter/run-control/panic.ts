// A kernel that gives up: it is stopped where it enters the function that says so, with the message that it is about to
// print. Linux and most teaching kernels call it panic(format, …); Linux's oops goes through die(regs, text).

import { hex, type PhysAddr } from '../../emulator/address.ts';
import { causeText } from '../../emulator/csr/causes.ts';
import type { HartView } from '../../emulator/inspection.ts';
import { arrives, holds } from '../breakpoints/arrival.ts';
import type { SessionContext } from '../session-context.ts';
import { innermost, type MachineFrame } from '../stack/frame.ts';
import { joinPlaces, type Places, type Symbols } from '../symbols.ts';
import { formatText, readText } from './format-text.ts';
import type { StopFact } from './stop-fact.ts';

export const PANIC = 'kernel-panic';

interface Ending {
  readonly name: string;
  readonly title: string;
  message(frame: MachineFrame, word: number): string | undefined;
}

const endings: readonly Ending[] = [
  { name: 'panic', title: 'Kernel panic', message: (frame, word) => formatText(frame, 10, word) },
  { name: 'die', title: 'Kernel oops', message: (frame) => readText(frame, frame.register(11)) },
  // Rust's own; its message is an object that only the program can print.
  { name: 'rust_begin_unwind', title: 'Kernel panic', message: () => undefined },
];

interface Entry {
  readonly ending: Ending;
  readonly places: Places;
}

/** Of each session whose filter is on; looked up once. */
const waiting = new WeakMap<SessionContext, readonly Entry[]>();

/** Puts the places where kernels give up into the machine, or takes them out, as the filter says. */
export function watchPanics(session: SessionContext): void {
  const { breakpoints, symbols, machine, launcher } = session;
  if (launcher.noDebug) return;
  const { filters, points } = wantedBy(session);
  const entries =
    filters.length + points.length === 0
      ? []
      : endings.flatMap((ending) =>
          symbols.kernelFunctions(ending.name).map((entry) => ({ ending, places: symbols.placesOf(entry) })),
        );
  waiting.set(session, entries);
  breakpoints.standAt('panics', joinPlaces(entries.map(({ places }) => places)), machine);
}

/** The stop, where the hart is about to enter such a function. */
export function panicFact(session: SessionContext, hart: HartView, symbols: Symbols, pa: PhysAddr): StopFact[] {
  const ending = waiting.get(session)?.find(({ places }) => symbols.isAt(places, hart.pc, pa))?.ending;
  if (!ending) return [];
  const { machine } = session;
  const scope = { machine, hart, symbols };
  const { filters, points } = wantedBy(session);
  const hit = [
    ...filters.filter(({ condition }) => condition === undefined || holds(condition, scope, session)),
    ...points.filter((point) => arrives(point, scope, session)),
  ];
  if (hit.length === 0) return [];
  const frame = innermost(machine, hart, symbols);
  const text = ending.message(frame, machine.xlen / 8)?.trim();
  const cause = ending.name === 'die' ? `; ${causeOf(session, hart.id)}` : '';
  return [
    {
      reason: 'exception',
      description: `${ending.title}${text ? `: ${text}` : ''}${cause}`,
      hart: hart.id,
      breakpointIds: hit.map(({ id }) => id),
      exceptionId: ending.title,
    },
  ];
}

/** The exception filter and the breakpoints on the event of that name. */
function wantedBy({ filters, breakpoints }: SessionContext) {
  return {
    filters: filters.active.filter(({ event }) => event.id === PANIC),
    points: breakpoints.all.filter(
      ({ binding }) => binding.kind === 'event' && /^(event:)?kernel-panic$/i.test(binding.event.id),
    ),
  };
}

/** The exception that the kernel could not handle: `load page fault (13) for 0x8 at 0xffffffff80001234 <crash+0x4>`. */
function causeOf({ watch, machine, symbols }: SessionContext, hart: number): string {
  const trap = watch
    .trapsOf(hart)
    .open.filter(({ event }) => !event.interrupt)
    .at(-1)?.event;
  if (!trap) return 'by no exception';
  const name = symbols.nameOf(trap.pc);
  const address = trap.cause === 2 || trap.cause === 3 ? '' : ` for ${hex(trap.tval)}`;
  return `${causeText(BigInt(trap.cause), machine.xlen)}${address} at ${hex(trap.pc)}${name && ` <${name}>`}`;
}
