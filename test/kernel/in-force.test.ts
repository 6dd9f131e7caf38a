import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { HartView, Privilege } from '../../emulator/inspection.ts';
import { inForce } from '../../kernel/index.ts';
import { stillMachine, TestMemory } from '../support/page-tables.ts';

const SV39 = (8n << 60n) | 0x80210n;
const MPRV = 1n << 17n;
const mpp = (privilege: bigint) => privilege << 11n;
const machine = stillMachine(new TestMemory(4096), {});

function lampOf(privilege: Privilege, satp: bigint, mstatus = 0n) {
  const [still] = machine.harts as [HartView];
  const csrs = new Map([
    [0x180, satp],
    [0x300, mstatus],
  ]);
  return inForce(machine, { ...still, privilege, csr: (number) => csrs.get(number) ?? 0n });
}

describe('the translation in force', () => {
  test('is none while satp is Bare', () => {
    const { lamp, text, fetch } = lampOf(1, 0n);
    assert.deepEqual([lamp, text, fetch.text], ['off', 'satp is Bare: addresses are physical', 'Bare']);
  });

  test('is what satp says in S- and U-mode', () => {
    for (const privilege of [0, 1] as const) {
      const { lamp, text, store } = lampOf(privilege, SV39);
      assert.deepEqual([lamp, text, store.text], ['on', 'Sv39 in force', 'Sv39']);
    }
  });

  test('is none in M-mode, whatever satp says', () => {
    const { lamp, text, fetch, load, details } = lampOf(3, SV39);
    assert.deepEqual([lamp, text], ['not-in-force', 'satp set, not in force: M-mode, MPRV=0']);
    assert.deepEqual([fetch.text, load.text], ['Bare (M-mode)', 'Bare (M-mode)']);
    assert.match(details[0] ?? '', /M-mode does not translate/);
  });

  test('is for loads and stores alone that of MPP while M-mode has MPRV set', () => {
    const { lamp, text, fetch, load, details } = lampOf(3, SV39, MPRV | mpp(1n));
    assert.equal(lamp, 'partly');
    assert.equal(text, 'fetch Bare (M-mode), load and store Sv39 as S-mode by MPRV');
    assert.deepEqual([fetch.translated, load.translated], [false, true]);
    assert.ok(details.some((line) => line.startsWith('SUM=0')));
  });

  test('is none with MPRV and MPP = M', () => {
    assert.equal(lampOf(3, SV39, MPRV | mpp(3n)).text, 'satp set, not in force: M-mode, MPRV=1 with MPP=M');
  });

  test('comes with what SUM and MXR mean now', () => {
    const { details } = lampOf(1, SV39, (1n << 18n) | (1n << 19n));
    assert.deepEqual(details, [
      'SUM=1: S-mode may load from and store to user pages (U=1).',
      'MXR=1: loads may read pages that are only executable.',
    ]);
    assert.deepEqual(lampOf(0, SV39).details, ['MXR=0: loads need R.']);
  });
});
