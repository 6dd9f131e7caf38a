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
  const flags = ['-march=rv64gc', '-mabi=lp64', '-mcmodel=medany', '-static', '-nostdlib', '-Wl,-Ttext=0x80000000'];
  const built = (name: string) => {
    const sources = { [name]: readFileSync(`test/programs/calls/${name}`, 'utf8') };
    return hasGcc ? build(sources, [...flags, '-Wl,--no-warn-rwx-segments']) : '';
  };
  const elf = built('calls.S');

  const machineWith = (options: Partial<MachineOptions>) => bareMachine(elf, options);

  const compare = (program: string) => {
    const interpreted = bareMachine(program, { translateAfter: 'never' });
    const translated = bareMachine(program, { translateAfter: 20 });
    for (let stop = 0; stop < 40; stop += 1) {
      for (const machine of [interpreted, translated]) machine.run(7001);
      assert.equal(stateHash(translated), stateHash(interpreted), `at ${interpreted.time}`);
    }
    assert.ok((translated.counts.regionInstructions ?? 0) > 100_000, 'translated code has hardly run');
  };

  test('follow a callee that the program changes', () => compare(elf));

  test('of a callee that was made anew lead where it jumps, whatever was translated since', () =>
    compare(built('made-anew.S')));

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
