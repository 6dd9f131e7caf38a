// Real kernels on two machines, one of which only interprets: the same states at random counts of instructions.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { createMachine, type MachineControl, phys } from '../../emulator/index.ts';
import { bytesSource, planBoot } from '../../emulator/loader/index.ts';
import { stateHash } from '../emulator/sample.ts';
import { Random, seed } from '../oracle/random.ts';
import { guestFile } from '../support/guests.ts';

const guests = [
  { folder: 'linux-5.10-rv64', initrd: 'initramfs.cpio', isa: 'rv64gc_zicntr_sstc', mmu: 'sv39' },
  { folder: 'linux-6.1-rv32', initrd: 'initramfs.cpio', isa: 'rv32gc_zicntr_sstc', mmu: 'sv32' },
  { folder: 'linux-6.12-rv64-kaslr', initrd: 'initramfs.cpio', isa: 'rv64gc_zicntr_sstc', mmu: 'sv57' },
  { folder: 'linux-6.12-debian', initrd: 'initramfs.cpio.gz', isa: 'rv64max', mmu: 'sv48' },
] as const;

const RAM = 0x8000_0000n;
const MOMENTS = 6;

describe(`real kernels translated and interpreted (SEED=${seed})`, () => {
  for (const { folder, initrd, isa, mmu } of guests) {
    const files = [`${folder}/Image`, `${folder}/${initrd}`].map(guestFile);
    const skip = files.includes(undefined) && `needs the guest ${folder}: set PAGEWALK_GUESTS`;
    test(`${folder}: the same states at random counts, with breakpoints that come and go`, { skip }, () => {
      const [image, disk] = files as [string, string];
      const random = new Random(seed);
      const harts = random.of([1, 2]);
      const make = (translateAfter: number | 'never') => {
        const options = { harts, isa, mmu, memory: 64n << 20n, translateAfter, counts: true } as const;
        const source = (file: string) => bytesSource(file, readFileSync(file));
        const boot = { ...options, firmware: 'auto', append: 'console=ttyS0' } as const;
        const plan = planBoot({ program: source(image), initrd: source(disk) }, boot);
        return createMachine({ ...options, isa: plan.isa, mmu: plan.mmu }, plan);
      };
      const [translating, interpreting] = [make(random.of([20, 300, 8000])), make('never')];
      let time = 0;
      for (let moment = 0; moment < MOMENTS; moment += 1) {
        time += 1 + random.below(40_000_000);
        const reasons = [
          runTo(
            interpreting,
            time,
            () => 10_000_000,
            () => undefined,
          ),
          runTo(
            translating,
            time,
            () => 1 + random.below(random.of([1000, 3_000_000])),
            () => disturb(translating, random),
          ),
        ];
        assert.equal(reasons[1], reasons[0], `after ${time} ns`);
        assert.equal(stateHash(translating), stateHash(interpreting), `after ${time} ns`);
        if (reasons[0] !== 'limit') break;
      }
      assert.ok((translating.counts.regionInstructions ?? 0) > 0, 'translated code has not run');
    });
  }
});

/** Runs until it is `time`, or the guest ends, whatever stops it on the way. */
function runTo(machine: MachineControl, time: number, slice: () => number, between: () => void): string {
  for (let left = time - Number(machine.time); left > 0; left = time - Number(machine.time)) {
    between();
    const { reason } = machine.run(Math.min(left, slice()));
    if (reason === 'ended' || reason === 'idle') return reason;
  }
  return 'limit';
}

/** Sets breakpoints on where the kernel's code may be, or clears them, once in a while. */
function disturb(machine: MachineControl, random: Random): void {
  if (!random.once(10)) return;
  const places = Array.from({ length: random.below(20) }, () =>
    phys(RAM + 0x20_0000n + BigInt(2 * random.below(0x20_0000))),
  );
  machine.setBreakpoints({ virtual: [], physical: random.once(2) ? places : [] });
}
