// Traps that generated code deals with and that are told of later: the same stacks as where each is told of at once.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Traps } from '../../debug-adapter/run-control/traps.ts';
import type { LateTraps, MachineControl } from '../../emulator/index.ts';
import { Random, seed } from '../oracle/random.ts';
import { hasGcc, needsGcc } from '../support/riscv-gcc.ts';
import { stateHash } from './sample.ts';
import { stressMachine } from './stress.ts';

/** What a debugger keeps of a hart's traps. */
class Kept {
  readonly traps = new Traps();
  user = false;
  late = 0;
  passed = 0;
  retried = 0;
  /** Writes of satp, with the instructions before. */
  readonly satp: bigint[][] = [];
  lateSatp = 0;

  constructor(machine: MachineControl, patience: number | undefined) {
    const [hart] = machine.harts;
    assert.ok(hart);
    const late: LateTraps | undefined =
      patience === undefined
        ? undefined
        : {
            patience,
            patienceOf: () => patience - this.traps.most,
            hasOpen: () => this.traps.hasUser,
            passed: () => {
              this.traps.progressed();
              this.user = true;
              this.passed += 1;
            },
            retried: (_, trap) => {
              this.traps.retried(trap);
              this.user = true;
              this.retried += 1;
            },
          };
    machine.listen(
      (event) => {
        if (event.kind === 'csr-write') {
          this.satp.push([event.instret, event.pc, event.before, event.written, event.after, BigInt(event.privilege)]);
          if (event.late) this.lateSatp += 1;
        } else if (event.kind === 'trap') {
          if (event.was) this.late += 1;
          const count = this.traps.taken(event, hart);
          // What is told of late has been taken no more often than the listener has patience for.
          assert.ok(!event.was || count <= (patience ?? 0), `taken ${count} times`);
        } else if (event.kind === 'trap-return') {
          this.traps.left(event, hart);
          this.user ||= event.to === 0;
        }
        return false;
      },
      { kinds: ['trap', 'trap-return', 'csr-write'], csrs: [0x180], ...(late && { late, lateSatp: true }) },
    );
  }

  /** The open traps and what interrupted code was, without the reasons of walks, which late events have not. */
  get state() {
    const open = this.traps.open.map(({ event: { was, fault, ...event }, registers, satp }) => ({
      ...event,
      registers,
      satp,
    }));
    return { open, most: this.traps.most, user: this.user, satp: this.satp };
  }
}

function runTo(machine: MachineControl, time: number, slice: () => number): void {
  for (let left = time - Number(machine.time); left > 0; left = time - Number(machine.time)) {
    machine.run(Math.min(left, slice()));
  }
}

describe(`traps that are told of later (SEED=${seed})`, { skip: hasGcc ? false : needsGcc }, () => {
  for (const xlen of [64, 32] as const) {
    test(`RV${xlen}: the open traps of a debugger are those that it has where it hears of each at once`, () => {
      const random = new Random(seed + xlen);
      let [late, passed, retried, lateSatp] = [0, 0, 0, 0];
      const isMissing = () => !late || !passed || !retried || !lateSatp;
      for (let run = 0; run < 2 || (run < 10 && isMissing()); run += 1) {
        const guest = random.below(1 << 24);
        const [atOnce, later] = [stressMachine(xlen, guest, {}), stressMachine(xlen, guest, { translateAfter: 50 })];
        const patience = random.of([1, 2, 15, Number.POSITIVE_INFINITY]);
        const [one, other] = [new Kept(atOnce, undefined), new Kept(later, patience)];
        const longest = random.of([100, 5000, 200_000]);
        for (let time = 0; time < 400_000; ) {
          time += 1 + random.below(60_000);
          runTo(atOnce, time, () => 1_000_000);
          runTo(later, time, () => 1 + random.below(longest));
          assert.deepEqual(other.state, one.state, `after ${time} ns, patience ${patience}, guest's seed ${guest}`);
          assert.equal(stateHash(later), stateHash(atOnce), `after ${time} ns`);
        }
        late += other.late;
        passed += other.passed;
        retried += other.retried;
        lateSatp += other.lateSatp;
      }
      assert.ok(late > 0 && passed > 0 && retried > 0, `${late} told late, ${passed} passed, ${retried} tried again`);
      assert.ok(lateSatp > 0, 'no write of satp is told of late');
    });
  }
});
