import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { prepareInterpreters } from '../../emulator/core/prepared.ts';
import { sampleMachine, stateHash } from './sample.ts';

describe('an interpreter generated beforehand', () => {
  test('serves machines of any RAM and any number of harts, and does what one generated for them does', () => {
    const prepared = prepareInterpreters();
    for (const [memory, harts] of [
      [16n << 20n, 1],
      [40n << 20n, 3],
    ] as const) {
      const asked: string[] = [];
      const interpreter = (name: string) => {
        asked.push(name);
        return prepared.get(name);
      };
      const machine = sampleMachine({ memory, harts, interpreter });
      const other = sampleMachine({ memory, harts });
      assert.deepEqual(
        asked.map((name) => prepared.has(name)),
        [true],
      );
      for (const each of [machine, other]) each.run(300_000);
      assert.equal(stateHash(machine), stateHash(other));
    }
  });

  test('is not that of a machine with other features', () => {
    const prepared = prepareInterpreters();
    for (const options of [
      { misaligned: 'trap' },
      { translateAfter: 5 },
      { translateAfter: 'never' },
      { counts: true },
    ] as const) {
      sampleMachine({
        memory: 16n << 20n,
        ...options,
        interpreter: (name) => {
          assert.ok(!prepared.has(name), name);
          return undefined;
        },
      });
    }
  });
});
