// What the inspection handlers remember of a session: the ranges of memory that the client shows.

import type { SessionContext } from '../session-context.ts';

/** The part of a reference that was asked for: offsets from it. */
interface Shown {
  readonly from: number;
  readonly to: number;
}

const MOST = 256;
const shownBy = new WeakMap<SessionContext, Map<string, Shown>>();

/** Notes that the client shows these bytes. Clients refresh only references they know, by the very same text. */
export function remember(session: SessionContext, reference: string, offset: number, count: number): void {
  const shown = shownBy.get(session) ?? new Map<string, Shown>();
  shownBy.set(session, shown);
  const before = shown.get(reference) ?? { from: offset, to: offset + count };
  shown.delete(reference);
  shown.set(reference, { from: Math.min(before.from, offset), to: Math.max(before.to, offset + count) });
  const [oldest] = shown.keys();
  if (shown.size > MOST && oldest !== undefined) shown.delete(oldest);
}

/** Tells the client that every range of memory it shows may have changed. */
export function announceMemory(session: SessionContext): void {
  if (!session.client.supportsMemoryEvent) return;
  for (const [memoryReference, { from, to }] of shownBy.get(session) ?? []) {
    session.send('memory', { memoryReference, offset: from, count: to - from });
  }
}
