// Which exceptions a kernel means to take. A trap without such a reason is one that somebody should look at.

import { hex, type PhysAddr, type VirtAddr, virt } from '../../emulator/address.ts';
import type { MachineEvent, TrapEvent } from '../../emulator/events.ts';
import type { HartView, Inspection } from '../../emulator/inspection.ts';
import { decodeSatp } from '../../emulator/mmu/modes.ts';
import { regimeUnder, walkMemoryOf } from '../../emulator/mmu/regime.ts';
import { walk } from '../../emulator/mmu/walk.ts';
import { kernelSlide } from '../layouts/detect-linux.ts';
import { moduleFixup } from '../linux/module-exceptions.ts';
import type { KernelProgram } from '../objects/object.ts';
import { virtualReader } from '../read-virtual.ts';
import type { KernelImage, KernelSymbols } from '../symbols.ts';
import { type ExceptionTable, readExceptionTable } from './exception-table.ts';

/** Symbols that also know where a kernel is loaded. */
export interface LoadedKernel extends KernelSymbols {
  readonly images: readonly KernelImage[];
  /** Where what has this link address is loaded. */
  loadAddress(link: VirtAddr): PhysAddr | undefined;
}

const Csr = { stvec: 0x105, satp: 0x180, mtvec: 0x305 } as const;
const FETCH_PAGE_FAULT = 12;
const pageFaults = [12, 13, 15];
/** Firmware that tries out whether something exists sets mtvec for it so shortly before, in instructions. */
const PROBE = 64n;

interface Written {
  satp?: bigint;
  mtvec?: bigint;
}

/** Is told of the machine's events, so that it can judge each exception as it is taken. */
export class ExpectedTraps {
  /** The CSRs whose writes `note` wants to hear of. */
  static readonly csrs: readonly number[] = [Csr.satp, Csr.mtvec];
  readonly #machine: Inspection;
  readonly #kernel: () => LoadedKernel;
  readonly #program: ((hart: HartView) => KernelProgram) | undefined;
  /** Instructions that each hart had retired before it last wrote these. */
  readonly #written = new Map<number, Written>();
  #table: { readonly kernel: LoadedKernel; readonly slide: bigint; readonly entries: ExceptionTable } | undefined;

  /** `kernel` is asked anew for each exception: symbols may move (KASLR). `program` is the kernel's types and memory, as
   * a hart sees it: without them nothing is known of modules. */
  constructor(machine: Inspection, kernel: () => LoadedKernel, program?: (hart: HartView) => KernelProgram) {
    this.#machine = machine;
    this.#kernel = kernel;
    this.#program = program;
  }

  /** Takes note of writes to satp and mtvec; anything else is passed over. */
  note(event: MachineEvent): void {
    if (event.kind !== 'csr-write') return;
    const { hart, csr, instret } = event;
    const written = this.#written.get(hart) ?? {};
    if (csr === Csr.satp) written.satp = instret;
    if (csr === Csr.mtvec) written.mtvec = instret;
    this.#written.set(hart, written);
  }

  /** The machine was reset. */
  clear(): void {
    this.#written.clear();
    this.#table = undefined;
  }

