// The console device (virtio 1.2, "Console Device"): one port, hvc0 in Linux, beside the UART.

import { deviceType, type VirtioDevice } from './device.ts';
import type { Virtqueue } from './queue.ts';

const queueOf = { receive: 0, transmit: 1 } as const;
const emergencyWrite = { feature: 1n << 2n, offset: 8 } as const;

export class VirtioConsole implements VirtioDevice {
  readonly name = 'console';
  readonly type = deviceType.console;
  readonly queues = 2;
  readonly features = emergencyWrite.feature;
  /** cols, rows, max_nr_ports, emerg_wr: nothing that the driver may read. */
  readonly config = new Uint8Array(12);
  private readonly print: (bytes: Uint8Array) => void;
  private wake: () => void = () => undefined;
  /** Typed bytes that no buffer has taken yet. */
  private typed: number[] = [];

  constructor(print: (bytes: Uint8Array) => void) {
    this.print = print;
  }

  connect(wake: () => void): void {
    this.wake = wake;
  }

  /** Bytes from the terminal. */
  receive(bytes: Uint8Array): void {
    for (const byte of bytes) this.typed.push(byte);
    this.wake();
  }

  configure(offset: number, value: number): void {
    if (offset === emergencyWrite.offset) this.print(Uint8Array.of(value));
  }

  serve(index: number, queue: Virtqueue): void {
    if (index === queueOf.transmit) {
      for (let chain = queue.take(); chain; chain = queue.take()) {
        for (const piece of chain.pieces()) this.print(piece);
        queue.give(chain);
      }
      return;
    }
    while (this.typed.length > 0) {
      const chain = queue.take();
      if (!chain) return;
      chain.write(Uint8Array.from(this.typed.splice(0, chain.writable)));
      queue.give(chain);
    }
  }

  reset(): void {
    this.typed = [];
  }

  save(): unknown {
    return [...this.typed];
  }

  restore(state: unknown): void {
    this.typed = [...(state as number[])];
  }
}
