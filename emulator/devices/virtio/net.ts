// The network device (virtio 1.2, "Network Device"): one pair of queues, no offloads, a cable to whoever answers.

import { deviceType, type VirtioDevice } from './device.ts';
import { DriverError } from './driver-error.ts';
import type { Virtqueue } from './queue.ts';

/** What hangs at the other end of the cable: the frames that it sends back for one of the guest's. */
export type Neighbour = (frame: Uint8Array) => readonly Uint8Array[];

const queueOf = { receive: 0, transmit: 1 } as const;
const macFeature = 1n << 5n;
/** struct virtio_net_hdr; its last field, num_buffers, is 1 in what the device sends. */
const header = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0);
/** With room for whatever IP can say. */
const longestFrame = 0x1_0100;
/** Frames that wait for buffers; more are lost, as on a cable. */
const mostWaiting = 256;

export class VirtioNet implements VirtioDevice {
  readonly name = 'net';
  readonly type = deviceType.net;
  readonly queues = 2;
  readonly features = macFeature;
  readonly config: Uint8Array;
  private readonly neighbour: Neighbour;
  private wake: () => void = () => undefined;
  private waiting: Uint8Array[] = [];

  constructor(mac: Uint8Array, neighbour: Neighbour) {
    this.config = mac;
    this.neighbour = neighbour;
  }

  connect(wake: () => void): void {
    this.wake = wake;
  }

  serve(index: number, queue: Virtqueue): void {
    if (index === queueOf.transmit) this.transmit(queue);
    else this.receive(queue);
  }

  private transmit(queue: Virtqueue): void {
    const before = this.waiting.length;
    for (let chain = queue.take(); chain; chain = queue.take()) {
      if (chain.readable < header.length) throw new DriverError('a frame lacks its 12-byte virtio_net_hdr');
      chain.read(header.length);
      // What no cable carries is lost.
      const answers = chain.readable > longestFrame ? [] : this.neighbour(chain.read(chain.readable));
      this.waiting.push(...answers.slice(0, mostWaiting - this.waiting.length));
      queue.give(chain);
    }
    if (this.waiting.length > before) this.wake();
  }

  private receive(queue: Virtqueue): void {
    while (this.waiting.length > 0) {
      const chain = queue.take();
      if (!chain) return;
      if (chain.writable === 0) throw new DriverError('a receive buffer has no byte that the device may write');
      const frame = this.waiting.shift() as Uint8Array;
      // A frame that is too long for the buffer is lost; the buffer waits for one that is not, as on QEMU.
      if (chain.writable < header.length + frame.length) {
        queue.putBack();
        continue;
      }
      chain.write(header);
      chain.write(frame);
      queue.give(chain);
    }
  }

  reset(): void {
    this.waiting = [];
  }

  save(): unknown {
    return this.waiting.map((frame) => [...frame]);
  }

  restore(state: unknown): void {
    this.waiting = (state as number[][]).map((frame) => Uint8Array.from(frame));
  }
}
