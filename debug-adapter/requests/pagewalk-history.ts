// The roots that satp has held, and the writes to it.

import { hex64, type PhysAddr } from '../../emulator/address.ts';
import { currentSpace, rootId } from '../../kernel/index.ts';
import { tasks } from '../../kernel/linux/tasks.ts';
import { markChanges } from '../changes.ts';
import { here, physicalOf } from '../memory/space.ts';
import { kernelProgramOf, knowsTasks } from '../program/kernel-program.ts';
import type { ArgumentsOf, BodyOf } from '../protocol/requests.ts';
import type { SessionContext } from '../session-context.ts';

export function pagewalkRoots(session: SessionContext): BodyOf<'pagewalk/roots'> {
  const { watch, machine, symbols, stop } = session;
  const processes = processRoots(session);
  const seen = watch.roots.list(machine, (pa) => {
    const symbol = symbols.nameOfPhysical(pa);
    // An object of the kernel, a process, else what is near.
    return symbol?.includes('+') ? (processes.get(pa) ?? symbol) : (symbol ?? processes.get(pa));
  });
  const rows = seen.map(({ id, mode, root, name, asids, harts, firstSeen }) => ({
    id,
    mode: mode.name,
    root: hex64(root),
    name,
    asids,
    harts,
    firstSeen: hex64(firstSeen),
  }));
  return { stop, roots: markChanges(session, 'roots', [...rows, ...unseenRoots(session, processes, rows)]) };
}

/** The roots of Linux's processes with their names, once tasks have been asked for. */
function processRoots(session: SessionContext): ReadonlyMap<PhysAddr, string> {
  const roots = new Map<PhysAddr, string>();
  if (!knowsTasks(session)) return roots;
  const hart = session.hart();
  for (const { comm, pid, pgd } of tasks(kernelProgramOf(session, hart))?.items ?? []) {
    const root = pgd === undefined ? undefined : physicalOf(session.machine, hart, here, pgd);
    if (root !== undefined && !roots.has(root)) roots.set(root, `${comm}[${pid}]`);
  }
  return roots;
}

/** Those that satp has not held yet. */
function unseenRoots(
  session: SessionContext,
  processes: ReadonlyMap<PhysAddr, string>,
  seen: readonly { readonly root: string }[],
) {
  const space = currentSpace(session.machine, session.hart());
  if (!space) return [];
  const known = new Set(seen.map(({ root }) => root));
  return [...processes]
    .filter(([root]) => !known.has(hex64(root)))
    .map(([root, name]) => ({
      id: rootId(space.mode, root),
      mode: space.mode.name,
      root: hex64(root),
      name,
      asids: [],
      harts: [],
      firstSeen: hex64(0n),
    }));
}

/** `from` is the index of the first event wanted. */
export function pagewalkEvents(
  { watch }: SessionContext,
  { from = 1, latest }: ArgumentsOf<'pagewalk/events'>,
): BodyOf<'pagewalk/events'> {
  return { events: watch.log.from(from, latest) };
}
