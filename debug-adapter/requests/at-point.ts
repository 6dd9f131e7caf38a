// Whether the machine stands at a point of its run, as check files name them.

import type { Point } from '../../kernel/index.ts';
import type { SessionContext } from '../session-context.ts';

/** `end` is wherever the machine stands: a session judges what there is now. */
export function isAtPoint(session: SessionContext, point: Point): boolean {
  const { machine, symbols, watch, runControl } = session;
  const { harts } = machine;
  switch (point.kind) {
    case 'end':
      return true;
    case 'satp': {
      const { count, last } = watch.satpWrites;
      const writer = harts.find(({ id }) => id === last?.hart);
      return count === point.index && writer?.instret === (last?.instret ?? 0n) + 1n;
    }
    case 'insn':
      return harts.reduce((sum, { instret }) => sum + instret, 0n) === BigInt(point.count);
    case 'symbol': {
      const places = symbols.named(point.name).map((value) => symbols.placesOf((value + point.offset) as typeof value));
      return places.some(({ virtual, physical }) =>
        harts.some(({ pc }) => virtual.includes(pc) || physical.some((pa) => pa === (pc as bigint))),
      );
    }
    case 'console': {
      const event = runControl.lastStop?.event;
      return event?.kind === 'console' && event.text === point.text;
    }
  }
}
