// ns16550a: the UART of QEMU's virt (National Semiconductor PC16550D data sheet). What is sent is out at once, what is
// received waits in a queue until the FIFO has room, so nothing is lost and nothing depends on the baud rate.

import type { AccessSize, Device, Line } from './device.ts';
import * as map from './memory-map.ts';

const fifoSize = 16;
/** Received bytes at which FCR's two trigger bits ask for an interrupt. */
const triggerLevels = [1, 4, 8, 14] as const;

const IER = { receive: 1, transmit: 2, lineStatus: 4, modemStatus: 8 } as const;
const IIR = { none: 0x01, transmit: 0x02, receive: 0x04, lineStatus: 0x06, timeout: 0x0c, fifos: 0xc0 } as const;
const FCR = { enable: 1, clearReceive: 2, clearTransmit: 4, trigger: 0xc0 } as const;
const LCR = { divisorLatch: 0x80 } as const;
const MCR = { dtr: 1, rts: 2, out1: 4, out2: 8, loop: 16 } as const;
const LSR = { dataReady: 1, overrun: 2, transmitterEmpty: 0x60 } as const;
const MSR = { cts: 0x10, dsr: 0x20, ri: 0x40, dcd: 0x80 } as const;

interface Registers {
  ier: number;
  fcr: number;
  lcr: number;
  mcr: number;
  scr: number;
  divisor: number;
  /** The transmitter became empty and nobody has taken note of it. */
  transmitPending: boolean;
  /** The receiver FIFO; one byte at most while FIFOs are off. */
  fifo: number[];
  /** What the receiver buffer holds when there is nothing new in it, while FIFOs are off. */
  last: number;
  /** A byte was lost in loop mode since LSR was read. */
  overrun: boolean;
  /** Typed bytes that have not arrived yet. */
  queue: number[];
}

const powerOn = (): Registers => ({
  ier: 0,
  fcr: 0,
  lcr: 0,
  mcr: MCR.out2,
  scr: 0,
  divisor: 12,
  transmitPending: false,
  fifo: [],
  last: 0,
  overrun: false,
  queue: [],
});

const copy = (state: Registers): Registers => ({ ...state, fifo: [...state.fifo], queue: [...state.queue] });

/**
 * Eight byte registers; offsets from 8 on are access faults. Wider accesses touch the register at their address alone,
 * as on QEMU. A character timeout is told at once when fewer bytes than the trigger level are there: no more come
 * before the guest has looked.
 */
export class Ns16550a implements Device {
  readonly name = 'ns16550a';
  readonly base = map.uart.base;
  readonly size = map.uart.size;
  private readonly line: Line;
  private readonly print: (byte: number) => void;
  private state = powerOn();

  constructor(line: Line, print: (byte: number) => void) {
    this.line = line;
    this.print = print;
  }

  /** Whether the guest waits for input by interrupt. */
  get rxInterruptEnabled(): boolean {
    return (this.state.ier & IER.receive) !== 0;
  }

  /** Bytes from the terminal. */
  type(bytes: Uint8Array): void {
    for (const byte of bytes) this.state.queue.push(byte);
    this.update();
  }

  /** Takes the next received byte as firmware does, whatever the registers are set to; undefined = nothing is there. */
  key(): number | undefined {
    const byte = this.take();
    this.update();
    return byte;
  }

  private take(): number | undefined {
    const byte = this.state.fifo.shift();
    if (byte !== undefined && !this.fifosEnabled) this.state.last = byte;
    return byte;
  }

  read(offset: number, size: AccessSize): bigint | undefined {
    if (offset > 7) return undefined;
    const value = this.peek(offset, size);
    if (offset === 0 && !this.divisorLatch) this.take();
    else if (offset === 2 && (value & 0x0fn) === BigInt(IIR.transmit)) this.state.transmitPending = false;
    else if (offset === 5) this.state.overrun = false;
    this.update();
    return value;
  }

  peek(offset: number, _size: AccessSize): bigint {
    return BigInt(this.register(offset));
  }

  write(offset: number, _size: AccessSize, value: bigint): boolean {
    if (offset > 7) return false;
    const { state } = this;
    const byte = Number(value & 0xffn);
    if (offset === 0 && this.divisorLatch) state.divisor = (state.divisor & 0xff00) | byte;
    else if (offset === 1 && this.divisorLatch) state.divisor = (state.divisor & 0x00ff) | (byte << 8);
    else if (offset === 0) this.transmit(byte);
    else if (offset === 1) this.enableInterrupts(byte & 0x0f);
    else if (offset === 2) this.controlFifos(byte);
    else if (offset === 3) state.lcr = byte;
    else if (offset === 4) state.mcr = byte & 0x1f;
    else if (offset === 7) state.scr = byte;
    this.update();
    return true;
  }

