// Linux's loadable modules: where the kernel has put each and its sections.

import { KernelObject, type KernelProgram } from '../objects/object.ts';

export interface LinuxModule {
  /** Address of its `struct module`. */
  readonly address: bigint;
  /** As lsmod shows it: `virtio_blk`. */
  readonly name: string;
  /** Where each section of its file that takes memory was put. */
  readonly sections: ReadonlyMap<string, bigint>;
}

/** More than any module has. */
const MOST_SECTIONS = 4096n;

/** The module of a `struct module`; undefined where this kernel's types do not tell, or its memory cannot be read. */
export function moduleAt(program: KernelProgram, address: bigint): LinuxModule | undefined {
  const type = program.type('struct module');
  const object = type && new KernelObject(program, type, address);
  const name = object?.at('name')?.text();
  return object && name ? { address, name, sections: sectionsOf(object) } : undefined;
}

/** What /sys/module/NAME/sections shows. */
function sectionsOf(module: KernelObject): Map<string, bigint> {
  const sections = new Map<string, bigint>();
  const told = module.at('sect_attrs')?.follow();
  const array = told?.at('attrs');
  for (let index = 0n; told && index < sectionCount(told); index += 1n) {
    const each = array?.element(Number(index));
    // Before 4.20 the attribute is no binary one; since 6.14 there is nothing around it, and it has the address itself.
    const name = ['battr.attr.name', 'mattr.attr.name', 'attr.name']
      .map((path) => each?.at(path)?.text())
      .find(Boolean);
    const start = (each?.at('address') ?? each?.at('private'))?.number();
    if (!name || start === undefined) break;
    sections.set(name, BigInt.asUintN(module.program.xlen, start));
  }
  return sections;
}

/** Since 6.14 the group's list of attributes, which ends with NULL, is all that says how many there are. */
function sectionCount(told: KernelObject): bigint {
  const count = told.at('nsections')?.number();
  if (count !== undefined) return count > MOST_SECTIONS ? 0n : count;
  let listed = 0n;
  while (listed < MOST_SECTIONS && told.at('grp.bin_attrs')?.element(Number(listed))?.number()) listed += 1n;
  return listed;
}
