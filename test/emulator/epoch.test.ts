// Epochs of RAM: which pages have been written since, and what they held.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { phys } from '../../emulator/address.ts';
import { runToEnd, sampleMachine, stateHash } from './sample.ts';

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
