import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hexLines } from '../../extension/editor/hex-lines.ts';
import { listingLines } from '../../extension/editor/listing-lines.ts';
import { forTerminal } from '../../extension/terminal/text.ts';
import { countText, inSpace, rangeText, sizeText } from '../../extension/views/text.ts';

describe('Text of the views', () => {
  test('sizes have the largest unit that leaves a whole number before the point', () => {
    assert.equal(sizeText('0x0000000000001000'), '4 KiB');
    assert.equal(sizeText('0x0000000000200000'), '2 MiB');
    assert.equal(sizeText('0x0000000000180000'), '1.5 MiB');
    assert.equal(sizeText(0x1f0n), '496 B');
    assert.equal(sizeText(1n << 56n), '64 PiB');
  });

  test('a range repeats no digits that its ends share', () => {
    assert.equal(rangeText('0xffffffff80000000', '0xffffffff801fffff'), '0xffffffff80000000–801fffff');
    assert.equal(rangeText('0x0000000000000000', '0x000000003fffffff'), '0x0–3fffffff');
    assert.equal(rangeText('0x00000000ffff0000', '0x00000001ffffffff'), '0xffff0000–0x1ffffffff');
  });

  test('counts are grouped by thousands', () => {
    assert.equal(countText('0x00000000000f4240'), '1 000 000');
    assert.equal(countText(999), '999');
  });

  test("an address in another space is written in the adapter's grammar", () => {
    const space = { root: '0x0000000080210000', mode: 'Sv39' };
    assert.equal(inSpace('0xffffffff80000000', space), 'va:0xffffffff80000000@0x80210000:sv39');
  });
});

describe('Memory as text', () => {
  test('a line has two little-endian doublewords, the bytes and the characters', () => {
    const bytes = new TextEncoder().encode('Hello, satp!\0\0\0\0');
    assert.equal(
      hexLines(0x80200000n, bytes, 0),
      '0x0000000080200000  73202c6f6c6c6548 0000000021707461  48 65 6c 6c 6f 2c 20 73 61 74 70 21 00 00 00 00  Hello, satp!....\n',
    );
  });

  test('lines of zeros are folded behind the first, and the last is shown', () => {
    const lines = hexLines(0n, new Uint8Array(64), 0).trimEnd().split('\n');
    assert.deepEqual(
      lines.map((line) => line.slice(0, 18)),
      ['0x0000000000000000', '*', '0x0000000000000030'],
    );
  });

  test('a hole is named at the address where it begins', () => {
    const lines = hexLines(0xffffffffffffffe0n, new Uint8Array(16).fill(1), 4080).trimEnd().split('\n');
    assert.match(lines[1] ?? '', /^0xfffffffffffffff0 {2}4080 bytes cannot be read/);
  });
});

describe('A disassembly as text', () => {
  test('symbols are labels, the begin of a source line is a comment, unreadable instructions are left out', () => {
    const text = listingLines([
      { address: '0x7ffffffc', instruction: '??', presentationHint: 'invalid' },
      {
        address: '0x80000000',
        instructionBytes: '63 11 05 0c',
        instruction: 'bnez a0, 0x800000c2',
        symbol: '_start',
        location: { name: 'start.S' },
        line: 10,
      },
      { address: '0x80000004', instructionBytes: '97 51', instruction: 'nop', symbol: '_start+0x4' },
    ]);
    assert.deepEqual(text.split('\n'), [
      '_start:',
      '0x0000000080000000: 6311050c  bnez a0, 0x800000c2'.padEnd(70).concat(' # start.S:10'),
      '0x0000000080000004: 9751      nop',
      '',
    ]);
  });

  test('where nothing can be read it says so', () => {
    assert.match(listingLines([{ address: '0x0', instruction: '', presentationHint: 'invalid' }]), /not mapped/);
  });
});

test('a bare line feed gets its carriage return for the terminal', () => {
  assert.equal(forTerminal('a\nb\r\nc\r'), 'a\r\nb\r\nc\r');
});
