// How idle time passes. The host's clock is the test's own, or its jitter must not matter: nothing here is timed.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { drive } from '../../cli/drive.ts';
import { loadGuest } from '../../cli/guest.ts';
import { launchOf } from '../../cli/options.ts';
import { Pacing } from '../../debug-adapter/run-control/pacing.ts';
import { stateHash } from '../emulator/sample.ts';
import { build, hasGcc, needsGcc } from '../support/riscv-gcc.ts';
import { DapClient } from './dap-client.ts';

/** Waits 5 times until the timer is due, 8 ms after 200 instructions of work, and ends. */
const ticking = `
  .globl _start
_start:
  csrr t0, mhartid
1: bnez t0, 1b
  li s0, 0x2004000
  li s1, 0x200bff8
  li s2, 5
  li t0, 0x80
  csrw mie, t0
2: li t1, 100
3: addi t1, t1, -1
  bnez t1, 3b
  ld t2, 0(s1)
  li t3, 80000
  add t2, t2, t3
  sd t2, 0(s0)
  wfi
  add s3, s3, t2
  addi s2, s2, -1
  bnez s2, 2b
  li t0, 0x100000
  li t1, 0x5555
  sw t1, 0(t0)
  j .
`;

/** A clock on which time passes only by sleeping. */
class SleepClock {
  time = 1000;
  now = () => this.time;
  sleep = async (milliseconds: number) => {
    this.time += milliseconds;
  };
}

describe('idle time', { skip: hasGcc ? false : needsGcc }, () => {
  const elf = hasGcc ? build({ 'start.S': ticking }, ['-Wl,-Ttext=0x80000000']) : '';

  /** Milliseconds that a run of the adapter sleeps. */
  async function slept(configuration: object): Promise<number> {
    const clock = new SleepClock();
    const client = new DapClient(clock);
    await client.launch({ program: elf, stopOnEntry: false, ...configuration });
    await client.event('terminated');
    return clock.time - 1000;
  }

  test('is jumped over by default', async () => assert.equal(await slept({}), 0));

  test('lasts as long as the guest says with "pace": "real-time"', async () => {
    const milliseconds = await slept({ pace: 'real-time' });
    assert.ok(milliseconds > 39.5 && milliseconds < 40.5, `${milliseconds} ms`);
  });

  test('leaves the same state at either pace, whatever the clock does', async () => {
    const hashes = [];
    for (const pace of ['fast', 'real-time']) {
      const launch = launchOf(elf, { pace });
      const guest = loadGuest(launch);
      assert.equal((await drive(guest, { limit: 1e6, pace: launch.pace })).kind, 'ended');
      hashes.push(stateHash(guest.machine));
    }
    assert.equal(hashes[0], hashes[1]);
  });
});

describe('a nap', () => {
  /** A machine of which every hart waits. */
  const waiting = (time: bigint) => ({
    time,
    skipTo(to: bigint) {
      this.time = to;
    },
  });

  test('is short, so that keys are heard; guest time follows the clock', async () => {
    const machine = waiting(0n);
    const clock = new SleepClock();
    await new Pacing(clock).nap(machine, 1_000_000_000n);
    assert.deepEqual([clock.time, machine.time], [1020, 20_000_000n]);
  });

  test('without a timer leaves guest time alone', async () => {
    const machine = waiting(7n);
    await new Pacing(new SleepClock()).nap(machine, undefined);
    assert.equal(machine.time, 7n);
  });

  test('that lasts too long is made up for by the next, and guest time never passes the timer', async () => {
    const machine = waiting(0n);
    const clock = new SleepClock();
    const late = { now: clock.now, sleep: (milliseconds: number) => clock.sleep(milliseconds + 3) };
    const pacing = new Pacing(late);
    for (let timer = 10; timer <= 100; timer += 10) {
      await pacing.nap(machine, BigInt(timer) * 1_000_000n);
      assert.equal(machine.time, BigInt(timer) * 1_000_000n);
    }
    assert.equal(clock.time, 1103);
  });

  test('after a long stop begins anew: what the debugger took is not made up for', async () => {
    const machine = waiting(0n);
    const clock = new SleepClock();
    const pacing = new Pacing(clock);
    await pacing.nap(machine, 10_000_000n);
    clock.time += 60_000;
    await pacing.nap(machine, 20_000_000n);
    assert.equal(clock.time, 61_020);
  });
});
