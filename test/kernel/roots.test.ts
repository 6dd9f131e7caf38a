import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { phys, virt } from '../../emulator/address.ts';
import type { CsrWriteEvent } from '../../emulator/events.ts';
import { describeSatp, isIgnored, physicalNamer, RootHistory, satpText } from '../../kernel/index.ts';
import { symbolsOf } from '../support/kernel-fixtures.ts';
import { stillMachine, TestMemory } from '../support/page-tables.ts';

const sv57 = 0xa000000000081005n;
const swapper = 0xa000000000081fcan;
const memory = new TestMemory(4096);

function write(written: bigint, before: bigint, after: bigint, instret: bigint, csr = 0x180): CsrWriteEvent {
  return { kind: 'csr-write', csr, hart: 0, pc: virt(0n), privilege: 1, instret, written, before, after };
}

const names = physicalNamer(
  symbolsOf(
    new Map([
      ['early_pg_dir', 0xffffffff80e05000n],
      ['swapper_pg_dir', 0xffffffff81dca000n],
      ['idle', 0xffffffff81dcb000n],
    ]),
  ),
  { va: virt(0xffffffff80000000n), pa: phys(0x80200000n), size: 0x2000000n },
);

describe('the roots seen in satp', () => {
  test('are listed in the order of their first write, with names, ASIDs, holders and instruction counts', () => {
    const history = new RootHistory();
    history.record(write(sv57, 0n, sv57, 100n), 64);
    history.record(write(swapper, sv57, swapper, 200n), 64);
    history.record(write(swapper | (0xffffn << 44n), swapper, swapper | (0xffffn << 44n), 300n), 64);
    history.record(write(swapper, swapper | (0xffffn << 44n), swapper, 301n), 64);
    const roots = history.list(stillMachine(memory, { satps: [swapper, sv57, 0n, swapper] }), names);
    assert.deepEqual(
      roots.map(({ mode, ...root }) => ({ ...root, mode: mode.name })),
      [
        {
          id: 'Sv57@0x0000000081005000',
          root: phys(0x81005000n),
          name: 'early_pg_dir',
          asids: [0],
          harts: [1],
          firstSeen: 100n,
          lastSeen: 100n,
          mode: 'Sv57',
        },
        {
          id: 'Sv57@0x0000000081fca000',
          root: phys(0x81fca000n),
          name: 'swapper_pg_dir',
          asids: [0, 0xffff],
          harts: [0, 3],
          firstSeen: 200n,
          lastSeen: 301n,
          mode: 'Sv57',
        },
      ],
    );
  });

  test('ignored writes, Bare and other CSRs add nothing', () => {
    const history = new RootHistory();
    history.record(write(sv57, 0n, 0n, 1n), 64);
    history.record(write(0n, sv57, 0n, 2n), 64);
    history.record(write(sv57, 0n, sv57, 3n, 0x280), 64);
    assert.deepEqual(history.list(stillMachine(memory, {}), names), []);
  });

  test('the same table under another mode is another root', () => {
    const history = new RootHistory();
    history.record(write(0x8000000000081fcan, 0n, 0x8000000000081fcan, 1n), 64);
    history.record(write(swapper, 0n, swapper, 2n), 64);
    assert.equal(history.list(stillMachine(memory, {}), names).length, 2);
  });

  test('a root that a hart holds without a recorded write is listed; one without a symbol has its address as name', () => {
    const roots = new RootHistory().list(stillMachine(memory, { satps: [0x8000000000090000n] }), names);
    assert.deepEqual(
      roots.map(({ name, harts }) => [name, harts]),
      [['pa:0x90000000', [0]]],
    );
  });

  test('looking at the list does not change it', () => {
    const history = new RootHistory();
    history.record(write(swapper, 0n, swapper, 5n), 64);
    const machine = stillMachine(memory, { satps: [swapper] });
    assert.deepEqual(history.list(machine, names), history.list(machine, names));
    assert.equal(history.list(machine, names)[0]?.lastSeen, 5n);
  });

  test('a reset forgets them', () => {
    const history = new RootHistory();
    history.record(write(swapper, 0n, swapper, 5n), 64);
    history.clear();
    assert.deepEqual(history.list(stillMachine(memory, {}), names), []);
  });

  test('only an object that begins there gives a root its name', () => {
    assert.equal(names(phys(0x81fca000n)), 'swapper_pg_dir');
    assert.equal(names(phys(0x81fca008n)), undefined);
    assert.equal(names(phys(0x90000000n)), undefined);
  });
});

describe('a write to satp in one line', () => {
  const cases: [bigint, bigint, bigint, 32 | 64, string][] = [
    [0x8000000000080210n, 0n, 0x8000000000080210n, 64, 'satp ← Sv39, root pa:0x80210000, ASID 0 (was Bare)'],
    [sv57, 0n, 0n, 64, 'satp ← Sv57 ignored: mode not supported (still Bare)'],
    [0xb000000000081005n, swapper, swapper, 64, 'satp ← MODE 11 ignored: mode not supported (still Sv57)'],
    [0n, sv57, 0n, 64, 'satp ← Bare (was Sv57, root pa:0x81005000, ASID 0)'],
    [swapper, swapper, swapper, 64, 'satp ← Sv57, root pa:0x81fca000, ASID 0 (unchanged)'],
    [0x80481d9bn, 0n, 0x80481d9bn, 32, 'satp ← Sv32, root pa:0x81d9b000, ASID 1 (was Bare)'],
    [
      0xaffff00000081fcan,
      swapper,
      0xa00ff00000081fcan,
      64,
      'satp ← Sv57, root pa:0x81fca000, ASID 255 (was Sv57, root pa:0x81fca000, ASID 0)',
    ],
  ];
  for (const [written, before, after, xlen, text] of cases) {
    test(text, () => assert.equal(describeSatp({ written, before, after }, xlen), text));
  }

  test('a write of the value that is there already is not an ignored one', () => {
    assert.equal(isIgnored({ written: swapper, before: swapper, after: swapper }), false);
  });

  test('values alone', () => {
    assert.equal(satpText(0n, 64), 'Bare');
    assert.equal(satpText(0n, 32), 'Bare');
    assert.equal(satpText(0x9000000000081fcan, 64), 'Sv48, root pa:0x81fca000, ASID 0');
  });
});
