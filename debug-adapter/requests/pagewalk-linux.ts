// What Linux keeps itself, read through its own types.

import { hex64, phys, virt } from '../../emulator/address.ts';
import { UserError } from '../../emulator/user-error.ts';
import { memblockRegions } from '../../kernel/linux/memblock.ts';
import { resources } from '../../kernel/linux/resources.ts';
import { currentTask, tasks } from '../../kernel/linux/tasks.ts';
import { vmapAreas } from '../../kernel/linux/vmalloc.ts';
import type { Walked } from '../../kernel/objects/lists.ts';
import type { KernelProgram } from '../../kernel/objects/object.ts';
import { here, physicalOf } from '../memory/space.ts';
import { kernelProgramOf } from '../program/kernel-program.ts';
import type { ArgumentsOf, BodyOf } from '../protocol/requests.ts';
import type { SessionContext } from '../session-context.ts';

export function pagewalkTasks(
  session: SessionContext,
  { threads = false }: ArgumentsOf<'pagewalk/linux/tasks'>,
): BodyOf<'pagewalk/linux/tasks'> {
  const { machine } = session;
  const harts = runningTasks(session);
  return listOf(
    session,
    (program) => tasks(program, threads),
    ({ address, pid, tgid, comm, state, kernelThread, pgd }) => {
      const root = pgd === undefined ? undefined : physicalOf(machine, session.hart(), here, pgd);
      const hart = harts.get(address);
      return {
        id: hex64(address),
        pid,
        tgid,
        comm,
        state,
        kernelThread,
        ...(root !== undefined && { root: hex64(root) }),
        ...(hart !== undefined && { hart }),
      };
    },
  );
}

export function pagewalkVmallocinfo(session: SessionContext): BodyOf<'pagewalk/linux/vmallocinfo'> {
  return listOf(session, vmapAreas, ({ start, end, caller, flags, physical, pages }) => ({
    start: hex64(start),
    end: hex64(end - 1n),
    caller: caller === undefined ? '' : session.symbols.nameOf(virt(caller)),
    flags,
    ...(physical !== undefined && { pa: hex64(phys(physical)) }),
    pages,
  }));
}

export function pagewalkMemblock(session: SessionContext): BodyOf<'pagewalk/linux/memblock'> {
  return listOf(session, memblockRegions, ({ kind, base, size, flags }) => ({
    kind,
    base: hex64(base),
    size: hex64(size),
    flags,
  }));
}

export function pagewalkIomem(session: SessionContext): BodyOf<'pagewalk/linux/iomem'> {
  return listOf(session, resources, ({ depth, start, end, name }) => ({
    depth,
    start: hex64(start),
    end: hex64(end),
    name,
  }));
}

/** The hart that runs a task, by the task's address. */
export function runningTasks(session: SessionContext): ReadonlyMap<bigint, number> {
  const running = new Map<bigint, number>();
  for (const hart of session.machine.harts) {
    const task = currentTask(kernelProgramOf(session, hart), hart);
    if (task) running.set(task.address, hart.id);
  }
  return running;
}

function listOf<T, R>(
  session: SessionContext,
  read: (program: KernelProgram) => Walked<T> | undefined,
  row: (item: T) => R,
): { readonly stop: number; readonly rows: readonly R[]; readonly note?: string } {
  const found = read(kernelProgramOf(session, session.hart()));
  if (!found)
    throw new UserError('No Linux with debug information is being debugged: a vmlinux is needed in "symbols".');
  return { stop: session.stop, rows: found.items.map(row), ...(found.note && { note: found.note }) };
}
