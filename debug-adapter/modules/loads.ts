// Modules that Linux loads while it runs (`.ko`): their symbols are there from the moment in which the kernel has placed a
// module and is about to call its init function, until it frees the module.

import type { PhysAddr } from '../../emulator/address.ts';
import type { HartView } from '../../emulator/inspection.ts';
import { openElf, unpacked } from '../../emulator/loader/index.ts';
import { UserError } from '../../emulator/user-error.ts';
import { type LinuxModule, moduleAt } from '../../kernel/linux/modules.ts';
import type { Host } from '../host.ts';
import type { SymbolEntry } from '../launch/symbol-entries.ts';
import { kernelProgramOf } from '../program/kernel-program.ts';
import type { SessionContext } from '../session-context.ts';
import { joinPlaces, type Places, type Symbols } from '../symbols.ts';
import { announceModules, announceRebound } from './announce.ts';
import type { Module } from './module.ts';
import { openModule } from './open.ts';

/** Both are given the module. */
const LOADED = 'do_init_module';
const FREED = 'free_module';
const A0 = 10;

/** Files whose modules may be loaded, and those that are. */
export class ModuleLoads {
  readonly #files: readonly SymbolEntry[];
  readonly #present = new Map<bigint, Module>();
  #places: { readonly [LOADED]: Places; readonly [FREED]: Places } | undefined;

  constructor(files: readonly SymbolEntry[]) {
    this.#files = files;
  }

  /** The machine was reset: none is loaded. */
  reset(session: SessionContext): void {
    const gone = [...this.#present.values()];
    for (const module of gone) session.symbols.remove(module);
    this.#present.clear();
    announceModules(session, gone, []);
  }

  /** Waits where the kernel has placed a module, and where it frees one. */
  watch(session: SessionContext): void {
    const { symbols, breakpoints, machine, launcher } = session;
    if (this.#files.length === 0 || launcher.noDebug) return;
    const placesOf = (name: string) => joinPlaces(symbols.kernelFunctions(name).map((at) => symbols.placesOf(at)));
    this.#places = { [LOADED]: placesOf(LOADED), [FREED]: placesOf(FREED) };
    breakpoints.standAt('modules', joinPlaces(Object.values(this.#places)), machine);
  }

  /** Takes note of where the hart is about to go on. */
  arrive(session: SessionContext, hart: HartView, symbols: Symbols, pa: PhysAddr): void {
    if (!this.#places) return;
    const { [LOADED]: loaded, [FREED]: freed } = this.#places;
    if (symbols.isAt(loaded, hart.pc, pa)) this.#load(session, hart);
    else if (symbols.isAt(freed, hart.pc, pa)) this.#free(session, hart.x(A0));
  }

  #load(session: SessionContext, hart: HartView): void {
    const loaded = moduleAt(kernelProgramOf(session, hart), hart.x(A0));
    const file = loaded && this.#files.find(({ path }) => nameOf(path) === loaded.name);
    if (!loaded || !file || this.#present.has(loaded.address)) return;
    const module = this.#open(session, file, loaded);
    if (!module) return;
    this.#present.set(loaded.address, module);
    session.symbols.add(module);
    announceModules(session, [], [module]);
    announceRebound(session);
  }

  #open(session: SessionContext, file: SymbolEntry, { name, sections }: LinuxModule): Module | undefined {
    const { host, target, symbols, output } = session;
    if (sections.size === 0) {
      output(`The kernel does not tell where it has put ${name} (sect_attrs): ${file.path} is left out.`, 'important');
      return undefined;
    }
    try {
      const id = 1 + Math.max(0, ...symbols.modules.map((module) => module.id));
      return openModule(host, { ...file, space: 'kernel', sections }, id, target, '');
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      output(error.message, 'important');
      return undefined;
    }
  }

  #free(session: SessionContext, address: bigint): void {
    const module = this.#present.get(address);
    if (!module) return;
    this.#present.delete(address);
    session.symbols.remove(module);
    announceModules(session, [module], []);
    announceRebound(session);
  }
}

/** Whether the file is an object file of which only the kernel knows where its sections are. */
export function isAwaited(host: Host, { path, sections }: SymbolEntry): boolean {
  if (sections) return false;
  try {
    return openElf(unpacked(host.open(path), host.inflate), { objects: true }).object;
  } catch (error) {
    // Whoever opens it for its symbols says what is wrong.
    if (error instanceof UserError) return false;
    throw error;
  }
}

/** A module's name by that of its file: `virtio-blk.ko` is virtio_blk. */
function nameOf(path: string): string {
  return path
    .slice(path.search(/[^/\\]*$/))
    .replace(/\.k?o(\..*)?$/, '')
    .replaceAll('-', '_');
}
