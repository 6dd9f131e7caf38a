// From a launch request to a machine that stands at its first instruction, and back there.

import { hex } from '../../emulator/address.ts';
import type { HartView } from '../../emulator/inspection.ts';
import { UserError } from '../../emulator/user-error.ts';
import { announceModules } from '../modules/announce.ts';
import { isAwaited, ModuleLoads } from '../modules/loads.ts';
import type { Module } from '../modules/module.ts';
import { openModule } from '../modules/open.ts';
import { sightOf } from '../modules/sight.ts';
import type { Pace } from '../run-control/pacing.ts';
import { watchPanics } from '../run-control/panic.ts';
import { continueRun } from '../run-control/stepping.ts';
import type { Call, SessionContext } from '../session-context.ts';
import { SourcePaths } from '../sources/paths.ts';
import { Symbols } from '../symbols.ts';
import { loadInProcess } from '../targets/in-process.ts';
import type { Target } from '../targets/target.ts';
import { checkLaunch, type Launch } from './configuration.ts';
import { findSymbols } from './find-symbols.ts';
import { Progress } from './progress.ts';

type Given = Readonly<Record<string, unknown>>;

const NO_SYMBOLS = 'There is no symbol file: name one in "symbols", or put the vmlinux of this build beside the Image.';

export class Launcher {
  readonly #session: SessionContext;
  #launch: Launch | undefined;
  #loaded: { readonly target: Target; readonly symbols: Symbols } | undefined;
  /** Name and stamp of each file that was read. */
  #files: readonly (readonly [path: string, stamp: string | undefined])[] = [];
  /** Modules that the kernel may load. */
  #loads = new ModuleLoads([]);
  /** Modules of the run before, which the client still shows. */
  #before: readonly Module[] | undefined;
  #configured = false;
  /** Loaded, and not begun. */
  #waiting = false;

  constructor(session: SessionContext) {
    this.#session = session;
  }

  get loaded() {
    return this.#loaded;
  }

  get loads(): ModuleLoads {
    return this.#loads;
  }

  get noDebug(): boolean {
    return this.#launch?.noDebug ?? false;
  }

  /** How idle time passes. */
  get pace(): Pace {
    return this.#launch?.pace ?? 'fast';
  }

  /** The client shows the guest's console by the event `pagewalk/console`. */
  get terminal(): boolean {
    return this.#launch?.terminal ?? false;
  }

  async launch(given: Given, call: Call): Promise<void> {
    if (this.#loaded) throw new UserError('This debug session has launched its kernel already: use restart.');
    this.#check(given);
    await this.#load(call);
  }

  /** The client has sent its breakpoints; nothing runs before. */
  configured(): void {
    this.#configured = true;
  }

  /** Back to the first instruction: from the same bytes, or from the files where they have changed. */
  async restart(given: Given | undefined, call: Call): Promise<void> {
    await this.#session.runControl.halt();
    if (given) this.#check(given);
    const changed = this.#files.some(([path, stamp]) => this.#session.host.stamp(path) !== stamp);
    if (given || changed || !this.#loaded) {
      await this.#load(call);
    } else {
      this.#loaded.target.machine.reset();
      this.#start();
    }
  }

  /** Stops at the first instruction or runs from there, once the kernel is loaded and the client has said all. */
  begin(): void {
    if (!this.#waiting || !this.#configured) return;
    this.#waiting = false;
    const { runControl, machine, symbols } = this.#session;
    const launch = this.#launch as Launch;
    const hart = machine.harts[0] as HartView;
    if (!launch.stopOnEntry || launch.noDebug) {
      runControl.start(continueRun(hart.id));
      return;
    }
    const name = symbols.nameOf(hart.pc);
    const description = `First instruction, at ${hex(hart.pc)}${name && ` <${name}>`}`;
    runControl.stop({ reason: 'entry', description, hart: hart.id, breakpointIds: [] });
  }

  #check(given: Given): void {
    this.#launch = checkLaunch(given, (line) => this.#session.output(line, 'important'));
    this.#session.filters.mute('satp-write', !this.#launch.stopOnSatp);
  }

  async #load(call: Call): Promise<void> {
    const launch = this.#launch as Launch;
    const { host } = this.#session;
    const disks = launch.disks.map(({ file }) => file);
    const named = [launch.program, launch.initrd, launch.dtb, launch.firmware, ...disks];
    const paths = named.filter((path) => path !== undefined);
    const files = new Map<string, string | undefined>();
    const note = (path: string) => files.set(path, host.stamp(path));
    for (const path of paths) note(host.resolve('', path));

    const progress = new Progress(this.#session, call, 'Loading the kernel');
    try {
      await progress.report(launch.program);
      const target = loadInProcess(host, launch, (line) => this.#session.output(line, 'important'));
      const found = findSymbols(host, launch, target);
      if (found.warning) this.#session.output(found.warning, 'important');
      else if (found.files.length === 0) this.#session.output(NO_SYMBOLS, 'important');
      const modules: Module[] = [];
      const awaited = found.files.filter((entry) => isAwaited(host, entry));
      for (const entry of found.files) {
        note(entry.path);
        if (awaited.includes(entry)) continue;
        await progress.report(`symbols of ${entry.path}`);
        modules.push(openModule(host, entry, modules.length + 1, target, host.resolve('', launch.program)));
      }
      this.#before = this.#loaded?.symbols.modules ?? [];
      this.#loads = new ModuleLoads(awaited);
      const { machine } = target;
      const looked = () => this.#session.runControl.lastStop?.hart ?? 0;
      const sight = sightOf(
        machine,
        () => machine.harts.find(({ id }) => id === looked()) ?? (machine.harts[0] as HartView),
      );
      this.#loaded = { target, symbols: new Symbols(modules, new SourcePaths(host, launch.sourceMap, ''), sight) };
      this.#files = [...files];
    } finally {
      progress.end();
    }
    this.#start();
  }

  /** Ties the session to the machine at its first instruction. */
  #start(): void {
    const { watch, runControl, breakpoints, machine, symbols, send } = this.#session;
    this.#loads.reset(this.#session);
    for (const module of symbols.modules) module.reset();
    watch.attach(machine);
    runControl.console.attach(machine);
    if (this.#before) {
      const { program } = this.#launch as Launch;
      send('process', { name: program, isLocalProcess: true, startMethod: 'launch', pointerSize: machine.xlen });
      announceModules(this.#session, this.#before, symbols.modules);
    }
    this.#before = undefined;
    breakpoints.forgetHits();
    for (const point of breakpoints.rebind(symbols))
      send('breakpoint', { reason: 'changed', breakpoint: point.toDap() });
    if (!this.noDebug) breakpoints.install(machine);
    watchPanics(this.#session);
    this.#loads.watch(this.#session);
    this.#waiting = true;
  }
}
