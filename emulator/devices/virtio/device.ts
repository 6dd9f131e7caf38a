// A virtio device as its transport sees it: a type, features, a configuration and queues to serve.

import type { Virtqueue } from './queue.ts';

/** Virtio device types (virtio 1.2, "Device Types"). */
export const deviceType = { none: 0, net: 1, block: 2, console: 3, entropy: 4 } as const;

export interface VirtioDevice {
  /** As a user knows it: `disk 0`, `virtio console`. */
  readonly name: string;
  readonly type: number;
  /** The features of its type that it offers; those of the queues and the transport come on top. */
  readonly features: bigint;
  /** How many queues it has. */
  readonly queues: number;
  /** Its device-specific configuration, little-endian. */
  readonly config: Uint8Array;
  /** The driver wrote to the configuration. */
  configure?(offset: number, value: number): void;
  /** Takes what it has use for from queue `index`, and gives back what is done; a DriverError ends the driver's use. */
  serve(index: number, queue: Virtqueue): void;
  /** Called once, by the transport: `wake` makes it serve all queues, when something came from outside. */
  connect?(wake: () => void): void;
  /** Back to power-on state. */
  reset(): void;
  save(): unknown;
  restore(state: unknown): void;
}
