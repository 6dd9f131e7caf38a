// The machine: harts, bus, devices and firmware put together, with the faces that debuggers and command lines use.

import { type PhysAddr, phys, type VirtAddr } from './address.ts';
import { Board } from './board.ts';
import type { ConsoleSink, MachineControl, Outcome } from './control.ts';
import { CodeCache } from './core/code-cache.ts';
import { countsOf, sideExitsOf } from './core/counts.ts';
import { Engine } from './core/engine.ts';
import { GuestMemory } from './core/guest-memory.ts';
import { tableSize } from './core/interpreter.ts';
import { shared } from './core/layout.ts';
import { interpreterName, TRANSLATE_AFTER } from './core/prepared.ts';
import { CompilerHere } from './core/translator/compiler.ts';
import { Translator } from './core/translator/translator.ts';
import type { CsrFacts } from './csr/legalise.ts';
import { Breakpoints } from './debug/breakpoints.ts';
import { Notices } from './debug/notices.ts';
import { TablePages } from './debug/table-pages.ts';
import { Telling } from './debug/telling.ts';
import { Watchpoints } from './debug/watchpoints.ts';
import { type Dma, dmaTo } from './devices/dma.ts';
import type { Interest, MachineEvent, MachineListener, Watchpoint } from './events.ts';
import { ExecutionHost } from './execution-host.ts';
import { callSbi } from './firmware/sbi/sbi.ts';
import { sbiFace } from './firmware/sbi-face.ts';
import { MemoryAccess } from './hart/access.ts';
import type { HartContext } from './hart/context.ts';
import { classifyCsrs } from './hart/csr-classes.ts';
import { presentCsr, writeCsr } from './hart/csr-file.ts';
import { forgetAllWritable } from './hart/forget.ts';
import { Hart } from './hart/hart.ts';
import { summarisePmp } from './hart/pmp.ts';
import { resetHart } from './hart/reset.ts';
import { enterSpace, selectPaging } from './hart/spaces.ts';
import { HartFace } from './hart/view.ts';
import type { Access, AccessRefusal, HartView, PagingFeatures, PhysicalRegion, Privilege } from './inspection.ts';
import { decoderFor } from './isa/decode.ts';
import { type Isa, isaText } from './isa/isa-string.ts';
import { compressedInstructions, instructions } from './isa/table.ts';
import type { BootPlan } from './loader/index.ts';
import { hardwareOf, type MachineOptions } from './machine-options.ts';
import { pmpRefusal } from './mmu/pmp.ts';
import { regimeOf, walkMemoryOf } from './mmu/regime.ts';
import { walk } from './mmu/walk.ts';
import { RunLoop, type RunOptions } from './run-loop.ts';

export function createMachine(options: MachineOptions, plan: BootPlan): MachineControl {
  return new Machine(options, plan);
}

class Machine implements MachineControl {
  readonly xlen: 32 | 64;
  readonly isa: string;
  readonly harts: readonly HartView[];
  readonly paging: PagingFeatures;
  readonly regions: readonly PhysicalRegion[];
  private readonly plan: BootPlan;
  private readonly guest: GuestMemory;
  private readonly cores: readonly Hart[];
  private readonly board: Board;
  private readonly code: CodeCache;
  private readonly engine: Engine;
  private readonly access: MemoryAccess;
  private readonly loop: RunLoop;
  private readonly context: HartContext;
  private readonly breakpoints: Breakpoints;
  private readonly watchpoints: Watchpoints;
  private readonly trapsMisaligned: boolean;
  readonly pmpEntries: number;
  private readonly telling: Telling;
  private readonly tables: TablePages;
  private readonly notices: Notices;
  private readonly sinks = new Set<ConsoleSink>();