  reset(): void {
    this.state = powerOn();
    this.update();
  }

  save(): unknown {
    return copy(this.state);
  }

  restore(state: unknown): void {
    this.state = copy(state as Registers);
    this.update();
  }

  private get divisorLatch(): boolean {
    return (this.state.lcr & LCR.divisorLatch) !== 0;
  }

  private get loop(): boolean {
    return (this.state.mcr & MCR.loop) !== 0;
  }

  private get fifosEnabled(): boolean {
    return (this.state.fcr & FCR.enable) !== 0;
  }

  private register(offset: number): number {
    const { state } = this;
    switch (offset) {
      case 0:
        if (this.divisorLatch) return state.divisor & 0xff;
        return state.fifo[0] ?? (this.fifosEnabled ? 0 : state.last);
      case 1:
        return this.divisorLatch ? state.divisor >> 8 : state.ier;
      case 2:
        return this.interrupt() | (this.fifosEnabled ? IIR.fifos : 0);
      case 3:
        return state.lcr;
      case 4:
        return state.mcr;
      case 5:
        return LSR.transmitterEmpty | (state.fifo.length > 0 ? LSR.dataReady : 0) | (state.overrun ? LSR.overrun : 0);
      case 6:
        return this.modemStatus();
      case 7:
        return state.scr;
      default:
        return 0;
    }
  }

  /** In loop mode the outputs of MCR come back as inputs, else a terminal is there and ready. */
  private modemStatus(): number {
    const { mcr } = this.state;
    if (!this.loop) return MSR.cts | MSR.dsr | MSR.dcd;
    return (
      (mcr & MCR.rts ? MSR.cts : 0) |
      (mcr & MCR.dtr ? MSR.dsr : 0) |
      (mcr & MCR.out1 ? MSR.ri : 0) |
      (mcr & MCR.out2 ? MSR.dcd : 0)
    );
  }

  private transmit(byte: number): void {
    if (this.loop) this.receiveOwn(byte);
    else this.print(byte);
    this.state.transmitPending = true;
  }

  /** In loop mode nothing waits: with FIFOs a byte that finds no room is lost, without it destroys the one before. */
  private receiveOwn(byte: number): void {
    const { fifo } = this.state;
    const isFull = fifo.length >= this.room;
    if (isFull) this.state.overrun = true;
    if (!isFull) fifo.push(byte);
    else if (!this.fifosEnabled) fifo[0] = byte;
  }

  /** Enabling the transmitter's interrupt tells at once that it is empty. */
  private enableInterrupts(ier: number): void {
    const changed = ier ^ this.state.ier;
    this.state.ier = ier;
    if (changed & IER.transmit) this.state.transmitPending = (ier & IER.transmit) !== 0;
  }

  /** Turning the FIFOs on or off empties them, as clearing them does. The transmitter tells then that it is empty. */
  private controlFifos(fcr: number): void {
    const toggled = (fcr ^ this.state.fcr) & FCR.enable;
    if (toggled || fcr & FCR.clearReceive) this.state.fifo = [];
    if (toggled || fcr & FCR.clearTransmit) this.state.transmitPending = true;
    this.state.fcr = fcr & FCR.enable ? fcr & (FCR.enable | FCR.trigger) : 0;
  }

  private get room(): number {
    return this.fifosEnabled ? fifoSize : 1;
  }

  /** The interrupt of highest priority, as the low bits of IIR. Modem status never changes here. */
  private interrupt(): number {
    const { ier, fcr, fifo, overrun, transmitPending } = this.state;
    if (ier & IER.lineStatus && overrun) return IIR.lineStatus;
    if (ier & IER.receive && fifo.length > 0) {
      const trigger = this.fifosEnabled ? (triggerLevels[fcr >> 6] ?? 1) : 1;
      return fifo.length >= trigger ? IIR.receive : IIR.timeout;
    }
    return ier & IER.transmit && transmitPending ? IIR.transmit : IIR.none;
  }

  /** Lets typed bytes arrive and drives the interrupt wire. */
  private update(): void {
    const { fifo, queue } = this.state;
    if (!this.loop) fifo.push(...queue.splice(0, this.room - fifo.length));
    this.line(this.interrupt() !== IIR.none);
  }
}
