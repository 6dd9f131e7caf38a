// What the machine tells its listeners, to whom, and that it makes no difference.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import {
  createMachine,
  type EventKind,
  type MachineControl,
  type MachineEvent,
  phys,
  virt,
} from '../../emulator/index.ts';
import { bytesSource, planBoot } from '../../emulator/loader/index.ts';
import { eventProgram } from '../support/event-program.ts';
import { hasGcc, needsGcc } from '../support/riscv-gcc.ts';
import { runToEnd, sampleMachine, stateHash } from './sample.ts';

const SATP = 0x180;
const every: readonly EventKind[] = [
  ...(['csr-write', 'csr-pending', 'trap', 'trap-return', 'sfence', 'fence-i', 'wfi', 'sbi-call'] as const),
  ...(['hart-state', 'device-access', 'table-write', 'ad-update', 'page-use'] as const),
];

function eventMachine(harts = 2): MachineControl {
  const file = eventProgram();
  const options = { memory: 64n << 20n, harts, isa: 'rv64max', mmu: 'sv39', misaligned: 'trap' } as const;
  const plan = planBoot({ program: bytesSource(file, readFileSync(file)) }, { ...options, firmware: 'builtin' });
  return createMachine({ ...options, isa: 'rv64gc_zicntr_sstc' }, plan);
}

/** All that is told while the guest runs to its end. */
function heard(machine: MachineControl, kinds: readonly EventKind[]): MachineEvent[] {
  const events: MachineEvent[] = [];
  machine.listen(
    (event) => {
      events.push(event);
      return false;
    },
    { kinds },
  );
  runToEnd(machine);
  return events;
}

describe('listeners', () => {
  test('hear the kinds and CSRs that they want and no others', () => {
    const machine = sampleMachine();
    const csrs = new Set<number>();
    machine.listen((event) => csrs.add('csr' in event ? event.csr : -1).size === 0, {
      kinds: ['csr-write'],
      csrs: [SATP, 0x105],
    });
    const kinds = new Set(heard(machine, ['sfence']).map(({ kind }) => kind));
    assert.deepEqual([...kinds], ['sfence']);
    assert.deepEqual([...csrs].sort(), [0x105, SATP]);
  });

  test('that leave hear nothing more', () => {
    const machine = sampleMachine();
    let count = 0;
    const leave = machine.listen(
      () => {
        count += 1;
        leave();
        return false;
      },
      { kinds: ['trap', 'trap-return'] },
    );
    runToEnd(machine);
    assert.equal(count, 1);
  });

  test('make no difference, whatever they hear and however much is watched', () => {
    const plain = sampleMachine();
    runToEnd(plain);
    const watched = sampleMachine();
    watched.watchTables(
      Array.from({ length: 64 }, (_, page) => phys(0x80000000 + page * 4096)),
      true,
    );
    watched.watchUses([{ from: virt(0), to: virt(0xffffn << 12n) }]);
    const events = heard(watched, every);
    assert.equal(stateHash(watched), stateHash(plain));
    const kinds = new Set(events.map(({ kind }) => kind));
    for (const kind of ['csr-pending', 'table-write', 'page-use', 'device-access'] as const)
      assert.ok(kinds.has(kind), kind);
  });
});

describe('csr-pending', () => {
  test('comes before the write, which is made once when the machine goes on', () => {
    const machine = sampleMachine();
    const hart = machine.harts[0];
    let stops = 0;
    const writes: MachineEvent[] = [];
    machine.listen((event) => event.kind === 'csr-pending', { kinds: ['csr-pending'], csrs: [SATP] });
    machine.listen(
      (event) => {
        writes.push(event);
        return false;
      },
      { kinds: ['csr-write'], csrs: [SATP] },
    );
    for (;;) {
      const outcome = machine.run(1e9);
      if (outcome.reason === 'ended') break;
      assert.equal(outcome.reason, 'event');
      const { event } = outcome as { event: MachineEvent };
      assert.ok(event.kind === 'csr-pending');
      assert.equal(hart?.pc, event.pc, 'the hart stands at the instruction');
      assert.equal(hart?.csr(SATP), event.before);
      assert.equal(hart?.instret, event.instret);
      assert.equal(writes.length, stops, 'nothing has been written');
      stops += 1;
    }
    assert.equal(stops, 5);
    const plain = sampleMachine();
    runToEnd(plain);
    assert.equal(stateHash(machine), stateHash(plain), 'held instructions are no traps and cost no time');
  });

  test('a step from there makes it', () => {
    const machine = sampleMachine();
    machine.listen((event) => event.kind === 'csr-pending', { kinds: ['csr-pending'], csrs: [SATP] });
    machine.run(1e9);
    const at = machine.harts[0]?.pc ?? 0n;
    assert.equal(machine.step(0).reason, 'step');
    assert.equal(machine.harts[0]?.pc, at + 4n);
  });
});

describe('the events of a program that makes them happen', { skip: hasGcc ? false : needsGcc }, () => {
  test('come in order, with their facts', () => {
    const events = heard(
      eventMachine(),
      every.filter((kind) => kind !== 'csr-write' && kind !== 'trap-return'),
    );
    const kinds = events.map((event) => (event.kind === 'trap' ? `trap ${event.cause}` : event.kind));
    assert.deepEqual(kinds.slice(0, 12), [
      'csr-pending',
      'fence-i',
      'csr-pending',
      'trap 3',
      'csr-pending',
      'trap 2',
      'csr-pending',
      'trap 2',
      'csr-pending',
      'trap 4',
      'csr-pending',
      'trap 5',
    ]);
    const device = events.find((event) => event.kind === 'device-access');
    assert.deepEqual(device?.kind === 'device-access' && [device.device, device.access, device.size, device.value], [
      'ns16550a',
      'load',
      1,
      0x60n,
    ]);
    const started = events.find((event) => event.kind === 'hart-state');
    assert.deepEqual(started?.kind === 'hart-state' && [started.hart, started.state], [1, 'started']);
    const updates = events.flatMap((event) => (event.kind === 'ad-update' ? [event.after & ~event.before] : []));
    assert.deepEqual(updates.slice(0, 2), [0x40n, 0x80n], 'A for the load, then D for the store');
    const fault = events.find((event) => event.kind === 'trap' && event.cause === 13);
    assert.equal(fault?.kind === 'trap' && fault.fault?.reason, 'not-valid');
  });

  test('a store into a watched table is told with both values, one into the page beside it is not', () => {
    const machine = eventMachine();
    const root: bigint[] = [];
    machine.listen(
      (event) => {
        if (event.kind === 'csr-write' && root.length === 0) {
          root.push((event.after & 0xfffffffffffn) << 12n);
          machine.watchTables([phys((root[0] as bigint) + 0x2000n)], true);
        }
        return false;
      },
      { kinds: ['csr-write'], csrs: [SATP] },
    );
    const writes = heard(machine, ['table-write']).flatMap((event) => (event.kind === 'table-write' ? [event] : []));
    assert.equal(writes.length, 5);
    assert.ok(writes.every(({ pa }) => pa >> 12n === ((root[0] as bigint) + 0x2000n) >> 12n));
    for (const [index, write] of writes.slice(0, 4).entries()) {
      if (index > 0) assert.equal(write.before, writes[index - 1]?.after);
    }
  });
});