  constructor(options: MachineOptions, plan: BootPlan) {
    const { isa, paging, facts } = hardwareOf(options, plan);
    this.xlen = isa.xlen;
    this.isa = isaText(isa);
    this.plan = plan;
    this.paging = paging;
    this.guest = new GuestMemory(options.memory, options.harts);
    this.cores = Array.from({ length: options.harts }, (_, id) => new Hart(id, this.guest));
    this.tables = new TablePages(this.guest, this.cores);
    this.loop = new RunLoop(this.cores, options.quantum ?? (options.harts === 1 ? 1_000_000 : 10_000));
    this.telling = new Telling(this.cores, this.guest, this.loop);
    this.trapsMisaligned = options.misaligned === 'trap';
    this.pmpEntries = facts.pmpEntries;
    this.context = this.makeContext(isa, facts);
    classifyCsrs(this.context);
    this.guest.words[shared.builtinSbi / 4] = this.context.builtinSbi ? 1 : 0;
    const print = (bytes: Uint8Array) => this.print(bytes);
    this.board = new Board({ harts: this.cores, loop: this.loop, dmaOf: this.dmaOf, print }, options);
    const { guest, tables } = this;
    const { listeners } = this.telling;
    const emit = (event: MachineEvent) => this.telling.emit(event);
    this.notices = new Notices({ guest, tables, listeners, emit, bus: this.board.bus });
    this.harts = this.cores.map((hart) => new HartFace(hart, this.context));
    this.watchpoints = new Watchpoints(this.cores, this.guest, this, plan.tohost, () => this.flushAll());
    this.access = new MemoryAccess(
      this.context,
      this.board.bus,
      (hart) => this.harts[hart.id] as HartView,
      this.watchpoints,
      (note) => {
        if (this.watchpoints.note(note)) note.hart.attend();
        if (note.access === 'store') this.board.stored(note.pa, note.size);
        this.notices.tell(note);
      },
    );
    const host = new ExecutionHost(this.cores, this.guest, this.context, this.access);
    const after = options.translateAfter ?? TRANSLATE_AFTER;
    const features = {
      xlen: isa.xlen,
      trapsMisaligned: this.trapsMisaligned,
      compressed: isa.extensions.has('c'),
      translateAfter: after === 'never' ? undefined : after,
      counts: options.counts ?? false,
    };
    const prepared = options.interpreter?.(interpreterName(features));
    this.engine = new Engine(instructions, compressedInstructions, this.guest, host, features, prepared);
    this.code = new CodeCache(
      this.guest,
      this.engine.operations,
      this.context.decode,
      options.codeCache?.pages ?? Infinity,
    );
    const translate = (hart: number, va: VirtAddr) => this.translateQuietly(hart, va);
    this.breakpoints = new Breakpoints(this.cores, this.guest, this.code, () => this.flushAll(), translate);
    const { engine } = this;
    const table = {
      get functions() {
        return engine.table;
      },
      get refill() {
        return engine.refill;
      },
      get besideWatched() {
        return engine.besideWatched;
      },
      modules: options.codeCache?.modules,
      instructions: options.codeCache?.instructions,
      renew: () => engine.renewTable(),
      size: Math.min(options.codeCache?.regions ?? Infinity, tableSize),
      forgetJumps: () => {
        for (const hart of this.cores) this.engine.forgetJumps(hart.block);
      },
    };
    const { warn } = options;
    const making = {
      isa: this.isa,
      trapsMisaligned: features.trapsMisaligned,
      compiler: options.compiler ?? new CompilerHere(),
      translateAfter: features.translateAfter ?? 0,
      failed: warn && (({ message }: Error) => warn(`Code could not be translated and is interpreted: ${message}`)),
    };
    const translator = new Translator(this.guest, this.code, table, making, (page) => this.breakpoints.offsetsIn(page));
    host.connect(this.code, this.breakpoints, translator, () => this.flushAll());
    this.loop.connect({
      engine: this.engine,
      context: this.context,
      board: this.board,
      breakpoints: this.breakpoints,
      watchpoints: this.watchpoints,
      translator,
      prepareAlone: (hart) => host.straddle(hart.id),
    });
    this.regions = [
      ...this.board.bus.regions,
      { name: 'RAM', kind: 'ram', base: phys(0x80000000), size: options.memory },
    ];
    this.reset();
  }

