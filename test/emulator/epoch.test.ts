// Epochs of RAM: which pages have been written since, and what they held.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type MachineControl, phys, virt } from '../../emulator/index.ts';
import { Random, seed } from '../oracle/random.ts';
import { hasGcc, needsGcc } from '../support/riscv-gcc.ts';
import { runToEnd, sampleMachine, stateHash } from './sample.ts';
import { stressGuest } from './stress.ts';

const PAGE = 4096;

test('an epoch names exactly the pages whose bytes change, and shows each before its first write', () => {
  for (const translateAfter of ['never', 2] as const) {
    const machine = sampleMachine({ translateAfter });
    machine.run(30_000);
    const ram = machine.regions.find(({ kind }) => kind === 'ram');
    assert.ok(ram);
    const before = machine.readPhysical(ram.base, Number(ram.size));
    const held = new Map<bigint, Uint8Array>();
    machine.beginEpoch((page) => held.set(page, machine.readPhysical(page, PAGE)));
    machine.run(2_000_000);
    const after = machine.readPhysical(ram.base, Number(ram.size));
    const dirty = new Set<bigint>(machine.dirtyPages);
    assert.equal(dirty.size, machine.dirtyPages.length);
    let changed = 0;
    for (let at = 0; at < before.length; at += PAGE) {
      const page: bigint = ram.base + BigInt(at);
      const was = before.subarray(at, at + PAGE);
      if (Buffer.compare(was, after.subarray(at, at + PAGE)) !== 0) {
        changed += 1;
        assert.ok(dirty.has(page), `page ${page.toString(16)} has changed`);
      }
      if (dirty.has(page)) assert.deepEqual(held.get(page), was);
    }
    assert.ok(changed > 3);
    assert.ok(dirty.size < 400);
  }
});

/** Runs until so much guest time has passed, whatever is hit on the way; how many stops that were. */
function runUntil(machine: MachineControl, time: number): number {
  let stops = 0;
  for (let left = time - Number(machine.time); left > 0; left = time - Number(machine.time)) {
    if (machine.run(left).reason === 'watchpoint') stops += 1;
  }
  return stops;
}

for (const [xlen, watches] of [
  [64, false],
  [32, false],
  [64, true],
  [32, true],
] as const) {
  const needed = hasGcc ? false : needsGcc;
  const beside = watches ? ' beside watched bytes' : '';
  test(`RV${xlen}: epochs at random name what has been written${beside}, page by page (SEED=${seed})`, {
    skip: needed,
  }, () => {
    const random = new Random(seed + xlen);
    const guest = random.below(1 << 24);
    const machine = stressGuest(xlen, guest).machine({ translateAfter: 50 });
    const other = stressGuest(xlen, guest).machine({});
    const ram = machine.regions.find(({ kind }) => kind === 'ram');
    assert.ok(ram);
    const all = () => machine.readPhysical(ram.base, Number(ram.size));
    /** Bytes that have changed: they are watched from before an epoch's begin on, or from there on, or no more. */
    const written: bigint[] = [];
    const watch = () => {
      const points = Array.from({ length: random.below(4) }, (_, id) => {
        const address = (written.length > 0 ? random.of(written) : ram.base) + BigInt(random.below(8));
        const on = random.of(['read', 'write', 'read-write', 'change'] as const);
        const size = BigInt(1 + random.below(64));
        return random.once(2)
          ? { id, size, on, space: 'physical' as const, address: phys(address) }
          : { id, size, on, space: 'virtual' as const, address: virt(address) };
      });
      machine.setWatchpoints(points);
    };
    let [changed, stops] = [0, 0];
    for (let epoch = 0; epoch < 12 || (watches && stops === 0 && epoch < 60); epoch += 1) {
      const before = all();
      if (watches && random.once(2)) watch();
      const held = new Map<bigint, Uint8Array>();
      machine.beginEpoch((page) => held.set(page, machine.readPhysical(page, PAGE)));
      const length = 1 + random.below(60_000);
      if (watches && random.once(2)) watch();
      const until = Number(machine.time) + length;
      stops += runUntil(machine, until);
      runUntil(other, until);
      const after = all();
      const dirty = new Set<bigint>(machine.dirtyPages);
      assert.equal(dirty.size, machine.dirtyPages.length, 'no page is named twice');
      assert.deepEqual(new Set(held.keys()), dirty);
      for (let at = 0; at < before.length; at += PAGE) {
        const page: bigint = ram.base + BigInt(at);
        const was = before.subarray(at, at + PAGE);
        const isChanged = Buffer.compare(was, after.subarray(at, at + PAGE)) !== 0;
        if (isChanged) changed += 1;
        if (isChanged) written.push(page + BigInt(was.findIndex((byte, index) => byte !== after[at + index])));
        assert.ok(!isChanged || dirty.has(page), `epoch ${epoch}: page ${page.toString(16)} has changed`);
        if (dirty.has(page)) assert.ok(Buffer.compare(held.get(page) as Uint8Array, was) === 0, 'as it was before');
      }
    }
    assert.ok(changed > 12, `${changed} pages`);
    assert.ok(!watches || stops > 0, 'nothing watched was accessed');
    assert.equal(stateHash(machine), stateHash(other));
  });
}

test('epochs change nothing of what the guest does', () => {
  const plain = sampleMachine();
  const watched = sampleMachine();
  for (let count = 0; count < 5; count += 1) {
    plain.run(20_000);
    watched.run(20_000);
    watched.beginEpoch();
  }
  runToEnd(plain);
  runToEnd(watched);
  assert.equal(stateHash(watched), stateHash(plain));
});

test('a write by the debugger is one of the epoch', () => {
  const machine = sampleMachine();
  machine.beginEpoch();
  machine.writePhysical(phys(0x8100_0ffen), Uint8Array.of(1, 2, 3, 4));
  assert.deepEqual(machine.dirtyPages, [0x8100_0000n, 0x8100_1000n]);
});
