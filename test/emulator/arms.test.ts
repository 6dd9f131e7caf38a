import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { withArms } from '../../emulator/core/translator/arms.ts';
import { type Block, blocksOf } from '../../emulator/core/translator/blocks.ts';
import type { MachineOptions } from '../../emulator/index.ts';
import { Random, seed } from '../oracle/random.ts';
import { build, hasGcc, needsGcc } from '../support/riscv-gcc.ts';
import { assertSameStates, bareMachine, instructionsOf } from './bare.ts';

describe('short forward branches that choose between results', { skip: hasGcc ? false : needsGcc }, () => {
  const sources = { 'arms.S': readFileSync('test/programs/arms/arms.S', 'utf8') };
  const flags = ['-march=rv64gc', '-mabi=lp64', '-mcmodel=medany', '-static', '-Wl,-Ttext=0x80000000,--no-relax'];
  const machineWith = (options: Partial<MachineOptions>) =>
    bareMachine(build(sources, [...flags, '-Wl,--no-warn-rwx-segments']), options);

  test(`leave the machine at any count as interpretation does (SEED=${seed})`, () => {
    const random = new Random(seed);
    const [interpreted, translated] = [machineWith({ translateAfter: 'never' }), machineWith({ translateAfter: 2 })];
    assertSameStates(interpreted, translated, random, 5000);
  });

  test('are found in each shape, and the blocks still hold every instruction', () => {
    const placed = instructionsOf(machineWith({}), 0xc0);
    const plain = blocksOf(placed, [0]);
    const chosen = withArms(plain, [0]);
    const instructionsIn = (blocks: readonly Block[]) =>
      blocks.flatMap(({ instructions }) =>
        instructions.flatMap(({ offset, arms }) => [
          offset,
          ...[...(arms?.taken ?? []), ...(arms?.fallen ?? [])].map((each) => each.offset),
        ]),
      );
    const ascending = (a: number, b: number) => a - b;
    assert.deepEqual(instructionsIn(chosen).sort(ascending), instructionsIn(plain).sort(ascending));
    const shapes = chosen.flatMap(({ instructions }) =>
      instructions.flatMap(({ arms }) => (arms ? `${arms.taken.length} ${arms.fallen.length}` : [])),
    );
    assert.deepEqual(shapes, ['0 1', '0 2', '1 3', '2 0', '0 1']);
  });
});
