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

  test(`change the base of what is accessed behind them (SEED=${seed})`, () => {
    const code = `
    0: la a1, words
    li s0, 16
    1: ld a3, 0(a1)
    addi a0, a0, 1
    andi a2, a0, 1
    beqz a2, 2f
    addi a1, a1, 8
    2: ld a4, 8(a1)
    xor a5, a5, a4
    add a5, a5, a3
    addi s0, s0, -1
    bnez s0, 1b
    j 0b
    .balign 8
    words: ${Array.from({ length: 24 }, (_, index) => `.dword ${index * index + 7}`).join('\n')}`;
    const elf = build({ 'bases.S': `.globl _start\n_start:\n${code}\n` }, flags);
    const interpreted = bareMachine(elf, { translateAfter: 'never' });
    // Where a run begins it is not hot at once: an entry behind the branch would leave it its arms, but not what follows them.
    const translated = bareMachine(elf, { translateAfter: 60 });
    for (let run = 0; run < 20; run += 1) for (const machine of [interpreted, translated]) machine.run(2000);
    assertSameStates(interpreted, translated, new Random(seed), 500);
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
