// Discarding and writing zeros: what a range may be (virtio 1.2, "Block Device", "Device Operation").

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { plus } from '../../emulator/address.ts';
import type { WritableSource } from '../../emulator/devices/disk.ts';
import { bytesSource } from '../../emulator/loader/index.ts';
import { TestDma } from './support.ts';
import { ask, block, DISCARD, header, IN, IOERR, OK, sector, sectors, UNSUPP, WRITE_ZEROES } from './virtio-disk.ts';
import { type Driver, feature, flag, register } from './virtio-driver.ts';

interface Range {
  readonly from: bigint | number;
  readonly count: number;
  readonly flags?: number;
}

/** The ranges as a driver lays them out, with bytes missing at the end or too many. */
function ranges(list: readonly Range[], more = 0): Uint8Array {
  const bytes = new Uint8Array(16 * list.length + more);
  const view = new DataView(bytes.buffer);
  for (const [index, { from, count, flags = 0 }] of list.entries()) {
    if (16 * index + 16 > bytes.length) break;
    view.setBigUint64(16 * index, BigInt.asUintN(64, BigInt(from)), true);
    view.setUint32(16 * index + 8, count, true);
    view.setUint32(16 * index + 12, flags, true);
  }
  return bytes;
}

const kinds = [
  ['discarding', DISCARD],
  ['writing zeros', WRITE_ZEROES],
] as const;

/** The first byte of each of the 16 sectors; 0 = cleared. */
function firsts(driver: Driver): number[] {
  const { data } = ask(driver, IN, 0, 16 * sector);
  return Array.from({ length: 16 }, (_, index) => data[index * sector] as number);
}
const untouched = Array.from({ length: 16 }, (_, index) => index + 1);

