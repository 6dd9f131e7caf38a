// Linux's own words in expressions, by what they mean.

import { LinuxAddresses, PAGE_SHIFT, perCpu } from '../../kernel/linux/addresses.ts';
import { currentTask, type Task, tasks } from '../../kernel/linux/tasks.ts';
import { pointerTo, u64, unsignedLongOf, voidType } from '../../kernel/objects/c-types.ts';
import { KernelObject, type KernelProgram } from '../../kernel/objects/object.ts';
import type { Type } from '../../symbols/index.ts';
import { type KernelFunction, load, type Operand, type Scope, type Value } from '../expressions/index.ts';
import { mistake } from '../expressions/tokens.ts';
import { unsigned } from '../expressions/value.ts';
import { physical } from '../memory/space.ts';

const ONE: KernelFunction['arity'] = [1, 1];
const PAGE = 1n << PAGE_SHIFT;

export function linuxFunctions(program: KernelProgram): Readonly<Record<string, KernelFunction>> {
  const addresses = new LinuxAddresses(program);
  const { xlen } = program;
  const pfnOf = (va: bigint) => addresses.physical(va) >> PAGE_SHIFT;
  const number = (bits: bigint): Value => ({ bits, type: unsignedLongOf(xlen) });
  const pointer = (bits: bigint, type: Type = voidType): Value => ({ bits, type: pointerTo(type, xlen) });
  const page = (bits: bigint) => pointer(bits, program.type('struct page') ?? voidType);
  const pa = (bits: bigint) => unsigned(bits, { space: physical, type: program.type('phys_addr_t') ?? u64 });

  const of = (operand: string, text: string, make: (bits: bigint) => Value): Described => ({
    operand,
    text,
    call: ([first]) => make((first as Operand).value().bits),
  });
  const toPa = of('va', 'the physical address of a linear-map or kernel-image address', (va) =>
    pa(addresses.physical(va)),
  );
  const toVa = of('pa', 'the linear-map address of a physical address', (at) => pointer(addresses.virtual(at)));
  const toVirtual = of('page', 'the linear-map address of a struct page', (at) =>
    pointer(addresses.virtual(addresses.frame(at) << PAGE_SHIFT)),
  );
  return described({
    __pa: toPa,
    __pa_symbol: toPa,
    virt_to_phys: toPa,
    __va: toVa,
    phys_to_virt: toVa,
    virt_to_pfn: of('va', 'the page frame of an address', (va) => number(pfnOf(va))),
    pfn_to_virt: of('pfn', 'the linear-map address of a page frame', (pfn) =>
      pointer(addresses.virtual(pfn << PAGE_SHIFT)),
    ),
    virt_to_page: of('va', 'the struct page of an address', (va) => page(addresses.page(pfnOf(va)))),
    page_to_virt: toVirtual,
    page_address: toVirtual,
    pfn_to_page: of('pfn', 'the struct page of a page frame', (pfn) => page(addresses.page(pfn))),
    page_to_pfn: of('page', 'the page frame of a struct page', (at) => number(addresses.frame(at))),
    phys_to_page: of('pa', 'the struct page of a physical address', (at) => page(addresses.page(at >> PAGE_SHIFT))),
    page_to_phys: of('page', 'the physical address of a struct page', (at) => pa(addresses.frame(at) << PAGE_SHIFT)),
    per_cpu: {
      operand: 'variable[, cpu]',
      text: "a CPU's own copy of a per-CPU variable; without a number that of the CPU that is looked at",
      arity: [1, 2],
      call: (operands, scope, at) => perCpuValue(program, operands, scope, at),
    },
    task: {
      operand: 'pid | "name"',
      text: 'the task_struct of a process',
      call([which], _, at) {
        const task = taskNamed(program, which?.text ?? String(which?.value().bits));
        if (!task) throw mistake(at, `There is no task ${which?.text ?? which?.value().bits}: try the verb tasks`);
        return pointer(task.address, program.type('struct task_struct'));
      },
    },
  });
}

interface Described {
  readonly operand: string;
  readonly text: string;
  readonly arity?: KernelFunction['arity'];
  readonly call: KernelFunction['call'];
}

function described(functions: Readonly<Record<string, Described>>): Readonly<Record<string, KernelFunction>> {
  return Object.fromEntries(
    Object.entries(functions).map(([name, { operand, text, arity = ONE, call }]) => [
      name,
      { signature: `${name}(${operand})`, text, arity, call },
    ]),
  );
}

function perCpuValue(program: KernelProgram, [variable, which]: readonly Operand[], scope: Scope, at: number): Value {
  const location = variable?.location();
  if (location?.kind !== 'memory') throw mistake(at, 'A per-CPU variable is expected, as in per_cpu(runqueues, 0)');
  const cpu = which ? Number(which.value().bits) : cpuOf(program, scope);
  const address = perCpu(program, location.address, cpu);
  return load(scope, { ...location, address }, at);
}

/** Linux's number of the CPU that the hart is. */
function cpuOf(program: KernelProgram, { hart }: Scope): number {
  const task = currentTask(program, hart);
  const type = program.type('struct task_struct');
  const object = task && type && new KernelObject(program, type, task.address);
  return Number((object?.at('thread_info.cpu') ?? object?.at('cpu'))?.number() ?? 0n);
}

/** By pid, or the first of that name. */
export function taskNamed(program: KernelProgram, which: string): Task | undefined {
  const all = tasks(program)?.items ?? [];
  return all.find(({ pid }) => String(pid) === which) ?? all.find(({ comm }) => comm === which);
}

/** Values that Linux's macros have. */
export function linuxValue(program: KernelProgram, name: string, scope: Scope): Value | undefined {
  const number = (bits: bigint): Value => ({ bits, type: unsignedLongOf(program.xlen) });
  switch (name) {
    case 'current': {
      const task = currentTask(program, scope.hart);
      const type = program.type('struct task_struct');
      return task && type && { bits: task.address, type: pointerTo(type, program.xlen) };
    }
    case 'PAGE_SHIFT':
      return number(PAGE_SHIFT);
    case 'PAGE_SIZE':
      return number(PAGE);
    case 'PAGE_MASK':
      return number(BigInt.asUintN(program.xlen, ~(PAGE - 1n)));
    case 'PAGE_OFFSET': {
      const offset = new LinuxAddresses(program).pageOffset;
      return offset === undefined ? undefined : number(offset);
    }
    default:
      return undefined;
  }
}
