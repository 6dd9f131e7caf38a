import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Plic } from '../../emulator/devices/plic.ts';
import { assertUndisturbed, Pins } from './support.ts';

const SEIP = 1 << 9;
const MEIP = 1 << 11;

describe('PLIC', () => {
  const threshold = (context: number): number => 0x20_0000 + 0x1000 * context;
  const claim = (context: number): number => threshold(context) + 4;
  const [machine0, supervisor0, , supervisor1] = [0, 1, 2, 3] as const;

  /** Sources 10 and 33 with priorities 1 and 2, enabled for hart 0 in S-mode. */
  const board = () => {
    const pins = new Pins();
    const plic = new Plic(pins);
    plic.write(4 * 10, 4, 1n);
    plic.write(4 * 33, 4, 2n);
    plic.write(0x2080, 4, 1n << 10n);
    plic.write(0x2084, 4, 1n << 1n);
    return { pins, plic, wire10: plic.line(10), wire33: plic.line(33) };
  };

  test('hands out the pending source of highest priority, the lowest number among equals', () => {
    const { pins, plic, wire10, wire33 } = board();
    wire10(true);
    wire33(true);
    assert.deepEqual(pins.mip, [SEIP, 0]);
    assert.equal(plic.read(0x1000, 4), 1n << 10n);
    assert.equal(plic.read(0x1004, 4), 1n << 1n);
    assert.equal(plic.read(claim(supervisor0), 4), 33n);
    assert.equal(plic.read(claim(supervisor0), 4), 10n);
    assert.equal(plic.read(claim(supervisor0), 4), 0n);
    assert.deepEqual(pins.mip, [0, 0]);
    plic.write(claim(supervisor0), 4, 10n);
    plic.write(claim(supervisor0), 4, 33n);
    plic.write(4 * 33, 4, 1n);
    assert.equal(plic.read(claim(supervisor0), 4), 10n);
  });

  test('a level that stays high is pending again after completion, one that fell is not', () => {
    const { pins, plic, wire10 } = board();
    wire10(true);
    plic.read(claim(supervisor0), 4);
    assert.deepEqual(pins.mip, [0, 0]);
    plic.write(claim(supervisor0), 4, 10n);
    assert.deepEqual(pins.mip, [SEIP, 0]);
    plic.read(claim(supervisor0), 4);
    wire10(false);
    plic.write(claim(supervisor0), 4, 10n);
    assert.deepEqual(pins.mip, [0, 0]);
  });

  test('a request stays pending when its level falls before the claim', () => {
    const { plic, wire10 } = board();
    wire10(true);
    wire10(false);
    assert.equal(plic.read(claim(supervisor0), 4), 10n);
  });

  test('completion is ignored for a source that the context has not enabled', () => {
    const { pins, plic, wire10 } = board();
    wire10(true);
    plic.read(claim(supervisor0), 4);
    plic.write(claim(machine0), 4, 10n);
    assert.deepEqual(pins.mip, [0, 0]);
  });

  test('priority 0 and a threshold at the priority keep the interrupt away, but a claim ignores the threshold', () => {
    const { pins, plic, wire10 } = board();
    plic.write(threshold(supervisor0), 4, 1n);
    wire10(true);
    assert.deepEqual(pins.mip, [0, 0]);
    assert.equal(plic.peek(claim(supervisor0), 4), 10n);
    plic.write(threshold(supervisor0), 4, 0n);
    assert.deepEqual(pins.mip, [SEIP, 0]);
    plic.write(4 * 10, 4, 0n);
    assert.deepEqual(pins.mip, [0, 0]);
    assert.equal(plic.read(claim(supervisor0), 4), 0n);
  });

  test('each hart has a context for M-mode and one for S-mode', () => {
    const { pins, plic, wire10 } = board();
    plic.write(0x2000, 4, 1n << 10n);
    plic.write(0x2180, 4, 1n << 10n);
    wire10(true);
    assert.deepEqual(pins.mip, [MEIP | SEIP, SEIP]);
    assert.equal(plic.read(claim(supervisor1), 4), 10n);
    assert.deepEqual(pins.mip, [0, 0]);
  });

  test('priorities and thresholds hold three bits, source 0 does not exist', () => {
    const { plic } = board();
    plic.write(4 * 10, 4, 0xffn);
    plic.write(threshold(machine0), 4, 0xffn);
    plic.write(0, 4, 1n);
    plic.write(0x2000, 4, 1n);
    assert.equal(plic.read(4 * 10, 4), 7n);
    assert.equal(plic.read(threshold(machine0), 4), 7n);
    assert.equal(plic.read(0, 4), 0n);
    assert.equal(plic.read(0x2000, 4), 0n);
    assert.equal(plic.read(0x2000, 8), undefined);
    assert.equal(plic.write(4 * 10, 1, 1n), false);
  });

  test('is not disturbed by peeking, and drives its pins after restore', () => {
    const { pins, plic, wire10 } = board();
    wire10(true);
    for (let context = 0; context < 4; context += 1) plic.peek(claim(context), 4);
    assertUndisturbed(plic, [4], 0x3000);
    const other = new Plic(pins);
    pins.mip.fill(0);
    other.restore(plic.save());
    assert.deepEqual(pins.mip, [SEIP, 0]);
  });
});
