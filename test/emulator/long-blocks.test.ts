import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { MachineOptions } from '../../emulator/index.ts';
import { build, hasGcc, needsGcc } from '../support/riscv-gcc.ts';
import { bareMachine } from './bare.ts';
import { stateHash } from './sample.ts';

const flags = ['-mabi=lp64', '-static', '-Wl,-Ttext=0x80000000,--no-relax,--no-warn-rwx-segments'];

/** A loop of 60 turns, of so many instructions and the two that close it. */
const loopOf = (length: number) => `
.globl _start
_start:
  li s0, 60
again:
  .rept ${length / 2}
  addi a0, a0, 3
  xor a1, a1, a0
  .endr
  addi s0, s0, -1
  bnez s0, again
end: j end
`;

describe('how soon a place is translated', { skip: hasGcc ? false : needsGcc }, () => {
  const machineWith = (length: number, options: Partial<MachineOptions>, how = ['-march=rv64gc', ...flags]) =>
    bareMachine(build({ 'loop.S': loopOf(length) }, how), options);

  test('depends on its visits times the instructions to the next jump', () => {
    const inRegions = (length: number) => {
      const machine = machineWith(length, { translateAfter: 80 });
      for (let step = 0; step < 12; step += 1) machine.run(5 * length);
      return machine.counts.regionInstructions ?? 0;
    };
    assert.ok(inRegions(400) > 4000, 'a quarter of the visits did not do for a long block');
    assert.equal(inRegions(20), 0);
  });

  test('is not cut in two where a page holds it, as what is behind the cut would be interpreted for ever', () => {
    const length = 1000;
    const machine = machineWith(length, { translateAfter: 80, isa: 'rv64g' }, ['-march=rv64g', ...flags]);
    machine.run(40 * length);
    const before = machine.counts.regionInstructions ?? 0;
    machine.run(10 * length);
    assert.ok((machine.counts.regionInstructions ?? 0) - before > 9 * length);
  });

  test('changes nothing that the guest does', () => {
    const [interpreted, translated] = (['never', 80] as const).map((translateAfter) =>
      machineWith(400, { translateAfter }),
    );
    for (let step = 0; step < 40; step += 1) {
      for (const machine of [interpreted, translated]) machine?.run(607);
      assert.equal(stateHash(translated as never), stateHash(interpreted as never), `step ${step}`);
    }
  });
});
