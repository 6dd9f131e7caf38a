import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type PhysAddr, phys, plus } from '../../emulator/address.ts';
import type { GuestEnd } from '../../emulator/control.ts';
import { Htif, htifRequest } from '../../emulator/devices/htif.ts';
import { TestDma } from './support.ts';

describe('HTIF', () => {
  const [tohost, fromhost, words, text] = [0x8000_0000, 0x8000_0008, 0x8000_0040, 0x8000_0080].map(phys) as [
    PhysAddr,
    PhysAddr,
    PhysAddr,
    PhysAddr,
  ];
  const board = () => {
    const dma = new TestDma();
    const ends: GuestEnd[] = [];
    const printed: number[] = [];
    const warnings: string[] = [];
    const htif = new Htif({
      dma,
      end: (end) => ends.push(end),
      print: (bytes) => printed.push(...bytes),
      listen: () => {},
      warn: (line) => warnings.push(line),
    });
    htif.watch(tohost, fromhost);
    const store = (value: bigint) => {
      dma.set64(tohost, value);
      htif.stored(tohost, 8);
    };
    /** Makes a system call; what it returns. */
    const call = (...words_: bigint[]) => {
      for (const [index, value] of words_.entries()) dma.set64(plus(words, 8 * index), value);
      store(words);
      return BigInt.asIntN(64, dma.get64(words));
    };
    return { dma, ends, printed, warnings, htif, store, call, text: () => String.fromCharCode(...printed) };
  };

  test('1 ends well, another odd value is the number of the test that failed', () => {
    assert.deepEqual(htifRequest(1n), { kind: 'end', code: 0 });
    assert.deepEqual(htifRequest((5n << 1n) | 1n), { kind: 'end', code: 1, text: 'test 5 failed (tohost = 11)' });
    const { ends, store } = board();
    store(11n);
    assert.deepEqual(ends, [{ kind: 'poweroff', code: 1, by: 'HTIF: test 5 failed (tohost = 11)' }]);
  });

  test('device 1 command 1 prints a byte; tohost is cleared and fromhost answers', () => {
    const { dma, store, text } = board();
    store((1n << 56n) | (1n << 48n) | 0x41n);
    assert.equal(text(), 'A');
    assert.equal(dma.get64(tohost), 0n);
    assert.equal(dma.get64(fromhost), (1n << 56n) | (1n << 48n));
  });

  test('device 1 command 0 is answered with a typed byte as soon as there is one', () => {
    const { dma, htif, store } = board();
    const getchar = 1n << 56n;
    store(getchar);
    assert.equal(dma.get64(tohost), 0n);
    assert.equal(dma.get64(fromhost), 0n);
    assert.equal(htif.wanted, true);
    htif.type(Buffer.from('xy'));
    assert.equal(dma.get64(fromhost), getchar | 0x100n | 0x78n);
    store(getchar);
    assert.equal(dma.get64(fromhost), getchar | 0x100n | 0x79n);
  });

  test('an even value is the address of a system call: write prints, exit ends with its code, others are refused', () => {
    const { dma, ends, call, text: printed } = board();
    dma.write(text, Buffer.from('hello'));
    assert.equal(call(64n, 1n, text, 5n), 5n);
    assert.equal(printed(), 'hello');
    assert.equal(dma.get64(fromhost), 1n);
    assert.equal(call(57n, 1n), -38n);
    call(93n, 3n);
    assert.deepEqual(ends, [{ kind: 'poweroff', code: 3, by: 'HTIF' }]);
  });

  test('write prints what ends with RAM, and refuses what reaches beyond it, however long', () => {
    const { dma, printed, call, text } = board();
    const end = TestDma.base + BigInt(dma.bytes.length);
    dma.write(phys(end - 4n), Buffer.from('last'));
    assert.equal(call(64n, 1n, end - 4n, 4n), 4n);
    assert.equal(text(), 'last');
    for (const [from, length] of [
      [end - 4n, 5n],
      [end, 1n],
      [end - 4n, (1n << 64n) - 1n],
      [end - 4n, 1n << 63n],
      [TestDma.base, (1n << 64n) - 1n],
      [TestDma.base - 1n, 1n],
      [(1n << 64n) - 1n, 2n],
      [0n, 8n],
    ] as const) {
      assert.equal(call(64n, 1n, from, length), -14n);
      assert.equal(dma.get64(fromhost), 1n, 'it is answered all the same');
    }
    for (const from of [end, 0n]) assert.equal(call(64n, 1n, from, 0n), 0n, 'nothing is read of nothing');
    assert.equal(printed.length, 4);
  });

  test('a system call that is not all in RAM is not made, but answered, and the user is told', () => {
    const { dma, warnings, printed, store } = board();
    const end = TestDma.base + BigInt(dma.bytes.length);
    for (const at of [end - 56n, end, 0x1000n]) store(at);
    assert.deepEqual(
      warnings.map((line) => /0x\w+/.exec(line)?.[0]),
      ['0x8000ffc8', '0x80010000', '0x1000'],
    );
    assert.equal(dma.get64(tohost), 0n);
    assert.equal(dma.get64(fromhost), 1n);
    assert.equal(printed.length, 0);
  });

  test('a word that is not all in RAM is no mailbox', () => {
    const { dma, ends, htif } = board();
    const end = phys(TestDma.base + BigInt(dma.bytes.length));
    htif.watch(plus(end, -4), undefined);
    htif.stored(plus(end, -4), 4);
    htif.watch(plus(end, -8), undefined);
    dma.set64(plus(end, -8), 1n);
    htif.stored(plus(end, -8), 8);
    assert.equal(ends.length, 1);
  });

  test('0, other devices and stores elsewhere in the page ask for nothing', () => {
    for (const value of [0n, (2n << 56n) | 1n]) assert.deepEqual(htifRequest(value), { kind: 'none' });
    const { dma, ends, htif } = board();
    dma.set64(tohost, 1n);
    htif.stored(plus(tohost, 8), 8);
    htif.stored(plus(tohost, -4), 4);
    assert.deepEqual(ends, []);
  });
});
