// What views mark as changed: rows that differ from what the same view showed at an earlier stop.

import { hasChanged, type Picture, pictureOf } from '../kernel/index.ts';
import type { SessionContext } from './session-context.ts';

interface Shown {
  readonly stop: number;
  readonly now: Picture;
  readonly before: Picture | undefined;
}

const views = new WeakMap<SessionContext, Map<string, Shown>>();

/** Marks the rows of `view`; asked again at the same stop, the marks are the same. */
export function markChanges<R extends { readonly id: string }>(
  session: SessionContext,
  view: string,
  rows: readonly R[],
): (R & { readonly changed: boolean })[] {
  const shown = views.get(session) ?? new Map<string, Shown>();
  views.set(session, shown);
  const now = pictureOf(
    rows,
    ({ id }) => id,
    (row) => JSON.stringify(row),
  );
  const last = shown.get(view);
  const before = last?.stop === session.stop ? last.before : last?.now;
  shown.set(view, { stop: session.stop, now, before });
  return rows.map((row) => ({ ...row, changed: hasChanged(before, row.id, now.get(row.id) as string) }));
}
