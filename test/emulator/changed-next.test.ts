// Stores that change the instruction right behind them: without fence.i it is the new one that is executed, though the
// interpreter has looked already which one comes next.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { build, hasGcc, needsGcc } from '../support/riscv-gcc.ts';
import { bareMachine } from './bare.ts';

const ROUNDS = 400;
const flags = ['-march=rv64imac', '-mabi=lp64', '-mcmodel=medany', '-static', '-Wl,-Ttext=0x80000000,--no-relax'];

interface Change {
  /** Of a2 to s0, where the instruction begins. */
  readonly store: string;
  /** Loads a2 from 0(a3), where what is to be stored begins with the instruction. */
  readonly load: string;
  readonly one: string;
  readonly other: string;
}

const long = { one: 'addi a0, a0, 1', other: 'addi a0, a0, 1000' };
const changes: Readonly<Record<string, Change>> = {
  sb: { store: 'sb a2, 3(s0)', load: 'lbu a2, 3(a3)', one: 'addi a0, a0, 1', other: 'addi a0, a0, 0x101' },
  'sh of a compressed instruction': {
    store: 'sh a2, 0(s0)',
    load: 'lhu a2, 0(a3)',
    one: 'c.addi a0, 1; c.nop',
    other: 'c.addi a0, 20; c.nop',
  },
  sw: { store: 'sw a2, 0(s0)', load: 'lw a2, 0(a3)', ...long },
  'sw to another operation': { store: 'sw a2, 0(s0)', load: 'lw a2, 0(a3)', one: long.one, other: 'xori a0, a0, 5' },
  'sd, of two': {
    store: 'sd a2, 0(s0)',
    load: 'ld a2, 0(a3)',
    one: `${long.one}; nop`,
    other: 'addi a0, a0, 7; sub a0, a0, a4',
  },
  'amoswap.w': { store: 'amoswap.w zero, a2, (s0)', load: 'lw a2, 0(a3)', ...long },
};

/** What the instructions make of a0 where a4 is 3. */
function after(code: string, a0: bigint): bigint {
  for (const [, op, last] of code.matchAll(/(\w+(?:\.\w+)?) a0(?:, a0)?, (\w+)/g)) {
    if (op === 'sub') a0 -= 3n;
    else if (op === 'xori') a0 ^= BigInt(last as string);
    else a0 += BigInt(last as string);
  }
  return a0;
}

/** Compressed where it says so, and nowhere else. */
const inBytes = (code: string) => (code.startsWith('c.') ? `.option rvc; ${code}; .option norvc` : code);

const programOf = ({ store, load, one, other }: Change) => `
.globl _start
.option norvc
_start:
  la s0, 2f
  la a3, 3f
  la a5, 4f
  li s1, ${ROUNDS}
  li a4, 3
1: mv a6, a3
  mv a3, a5
  mv a5, a6
  ${load}
  addi s1, s1, -1
  .balign 8
  nop
  ${store}
2: ${inBytes(one)}
  bnez s1, 1b
5: j 5b
  .balign 8
3: ${inBytes(one)}
  .balign 8
4: ${inBytes(other)}
  .balign 8
`;

describe('the instruction right behind a store that changes it', { skip: hasGcc ? false : needsGcc }, () => {
  for (const [name, change] of Object.entries(changes)) {
    for (const translateAfter of ['never', 3] as const) {
      test(`${name}, ${translateAfter === 'never' ? 'interpreted' : 'translated'}`, () => {
        const program = new Uint8Array(readFileSync(build({ 'next.S': programOf(change) }, flags)));
        const machine = bareMachine(program, { translateAfter });
        machine.run(30 * ROUNDS);
        let expected = 0n;
        for (let round = 0; round < ROUNDS; round += 1)
          expected = after(round % 2 ? change.one : change.other, expected);
        assert.equal(machine.harts[0]?.x(9), 0n, 'it is done');
        assert.equal(BigInt.asIntN(64, machine.harts[0]?.x(10) ?? 0n), expected);
      });
    }
  }
});