  private makeContext(isa: Isa, facts: CsrFacts): HartContext {
    const context: HartContext = {
      xlen: this.xlen,
      guest: this.guest,
      facts,
      inspection: this,
      trapsMisaligned: this.trapsMisaligned,
      builtinSbi: this.plan.firmware === 'builtin',
      mtime: (hart) => this.loop.mtimeOf(hart),
      ticks: (hart) => this.loop.ticksOf(hart),
      rescheduled: (hart) => hart.attend(),
      listeners: this.telling.listeners,
      emit: (event) => this.telling.emit(event),
      emitBefore: (hart, event) => {
        if (this.loop.wasHeld(hart) || !this.telling.emit(event)) return false;
        this.loop.hold(hart);
        return true;
      },
      forgetTranslations: (hart, address, asid) => this.engine.forget(hart.block, address, asid),
      spaceChanged: (hart) => {
        selectPaging(hart, this.xlen);
        const space = enterSpace(hart, this.xlen);
        if (space !== undefined) this.engine.flushSpace(hart.block, space);
      },
      regimeChanged: (hart) => {
        selectPaging(hart, this.xlen);
        this.engine.flush(hart.block, false);
      },
      pmpChanged: (hart) => {
        summarisePmp(hart, this.guest, facts.pmpEntries, this.xlen);
        this.engine.flush(hart.block, true);
      },
      decode: decoderFor(isa),
      load: (hart, address, size, access) => this.access.load(hart, address, size, access),
      store: (hart, address, size, value) => this.access.store(hart, address, size, value),
      translate: (hart, address, access, size) => this.access.translate(hart, address, access, size),
      writeRam: (address, bytes) => {
        this.guest.write(address, bytes);
        this.code.forgetRange(address, bytes.length);
      },
      callSbi: (hart) => callSbi(this.sbi, hart.id),
    };
    return context;
  }

  private get sbi() {
    return sbiFace({
      cores: this.cores,
      context: this.context,
      board: this.board,
      loop: this.loop,
      print: (bytes) => this.board.print(bytes),
      write: (address, bytes) => this.writeFromOutside('built-in SBI', address, bytes),
    });
  }

  private readonly dmaOf = (by: string): Dma =>
    dmaTo(this.guest, (address, bytes) => {
      this.writeFromOutside(by, address, bytes);
      for (const hart of this.cores) hart.dropReservation();
    });

  /** A write of a device or of the built-in firmware, which neither a watched table nor a watchpoint must miss. */
  private writeFromOutside(by: string, address: PhysAddr, bytes: Uint8Array): void {
    const { current } = this.loop;
    const write = () => this.context.writeRam(address, bytes);
    const told = () => this.notices.around(current, address, bytes.length, write);
    this.watchpoints.around(current, by, address, bytes.length, told);
  }

  private print(bytes: Uint8Array): void {
    this.telling.tellLate();
    for (const sink of this.sinks) {
      if (!sink(bytes, this.loop.current.id)) continue;
      this.loop.stopWith({ reason: 'console', hart: this.loop.current.id });
      this.loop.current.attend();
    }
  }

  private flushAll(): void {
    for (const hart of this.cores) this.engine.flush(hart.block, true);
  }

  /** Without effect; undefined where the fetch would fault. */
  private translateQuietly(id: number, va: VirtAddr): PhysAddr | undefined {
    const hart = this.harts[id] as HartView;
    const result = walk(walkMemoryOf(this, id), regimeOf(this, hart, 'fetch'), va, 'fetch', 2);
    return result.ok ? result.pa : undefined;
  }

  get counts(): Readonly<Record<string, number>> {
    return {
      ...countsOf(this.guest),
      ...sideExitsOf(this.guest, this.engine.operations),
      touchedPages: this.guest.framesInUse,
    };
  }

  get time(): bigint {
    return BigInt(this.loop.now);
  }

  readPhysical(address: PhysAddr, length: number): Uint8Array {
    if (this.guest.pageOf(address) !== undefined) return this.guest.read(address, length);
    return this.board.peek(address, length);
  }

  get deviceTree(): PhysAddr | undefined {
    return this.plan.dtb === 0n ? undefined : this.plan.dtb;
  }

