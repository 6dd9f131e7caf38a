// The entropy device (virtio 1.2, "Entropy Device"). Its numbers follow from a seed, so that a run repeats exactly.

import { deviceType, type VirtioDevice } from './device.ts';
import type { Virtqueue } from './queue.ts';

/** Bytes for one request. */
const mostBytes = 0x1_0000;

export class VirtioEntropy implements VirtioDevice {
  readonly name = 'rng';
  readonly type = deviceType.entropy;
  readonly queues = 1;
  readonly features = 0n;
  readonly config = new Uint8Array(0);
  private readonly seed: bigint;
  private state: bigint;

  constructor(seed: bigint) {
    this.seed = seed;
    this.state = seed;
  }

  serve(_index: number, queue: Virtqueue): void {
    for (let chain = queue.take(); chain; chain = queue.take()) {
      // It may use less than the buffer ("Device Operation").
      const words = new BigUint64Array(Math.ceil(Math.min(chain.writable, mostBytes) / 8)).map(() => this.next());
      chain.write(new Uint8Array(words.buffer));
      queue.give(chain);
    }
  }

  /** SplitMix64 (Steele, Lea, Flood: "Fast Splittable Pseudorandom Number Generators"). */
  private next(): bigint {
    this.state = BigInt.asUintN(64, this.state + 0x9e37_79b9_7f4a_7c15n);
    let z = this.state;
    z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58_476d_1ce4_e5b9n);
    z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d0_49bb_1331_11ebn);
    return z ^ (z >> 31n);
  }

  reset(): void {
    this.state = this.seed;
  }

  save(): unknown {
    return String(this.state);
  }

  restore(state: unknown): void {
    this.state = BigInt(state as string);
  }
}
