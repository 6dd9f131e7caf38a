// The session's symbols: all symbol files together, each answering at its link addresses and, while the kernel still
// runs at its load addresses (before paging), there too.

import type { DebugProtocol } from '@vscode/debugprotocol';
import { hex, type PhysAddr, phys, plus, type VirtAddr, virt } from '../emulator/address.ts';
import type { KernelImage, KernelSection, KernelSymbols } from '../kernel/index.ts';
import type { SymbolFile, SymbolOffset } from '../symbols/index.ts';
import type { SourcePaths } from './source-paths.ts';

export interface LoadedSymbols {
  readonly file: SymbolFile;
  /** Folder of the file: relative source paths are seen from there. */
  readonly folder: string;
}

export interface Line {
  /** As the compiler wrote it. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** undefined when the file is not here. */
  readonly source: DebugProtocol.Source | undefined;
}

export interface SymbolHit {
  readonly name: string;
  /** Where it begins, in the terms in which it was asked for. */
  readonly value: VirtAddr;
  readonly offset: bigint;
  /** In bytes; 0 where the file does not say. */
  readonly size: bigint;
}

interface Found {
  readonly loaded: LoadedSymbols;
  readonly link: VirtAddr;
  readonly symbol: SymbolOffset;
}

/** Every address at which one instruction is met: before paging, across the satp write and after it. */
export interface Places {
  readonly virtual: readonly VirtAddr[];
  readonly physical: readonly PhysAddr[];
}

export class Symbols implements KernelSymbols {
  readonly files: readonly LoadedSymbols[];
  readonly #paths: SourcePaths;
  readonly #told = new Set<string>();

  constructor(files: readonly LoadedSymbols[], paths: SourcePaths) {
    this.files = files;
    this.#paths = paths;
  }

  /** Where the parts of the files are linked and loaded. */
  get images(): KernelImage[] {
    return this.files.flatMap(({ file }) => file.segments.map(({ va, pa, size }) => ({ va, pa, size })));
  }

  /** The symbol that holds `address`, a link address or else a load address; `value` is in the same terms. */
  symbolAt(address: VirtAddr): SymbolHit | undefined {
    const found = this.#find(address);
    if (!found) return undefined;
    const { symbol } = found;
    const offset = BigInt(symbol.offset);
    return { name: symbol.name, value: virt(address - offset), offset, size: BigInt(symbol.size) };
  }

  /** `start_kernel+0x10`, or empty. */
  nameOf(address: VirtAddr): string {
    const symbol = this.symbolAt(address);
    if (!symbol) return '';
    return symbol.offset === 0n ? symbol.name : `${symbol.name}+${hex(symbol.offset)}`;
  }

  /** `<name+offset>` of a physical address, by the load addresses alone. */
  nameOfPhysical(address: PhysAddr): string | undefined {
    const link = this.linkAddress(address);
    return link === undefined ? undefined : this.nameOf(link) || undefined;
  }

  /** The link addresses of all symbols called `name`. */
  named(name: string): VirtAddr[] {
    return this.files.flatMap(({ file }) => file.symbolsNamed(name).map((symbol) => virt(symbol.value)));
  }

  valueOf(name: string): bigint | undefined {
    return this.named(name)[0];
  }

  /** Names that begin with `prefix`. */
  complete(prefix: string, limit: number): string[] {
    return this.files.flatMap(({ file }) => [...file.complete(prefix, limit)]).slice(0, limit);
  }

  /** What could not be read of the files, a line each; each is told once. */
  newProblems(): string[] {
    const fresh = this.files.flatMap(({ file }) => file.problems).filter((line) => !this.#told.has(line));
    for (const line of fresh) this.#told.add(line);
    return fresh;
  }

  get sections(): KernelSection[] {
    return this.files.flatMap(({ file }) =>
      file.sections.map(({ name, va, size }) => ({ name, va, size: BigInt(size) })),
    );
  }

  /** The source line of `address`, a link address or else a load address. */
  lineAt(address: VirtAddr): Line | undefined {
    const found = this.#find(address);
    const line = found?.loaded.file.lineAt(found.link);
    return line && { ...line, source: this.#paths.source(line.file, (found as Found).loaded.folder) };
  }

  /** Link addresses of a line of the file here called `path`; the line that has code may be a later one. */
  addressesOf(path: string, line: number): { readonly va: VirtAddr; readonly line: number }[] {
    for (const name of this.#paths.compiled(path)) {
      const found = this.files.flatMap(({ file }) => [...file.addressesOf(name, line)]);
      if (found.length > 0) return found.map(({ va, line: at }) => ({ va: virt(va), line: at }));
    }
    return [];
  }

  /** Where a breakpoint on the function at `address` goes: its first line behind the entry's padding. */
  functionStart(address: VirtAddr): VirtAddr {
    const found = this.#find(address);
    if (!found) return address;
    const { loaded, symbol } = found;
    return plus(address, loaded.file.functionEntry(symbol) - symbol.value);
  }

  /** Where the instruction with this link address is loaded. */
  loadAddress(link: VirtAddr): PhysAddr | undefined {
    return first(this.files, ({ file }) => file.physicalOf(link));
  }

  /** The link address of what is loaded there. */
  linkAddress(load: bigint): VirtAddr | undefined {
    return first(this.files, ({ file }) => file.linkAddressOf(phys(load)));
  }

  /** All places at which the instruction at `address` (link or load address) is met. */
  placesOf(address: VirtAddr): Places {
    const link = this.loadAddress(address) !== undefined ? address : (this.linkAddress(address) ?? address);
    const load = this.loadAddress(link);
    return { virtual: link === address ? [link] : [link, address], physical: load === undefined ? [] : [load] };
  }

  #find(address: VirtAddr): Found | undefined {
    const at = (loaded: LoadedSymbols, link: VirtAddr | undefined) => {
      const symbol = link === undefined ? undefined : loaded.file.symbolAt(link);
      return link !== undefined && symbol && { loaded, link, symbol };
    };
    return (
      first(this.files, (loaded) => at(loaded, address) || undefined) ??
      first(this.files, (loaded) => at(loaded, loaded.file.linkAddressOf(phys(address))) || undefined)
    );
  }
}

function first<T, R>(list: readonly T[], look: (item: T) => R | undefined): R | undefined {
  for (const item of list) {
    const found = look(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
