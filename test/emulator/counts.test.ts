import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sampleMachine } from './sample.ts';

describe('what a machine counts for profiles', () => {
  const reasons = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts).filter(([name]) => name.startsWith('exits: '));

  test('has one reason for each time that translated code was left', () => {
    const machine = sampleMachine({ memory: 32n << 20n, translateAfter: 3, counts: true });
    for (let turn = 0; turn < 3000; turn += 1) if (machine.run(997).reason === 'ended') break;
    const { counts } = machine;
    const sum = reasons(counts).reduce((all, [, count]) => all + count, 0);
    assert.ok((counts.regionSlowExits ?? 0) > 100);
    assert.equal(sum, counts.regionEntries);
    assert.ok((counts['exits: loads and stores'] ?? 0) > 0);
  });

  test('is nothing without the option', () => {
    const machine = sampleMachine({ memory: 32n << 20n, translateAfter: 3 });
    machine.run(100_000);
    assert.deepEqual(
      Object.entries(machine.counts).filter(([, count]) => count),
      [['touchedPages', machine.counts.touchedPages]],
    );
  });
});
