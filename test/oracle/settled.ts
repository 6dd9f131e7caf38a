// Where the machines are known to differ in the cases of single instructions. Each entry is in docs/oracle.md by its name,
// with the rule that settles it; anything else is a disagreement.

import { Dump } from './register-harness.ts';

const [loadMisaligned, storeMisaligned, storeAccessFault, breakpoint] = [4n, 6n, 7n, 3n];

interface Settled {
  readonly name: string;
  applies(mnemonic: string, ours: BigUint64Array, theirs: BigUint64Array): boolean;
}

export const settled: readonly Settled[] = [
  {
    // QEMU tells a misaligned AMO by the code of loads.
    name: 'amo-misaligned',
    applies(mnemonic, ours, theirs) {
      if (!mnemonic.startsWith('amo')) return false;
      const told = ours[Dump.cause] === storeMisaligned && theirs[Dump.cause] === loadMisaligned;
      return told && same(ours, theirs, Dump.cause + 1);
    },
  },
  {
    // QEMU does not look at the address of an SC without a reservation.
    name: 'sc-without-reservation',
    applies(mnemonic, ours, theirs) {
      const faulted = ours[Dump.cause] === storeMisaligned || ours[Dump.cause] === storeAccessFault;
      return mnemonic.startsWith('sc.') && faulted && theirs[Dump.cause] === breakpoint;
    },
  },
];

function same(ours: BigUint64Array, theirs: BigUint64Array, from: number): boolean {
  return ours.subarray(from).every((value, index) => value === theirs[from + index]);
}
