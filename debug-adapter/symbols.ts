// The session's symbols: all modules together, asked for the addresses at which they run. While a kernel still runs at
// its load addresses (before paging), and where an alias of its memory runs, they answer there too.

import type { DebugProtocol } from '@vscode/debugprotocol';
import { hex, type PhysAddr, phys, plus, type VirtAddr, virt } from '../emulator/address.ts';
import type { KernelImage, KernelSection, KernelSymbols } from '../kernel/index.ts';
import type { LineColumn, SymbolFile, SymbolOffset } from '../symbols/index.ts';
import type { Module } from './modules/module.ts';
import { blind, type Sight } from './modules/sight.ts';
import type { SourcePaths } from './sources/paths.ts';

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

/** What an address is to the module that it belongs to. */
export interface Located {
  readonly module: Module;
  /** The address in the terms of the module's file. */
  readonly link: VirtAddr;
}

interface Found extends Located {
  readonly symbol: SymbolOffset;
}

/** Every address at which one instruction is met: before paging, across the satp write and after it. */
export interface Places {
  readonly virtual: readonly VirtAddr[];
  readonly physical: readonly PhysAddr[];
  /** Those of the virtual ones that count only where this program is the one that is mapped. */
  readonly programs?: readonly { readonly address: VirtAddr; readonly module: Module }[];
}

export class Symbols implements KernelSymbols {
  readonly #modules: Module[];
  readonly #paths: SourcePaths;
  readonly #sight: Sight;
  readonly #told: Set<string>;

  /** `sight` says what an address means: by default that of the hart that the user looks at. */
  constructor(modules: Module[], paths: SourcePaths, sight: Sight = blind, told = new Set<string>()) {
    this.#modules = modules;
    this.#paths = paths;
    this.#sight = sight;
    this.#told = told;
  }

  get modules(): readonly Module[] {
    return this.#modules;
  }

  /** A module that the kernel has loaded; all who look at these symbols see it. */
  add(module: Module): void {
    this.#modules.push(module);
  }

  remove(module: Module): void {
    const at = this.#modules.indexOf(module);
    if (at >= 0) this.#modules.splice(at, 1);
  }

  get xlen(): 32 | 64 {
    return this.#sight.xlen;
  }

  /** The same symbols as another hart sees them, or in another address space. */
  seenBy(sight: Sight): Symbols {
    return new Symbols(this.#modules, this.#paths, sight, this.#told);
  }

  /** Where the parts of the kernels run and are loaded. */
  get images(): KernelImage[] {
    return this.#kernels.filter(({ file }) => !file.object).flatMap(({ images }) => images);
  }

  get sections(): KernelSection[] {
    return this.#kernels.flatMap(({ sections }) => sections);
  }

  /** The module that `address` belongs to, and its link address there. Without one: not in any file. */
  locate(address: VirtAddr): Located | undefined {
    return this.#find(address);
  }

  /** The symbol that holds `address`, a run address or else a load address; `value` is in the same terms. */
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
    const run = this.linkAddress(address);
    return run === undefined ? undefined : this.nameOf(run) || undefined;
  }

  /** The run addresses of all symbols called `name`. */
  named(name: string): VirtAddr[] {
    return this.modules.flatMap((module) =>
      module.file.symbolsNamed(name).map(({ value }) => module.runAddress(value)),
    );
  }

