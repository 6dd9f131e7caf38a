// A symbol file, and where its program was loaded.

import { unpacked } from '../../emulator/loader/index.ts';
import { SymbolFile } from '../../symbols/index.ts';
import type { Host } from '../host.ts';
import type { LoadedSymbols } from '../symbols.ts';
import type { Target } from '../targets/target.ts';

/** Physical addresses in a file count where they name memory of the machine; those of a kernel that do not are offsets
 * from where it is loaded. */
export function openSymbols(host: Host, path: string, { machine, kernel }: Target): LoadedSymbols {
  const file = new SymbolFile(unpacked(host.open(path), host.inflate), { inflate: host.inflate });
  const isThere = file.segments.every(({ pa }) =>
    machine.regions.some(({ kind, base, size }) => kind === 'ram' && pa >= base && pa < base + size),
  );
  const isKernel = file.segments.every(({ va }) => va >> BigInt(machine.xlen - 1) === 1n);
  if (!isThere && isKernel) file.place(kernel.start);
  return { file, folder: host.folder(path) };
}
