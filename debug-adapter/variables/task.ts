// The scope of the task that Linux runs on a frame's hart.

import { hex, paText } from '../../emulator/address.ts';
import { currentTask, type Task } from '../../kernel/linux/tasks.ts';
import { here, physicalOf } from '../memory/space.ts';
import { kernelProgramOf } from '../program/kernel-program.ts';
import { objectRow } from './objects.ts';
import type { Row, View } from './row.ts';

/** Whether the kernel has tasks as Linux has them. */
export function mayHaveTask({ session }: View): boolean {
  return session.symbols.valueOf('init_task') !== undefined;
}

/** What names the task, its page tables, and all of its task_struct. */
export function taskRows(view: View): Row[] {
  const { session, scope } = view;
  const program = kernelProgramOf(session, scope.hart);
  const task = currentTask(program, scope.hart);
  const type = program.type('struct task_struct');
  if (!task || !type) return [{ name: 'current', value: 'none: the hart runs no task of Linux here' }];
  const member = (name: string, value: string): Row => ({ name, value, evaluateName: `current->${name}` });
  return [
    member('comm', task.comm),
    member('pid', String(task.pid)),
    member('tgid', String(task.tgid)),
    ...(task.state === '' ? [] : [{ name: 'state', value: task.state }]),
    {
      name: 'page tables',
      value: rootText(view, task),
      ...(!task.kernelThread && { evaluateName: 'current->mm->pgd' }),
    },
    objectRow(view, 'current', { kind: 'memory', space: here, address: task.address, type }, '*current', {
      kind: 'data',
    }),
  ];
}

function rootText({ scope: { machine, hart } }: View, { pgd, kernelThread }: Task): string {
  if (kernelThread || pgd === undefined) return 'none of its own: a kernel thread';
  const root = physicalOf(machine, hart, here, pgd);
  return root === undefined ? hex(pgd) : paText(root);
}