  /** Where functions of that name begin in kernels alone, behind padding: programs in user space have such names, too. */
  kernelFunctions(name: string): VirtAddr[] {
    return this.#kernels.flatMap((module) =>
      module.file
        .symbolsNamed(name)
        .filter(({ kind }) => kind !== 'object')
        .map((symbol) => plus(module.runAddress(symbol.value), module.file.functionEntry(symbol) - symbol.value)),
    );
  }

  valueOf(name: string): bigint | undefined {
    return this.named(name)[0];
  }

  /** Names that begin with `prefix`. */
  complete(prefix: string, limit: number): string[] {
    return this.modules.flatMap(({ file }) => [...file.complete(prefix, limit)]).slice(0, limit);
  }

  /** What could not be read of the files, a line each; each is told once. */
  newProblems(): string[] {
    const fresh = this.modules.flatMap(({ file }) => file.problems).filter((line) => !this.#told.has(line));
    for (const line of fresh) this.#told.add(line);
    return fresh;
  }

  /** The source line of `address`, a run address or else a load address. */
  lineAt(address: VirtAddr): Line | undefined {
    const found = this.#find(address);
    const line = found?.module.file.lineAt(found.link);
    return line && found && { ...line, source: this.source(line.file, found.module) };
  }

  /** Where the object or function called `name` is declared, by debug information. */
  declarationOf(name: string): Line | undefined {
    return first(this.modules, (module) => {
      const { debug } = module.file;
      const declared = debug.variablesNamed(name)[0]?.declared ?? debug.functionsNamed(name)[0]?.declared;
      return declared && { ...declared, source: this.source(declared.file, module) };
    });
  }

  /** The source files that are here, each once. */
  sources(): DebugProtocol.Source[] {
    const found = new Map<string, DebugProtocol.Source>();
    for (const module of this.modules) {
      for (const file of module.file.sourceFiles()) {
        const source = this.source(file, module);
        if (source?.path) found.set(source.path, source);
      }
    }
    return [...found.values()];
  }

  /** The file here that a module's debug information calls `compiled`. */
  source(compiled: string, module: Module): DebugProtocol.Source | undefined {
    return this.#paths.source(compiled, module.folder);
  }

  /** Run addresses of a line of the file here called `path`, or of what begins in that column of it; without a column the
   * line that has code may be a later one. */
  addressesOf(path: string, line: number, column = 0): { readonly va: VirtAddr; readonly line: number }[] {
    return this.#named(path, (file, name, module) =>
      file.addressesOf(name, line, column).map(({ va, line: at }) => ({ va: module.runAddress(va), line: at })),
    );
  }

  /** Where statements begin in the lines of the file here called `path`. */
  statementsIn(path: string, first: number, last: number): LineColumn[] {
    return this.#named(path, (file, name) => file.statementsIn(name, first, last));
  }

  /** What the modules tell of the file here called `path`, by the first of its compile-time names that they know. */
  #named<T>(path: string, ask: (file: SymbolFile, name: string, module: Module) => readonly T[]): T[] {
    for (const name of this.#paths.compiled(path)) {
      const found = this.modules.flatMap((module) => ask(module.file, name, module));
      if (found.length > 0) return found;
    }
    return [];
  }

  /** Run addresses where the copies of a function that were inlined into others begin. */
  inlinedCopies(name: string): VirtAddr[] {
    return this.modules.flatMap((module) =>
      module.file.debug.inlinedAt(name).map((address) => module.runAddress(address)),
    );
  }

  /** Whether `inlinedCopies` would have to index names first. */
  mayHaveMoreCopies(name: string): boolean {
    return this.modules.some(({ file }) => file.debug.mayHaveMoreCopies(name));
  }

  /** Whether the names of all modules are indexed. */
  get indexed(): boolean {
    return this.modules.every(({ file }) => file.debug.indexed);
  }

  /** Indexes so many more bytes of debug information; whether all are indexed then. */
  index(bytes: number): boolean {
    return this.modules.find(({ file }) => !file.debug.indexed)?.file.debug.index(bytes) !== false && this.indexed;
  }

  /** Where a breakpoint on the function at `address` goes: its first line behind the entry's padding. */
  functionStart(address: VirtAddr): VirtAddr {
    const found = this.#find(address);
    if (!found) return address;
    const { module, symbol } = found;
    return plus(address, module.file.functionEntry(symbol) - symbol.value);
  }

  /** Where the instruction that runs at this address is loaded. */
  loadAddress(run: VirtAddr): PhysAddr | undefined {
    return first(this.modules, (module) => module.loadAddress(module.linkAddress(run)));
  }

  /** The run address of what is loaded there. */
  linkAddress(load: bigint): VirtAddr | undefined {
    const located = this.#loadedAt(phys(load));
    return located?.module.runAddress(located.link);
  }

  /** All places at which the instruction at `address` (run or load address) is met. */
  placesOf(address: VirtAddr): Places {
    const run = this.loadAddress(address) !== undefined ? address : (this.linkAddress(address) ?? address);
    const load = this.loadAddress(run);
    const programs = load === undefined ? this.#programsAt(run) : [];
    return {
      virtual: run === address ? [run] : [run, address],
      physical: load === undefined ? [] : [load],
      ...(programs.length > 0 && { programs }),
    };
  }

  /** Whether a place of `places` is where the hart of this sight stands, about to fetch from `pa`. */
  isAt(places: Places, pc: VirtAddr, pa: PhysAddr): boolean {
    if (places.physical.includes(pa)) return true;
    if (!places.virtual.includes(pc)) return false;
    const programs = places.programs?.filter(({ address }) => address === pc) ?? [];
    return programs.length === 0 || programs.some(({ module }) => module.isSeen(module.linkAddress(pc), this.#sight));
  }

  get #kernels(): Module[] {
    return this.modules.filter(({ space }) => space === 'kernel');
  }

  #programsAt(address: VirtAddr) {
    const holders = this.modules.filter(
      (module) => module.space === 'user' && module.file.sectionAt(module.linkAddress(address)),
    );
    return holders.map((module) => ({ address, module }));
  }

  #find(address: VirtAddr): Found | undefined {
    return (
      first(this.#kernels, (module) => withSymbol(module, module.linkAddress(address))) ??
      first(this.modules, (module) => {
        const link = module.linkAddress(address);
        return module.space === 'user' && module.isSeen(link, this.#sight) ? withSymbol(module, link) : undefined;
      }) ??
      this.#behind(address)
    );
  }

  /** What runs before paging, or under another mapping than its own. Where nothing is mapped: what was there before paging. */
  #behind(address: VirtAddr): Found | undefined {
    const located = this.#loadedAt(this.#sight.translate(address) ?? phys(address));
    return located && withSymbol(located.module, located.link);
  }

  #loadedAt(pa: PhysAddr): Located | undefined {
    return first(this.modules, (module) => {
      const link = module.linkOfLoaded(pa);
      return link === undefined ? undefined : { module, link };
    });
  }
}

/** All of them. */
export function joinPlaces(places: readonly Places[]): Places {
  const programs = places.flatMap((each) => each.programs ?? []);
  return {
    ...(programs.length > 0 && { programs }),
    virtual: [...new Set(places.flatMap(({ virtual }) => virtual))],
    physical: [...new Set(places.flatMap(({ physical }) => physical))],
  };
}

function withSymbol(module: Module, link: VirtAddr): Found | undefined {
  const symbol = module.file.symbolAt(link);
  return symbol && { module, link, symbol };
}

function first<T, R>(list: readonly T[], look: (item: T) => R | undefined): R | undefined {
  for (const item of list) {
    const found = look(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
