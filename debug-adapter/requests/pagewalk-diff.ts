// What two address spaces map differently.

import { hex64, plus } from '../../emulator/address.ts';
import type { PhysicalMemory } from '../../emulator/inspection.ts';
import { UserError } from '../../emulator/user-error.ts';
import { type AddressSpace, mapDifferences, mappedText, mappings } from '../../kernel/index.ts';
import type { Layout } from '../../kernel/layouts/index.ts';
import type { DiffRow } from '../protocol/explaining.ts';
import type { ArgumentsOf, BodyOf } from '../protocol/requests.ts';
import type { SessionContext } from '../session-context.ts';
import { layoutOf } from '../variables/names.ts';
import { spaceMeant } from './pagewalk-space.ts';

const MOST = 1000;

/** `after` is the hart's satp now, unless told. */
export function pagewalkDiff(
  session: SessionContext,
  { before, after }: ArgumentsOf<'pagewalk/diff'>,
): BodyOf<'pagewalk/diff'> {
  if (!before) throw new UserError('"before" is missing: name a root and its mode.');
  const hart = session.hart();
  const was = spaceMeant(session, hart, before.root, before.mode);
  const is = spaceMeant(session, hart, after?.root, after?.mode);
  if (!was || !is) throw new UserError('satp is Bare now: name the other address space in "after".');
  const rows = differencesOf(session.machine, was, is, layoutOf(session, hart));
  return { stop: session.stop, rows: rows.slice(0, MOST), total: rows.length };
}

export function differencesOf(memory: PhysicalMemory, was: AddressSpace, is: AddressSpace, layout: Layout): DiffRow[] {
  return [...mapDifferences(mappings(memory, was), mappings(memory, is))].map(({ kind, va, size, before, after }) => {
    const held = after ?? before;
    return {
      id: `${kind} ${hex64(va)}`,
      kind,
      va: hex64(va),
      vaEnd: hex64(plus(va, size - 1n)),
      ...(before && { before: mappedText(before) }),
      ...(after && { after: mappedText(after) }),
      region: held ? layout.nameOf({ va, pa: held.pa, size, u: held.run.u }) : '',
    };
  });
}
