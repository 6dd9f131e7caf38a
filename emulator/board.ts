// What is soldered to the bus: the devices of QEMU's virt machine, wired to the harts.

import { type PhysAddr, plus } from './address.ts';
import { Bus } from './bus/bus.ts';
import type { GuestEnd } from './control.ts';
import type { GuestMemory } from './core/guest-memory.ts';
import { Aclint } from './devices/aclint.ts';
import type { InterruptPins } from './devices/device.ts';
import { htifRequest } from './devices/htif.ts';
import { timebaseFrequency, uart as uartAt, virtioMmio } from './devices/memory-map.ts';
import { Ns16550a } from './devices/ns16550a.ts';
import { Plic } from './devices/plic.ts';
import { TestFinisher } from './devices/test-finisher.ts';
import { EmptyVirtioSlot } from './devices/virtio-mmio.ts';
import { bytesOf } from './hart/access.ts';
import type { Hart } from './hart/hart.ts';
import { littleEndian } from './mmu/regime.ts';
import type { RunLoop } from './run-loop.ts';

/** Devices up to this size have byte registers, larger ones 32-bit registers. */
const BYTE_DEVICE = 0x100;

export class Board {
  readonly bus: Bus;
  readonly aclint: Aclint;
  private readonly uart: Ns16550a;
  private readonly loop: RunLoop;
  private readonly print: (bytes: Uint8Array) => void;
  /** What the built-in SBI's FWFT locked. */
  readonly firmwareLocks = new Set<string>();
  private tohost: PhysAddr | undefined;
  private fromhost: PhysAddr | undefined;

  constructor(harts: readonly Hart[], loop: RunLoop, print: (bytes: Uint8Array) => void) {
    this.loop = loop;
    this.print = print;
    const pins: InterruptPins = {
      harts: harts.length,
      set: (id, bit, level) => {
        const hart = harts[id];
        if (!hart) return;
        const mask = 1n << BigInt(bit);
        const before = hart.pins;
        hart.pins = level ? before | mask : before & ~mask;
        // The hart under way may have to take the interrupt at once; the others look when their turn comes.
        if (hart.pins !== before) loop.current.attend();
      },
    };
    const clock = {
      get mtime() {
        return loop.mtimeOf(loop.current);
      },
      setMtime: (value: bigint) => loop.setMtime(value),
      frequency: timebaseFrequency,
      rescheduled: () => loop.current.attend(),
    };
    const plic = new Plic(pins);
    this.aclint = new Aclint(pins, clock);
    this.uart = new Ns16550a(plic.line(uartAt.source), (byte) => print(Uint8Array.of(byte)));
    const slots = Array.from({ length: virtioMmio.slots }, (_, slot) => new EmptyVirtioSlot(slot));
    this.bus = new Bus([new TestFinisher((end) => this.end(end)), this.aclint, plic, this.uart, ...slots]);
  }

  end(end: GuestEnd): void {
    this.loop.stopWith({ reason: 'ended', end });
    this.loop.current.attend();
  }

  type(bytes: Uint8Array): void {
    this.uart.type(bytes);
  }

  /** A typed byte for the SBI console, or undefined. */
  key(): number | undefined {
    const waiting = this.uart.peek(5, 1) & 1n;
    return waiting ? Number(this.uart.read(0, 1)) : undefined;
  }

  get consoleWanted(): boolean {
    return this.uart.rxInterruptEnabled;
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
    this.tohost = tohost;
    this.fromhost = fromhost;
  }

  /** A store into a watched page: HTIF asks something of the host when it is to `tohost`. */
  stored(pa: PhysAddr, size: number, guest: GuestMemory): void {
    const { tohost } = this;
    if (tohost === undefined || pa + BigInt(size) <= tohost || pa >= tohost + 8n) return;
    const request = htifRequest(littleEndian(guest.read(tohost, 8)));
    if (request.kind === 'end') {
      const by = request.text === undefined ? 'HTIF' : `HTIF: ${request.text}`;
      this.end({ kind: 'poweroff', code: request.code, by });
    } else if (request.kind === 'print') {
      this.print(Uint8Array.of(request.byte));
      guest.write(tohost, bytesOf(0n, 8));
      if (this.fromhost !== undefined) guest.write(this.fromhost, bytesOf(request.fromhost, 8));
    }
  }

  reset(): void {
    this.bus.reset();
    this.firmwareLocks.clear();
    this.tohost = undefined;
    this.fromhost = undefined;
  }
}
