// What is soldered to the bus: the devices of QEMU's virt machine, wired to the harts, and what is plugged into it.

import { type PhysAddr, plus } from './address.ts';
import { Bus } from './bus/bus.ts';
import type { GuestEnd } from './control.ts';
import { Aclint } from './devices/aclint.ts';
import { AclintSswi } from './devices/aclint-sswi.ts';
import type { Clock, InterruptPins } from './devices/device.ts';
import { Disk, type DiskImage } from './devices/disk.ts';
import type { Dma } from './devices/dma.ts';
import { GoldfishRtc } from './devices/goldfish-rtc.ts';
import { Htif } from './devices/htif.ts';
import { rtc as rtcAt, timebaseFrequency, uart as uartAt, virtioMmio } from './devices/memory-map.ts';
import { Ns16550a } from './devices/ns16550a.ts';
import { Plic } from './devices/plic.ts';
import { TestFinisher } from './devices/test-finisher.ts';
import { VirtioBlock } from './devices/virtio/block.ts';
import { VirtioConsole } from './devices/virtio/console.ts';
import type { VirtioDevice } from './devices/virtio/device.ts';
import { VirtioEntropy } from './devices/virtio/entropy.ts';
import { guestMac, loopback } from './devices/virtio/loopback.ts';
import { VirtioMmio } from './devices/virtio/mmio.ts';
import { VirtioNet } from './devices/virtio/net.ts';
import type { Hart } from './hart/hart.ts';
import type { Input, InputLog } from './history/input-log.ts';
import { littleEndian } from './mmu/regime.ts';
import type { RunLoop } from './run-loop.ts';
import { UserError } from './user-error.ts';

/** Devices up to this size have byte registers, larger ones 32-bit registers. */
const BYTE_DEVICE = 0x100;
/** Disks have the first slots, in their order; these have fixed ones, so that a further disk moves nothing. */
const slotOf = { net: 5, rng: 6, console: 7 } as const;
const SSIP = 1;
const NS_PER_MS = 1_000_000n;
/** 2026-01-01T00:00:00Z. */
const EPOCH = 1_767_225_600_000;

/** What is plugged into the board, and who listens. */
export interface BoardOptions {
  /** Block devices, in the order of their slots. */
  readonly disks?: readonly DiskImage[];
  /** `loopback`: a network card whose cable ends at a host that echoes. Default: none. */
  readonly net?: 'none' | 'loopback';
  /** Beginning of the entropy device's numbers. Default 0. */
  readonly seed?: bigint;
  /** What the clock shows at reset, in milliseconds since 1970. Default: 2026-01-01T00:00:00Z. */
  readonly epoch?: number;
  /** Told what a user should know: a driver that breaks the rules, a file that cannot be written, code that is slow. */
  readonly warn?: (line: string) => void;
  /** Told each input from outside. */
  readonly inputs?: InputLog;
}

interface Parts {
  readonly harts: readonly Hart[];
  readonly loop: RunLoop;
  /** DMA of the device of that name. */
  readonly dmaOf: (name: string) => Dma;
  readonly print: (bytes: Uint8Array) => void;
}

/** A device that a terminal can be at. */
interface Terminal {
  type(bytes: Uint8Array): void;
  /** The guest waits for input there by interrupt. */
  readonly wanted: boolean;
}

export class Board {
  readonly bus: Bus;
  readonly aclint: Aclint;
  private readonly rtc: GoldfishRtc;
  private readonly uart: Ns16550a;
  private readonly htif: Htif;
  private readonly terminals: Readonly<Record<'uart' | 'virtio' | 'htif', Terminal>>;
  /** The terminal that the guest printed on last, or asked for input by HTIF: what is typed goes there. */
  private focus: keyof Board['terminals'] = 'uart';
  private readonly parts: Parts;
  private readonly options: BoardOptions;
  /** What the built-in SBI's FWFT locked. */
  readonly firmwareLocks = new Set<string>();

  constructor(parts: Parts, options: BoardOptions) {
    this.parts = parts;
    this.options = options;
    const { pins, clock } = this;
    const plic = new Plic(pins);
    const printer = (terminal: Board['focus']) => (bytes: Uint8Array) => {
      this.focus = terminal;
      parts.print(bytes);
    };
    const printByte = printer('uart');
    this.aclint = new Aclint(pins, clock);
    this.rtc = new GoldfishRtc(clock, plic.line(rtcAt.source), BigInt(options.epoch ?? EPOCH) * NS_PER_MS);
    this.uart = new Ns16550a(plic.line(uartAt.source), (byte) => printByte(Uint8Array.of(byte)));
    this.htif = new Htif({
      dma: parts.dmaOf('HTIF'),
      end: (end) => this.end(end),
      print: printer('htif'),
      listen: () => {
        this.focus = 'htif';
      },
      warn: (line) => options.warn?.(line),
    });
    const virtioConsole = new VirtioConsole(printer('virtio'));
    const slots = this.plug(plic, virtioConsole);
    const { uart, htif } = this;
    const consoleSlot = slots[slotOf.console] as VirtioMmio;
    this.terminals = {
      htif,
      uart: {
        type: (bytes) => uart.type(bytes),
        get wanted() {
          return uart.rxInterruptEnabled;
        },
      },
      virtio: {
        type: (bytes) => virtioConsole.receive(bytes),
        get wanted() {
          return consoleSlot.live;
        },
      },
    };
    const finisher = new TestFinisher((end) => this.end(end));
    this.bus = new Bus([finisher, this.rtc, this.aclint, new AclintSswi(pins), plic, uart, ...slots]);
  }

