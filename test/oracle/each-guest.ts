// Kernels that are here, compared with gdb on QEMU at as many stops as asked: `--stops 100 --seed N --guest FOLDER`.

import { parseArgs } from 'node:util';
import { guests, kernelOf, nameOf } from './backtraces.ts';
import type { Kernel } from './gdb.ts';
import { Random, seed } from './random.ts';

/** Of a guest, the name and the seed for what is told of it; `random` gives numbers below 1. */
interface Compared {
  readonly guest: string;
  readonly seed: number;
}

/** Compares one after the other, then ends the process. */
export async function compareEach(
  compare: (kernel: Kernel, stops: number, random: () => number, told: Compared) => Promise<void>,
): Promise<never> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ options: { stops: { ...text, default: '100' }, seed: text, guest: text } });
  const first = Number(values.seed ?? seed);
  for (const guest of guests) {
    if (values.guest && guest.folder !== values.guest) continue;
    const kernel = kernelOf(guest);
    const random = new Random(first);
    const told = { guest: nameOf(guest), seed: first };
    if (kernel) await compare(kernel, Number(values.stops), () => random.bits() / 2 ** 32, told);
    else console.log(`${guest.folder}: not here`);
  }
  process.exit(0);
}

/** What is equal of so many, in percent. */
export const percentEqual = (differences: number, all: number): string =>
  (100 * (1 - differences / Math.max(1, all))).toFixed(2);
