// A point in a guest's run: where map and walk look, and where later verbs may stop too.

import { ConsoleText } from '../debug-adapter/events/console-text.ts';
import type { Places } from '../debug-adapter/symbols.ts';
import type { MachineControl } from '../emulator/control.ts';
import { UserError } from '../emulator/user-error.ts';
import type { RunEnd } from './drive.ts';
import type { Guest } from './guest.ts';

export type Point =
  /** Just after the N-th retired instruction that writes satp, from 1. */
  | { readonly kind: 'satp'; readonly index: number }
  /** After N instructions of all harts together. */
  | { readonly kind: 'insn'; readonly count: number }
  /** Before the instruction at a symbol is executed for the first time: `name` or `name+0x10`. */
  | { readonly kind: 'symbol'; readonly name: string; readonly offset: bigint }
  /** When a text has been printed. */
  | { readonly kind: 'console'; readonly text: string }
  /** When the guest ends. */
  | { readonly kind: 'end' };

export const pointHelp = 'satp:N (just after that write), insn:N, symbol:NAME, console:TEXT or end';

const SATP = 0x180;

export function parsePoint(given: string): Point {
  const wrong = (why: string) => new UserError(`--at ${given}: ${why}; a point is ${pointHelp}`);
  if (given === 'end') return { kind: 'end' };
  const [, kind, rest = ''] = /^(\w+):(.*)$/s.exec(given) ?? [];
  if (kind === 'satp' || kind === 'insn') {
    const number = /^\d[\d_]*(e\d+)?$/.test(rest) ? Number(rest.replaceAll('_', '')) : Number.NaN;
    if (!Number.isSafeInteger(number)) throw wrong(`"${rest}" is no number`);
    if (kind === 'insn') return { kind, count: number };
    if (number === 0) throw wrong('satp writes are counted from 1');
    return { kind, index: number };
  }
  if (kind === 'symbol') {
    const [, name, offset] = /^([^+]+)(?:\+(0x[0-9a-f]+|\d+))?$/i.exec(rest) ?? [];
    if (!name) throw wrong(`"${rest}" is no symbol`);
    return { kind, name, offset: BigInt(offset ?? 0) };
  }
  if (kind === 'console') {
    if (!rest) throw wrong('the text is missing');
    return { kind, text: rest };
  }
  throw wrong('it is no point');
}

/** A point being waited for. */
export interface Awaited {
  /** Whether it has been reached; asked between slices and after a stop. */
  reached(): boolean;
  /** What has been seen of it, for the message when the guest ends before. */
  progress(): string;
  /** How many instructions the next slice may have at most. */
  slice(): number;
  dispose(): void;
  /** Of a symbol: where its breakpoints are. */
  readonly places?: Pick<Places, 'virtual' | 'physical'>;
}

/** Arms the machine so that it stops at the point. */
export function awaitPoint(point: Point, { machine, symbols }: Guest): Awaited {
  const nothing = { slice: () => Number.POSITIVE_INFINITY, progress: () => '', dispose: () => {} };
  switch (point.kind) {
    case 'end':
      return { ...nothing, reached: () => false };
    case 'insn': {
      const left = () => point.count - retired(machine);
      return {
        ...nothing,
        reached: () => left() <= 0,
        slice: () => Math.max(1, left()),
        progress: () => `it ran ${retired(machine)} instructions`,
      };
    }
    case 'console': {
      const text = new ConsoleText(point.text);
      const dispose = machine.onConsole((bytes) => text.take(bytes));
      return { ...nothing, reached: () => text.found, dispose };
    }
    case 'satp': {
      let count = 0;
      const dispose = machine.listen(
        (event) => {
          if (event.kind !== 'csr-write' || event.csr !== SATP) return false;
          count += 1;
          return count === point.index;
        },
        { kinds: ['csr-write'], csrs: [SATP] },
      );
      return {
        ...nothing,
        reached: () => count >= point.index,
        progress: () => `it wrote satp ${count} times`,
        dispose,
      };
    }
    case 'symbol': {
      const values = symbols.named(point.name);
      if (values.length === 0)
        throw new UserError(`no symbol is called ${point.name}: check the name, or give --symbols`);
      const places = values.map((value) => symbols.placesOf((value + point.offset) as typeof value));
      const virtual = places.flatMap((place) => place.virtual);
      const physical = places.flatMap((place) => place.physical);
      machine.setBreakpoints({ virtual, physical });
      const reached = () =>
        machine.harts.some(({ pc }) => virtual.includes(pc) || physical.some((pa) => pa === (pc as bigint)));
      const dispose = () => machine.setBreakpoints({ virtual: [], physical: [] });
      return { ...nothing, reached, dispose, places: { virtual, physical } };
    }
  }
}

/** Instructions that all harts together have retired. */
export function retired(machine: MachineControl): number {
  return machine.harts.reduce((sum, hart) => sum + Number(hart.instret), 0);
}

/** The complaint about a point that was never reached. */
export function missed(point: string, end: RunEnd, awaited: Awaited): UserError {
  const seen = awaited.progress();
  const how = {
    ended: 'the guest ended',
    reached: 'something else was reached',
    limit: '--limit came',
    panic: 'the kernel panicked',
    left: 'the user left',
  };
  const why = end.kind === 'stuck' ? `the guest got stuck (${end.why})` : how[end.kind];
  return new UserError(`--at ${point}: ${why} before${seen && `; ${seen}`}`);
}
