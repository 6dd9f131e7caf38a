// The CSRs view, of the hart that is looked at in the call stack.

import type { SessionTracker } from '../../debug/session.ts';
import { Views } from '../../manifest.ts';
import { LazyTree } from '../tree.ts';
import { groupRows } from './rows.ts';

export function csrsView(tracker: SessionTracker): LazyTree<never> {
  const tree = new LazyTree<never>(Views.csrs, tracker, async () => {
    const hart = tracker.hart;
    tree.view.description = `hart ${hart}`;
    return groupRows((await tracker.ask('pagewalk/csrs', { hart })).csrs);
  });
  return tree;
}
