// The console's verbs that read Linux's own lists: tasks, vmallocinfo, memblock, iomem.

import { hex, hex64, phys, virt } from '../../emulator/address.ts';
import { sizeText } from '../../emulator/mmu/modes.ts';
import { UserError } from '../../emulator/user-error.ts';
import { type MemblockRegion, memblockRegions } from '../../kernel/linux/memblock.ts';
import { type Resource, resources } from '../../kernel/linux/resources.ts';
import { currentTask, type Task, tasks } from '../../kernel/linux/tasks.ts';
import { type VmapArea, vmapAreas } from '../../kernel/linux/vmalloc.ts';
import type { Walked } from '../../kernel/objects/lists.ts';
import type { KernelProgram } from '../../kernel/objects/object.ts';
import { here, physicalOf } from '../memory/space.ts';
import { kernelProgramOf } from '../program/kernel-program.ts';
import type { View } from './row.ts';
import type { Verb } from './verbs.ts';

export const kernelVerbs: Readonly<Record<string, Verb>> = {
  tasks: {
    usage: 'tasks [threads]',
    text: "Linux's processes, with the roots of their page tables; with threads all threads",
    run: (view, argument) => listed(view, (program) => tasks(program, argument === 'threads'), taskText(view)),
  },
  vmallocinfo: {
    usage: 'vmallocinfo',
    text: 'what Linux has mapped in its vmalloc area, and who asked for it',
    run: (view) => listed(view, vmapAreas, areaText(view)),
  },
  memblock: {
    usage: 'memblock',
    text: "the regions of Linux's boot allocator",
    run: (view) => listed(view, memblockRegions, regionText),
  },
  iomem: {
    usage: 'iomem',
    text: "Linux's tree of physical addresses, as /proc/iomem has it",
    run: (view) => listed(view, resources, resourceText),
  },
};

function listed<T>(
  { session, scope }: View,
  read: (program: KernelProgram) => Walked<T> | undefined,
  text: (item: T) => string,
): string {
  const found = read(kernelProgramOf(session, scope.hart));
  if (!found)
    throw new UserError('No Linux with debug information is being debugged: a vmlinux is needed in "symbols".');
  const lines = found.items.map(text);
  return [...lines, ...(found.note ? [`… ${found.note}.`] : lines.length ? [] : ['There are none yet.'])].join('\n');
}

function taskText({ session, scope }: View): (task: Task) => string {
  const { machine } = session;
  const program = kernelProgramOf(session, scope.hart);
  const running = new Map(machine.harts.map((hart) => [currentTask(program, hart)?.address, hart.id]));
  return ({ address, pid, comm, state, pgd, kernelThread }) => {
    const root = pgd === undefined ? undefined : physicalOf(machine, scope.hart, here, pgd);
    const hart = running.get(address);
    const where = hart === undefined ? '' : ` on hart ${hart}`;
    const map = kernelThread ? 'kernel thread' : root === undefined ? `pgd ${hex(pgd ?? 0n)}` : `root pa:${hex(root)}`;
    return `${String(pid).padStart(5)} ${state || '?'} ${comm.padEnd(16)} ${hex(address)}  ${map}${where}`;
  };
}

function areaText({ session, scope }: View): (area: VmapArea) => string {
  const digits = session.machine.xlen / 4;
  const padded = (value: bigint) => `0x${value.toString(16).padStart(digits, '0')}`;
  return ({ start, end, caller, flags, physical, pages }) => {
    const name = caller === undefined ? '' : scope.symbols.symbolAt(virt(caller));
    const from = name ? ` ${name.name}+${hex(name.offset)}` : '';
    const what = flags.length > 0 ? flags.join(', ') : 'vm_map_ram';
    const at = physical === undefined ? '' : ` pa:${hex(phys(physical))}`;
    return `${padded(start)}–${padded(end - 1n)} ${sizeText(end - start).padStart(8)}${from} ${what}${at}${pages ? `, ${pages} pages` : ''}`;
  };
}

function regionText({ kind, base, size, flags }: MemblockRegion): string {
  const range = `${hex64(base)}–${hex64(base + size - 1n)}`;
  return `${kind.padEnd(8)} ${range} ${sizeText(size).padStart(10)}${flags.length ? ` ${flags.join(', ')}` : ''}`;
}

function resourceText({ depth, start, end, name }: Resource): string {
  return `${'  '.repeat(depth)}${hex(start)}–${hex(end)} : ${name}`;
}
