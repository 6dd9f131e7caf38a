// The instructions at which Linux's loaded modules reckon with a fault, by the kernel's list of modules.

import { type VirtAddr, virt } from '../../emulator/address.ts';
import { strip } from '../../symbols/index.ts';
import { listOf } from '../objects/lists.ts';
import { KernelObject, type KernelProgram } from '../objects/object.ts';
import {
  absoluteEntries,
  type ExceptionEntry,
  type ExceptionTable,
  RELATIVE_ENTRY,
  relativeEntries,
} from '../traps/exception-table.ts';

interface Planned {
  readonly name: string;
  readonly exceptions: ExceptionTable;
}

/** More entries than any module has. */
const MOST = 1 << 16;
const LONGEST_NAME = 64;

/** In the kernel's order, also those that are still being loaded. */
function planned(program: KernelProgram): readonly Planned[] {
  const head = KernelObject.named(program, 'modules');
  const type = head && program.type('struct module');
  return type ? listOf(head, type, 'list').items.map(plannedBy) : [];
}

/** Where a module goes on after a fault at `pc`, if it reckons with one. */
export function moduleFixup(program: KernelProgram, pc: VirtAddr): { module: string; fixup: VirtAddr } | undefined {
  for (const { name, exceptions } of planned(program)) {
    const fixup = exceptions.get(pc);
    if (fixup !== undefined) return { module: name, fixup };
  }
  return undefined;
}

function plannedBy(module: KernelObject): Planned {
  return { name: module.at('name')?.text(LONGEST_NAME) ?? '', exceptions: new Map(exceptionsOf(module)) };
}

function exceptionsOf(module: KernelObject): readonly ExceptionEntry[] {
  const { program } = module;
  const table = module.at('extable')?.follow();
  const size = table && strip(table.type).size;
  const count = Number(module.at('num_exentries')?.number() ?? 0n);
  if (!table || !size || count > MOST) return [];
  const bytes = program.read(table.address, count * size);
  if (!bytes) return [];
  const isRelative = size === RELATIVE_ENTRY;
  return isRelative ? relativeEntries(bytes, virt(table.address), program.xlen) : absoluteEntries(bytes, program.xlen);
}