  /** Why the kernel reckons with this trap, as a clause; undefined = unexpected. To be asked while the hart stands at the
   * handler's first instruction. */
  why(event: TrapEvent): string | undefined {
    if (event.interrupt) return 'interrupts come when they come';
    if (this.isJumpToLinkAddress(event)) return 'a planned jump: stvec names the next instruction where it is linked';
    if (!this.#isHandlerMapped(event)) return undefined;
    if (event.cause >= 8 && event.cause <= 11) return 'environment calls are made on purpose';
    if (event.from === 0) return 'programs in U-mode may fault, and the kernel sees to it';
    if (event.from === 3) return this.#isProbe(event) ? 'firmware tries out what the hart has' : undefined;
    if (this.#isForFirmware(event)) return 'firmware in M-mode does what the hart does not';
    const fixup = this.#fixupOf(event.pc);
    if (fixup !== undefined) return `the kernel reckons with it: __ex_table leads to ${this.#nameOf(fixup)}`;
    if (this.#isLazyVmalloc(event)) return "Linux copies the entry from its own root into the process's on demand";
    // Last, since it reads the kernel's lists.
    const own = this.#moduleFixup(event);
    return own && `the kernel reckons with it: the __ex_table of module ${own.module} leads to ${hex(own.fixup)}`;
  }

  /** Whether the kernel's own __ex_table has the instruction, so that it reckons with any fault of it. */
  hasFixup({ pc }: TrapEvent): boolean {
    return this.#fixupOf(pc) !== undefined;
  }

  /** Whether a fault is the way in which a kernel that has just turned paging on jumps to its link address: the
   * instruction behind the satp write cannot be fetched, and stvec names that very instruction where it is linked and can
   * be fetched. Where no symbols tell that, the fault must come right behind the write. */
  isJumpToLinkAddress(event: TrapEvent): boolean {
    const { interrupt, cause, tval, pc, handler, hart, instret, from } = event;
    if (from === 0 || interrupt || cause !== FETCH_PAGE_FAULT || tval !== pc || !this.#isHandlerMapped(event))
      return false;
    const load = this.#kernel().loadAddress(handler);
    if (load !== undefined) return load === (pc as bigint);
    return this.#written.get(hart)?.satp === instret - 1n;
  }

  #isHandlerMapped({ hart: id, to, handler }: TrapEvent): boolean {
    const hart = this.#hart(id);
    if (!hart) return false;
    const { mode, root } = decodeSatp(hart.csr(Csr.satp) ?? 0n, this.#machine.xlen);
    const regime = regimeUnder(this.#machine, hart, to === 3 ? undefined : mode, root, to);
    return walk(walkMemoryOf(this.#machine, id), regime, handler, 'fetch', 2).ok;
  }

  /** Firmware sets mtvec, does what may trap, and puts mtvec back. */
  #isProbe({ hart, to, instret }: TrapEvent): boolean {
    const since = this.#written.get(hart)?.mtvec;
    return to === 3 && since !== undefined && instret - since <= PROBE;
  }

  /** Misaligned accesses and instructions that are not delegated, where M-mode belongs to another program. */
  #isForFirmware({ to, cause, handler }: TrapEvent): boolean {
    if (to !== 3 || ![2, 4, 6].includes(cause)) return false;
    return this.#kernel().symbolAt(handler) === undefined;
  }

  #fixupOf(pc: VirtAddr): VirtAddr | undefined {
    const { slide, entries } = this.#exceptionTable();
    const fixup = entries.get(virt(pc - slide));
    return fixup === undefined ? undefined : virt(fixup + slide);
  }

  #moduleFixup({ hart: id, pc }: TrapEvent) {
    const hart = this.#hart(id);
    return hart && this.#program && moduleFixup(this.#program(hart), pc);
  }

  #hart(id: number): HartView | undefined {
    return this.#machine.harts.find((one) => one.id === id);
  }

  #exceptionTable() {
    const kernel = this.#kernel();
    const read = virtualReader(this.#machine, undefined, kernel.images);
    const slide = kernelSlide(kernel, read);
    if (this.#table?.kernel !== kernel || this.#table.slide !== slide) {
      this.#table = { kernel, slide, entries: readExceptionTable(kernel, this.#machine.xlen, read) };
    }
    return this.#table;
  }

  /** A fault under a process's root at what the kernel's own root maps, in the area that Linux maps lazily. */
  #isLazyVmalloc(event: TrapEvent): boolean {
    if (!pageFaults.includes(event.cause)) return false;
    const kernel = this.#kernel();
    const own = kernel.valueOf('swapper_pg_dir');
    const root = own === undefined ? undefined : kernel.loadAddress(virt(own));
    const hart = this.#hart(event.hart);
    const satp = decodeSatp(hart?.csr(Csr.satp) ?? 0n, this.#machine.xlen);
    if (!hart || !satp.mode || root === undefined || root === satp.root) return false;
    const access = event.cause === 12 ? 'fetch' : event.cause === 13 ? 'load' : 'store';
    const regime = regimeUnder(this.#machine, hart, satp.mode, root, event.from);
    const memory = walkMemoryOf(this.#machine, event.hart);
    const here = walk(memory, { ...regime, root: satp.root }, virt(event.tval), access);
    return !here.ok && here.reason === 'not-valid' && walk(memory, regime, virt(event.tval), access).ok;
  }

  #nameOf(va: VirtAddr): string {
    const symbol = this.#kernel().symbolAt(va);
    return symbol ? symbol.name : 'its fixup';
  }
}
