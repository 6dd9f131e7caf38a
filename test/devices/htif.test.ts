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
    const htif = new Htif({
      dma,
      end: (end) => ends.push(end),
      print: (bytes) => printed.push(...bytes),
      listen: () => {},
    });
    htif.watch(tohost, fromhost);
    const store = (value: bigint) => {
      dma.set64(tohost, value);
      htif.stored(tohost, 8);
    };
    return { dma, ends, printed, htif, store, text: () => String.fromCharCode(...printed) };
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
    const { dma, ends, store, text: printed } = board();
    const call = (...arguments_: bigint[]) => {
      for (const [index, value] of arguments_.entries()) dma.set64(plus(words, 8 * index), value);
      store(words);
      return dma.get64(words);
    };
    dma.write(text, Buffer.from('hello'));
    assert.equal(call(64n, 1n, text, 5n), 5n);
    assert.equal(printed(), 'hello');
    assert.equal(dma.get64(fromhost), 1n);
    assert.equal(call(57n, 1n), BigInt.asUintN(64, -38n));
    call(93n, 3n);
    assert.deepEqual(ends, [{ kind: 'poweroff', code: 3, by: 'HTIF' }]);
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
