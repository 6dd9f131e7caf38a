import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type VirtAddr, virt } from '../../emulator/address.ts';
import { readExceptionTable } from '../../kernel/index.ts';
import { symbolsOf } from '../support/kernel-fixtures.ts';

const START = 0xffffffff80000000n;
const TABLE = START + 0x10000n;
const entries = [
  [START + 0x100n, START + 0x200n],
  [START + 0x1234n, START + 0x9000n],
  [START + 0x5678n, START + 0x9100n],
] as const;

function tableOf(bytes: Uint8Array, xlen: 32 | 64 = 64) {
  const symbols = symbolsOf(
    new Map([
      ['_start', START],
      ['_end', START + 0x20000n],
      ['__start___ex_table', TABLE],
      ['__stop___ex_table', TABLE + BigInt(bytes.length)],
    ]),
  );
  const read = (va: VirtAddr, length: number) => {
    assert.equal(va, virt(TABLE));
    return bytes.subarray(0, length);
  };
  return [...readExceptionTable(symbols, xlen, read)];
}

describe("Linux's __ex_table", () => {
  test('of 5.17 and later holds offsets from its own words', () => {
    const bytes = new Uint8Array(entries.length * 12);
    const view = new DataView(bytes.buffer);
    for (const [index, [at, fixup]] of entries.entries()) {
      const place = TABLE + BigInt(index * 12);
      view.setInt32(index * 12, Number(at - place), true);
      view.setInt32(index * 12 + 4, Number(fixup - place - 4n), true);
      view.setInt32(index * 12 + 8, 0x30002, true);
    }
    assert.deepEqual(tableOf(bytes), entries);
  });

  test('up to 5.16 holds addresses', () => {
    const bytes = new Uint8Array(entries.length * 16);
    const view = new DataView(bytes.buffer);
    for (const [index, pair] of entries.entries()) {
      view.setBigUint64(index * 16, pair[0], true);
      view.setBigUint64(index * 16 + 8, pair[1], true);
    }
    assert.deepEqual(tableOf(bytes), entries);
  });

  test('a kernel without one, and nonsense in its place, give none', () => {
    assert.deepEqual([...readExceptionTable(symbolsOf(new Map()), 64, () => new Uint8Array(0))], []);
    assert.deepEqual(tableOf(new Uint8Array(48).fill(0x5a)), []);
    assert.deepEqual(tableOf(new Uint8Array(0)), []);
  });
});
