import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { type MachineOptions, virt } from '../../emulator/index.ts';
import { symbolValues } from '../../emulator/loader/elf-symbols.ts';
import { bytesSource, openElf } from '../../emulator/loader/index.ts';
import { build, hasGcc, needsGcc } from '../support/riscv-gcc.ts';
import { bareMachine } from './bare.ts';
import { stateHash } from './sample.ts';

describe('calls within a page, which translated code makes without a look', { skip: hasGcc ? false : needsGcc }, () => {
  const sources = { 'calls.S': readFileSync('test/programs/calls/calls.S', 'utf8') };
  const flags = ['-march=rv64gc', '-mabi=lp64', '-mcmodel=medany', '-static', '-nostdlib', '-Wl,-Ttext=0x80000000'];
  const elf = hasGcc ? build(sources, [...flags, '-Wl,--no-warn-rwx-segments']) : '';

  const machineWith = (options: Partial<MachineOptions>) => bareMachine(elf, options);

  test('follow a callee that the program changes', () => {
    const interpreted = machineWith({ translateAfter: 'never' });
    const translated = machineWith({ translateAfter: 20 });
    for (let stop = 0; stop < 40; stop += 1) {
      for (const machine of [interpreted, translated]) machine.run(7001);
      assert.equal(stateHash(translated), stateHash(interpreted), `at ${interpreted.time}`);
    }
    assert.ok((translated.counts.regionInstructions ?? 0) > 100_000, 'translated code has hardly run');
  });

  test('stop at a breakpoint that is set on a callee later', () => {
    const machine = machineWith({ translateAfter: 20 });
    for (let slice = 0; slice < 40; slice += 1) machine.run(1000);
    assert.ok((machine.counts.regionInstructions ?? 0) > 5000, 'translated code has hardly run');
    const leaf = symbolValues(openElf(bytesSource('calls', readFileSync(elf))), ['leaf']).get('leaf') as bigint;
    machine.setBreakpoints({ virtual: [virt(leaf)], physical: [] });
    assert.equal(machine.run(1_000_000).reason, 'breakpoint');
    assert.equal(machine.harts[0]?.pc, leaf);
  });
});
