// Epochs of RAM: which pages have been written since, and what they held.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { phys } from '../../emulator/address.ts';
import { Random, seed } from '../oracle/random.ts';
import { hasGcc, needsGcc } from '../support/riscv-gcc.ts';
import { runToEnd, sampleMachine, stateHash } from './sample.ts';
import { stressMachine } from './stress.ts';

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

for (const xlen of [64, 32] as const) {
  const needed = hasGcc ? false : needsGcc;
  test(`RV${xlen}: epochs at random name what has been written, page by page (SEED=${seed})`, { skip: needed }, () => {
    const random = new Random(seed + xlen);
    const guest = random.below(1 << 24);
    const machine = stressMachine(xlen, guest, { translateAfter: 50 });
    const other = stressMachine(xlen, guest, {});
    const ram = machine.regions.find(({ kind }) => kind === 'ram');
    assert.ok(ram);
    const all = () => machine.readPhysical(ram.base, Number(ram.size));
    let changed = 0;
    for (let epoch = 0; epoch < 12; epoch += 1) {
      const before = all();
      const held = new Map<bigint, Uint8Array>();
      machine.beginEpoch((page) => held.set(page, machine.readPhysical(page, PAGE)));
      const length = 1 + random.below(60_000);
      machine.run(length);
      other.run(length);
      const after = all();
      const dirty = new Set<bigint>(machine.dirtyPages);
      assert.equal(dirty.size, machine.dirtyPages.length, 'no page is named twice');
      assert.deepEqual(new Set(held.keys()), dirty);
      for (let at = 0; at < before.length; at += PAGE) {
        const page: bigint = ram.base + BigInt(at);
        const was = before.subarray(at, at + PAGE);
        const isChanged = Buffer.compare(was, after.subarray(at, at + PAGE)) !== 0;
        if (isChanged) changed += 1;
        assert.ok(!isChanged || dirty.has(page), `epoch ${epoch}: page ${page.toString(16)} has changed`);
        if (dirty.has(page)) assert.ok(Buffer.compare(held.get(page) as Uint8Array, was) === 0, 'as it was before');
      }
    }
    assert.ok(changed > 12, `${changed} pages`);
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