  refusal(address: PhysAddr, size: number, access: Access, privilege: Privilege, hart = 0): AccessRefusal | undefined {
    const core = this.cores[hart] as Hart;
    const refused = pmpRefusal(core.pmp, this.pmpEntries, address, size, access, privilege);
    if (refused) return refused;
    if (this.guest.pageOf(address) !== undefined) return undefined;
    const device = this.board.bus.deviceAt(address);
    if (!device) return { by: 'PMA', text: 'nothing at this address' };
    return access === 'fetch' ? { by: 'PMA', text: `${device.name} holds no instructions` } : undefined;
  }

  run(limit: number, options?: { readonly skipIdle?: boolean; readonly resume?: boolean }): Outcome {
    return this.runLoop(limit, { skipIdle: options?.skipIdle ?? true, resume: options?.resume ?? true });
  }

  step(hart: number, limit = Number.MAX_SAFE_INTEGER): Outcome {
    return this.runLoop(limit, { skipIdle: true, resume: true, step: hart });
  }

  /** Nothing is left untold when it returns. */
  private runLoop(limit: number, options: RunOptions): Outcome {
    this.telling.grantPatience();
    const outcome = this.loop.run(limit, options);
    this.telling.tellLate();
    return outcome;
  }

  skipTo(time: bigint): void {
    this.loop.skipTo(Number(time));
  }

  reset(): void {
    this.guest.clear();
    this.code.clear();
    this.loop.reset();
    for (const hart of this.cores) hart.clear();
    this.board.reset();
    for (const { address, source } of this.plan.segments) this.guest.load(address, source);
    for (const hart of this.cores) resetHart(hart, this.plan, this.context);
    this.flushAll();
    this.watchpoints.apply();
    this.tables.apply();
    this.telling.tellHarts();
    this.breakpoints.apply();
    if (this.plan.tohost !== undefined) {
      this.board.watchTohost(this.plan.tohost, this.plan.fromhost);
    }
  }

  listen(listener: MachineListener, interest: Interest): () => void {
    return this.telling.listeners.add(listener, interest);
  }

  watchTables(pages: Iterable<PhysAddr>, on: boolean): void {
    this.tables.watch(pages, on);
  }

  watchUses(ranges: readonly { readonly from: VirtAddr; readonly to: VirtAddr }[]): void {
    this.watchpoints.setUses(ranges);
  }

  setBreakpoints(points: { readonly virtual: readonly VirtAddr[]; readonly physical: readonly PhysAddr[] }): void {
    this.breakpoints.set(points.virtual, points.physical);
  }

  setWatchpoints(points: readonly Watchpoint[]): void {
    this.watchpoints.set(points);
  }

  onConsole(sink: ConsoleSink): () => void {
    this.sinks.add(sink);
    return () => this.sinks.delete(sink);
  }

  type(bytes: Uint8Array): void {
    this.board.type(bytes);
  }

  get consoleWanted(): boolean {
    return this.board.consoleWanted;
  }

  beginEpoch(beforeWrite: (page: PhysAddr) => void = () => undefined): void {
    this.guest.beginEpoch((page) => beforeWrite(this.guest.addressOf(page)));
    for (const hart of this.cores) forgetAllWritable(hart);
  }

  get dirtyPages(): readonly PhysAddr[] {
    return this.guest.dirtyPages.map((page) => this.guest.addressOf(page));
  }

  writePhysical(address: PhysAddr, bytes: Uint8Array): number {
    if (this.guest.pageOf(address) === undefined) return this.board.poke(address, bytes);
    const written = this.guest.write(address, bytes);
    this.code.forgetRange(address, written);
    this.flushAll();
    return written;
  }

  setX(hart: number, index: number, value: bigint): void {
    this.cores[hart]?.setX(index, value);
  }

  setF(hart: number, index: number, value: bigint): void {
    this.cores[hart]?.setF(index, value);
  }

  setPc(hart: number, value: VirtAddr): void {
    const core = this.cores[hart];
    if (core) core.pc = value & ~1n;
  }

  setCsr(hart: number, number: number, value: bigint): bigint | undefined {
    const core = this.cores[hart];
    const row = presentCsr(number, this.context);
    return core && row ? writeCsr(core, row, BigInt.asUintN(this.xlen, value), this.context) : undefined;
  }
}
