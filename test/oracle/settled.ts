// Where the machines are known to differ. Each entry is in docs/oracle.md by its name, with the rule that settles it;
// anything else is a disagreement.

import { type Command, kinds, Result } from './access-harness.ts';
import { Dump, floatsOn } from './register-harness.ts';

const [illegalInstruction, breakpoint, loadMisaligned, storeMisaligned, storeAccessFault] = [2n, 3n, 4n, 6n, 7n];

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
  {
    // QEMU translates the address of a cache-block management instruction, but does not look whether memory is there.
    name: 'cbo-in-a-hole',
    applies(mnemonic, ours, theirs) {
      const managed = mnemonic.startsWith('cbo.') && mnemonic !== 'cbo.zero';
      return managed && ours[Dump.cause] === storeAccessFault && theirs[Dump.cause] === breakpoint;
    },
  },
  {
    // QEMU leaves FS as it was where an instruction changes nothing of floating point but flags.
    name: 'flags-without-fs',
    applies: (mnemonic, ours, theirs) =>
      /^f(cvt(mod)?\.(wu?|lu?)|eq|lt|le|ltq|leq)\./.test(mnemonic) && isDirtyHereAlone(ours, theirs),
  },
  {
    // QEMU does not write a CSR of which csrrs or csrrc change no bit.
    name: 'empty-masks',
    applies: (mnemonic, ours, theirs) => /^csrr[sc]/.test(mnemonic) && isDirtyHereAlone(ours, theirs),
  },
];

/** mstatus.FS = Dirty, which SD sums up, is the only difference. */
function isDirtyHereAlone(ours: BigUint64Array, theirs: BigUint64Array): boolean {
  const [one, other] = [ours[Dump.mstatus] as bigint, theirs[Dump.mstatus] as bigint];
  const others = ours.every((value, index) => index === Dump.mstatus || value === theirs[index]);
  const dirty = other | floatsOn;
  return others && (one === (dirty | (1n << 63n)) || one === (dirty | (1n << 31n)));
}

const [loadAccessFault, fetchAccessFault] = [5n, 1n];
const pageFaultOf = new Map([
  [fetchAccessFault, 12n],
  [loadAccessFault, 13n],
  [storeAccessFault, 15n],
]);

/** Whether the walk of an address reads a PTE where nothing is. */
export type LeadsIntoHole = (va: bigint) => boolean;

interface SettledAccess {
  readonly name: string;
  applies(
    command: Command,
    ours: BigUint64Array,
    theirs: BigUint64Array,
    intoHole: LeadsIntoHole,
    xlen: 32 | 64,
  ): boolean;
}

const kindOf = (command: Command) => ('kind' in command ? kinds[command.kind] : undefined);

/** The same in loads, stores and jumps through page tables. */
export const settledAccesses: readonly SettledAccess[] = [
  {
    name: 'amo-misaligned',
    applies(command, ours, theirs) {
      const told = ours[Result.cause] === storeMisaligned && theirs[Result.cause] === loadMisaligned;
      return told && isAtomic(command) && same(ours, theirs, Result.cause + 1);
    },
  },
  {
    // QEMU loads first, and finds that nothing is there, before it looks whether it may store.
    name: 'amo-in-two-steps',
    applies(command, ours, theirs) {
      const told =
        ours[Result.cause] === pageFaultOf.get(storeAccessFault) && theirs[Result.cause] === storeAccessFault;
      return told && isAtomic(command) && same(ours, theirs, Result.cause + 1);
    },
  },
  {
    // QEMU's mtval is where another page showed the same ebreak before.
    name: 'ebreak-mtval',
    applies(_, ours, theirs) {
      const [cause, tval, epc] = [Result.cause, Result.tval, Result.epc].map((index) => ours[index]);
      return cause === breakpoint && tval === epc && sameBut(ours, theirs, [Result.tval]);
    },
  },
  {
    // A PTE where nothing answers is an access fault; QEMU makes it a page fault.
    name: 'pte-in-a-hole',
    applies(_, ours, theirs, intoHole) {
      const told = pageFaultOf.get(ours[Result.cause] ?? 0n) === theirs[Result.cause];
      return told && same(ours, theirs, Result.cause + 1) && intoHole(ours[Result.tval] ?? 0n);
    },
  },
  {
    // Which half of an access across pages faults first is open when both do; behind the last page lies the first.
    name: 'halves-of-a-crossing',
    applies(command, ours, theirs, _, xlen) {
      const size = kindOf(command)?.size ?? 0;
      if (!('va' in command) || Number(command.va & 0xfffn) + size <= 4096) return false;
      const next = BigInt.asUintN(xlen, (command.va | 0xfffn) + 1n);
      const halves = ours[Result.tval] === command.va && theirs[Result.tval] === next;
      return halves && sameBut(ours, theirs, [Result.cause, Result.tval]);
    },
  },
];

const isAtomic = (command: Command) => kindOf(command)?.name.startsWith('amo') === true;

function sameBut(ours: BigUint64Array, theirs: BigUint64Array, others: readonly number[]): boolean {
  return ours.every((value, index) => others.includes(index) || value === theirs[index]);
}

function same(ours: BigUint64Array, theirs: BigUint64Array, from: number): boolean {
  return ours.subarray(from).every((value, index) => value === theirs[from + index]);
}

/**
 * Traps: puts our values where QEMU's are known to be wrong. Of several interrupts QEMU takes the one with the lowest
 * number (interrupt-priority), after which nothing is the same; mtval and stval of an illegal instruction that depends on
 * the mode are left over from before (illegal-mtval); a misaligned AMO has the code of a load (amo-misaligned).
 */
export function settleTraps(ours: BigUint64Array, theirs: BigUint64Array, xlen: 32 | 64): void {
  const [scause, stval] = [Dump.supervisor, Dump.supervisor + 2];
  const interrupt = (dump: BigUint64Array, index: number) => ((dump[index] ?? 0n) >> BigInt(xlen - 1)) & 1n;
  for (const [cause, tval] of [
    [Dump.cause, Dump.tval],
    [scause, stval],
  ] as const) {
    const differ = ours[cause] !== theirs[cause];
    if (differ && interrupt(ours, cause) && interrupt(theirs, cause)) theirs.set(ours);
    if (ours[cause] === storeMisaligned && theirs[cause] === loadMisaligned) theirs[cause] = storeMisaligned;
    if (ours[cause] === illegalInstruction && ours[cause] === theirs[cause]) theirs[tval] = ours[tval] ?? 0n;
  }
}
