// Going to a point in a guest's run.

import { ConsoleText } from '../debug-adapter/events/console-text.ts';
import type { Places } from '../debug-adapter/symbols.ts';
import type { MachineControl } from '../emulator/control.ts';
import { UserError } from '../emulator/user-error.ts';
import type { Point } from '../kernel/index.ts';
import type { RunEnd } from './drive.ts';
import type { Guest } from './guest.ts';

const SATP = 0x180;

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
