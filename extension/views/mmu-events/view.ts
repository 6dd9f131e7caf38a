// The MMU Events view.

import type { SessionTracker } from '../../debug/session.ts';
import { Views } from '../../manifest.ts';
import { LazyTree } from '../tree.ts';
import { eventRow } from './rows.ts';

export function mmuEventsView(tracker: SessionTracker): LazyTree<never> {
  return new LazyTree<never>(Views.mmuEvents, tracker, async () => {
    const { events } = await tracker.ask('pagewalk/events', {});
    return events.map(eventRow).reverse();
  });
}
