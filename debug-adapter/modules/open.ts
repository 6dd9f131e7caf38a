// Opening a symbol file as a module: whose addresses they are, and where its program is.

import { unpacked } from '../../emulator/loader/index.ts';
import { UserError } from '../../emulator/user-error.ts';
import { SymbolFile } from '../../symbols/index.ts';
import type { Host } from '../host.ts';
import type { SymbolEntry } from '../launch/symbol-entries.ts';
import type { Target } from '../targets/target.ts';
import { Module, type ModuleSpace } from './module.ts';

/** Opens what `findSymbols` has found: `entry.path` is absolute, `program` the kernel's own path. */
export function openModule(host: Host, entry: SymbolEntry, id: number, target: Target, program: string): Module {
  const { path } = entry;
  const { sections } = entry;
  const file = new SymbolFile(unpacked(host.open(path), host.inflate), {
    ...(sections && { sectionAddress: (name) => sections.get(name) }),
    inflate: host.inflate,
    companion: (name) => {
      const beside = host.resolve(host.folder(path), name);
      return host.exists(beside) ? host.open(beside) : undefined;
    },
  });
  if (file.xlen !== target.machine.xlen) {
    const [bits, machine] = [file.xlen, target.machine.xlen];
    throw new UserError(`symbols: ${path} is a ${bits}-bit program, and the machine has ${machine} bits.`);
  }
  const space = entry.space ?? (file.object ? 'kernel' : spaceOf(file, target, path === program));
  // Physical addresses of a kernel that do not name memory of the machine are offsets from where it is loaded.
  if (space === 'kernel' && !file.object && !isInMemory(file, target)) file.place(target.kernel.start);
  return new Module(id, file, host.folder(path), space, slideOf(entry, file));
}

function spaceOf(file: SymbolFile, target: Target, isProgram: boolean): ModuleSpace {
  const { segments } = file;
  const isUpper = segments.every(({ va }) => va >> BigInt(file.xlen - 1) === 1n);
  if (isProgram || (isUpper && file.xlen === 64)) return 'kernel';
  if (!isInMemory(file, target)) return isUpper ? 'kernel' : 'user';
  const { start, end } = target.kernel;
  const apart = segments.every(({ pa, size }) => pa + size <= start || pa >= end);
  return apart && segments.every(({ va, pa }) => BigInt(va) === BigInt(pa)) ? 'physical' : 'kernel';
}

function isInMemory({ segments }: SymbolFile, { machine }: Target): boolean {
  return segments.every(({ pa }) =>
    machine.regions.some(({ kind, base, size }) => kind === 'ram' && pa >= base && pa < base + size),
  );
}

function slideOf({ base, offset }: SymbolEntry, { segments }: SymbolFile): bigint | undefined {
  if (base === undefined) return offset;
  const lowest = segments.reduce((least, { va }) => (va < least ? va : least), segments[0]?.va ?? 0n);
  return base - lowest;
}
