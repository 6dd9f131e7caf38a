// Traps that generated code deals with and that are told of later: the same stacks as where each is told of at once.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { loadGuest } from '../../cli/guest.ts';
import { launchOf } from '../../cli/options.ts';
import type { MachineControl } from '../../emulator/index.ts';
import { Random, seed } from '../oracle/random.ts';
import { guestFile } from '../support/guests.ts';
import { hasGcc, needsGcc } from '../support/riscv-gcc.ts';
import { KeptTraps } from './kept-traps.ts';
import { stateHash } from './sample.ts';
import { stressGuest } from './stress.ts';

function runTo(machine: MachineControl, time: number, slice: () => number): void {
  for (let left = time - Number(machine.time); left > 0; left = time - Number(machine.time)) {
    machine.run(Math.min(left, slice()));
  }
}

describe(`traps that are told of later (SEED=${seed})`, { skip: hasGcc ? false : needsGcc }, () => {
  for (const xlen of [64, 32] as const) {
    test(`RV${xlen}: the open traps of a debugger are those that it has where it hears of each at once`, () => {
      const random = new Random(seed + xlen);
      let [late, passed, retried, lateSatp, untoldCalls, untoldFaults, left] = [0, 0, 0, 0, 0, 0, 0];
      const isMissing = () => !late || !passed || !retried || !lateSatp || !untoldCalls || !untoldFaults || !left;
      for (let run = 0; run < 2 || (run < 10 && isMissing()); run += 1) {
        const guest = stressGuest(xlen, random.below(1 << 24));
        const [atOnce, later] = [guest.machine({}), guest.machine({ translateAfter: 50 })];
        const patience = random.of([1, 2, 15, Number.POSITIVE_INFINITY]);
        const [one, other] = [new KeptTraps(atOnce, undefined), new KeptTraps(later, patience)];
        const longest = random.of([100, 5000, 200_000]);
        for (let time = 0; time < 400_000; ) {
          time += 1 + random.below(60_000);
          runTo(atOnce, time, () => 1_000_000);
          runTo(later, time, () => 1 + random.below(longest));
          assert.deepEqual(other.state, one.state, `after ${time} ns, patience ${patience}, ${guest.name}`);
          assert.equal(stateHash(later), stateHash(atOnce), `after ${time} ns`);
        }
        assert.equal(guest.lost(atOnce), undefined, guest.name);
        late += other.late;
        passed += other.passed;
        retried += other.retried;
        lateSatp += other.lateSatp;
        untoldCalls += one.calls - other.calls;
        untoldFaults += one.faults - other.faults;
        left += other.left;
      }
      assert.ok(late > 0 && passed > 0 && retried > 0, `${late} told late, ${passed} passed, ${retried} tried again`);
      assert.ok(lateSatp > 0, 'no write of satp is told of late');
      assert.ok(untoldCalls > 0, 'each call of M-mode is told of');
      assert.ok(untoldFaults > 0, 'each fault of S-mode is told of');
      assert.ok(left > 0, 'no trap that was told of was left later');
    });
  }
});

const linux = ['Image', 'initramfs.cpio.gz'].map((name) => guestFile(`linux-6.12-debian/${name}`));

test(`Debian's Linux: the open traps are the same at random moments of its boot (SEED=${seed})`, {
  skip: linux.includes(undefined) && 'needs the guests',
}, () => {
  const [image, initrd] = linux as [string, string];
  const random = new Random(seed);
  const boot = () => loadGuest(launchOf(image, { initrd, append: 'console=ttyS0' })).machine;
  const [atOnce, later] = [boot(), boot()];
  const [one, other] = [new KeptTraps(atOnce, undefined), new KeptTraps(later, 15)];
  let moments = 0;
  for (let time = 0, running = true; running; moments += 1) {
    // Few before user space runs, which is where traps are kept.
    time += 1 + random.below(one.user ? 400_000 : 20_000_000);
    const reasons = [atOnce, later].map((machine) => {
      for (;;) {
        const left = time - Number(machine.time);
        if (left <= 0) return 'limit';
        const { reason } = machine.run(left);
        if (reason !== 'limit') return reason;
      }
    });
    assert.equal(reasons[1], reasons[0], `after ${time} ns`);
    running = reasons[0] === 'limit';
    assert.deepEqual(other.state, one.state, `after ${time} ns`);
  }
  assert.equal(stateHash(later), stateHash(atOnce));
  assert.ok(
    moments > 100 && other.late > 10 && other.passed > 10,
    `${moments} moments, ${other.late} late, ${other.passed} passed`,
  );
});
