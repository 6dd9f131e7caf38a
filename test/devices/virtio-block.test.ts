// The block device against the virtio specification, edition 1.2.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { WritableSource } from '../../emulator/devices/disk.ts';
import { VirtioBlock } from '../../emulator/devices/virtio/block.ts';
import { bytesSource } from '../../emulator/loader/index.ts';
import {
  ask,
  block,
  DISCARD,
  disk,
  FLUSH,
  GET_ID,
  header,
  IN,
  IOERR,
  OK,
  OUT,
  sector,
  sectors,
  UNSUPP,
  WRITE_ZEROES,
} from './virtio-disk.ts';
import { Driver, register } from './virtio-driver.ts';

describe('the block device', () => {
  test('tells its capacity, and reads and writes whole sectors', () => {
    const { driver } = block();
    assert.equal(driver.slot.read(register.config, 8), 16n);
    driver.start(1);
    assert.deepEqual([...ask(driver, IN, 5, 2 * sector).data.subarray(sector - 1, sector + 1)], [6, 7]);
    assert.equal(ask(driver, OUT, 6, new Uint8Array(sector).fill(0xaa)).status, OK);
    const { data, used } = ask(driver, IN, 5, 3 * sector);
    assert.deepEqual([data[0], data[sector], data[2 * sector]], [6, 0xaa, 8]);
    assert.deepEqual(used, [0, 3 * sector + 1]);
  });

  test('answers IOERR beyond its end and for broken sectors, UNSUPP for what it does not know', () => {
    const { driver } = block();
    driver.start(1);
    assert.equal(ask(driver, IN, 15, 2 * sector).status, IOERR);
    assert.equal(ask(driver, OUT, 16, new Uint8Array(sector)).status, IOERR);
    assert.equal(ask(driver, IN, 0, 100).status, IOERR);
    assert.equal(ask(driver, 99, 0, sector).status, UNSUPP);
    assert.equal(ask(driver, IN, 2 ** 52, sector).status, IOERR);
    assert.equal(driver.parts.warnings.length, 0);
  });

  test('names itself, flushes, and clears and discards sectors', () => {
    const { driver } = block();
    driver.start(1);
    assert.equal(new TextDecoder().decode(ask(driver, GET_ID, 0, 20).data), `disk0${'\0'.repeat(15)}`);
    assert.equal(ask(driver, FLUSH, 0, 0).status, OK);
    const range = (from: number, count: number, flags: number) => {
      const bytes = header(0, 0);
      const view = new DataView(bytes.buffer);
      view.setBigUint64(0, BigInt(from), true);
      view.setUint32(8, count, true);
      view.setUint32(12, flags, true);
      return bytes;
    };
    assert.equal(ask(driver, WRITE_ZEROES, 0, range(1, 9, 1)).status, OK);
    assert.equal(ask(driver, DISCARD, 0, range(12, 1, 0)).status, OK);
    assert.equal(ask(driver, DISCARD, 0, range(12, 5, 0)).status, IOERR);
    assert.equal(ask(driver, WRITE_ZEROES, 0, range(0, 1, 2)).status, UNSUPP);
    const { data } = ask(driver, IN, 0, 16 * sector);
    const firsts = Array.from({ length: 16 }, (_, index) => data[index * sector]);
    assert.deepEqual(firsts, [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 11, 12, 0, 14, 15, 16]);
  });

  test('cow leaves the file as it is and forgets at reset; ro refuses writes and says so', () => {
    const bytes = sectors(4);
    const cow = block({ mode: 'cow', source: bytesSource('a', bytes) }).driver.start(1);
    ask(cow, OUT, 0, new Uint8Array(sector));
    assert.deepEqual(bytes, sectors(4));
    cow.slot.reset();
    cow.start(1);
    assert.equal(ask(cow, IN, 0, sector).data[0], 1);
    const ro = block({ mode: 'ro', source: bytesSource('a', bytes) }).driver.start(1);
    assert.ok(ro.offered() & (1n << 5n));
    assert.equal(ask(ro, OUT, 0, new Uint8Array(sector)).status, IOERR);
    assert.equal(ask(ro, IN, 0, sector).data[0], 1);
  });

  test('rw writes to the file, notes what it reads, and tells when the file cannot be written', () => {
    const bytes = sectors(4);
    let full = false;
    let flushes = 0;
    const source: WritableSource = {
      ...bytesSource('a', bytes),
      write: (offset, data) => {
        if (full) throw new Error('no space');
        bytes.set(data, offset);
      },
      flush: () => {
        flushes += 1;
      },
    };
    const reads: Uint8Array[] = [];
    const warnings: string[] = [];
    const device = new VirtioBlock(0, disk({ mode: 'rw', source }, reads), (line) => warnings.push(line));
    const driver = new Driver(device).start(1);
    assert.equal(ask(driver, OUT, 1, new Uint8Array(sector).fill(9)).status, OK);
    assert.equal(bytes[sector], 9);
    assert.equal(ask(driver, FLUSH, 0, 0).status, OK);
    assert.equal(flushes, 1);
    ask(driver, IN, 1, sector);
    assert.deepEqual(reads, [new Uint8Array(sector).fill(9)]);
    full = true;
    assert.equal(ask(driver, OUT, 1, new Uint8Array(sector)).status, IOERR);
    assert.match(warnings.join(), /disk 0: the file cannot be written: no space/);
  });

  test('a file that ends within a sector is filled up with zeros, an empty one is refused', () => {
    const { driver } = block({ mode: 'cow', source: bytesSource('a', Uint8Array.of(1, 2, 3)) });
    assert.equal(driver.slot.read(register.config, 8), 1n);
    driver.start(1);
    assert.deepEqual([...ask(driver, IN, 0, sector).data.subarray(0, 4)], [1, 2, 3, 0]);
    assert.throws(() => disk({ mode: 'cow', source: bytesSource('a', new Uint8Array(0)) }), /^UserError: a is empty/);
  });
});