for (const [what, type] of kinds) {
  describe(what, () => {
    const started = () => block().driver.start(1);

    test('takes sixteen ranges and no more, as the configuration says', () => {
      const driver = started();
      const [sectorsAt, segmentsAt] = type === DISCARD ? [36, 40] : [48, 52];
      assert.equal(driver.get(register.config + sectorsAt), 0x3f_ffff);
      assert.equal(driver.get(register.config + segmentsAt), 16);
      const each = Array.from({ length: 17 }, (_, from) => ({ from: from % 16, count: 1 }));
      assert.equal(ask(driver, type, 0, ranges(each)).status, UNSUPP);
      assert.deepEqual(firsts(driver), untouched);
      assert.equal(ask(driver, type, 0, ranges(each.slice(0, 16))).status, OK);
      assert.deepEqual(firsts(driver), new Array(16).fill(0));
    });

    test('takes whole ranges alone, and none for nothing to do', () => {
      const driver = started();
      for (const more of [1, 15, -1]) {
        assert.equal(ask(driver, type, 0, ranges([{ from: 0, count: 1 }], more)).status, UNSUPP, `${more}`);
      }
      assert.equal(ask(driver, type, 0, ranges([])).status, OK);
      assert.equal(ask(driver, type, 0, ranges([{ from: 16, count: 0 }])).status, OK);
      assert.deepEqual(firsts(driver), untouched);
    });

    test('refuses what lies beyond the disk, however the numbers overflow', () => {
      const driver = started();
      for (const [from, count] of [
        [16, 1],
        [15, 2],
        [0, 17],
        [1n << 55n, 1],
        [(1n << 55n) - 1n, 16],
        [-1n, 1],
        [-1n, 2],
        [(1n << 64n) - 16n, 16],
        [1n << 63n, 1],
        [0, 0x3f_ffff],
        [17, 0],
      ] as const) {
        assert.equal(ask(driver, type, 0, ranges([{ from, count }])).status, IOERR, `${from} ${count}`);
      }
      assert.deepEqual(firsts(driver), untouched);
      assert.deepEqual(driver.parts.warnings, []);
    });

    test('refuses more sectors than the configuration allows for a range, though the disk is larger', () => {
      const size = 0x40_0000 * sector;
      const written: number[] = [];
      const source = { ...bytesSource('big.img', new Uint8Array(0)), size, read: () => new Uint8Array(0) };
      const file: WritableSource = { ...source, write: (_, bytes) => written.push(bytes.length), flush: () => {} };
      const { driver } = block({ mode: 'rw', source: file });
      driver.start(1);
      assert.equal(ask(driver, type, 0, ranges([{ from: 0, count: 0x40_0000 }])).status, IOERR);
      assert.equal(ask(driver, type, 0, ranges([{ from: 0, count: 0xffff_ffff }])).status, IOERR);
      assert.deepEqual(written, []);
      assert.equal(ask(driver, type, 0, ranges([{ from: 1, count: 0x3f_ffff }])).status, OK);
      const all = written.reduce((sum, length) => sum + length, 0);
      assert.equal(all, 0x3f_ffff * sector);
      assert.equal(written.length, Math.ceil(all / 2 ** 20), 'a file is written by the mebibyte');
    });

    test('refuses flags that it does not know', () => {
      const driver = started();
      for (const flags of [2, 3, 0x8000_0000, 0xffff_fffe]) {
        assert.equal(ask(driver, type, 0, ranges([{ from: 0, count: 1, flags }])).status, UNSUPP, `${flags}`);
      }
      const unmap = ask(driver, type, 0, ranges([{ from: 0, count: 1, flags: 1 }])).status;
      assert.equal(unmap, type === DISCARD ? UNSUPP : OK, 'unmap is for zeros alone');
      assert.deepEqual(firsts(driver).slice(1), untouched.slice(1));
      assert.equal(firsts(driver)[0], type === DISCARD ? 1 : 0);
    });

    test('is refused on a disk that cannot be written, which does not offer it', () => {
      const { driver } = block({ mode: 'ro', source: bytesSource('a', sectors(16)) });
      assert.equal(driver.offered() & ((1n << 13n) | (1n << 14n)), 0n);
      driver.start(1);
      assert.equal(ask(driver, type, 0, ranges([{ from: 0, count: 1 }])).status, IOERR);
      assert.deepEqual(firsts(driver), untouched);
    });

    test('goes on where a buffer ends, and stops at the first range that is refused', () => {
      const driver = started();
      const bytes = ranges([
        { from: 1, count: 1 },
        { from: 16, count: 1 },
        { from: 3, count: 1 },
      ]);
      const pieces = [header(type, 0), bytes.subarray(0, 5), bytes.subarray(5, 40), bytes.subarray(40), 1];
      const answer = driver.add(0, pieces).at(-1) ?? TestDma.base;
      driver.notify(0);
      driver.used(0);
      assert.equal(driver.dma.read(answer, 1)[0], IOERR);
      assert.deepEqual(firsts(driver).slice(0, 4), [1, 0, 3, 4]);
    });

    test('a queue full of requests with all their ranges is done within one notification', () => {
      const driver = block().driver.start(1, feature.version1 | feature.indirect);
      const all = driver.place(ranges(Array.from({ length: 16 }, () => ({ from: 0, count: 16 }))));
      const head = driver.place(header(type, 0));
      const answers = driver.place(8);
      for (let request = 0; request < 8; request += 1) {
        const { address: table } = driver.place(new Uint8Array(48));
        driver.descriptor(table, 0, head.address, head.length, flag.next, 1);
        driver.descriptor(table, 1, all.address, all.length, flag.next, 2);
        driver.descriptor(table, 2, plus(answers.address, request), 1, flag.write);
        driver.descriptor(driver.area(0, 0), request, table, 48, flag.indirect);
        driver.publish(0, request);
      }
      driver.dma.write(answers.address, new Uint8Array(8).fill(0xff));
      driver.notify(0);
      assert.equal(driver.used(0).length, 8);
      assert.deepEqual([...driver.dma.read(answers.address, 8)], new Array(8).fill(OK));
      assert.deepEqual(firsts(driver), new Array(16).fill(0));
    });
  });
}
