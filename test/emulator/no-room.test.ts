import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { build, hasGcc, needsGcc } from '../support/riscv-gcc.ts';
import { bareMachine } from './bare.ts';
import { stateHash } from './sample.ts';

describe('code that found no room for its regions', { skip: hasGcc ? false : needsGcc }, () => {
  const sources = { 'no-room.S': readFileSync('test/programs/no-room/no-room.S', 'utf8') };
  const flags = ['-march=rv64gc', '-mabi=lp64', '-mcmodel=medany', '-static', '-Wl,-Ttext=0x80000000,--no-relax'];

  test('is translated as it is after a change, not as it was', () => {
    const elf = build(sources, [...flags, '-Wl,--no-warn-rwx-segments']);
    const interpreted = bareMachine(elf, { translateAfter: 'never' });
    const translated = bareMachine(elf, { translateAfter: 2, codeCache: { regions: 1 } });
    for (let stop = 0; stop < 40; stop += 1) {
      for (const machine of [interpreted, translated]) machine.run(100);
      assert.equal(stateHash(translated), stateHash(interpreted), `at ${interpreted.time}`);
    }
    assert.ok((translated.counts.regionInstructions ?? 0) > 200, 'translated code has not run');
  });
});
