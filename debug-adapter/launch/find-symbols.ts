// Which files have the symbols of a kernel: those that were named, the kernel's own, or the vmlinux of the same build
// that lies beside an Image.

import { type Elf, isBuiltFrom, isElf, openElf, SegmentType, unpacked } from '../../emulator/loader/index.ts';
import { UserError } from '../../emulator/user-error.ts';
import type { Host } from '../host.ts';
import type { Target } from '../targets/target.ts';
import type { Launch } from './configuration.ts';
import type { SymbolEntry } from './symbol-entries.ts';

export interface FoundSymbols {
  /** With absolute paths. */
  readonly files: readonly SymbolEntry[];
  /** A sentence for the user, where a file is not what it seems. */
  readonly warning?: string;
}

/** As builds name the file that a raw Image is made from. */
const candidates = /^vmlinux$|^vmlinux-|\.elf$/;

export function findSymbols(host: Host, launch: Launch, { program }: Target): FoundSymbols {
  const path = host.resolve('', launch.program);
  const ofProgram = (elf: Elf) => isBuiltFrom(program, elf);
  const named = (launch.symbols ?? []).map((entry) => ({ ...entry, path: host.resolve('', entry.path) }));
  const kernels = named.flatMap((entry) => openKernel(host, entry.path) ?? []);
  const namesKernel = named.some(({ space, path: file }) => space === 'kernel' || (!space && file === path));
  // An empty list asks for none.
  if (namesKernel || kernels.length > 0 || launch.symbols?.length === 0) {
    const wrong = !isElf(program) && kernels.some((elf) => ofProgram(elf) === false) && !kernels.some(ofProgram);
    return { files: named, ...(wrong && { warning: mismatch(kernels, launch.program) }) };
  }
  const { file, warning } = findKernel(host, path, launch.program, program);
  return { files: [...(file ? [{ path: file }] : []), ...named], ...(warning && { warning }) };
}

/** The file with the symbols of the kernel itself. */
function findKernel(host: Host, path: string, name: string, program: Target['program']) {
  if (isElf(program)) return { file: path };
  const ofProgram = (elf: Elf) => isBuiltFrom(program, elf);
  const folder = host.folder(path);
  const paths = host
    .files(folder)
    .filter((each) => candidates.test(each))
    .map((each) => host.resolve(folder, each));
  const kernels = paths.flatMap((file) => openKernel(host, file) ?? []);
  const found = kernels.find(ofProgram) ?? kernels.find((elf) => ofProgram(elf) === undefined && isVmlinux(elf));
  if (found) return { file: found.source.name };
  const others = kernels.filter(isVmlinux);
  if (others.length === 0) return {};
  return { warning: `${mismatch(others, name)} It is left out: name the right one in symbols.` };
}

const isVmlinux = ({ source }: Elf) => /vmlinux[^/\\]*$/.test(source.name);

function mismatch(kernels: readonly Elf[], program: string): string {
  const names = kernels.map(({ source }) => source.name).join(' and ');
  return `${names} is not of the same build as ${program}: its build id is not in there, so that its symbols name other code.`;
}

/** The file as an ELF of a kernel, all of it in the upper half of the address space; undefined for any other file. */
function openKernel(host: Host, path: string): Elf | undefined {
  try {
    const elf = openElf(unpacked(host.open(path), host.inflate));
    const loads = elf.segments.filter(({ type }) => type === SegmentType.load);
    const isUpper = loads.length > 0 && loads.every(({ va }) => va >> BigInt(elf.xlen - 1) === 1n);
    return isUpper ? elf : undefined;
  } catch (error) {
    // A damaged candidate is none; a named one is reported when it is opened for its symbols.
    if (error instanceof UserError) return undefined;
    throw error;
  }
}
