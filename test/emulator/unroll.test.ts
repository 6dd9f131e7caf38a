import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { blocksOf } from '../../emulator/core/translator/blocks.ts';
import { unroll } from '../../emulator/core/translator/unroll.ts';
import type { MachineOptions } from '../../emulator/index.ts';
import { Random, seed } from '../oracle/random.ts';
import { build, hasGcc, needsGcc } from '../support/riscv-gcc.ts';
import { assertSameStates, bareMachine, instructionsOf } from './bare.ts';

describe('loops of one block, several rounds at once', { skip: hasGcc ? false : needsGcc }, () => {
  const sources = { 'unroll.S': readFileSync('test/programs/unroll/unroll.S', 'utf8') };
  const flags = ['-march=rv64gc', '-mabi=lp64', '-mcmodel=medany', '-static', '-Wl,-Ttext=0x80000000,--no-relax'];
  /** `apart`: bytes from what is read to what is written when words are copied. */
  const machineWith = (apart: number, options: Partial<MachineOptions>) => {
    const elf = build(sources, [...flags, `-DAPART=${apart}`, '-Wl,--no-warn-rwx-segments']);
    return bareMachine(elf, { memory: 3n << 20n, ...options });
  };

  const compare = (apart: number, misaligned: 'supported' | 'trap') => {
    const random = new Random(seed);
    const interpreted = machineWith(apart, { misaligned, translateAfter: 'never' });
    const translated = machineWith(apart, { misaligned, translateAfter: 2 });
    // At first all is aligned: loops are translated before an access traps, which would make its successor an entry.
    for (let run = 0; run < 8; run += 1) translated.run(100);
    interpreted.run(800);
    assertSameStates(interpreted, translated, random, 40_000);
    return translated;
  };

  test(`leave the machine at any count as interpretation does (SEED=${seed})`, () => {
    compare(3, 'supported');
  });

  test(`trap at misaligned accesses as interpretation does, where these are not done (SEED=${seed})`, () => {
    const { time, harts } = compare(4, 'trap');
    const traps = time - (harts[0]?.instret ?? 0n);
    assert.ok(traps > 1000n && traps < time / 10n, `${traps} traps`);
  });

  test('are those whose accesses go on from where their bases are as a round begins', () => {
    const roundsOf = (code: string) => {
      const elf = build({ 'one.S': `.globl _start\n_start:\n${code}\n` }, flags);
      const placed = instructionsOf(bareMachine(elf, { counts: false }));
      return unroll(blocksOf(placed, [0])[0] as never)?.rounds.length;
    };
    assert.equal(roundsOf('ld a0, 0(a1); addi a1, a1, 8; sd a0, 0(a2); addi a2, a2, 8; bne a1, a3, _start'), 4);
    assert.equal(roundsOf('ld a0, 0(a1); addi a1, a1, 64; bne a1, a3, _start'), 4);
    assert.equal(roundsOf('ld a0, 0(a1); addi a1, a1, 300; bne a1, a3, _start'), undefined, 'steps are too long');
    assert.equal(roundsOf(`${'addi a0, a0, 1; '.repeat(14)} bne a0, a3, _start`), 2);
    assert.equal(roundsOf('ld a1, 0(a1); bnez a1, _start'), undefined, 'where the next lies is not known');
    assert.equal(roundsOf('ld a0, 0(a1); add a1, a1, a4; bne a1, a3, _start'), undefined, 'nor how far it goes on');
    assert.equal(roundsOf('amoadd.d a0, a1, (a2); bnez a0, _start'), undefined);
    assert.equal(roundsOf('addi a0, a0, -1; bnez a0, _start'), 4);
  });
});
