// What the running kernel's own meaning adds to expressions: Linux's conversions, tasks, per-CPU variables.

import type { HartView } from '../../emulator/inspection.ts';
import type { KernelScope, Scope } from '../expressions/index.ts';
import { here, physicalOf } from '../memory/space.ts';
import type { SessionContext } from '../session-context.ts';
import { kernelProgramOf } from './kernel-program.ts';
import { linuxFunctions, linuxValue, taskNamed } from './linux-functions.ts';
import { meaningOf } from './meaning.ts';

const none = {};

/** Of any kernel what its types mean; of Linux its functions too. */
export function kernelScope(session: SessionContext, hart: HartView): KernelScope {
  const linux = session.symbols.valueOf('linux_banner') !== undefined;
  const meaning: KernelScope['meaning'] = (value, scope) => meaningOf(session, value, scope);
  if (!linux) return { functions: none, value: () => undefined, root: () => undefined, meaning };
  const program = kernelProgramOf(session, hart);
  return {
    functions: linuxFunctions(program),
    value: (name, scope: Scope) => linuxValue(program, name, scope),
    root(name) {
      const pgd = taskNamed(program, name)?.pgd;
      return pgd === undefined ? undefined : physicalOf(session.machine, hart, here, pgd);
    },
    meaning,
  };
}
