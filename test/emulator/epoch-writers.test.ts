// Who writes pages of RAM beside the stores of harts, and whether an epoch notices: devices, page-table walks, firmware,
// debuggers. What they only read is no part of it.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type MachineControl, phys, virt } from '../../emulator/index.ts';
import { hasGcc, needsGcc } from '../support/riscv-gcc.ts';
import {
  ASK,
  aim,
  disk,
  FIRST,
  FIRST_BUFFER,
  LOW,
  MEMORY,
  machineWith,
  NEXT_QUEUE,
  notifyOf,
  PAGE,
  page,
  pageTable,
  ram,
  request,
  SECOND,
  sector,
  start,
  USED,
  warm,
} from './writers.ts';

/** The numbers of the pages written in an epoch in which `act` is done, which are those that were shown before. */
function dirtyAfter(machine: MachineControl, act: () => void): number[] {
  const shown: bigint[] = [];
  const held = new Map<bigint, Uint8Array>();
  const whole = machine.readPhysical(phys(ram), Number(MEMORY));
  machine.beginEpoch((at) => {
    shown.push(at);
    held.set(at, machine.readPhysical(at, PAGE));
  });
  act();
  assert.deepEqual(shown, [...machine.dirtyPages]);
  for (const [at, bytes] of held) {
    const from = Number(at - ram);
    assert.ok(Buffer.compare(bytes, whole.subarray(from, from + PAGE)) === 0, 'it is shown as it was');
  }
  return shown.map((at) => Number((at - ram) / 4096n)).sort((a, b) => a - b);
}

describe('an epoch names the pages written', { skip: hasGcc ? false : needsGcc }, () => {
  for (const engine of ['interpreted', 'translated'] as const) {
    /** The loop's stores, which notify a device of a queue. */
    const noticed = (machine: MachineControl, slot: number, queue = 0) => {
      const before = machine.counts.regionInstructions ?? 0;
      const dirty = dirtyAfter(machine, () => {
        machine.setX(0, 20, BigInt(queue));
        aim(machine, notifyOf(slot), page(2));
        machine.run(400);
      });
      const translated = (machine.counts.regionInstructions ?? 0) - before;
      assert.ok(engine === 'translated' ? translated > 100 : translated === 0, `${translated} were translated`);
      return dirty;
    };

    test(`by a disk that is read from, of a program that is ${engine}`, () => {
      const machine = warm(engine, { disks: [disk] });
      start(machine, 0, [[request(0), sector, 1]]);
      assert.deepEqual(noticed(machine, 0), [USED, FIRST_BUFFER + 1, FIRST_BUFFER + 2]);
      assert.deepEqual(machine.readPhysical(phys(page(FIRST_BUFFER + 1)), 2), Uint8Array.of(7, 7));
    });

    test(`by a disk that is written to, of a program that is ${engine}: what it only reads is not among them`, () => {
      const machine = warm(engine, { disks: [disk] });
      start(machine, 0, [[request(1), new Uint8Array(sector), 1]]);
      assert.deepEqual(noticed(machine, 0), [USED, FIRST_BUFFER + 2]);
    });

    test(`by the entropy device, of a program that is ${engine}`, () => {
      const machine = warm(engine);
      start(machine, 6, [[64, 64]]);
      assert.deepEqual(noticed(machine, 6), [USED, FIRST_BUFFER, FIRST_BUFFER + 1]);
    });

    test(`by the console for what is typed, of a program that is ${engine}`, () => {
      const machine = warm(engine);
      start(machine, 7, [[64], [new TextEncoder().encode('login: ')]]);
      assert.deepEqual(noticed(machine, 7, 1), [USED + NEXT_QUEUE], 'it prints');
      assert.deepEqual(
        dirtyAfter(machine, () => machine.type(Uint8Array.of(65))),
        [USED, FIRST_BUFFER],
      );
    });

    test(`by the network device, of a program that is ${engine}`, () => {
      const machine = warm(engine, { net: 'loopback' });
      // It comes back, as it is to the card itself.
      const frame = Uint8Array.of(...new Array(12).fill(0), 0x52, 0x54, 0, 0x12, 0x34, 0x56, ...new Array(48).fill(9));
      start(machine, 5, [[1000], [frame]]);
      assert.deepEqual(noticed(machine, 5, 1), [USED, FIRST_BUFFER, USED + NEXT_QUEUE]);
    });

    test(`by page-table walks that set A and D, of a program that is ${engine}: a page that is read is not among them`, () => {
      const machine = warm(engine);
      pageTable(machine);
      const runAt = (store: bigint, load: bigint) => () => {
        aim(machine, store, load);
        machine.run(400);
      };
      // Nothing of the tables changes: all is set already.
      assert.deepEqual(dirtyAfter(machine, runAt(0n, 0n)), [FIRST]);
      // A is set by the load.
      assert.deepEqual(dirtyAfter(machine, runAt(0n, 0x1000n)), [LOW, FIRST]);
      // D is set by the store.
      assert.deepEqual(dirtyAfter(machine, runAt(0x1000n, 0n)), [LOW, SECOND]);
      assert.deepEqual(dirtyAfter(machine, runAt(0x1000n, 0n)), [SECOND]);
    });

    test(`by the firmware, of a program that is ${engine}`, () => {
      const machine = machineWith(engine, 'builtin');
      machine.setPc(0, virt(0x8020_0000n + ASK));
      machine.setX(0, 19, page(20));
      for (let part = 0; part < 10; part += 1) machine.run(400);
      assert.deepEqual(
        dirtyAfter(machine, () => machine.run(200)),
        [],
        'nothing was typed',
      );
      const typed = () => {
        machine.type(new TextEncoder().encode('hello'));
        machine.run(200);
      };
      assert.deepEqual(dirtyAfter(machine, typed), [20]);
      machine.setX(0, 19, page(22) - 2n);
      assert.deepEqual(dirtyAfter(machine, typed), [21, 22]);
    });
  }

  test('by the debugger, until a reset loads the program anew and ends it', () => {
    const machine = warm('translated');
    assert.deepEqual(
      dirtyAfter(machine, () => machine.writePhysical(phys(page(40) - 1n), Uint8Array.of(1, 2))),
      [39, 40],
    );
    let shown = 0;
    machine.beginEpoch(() => {
      shown += 1;
    });
    machine.writePhysical(phys(page(40)), Uint8Array.of(1));
    machine.reset();
    assert.equal(shown, 1);
    assert.deepEqual(machine.dirtyPages, []);
    machine.setPc(0, virt(0x8020_0000n));
    aim(machine, page(1), page(2));
    machine.run(400);
    assert.equal(shown, 1, 'the epoch is over');
    assert.deepEqual(machine.dirtyPages, []);
    assert.deepEqual(
      dirtyAfter(machine, () => machine.run(400)),
      [1],
    );
  });
});