  /** The virtio slots with what is in them. */
  private plug(plic: Plic, virtioConsole: VirtioConsole): readonly VirtioMmio[] {
    const { disks = [], net = 'none', seed = 0n } = this.options;
    const warn = (line: string) => this.options.warn?.(line);
    if (disks.length > slotOf.net)
      throw new UserError(`disks: ${disks.length} are too many: give ${slotOf.net} at most`);
    const devices: (VirtioDevice | undefined)[] = disks.map((image, index) => {
      return new VirtioBlock(index, new Disk(image, (bytes) => this.note('disk', bytes)), warn);
    });
    if (net === 'loopback') devices[slotOf.net] = new VirtioNet(guestMac, loopback);
    devices[slotOf.rng] = new VirtioEntropy(seed);
    devices[slotOf.console] = virtioConsole;
    const { dmaOf } = this.parts;
    return Array.from({ length: virtioMmio.slots }, (_, slot) => {
      return new VirtioMmio(slot, { dmaOf, warn, line: plic.line(virtioMmio.firstSource + slot) }, devices[slot]);
    });
  }

  private get pins(): InterruptPins {
    const { harts, loop } = this.parts;
    return {
      harts: harts.length,
      set: (id, bit, level) => {
        const hart = harts[id];
        if (!hart) return;
        const mask = 1n << BigInt(bit);
        if (bit === SSIP) {
          hart.software |= mask;
          loop.current.attend();
          return;
        }
        const before = hart.pins;
        hart.pins = level ? before | mask : before & ~mask;
        // The hart under way may have to take the interrupt at once; the others look when their turn comes.
        if (hart.pins !== before) loop.current.attend();
      },
    };
  }

  private get clock(): Clock {
    const { harts, loop } = this.parts;
    return {
      get now() {
        return BigInt(loop.now);
      },
      get mtime() {
        return loop.mtimeOf(loop.current);
      },
      mtimeOf: (id: number) => loop.mtimeOf(harts[id] as Hart),
      setMtime: (value: bigint) => loop.setMtime(value),
      frequency: timebaseFrequency,
      rescheduled: () => loop.current.attend(),
    };
  }

  /** Guest time (ns) of the next event of a device beside the harts' timers; Infinity = none. */
  get due(): number {
    const { due } = this.rtc;
    return due === undefined ? Number.POSITIVE_INFINITY : Number(due);
  }

  /** Time has passed for every hart. */
  tick(): void {
    this.aclint.tick();
    this.rtc.tick();
  }

  /** Time has passed for this hart, in its turn. */
  tickFor(hart: number): void {
    this.aclint.tickFor(hart);
    this.rtc.tick();
  }

  end(end: GuestEnd): void {
    const { loop } = this.parts;
    loop.stopWith({ reason: 'ended', end });
    loop.current.attend();
  }

  type(bytes: Uint8Array): void {
    this.note('console', bytes);
    this.terminals[this.focus].type(bytes);
  }

  private note(kind: Input['kind'], bytes: Uint8Array): void {
    const { harts, loop } = this.parts;
    const instret = harts.reduce((sum, hart) => sum + hart.instret, 0n);
    this.options.inputs?.({ kind, time: BigInt(loop.now), instret, bytes });
  }

  /** A typed byte for the SBI console, or undefined. */
  key(): number | undefined {
    return this.uart.key();
  }

  /** What the SBI console prints stands on the UART's terminal. */
  print(bytes: Uint8Array): void {
    this.focus = 'uart';
    this.parts.print(bytes);
  }

  get consoleWanted(): boolean {
    return this.terminals[this.focus].wanted;
  }

  /** Register bytes without side effects; shorter where nothing answers. */
  peek(address: PhysAddr, length: number): Uint8Array {
    const out: number[] = [];
    while (out.length < length) {
      const at = plus(address, out.length);
      const device = this.bus.deviceAt(at);
      if (!device) break;
      const offset = Number(at - device.base);
      if (device.size <= BYTE_DEVICE) out.push(Number(device.peek(offset, 1) & 0xffn));
      else out.push(Number((device.peek(offset & ~3, 4) >> BigInt((offset & 3) * 8)) & 0xffn));
    }
    return Uint8Array.from(out);
  }

  /** Writes registers as a guest's store of that size would; the number of bytes written. */
  poke(address: PhysAddr, bytes: Uint8Array): number {
    const size = bytes.length;
    if (size !== 1 && size !== 2 && size !== 4 && size !== 8) return 0;
    return this.bus.write(address, size, littleEndian(bytes)) ? size : 0;
  }

  watchTohost(tohost: PhysAddr, fromhost: PhysAddr | undefined): void {
    this.htif.watch(tohost, fromhost);
  }

  /** A store into a watched page: HTIF asks something of the host when it is to `tohost`. */
  stored(pa: PhysAddr, size: number): void {
    this.htif.stored(pa, size);
  }

  reset(): void {
    this.bus.reset();
    this.htif.reset();
    this.firmwareLocks.clear();
    this.focus = 'uart';
  }

  /** Everything that a snapshot must keep of the devices. */
  save(): unknown {
    return { bus: this.bus.save(), htif: this.htif.save(), locks: [...this.firmwareLocks], focus: this.focus };
  }

  restore(state: unknown): void {
    const { bus, htif, locks, focus } = state as {
      bus: unknown[];
      htif: unknown;
      locks: string[];
      focus: Board['focus'];
    };
    this.bus.restore(bus);
    this.htif.restore(htif);
    this.firmwareLocks.clear();
    for (const lock of locks) this.firmwareLocks.add(lock);
    this.focus = focus;
  }
}
