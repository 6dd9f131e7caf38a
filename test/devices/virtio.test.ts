// The virtio transport and its queues against the virtio specification, edition 1.2.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { plus } from '../../emulator/address.ts';
import { bytesSource } from '../../emulator/loader/index.ts';
import { TestDma } from './support.ts';
import { ask, block, FLUSH, header, IN, OK, OUT, sector } from './virtio-disk.ts';
import { type Driver, feature, flag, register, status } from './virtio-driver.ts';

describe('virtio over MMIO', () => {
  test('tells magic value, version 2, device and vendor id, and features by words', () => {
    const { driver } = block();
    assert.deepEqual(
      [register.magic, register.version, register.deviceId, register.vendor].map((at) => driver.get(at)),
      [0x7472_6976, 2, 2, 0x554d_4551],
    );
    const wanted = feature.version1 | feature.indirect | feature.eventIndex;
    assert.equal(driver.offered() & wanted, wanted);
    driver.set(register.deviceFeaturesSel, 2);
    assert.equal(driver.get(register.deviceFeatures), 0);
  });

  test('QueueNumMax is 0 for a queue that the device lacks, and shared memory has no length', () => {
    const { driver } = block();
    assert.equal(driver.get(register.queueNumMax), 256);
    driver.set(register.queueSel, 1);
    assert.equal(driver.get(register.queueNumMax), 0);
    assert.equal(driver.get(register.shmLenLow), 0xffff_ffff);
  });

  test('FEATURES_OK stays clear when the driver accepts what is not offered', () => {
    const { driver } = block();
    driver.accept(1n << 63n);
    driver.set(register.status, status.acknowledge | status.driver | status.featuresOk);
    assert.equal(driver.get(register.status), status.acknowledge | status.driver);
    assert.match(driver.parts.warnings[0] ?? '', /^virtio-mmio 0 \(disk 0\): .*not offered: bit 63/);
  });

  test('writing 0 to Status resets the queues, the interrupt and what was negotiated', () => {
    const { driver } = block();
    driver.start(1);
    ask(driver, IN, 0, sector);
    assert.equal(driver.parts.level, true);
    assert.equal(driver.get(register.queueReady), 1);
    driver.set(register.status, 0);
    assert.deepEqual(
      [register.status, register.queueReady, register.interruptStatus].map((at) => driver.get(at)),
      [0, 0, 0],
    );
    assert.equal(driver.parts.level, false);
  });

  test('the interrupt lasts until it is acknowledged', () => {
    const { driver } = block();
    driver.start(1);
    ask(driver, IN, 0, sector);
    assert.equal(driver.get(register.interruptStatus), 1);
    driver.set(register.interruptAck, 1);
    assert.equal(driver.get(register.interruptStatus), 0);
    assert.equal(driver.parts.level, false);
  });

  test('registers take accesses of 4 bytes, the configuration takes any', () => {
    const { driver } = block();
    assert.equal(driver.slot.read(register.magic, 1), 0n);
    driver.slot.write(register.status, 1, 1n);
    assert.equal(driver.get(register.status), 0);
    assert.equal(driver.slot.read(register.config, 1), 16n);
    assert.equal(driver.slot.read(register.config, 8), 16n);
    assert.equal(driver.slot.read(0xf00, 4), 0n);
  });

  test('is not disturbed by peeking, and goes on after save and restore where it was', () => {
    const { driver } = block();
    driver.start(1);
    ask(driver, OUT, 3, new Uint8Array(sector).fill(0xee));
    const before = structuredClone(driver.slot.save());
    for (let offset = 0; offset < 0x200; offset += 4) driver.slot.peek(offset, 4);
    assert.deepEqual(driver.slot.save(), before);
    driver.slot.reset();
    assert.equal(driver.parts.level, false);
    driver.slot.restore(before);
    assert.equal(driver.parts.level, true);
    assert.equal(driver.used(0).length, 0);
    assert.equal(ask(driver, IN, 3, sector).data[0], 0xee);
  });
});

describe('a split virtqueue', () => {
  test('hands chains back in order, with the number of bytes written', () => {
    const { driver } = block();
    driver.start(1);
    driver.add(0, [header(IN, 0), sector, 1], 0);
    driver.add(0, [header(OUT, 1), new Uint8Array(sector), 1], 3);
    driver.notify(0);
    assert.deepEqual(driver.used(0), [
      [0, sector + 1],
      [3, 1],
    ]);
  });

  test('goes round its ring, and past 65536', () => {
    const { driver } = block();
    driver.start(1);
    const [, , answer = TestDma.base] = driver.add(0, [header(FLUSH, 0), 0, 1]);
    for (let round = 1; round < 66_000; round += 1) {
      driver.notify(0);
      if (round % 9973 === 0) assert.equal(driver.dma.read(answer, 1)[0], OK);
      driver.publish(0, 0);
    }
    driver.notify(0);
    assert.equal(driver.readHalf(plus(driver.area(0, 0x800), 2)), 66_000 & 0xffff);
  });

  test('a request may be cut into buffers anywhere', () => {
    const { driver } = block();
    driver.start(1);
    const bytes = header(IN, 2);
    const places = driver.add(0, [bytes.subarray(0, 5), bytes.subarray(5), 100, sector - 100 + 1]);
    driver.notify(0);
    assert.deepEqual(driver.used(0), [[0, sector + 1]]);
    assert.equal(driver.dma.read(places[2] ?? TestDma.base, 100).at(-1), 3);
    assert.deepEqual([...driver.dma.read(places[3] ?? TestDma.base, sector - 99)].slice(-2), [3, OK]);
  });

  test('reads indirect descriptors', () => {
    const { driver } = block();
    driver.start(1, feature.version1 | feature.indirect);
    const [, data = TestDma.base] = driver.addIndirect(0, [header(IN, 4), sector, 1]);
    driver.notify(0);
    assert.deepEqual(driver.used(0), [[0, sector + 1]]);
    assert.equal(driver.dma.read(data, 1)[0], 5);
  });

  test('asks for no interrupt while the driver polls', () => {
    const { driver } = block();
    driver.start(1);
    driver.half(driver.area(0, 0x400), 1);
    ask(driver, IN, 0, sector);
    assert.equal(driver.parts.level, false);
  });

  test('with event indexes interrupts when used.idx passes used_event, and asks to be notified of the next chain', () => {
    const { driver } = block();
    driver.start(1, feature.version1 | feature.eventIndex);
    const usedEvent = plus(driver.area(0, 0x400), 4 + 2 * driver.queueSize);
    const availEvent = plus(driver.area(0, 0x800), 4 + 8 * driver.queueSize);
    driver.half(usedEvent, 1);
    ask(driver, IN, 0, sector);
    assert.equal(driver.parts.level, false);
    assert.equal(driver.readHalf(availEvent), 1);
    ask(driver, IN, 0, sector);
    assert.equal(driver.parts.level, true);
    assert.equal(driver.readHalf(availEvent), 2);
  });

  const broken: readonly [why: RegExp, act: (driver: Driver) => void][] = [
    [
      /descriptor 0 names 16 bytes at 0x1000, which are not in RAM/,
      (driver) => driver.descriptor(driver.area(0, 0), 0, 0x1000n, 16, 0),
    ],
    [
      /descriptor 9 is beyond the end of its table of 8/,
      (driver) => driver.descriptor(driver.area(0, 0), 0, TestDma.base, 16, flag.next, 9),
    ],
    [
      /chain at 0 is too long or goes round in a circle/,
      (driver) => driver.descriptor(driver.area(0, 0), 0, TestDma.base, 16, flag.next, 0),
    ],
    [
      /descriptor 1 is device-readable behind device-writable ones/,
      (driver) => {
        driver.descriptor(driver.area(0, 0), 0, TestDma.base, 16, flag.next | flag.write, 1);
        driver.descriptor(driver.area(0, 0), 1, TestDma.base, 16, 0);
      },
    ],
    [
      /no valid indirect one \(length 17/,
      (driver) => driver.descriptor(driver.area(0, 0), 0, TestDma.base, 17, flag.indirect),
    ],
    [
      /lacks its 16-byte header or its status byte/,
      (driver) => driver.descriptor(driver.area(0, 0), 0, TestDma.base, 16, 0),
    ],
    [/avail.idx is 300, more than the queue's 8/, (driver) => driver.half(plus(driver.area(0, 0x400), 2), 300)],
  ];
  test('what a request writes into the available ring makes no more of it until the next notification', () => {
    const image = new Uint8Array(2 * sector);
    // flags = 0, idx = 2, ring: 0, 0
    image.set([0, 0, 2, 0, 0, 0, 0, 0]);
    const { driver } = block({ mode: 'cow', source: bytesSource('disk.img', image) });
    driver.start(1);
    const [, , answer] = driver.add(0, [header(IN, 0), sector, 1]);
    driver.descriptor(driver.area(0, 0), 1, driver.area(0, 0x400), sector, flag.next | flag.write, 2);
    driver.notify(0);
    assert.equal(driver.used(0).length, 1);
    assert.equal(driver.dma.read(answer ?? TestDma.base, 1)[0], OK);
    driver.notify(0);
    assert.equal(driver.used(0).length, 1, 'it is one then');
  });

  /** Makes a chain in an indirect table, of buffers that are all the same, each 32 KiB for the device to write. */
  const repeated = (driver: Driver, count: number, first: Uint8Array) => {
    const { address: at } = driver.place(first);
    const { address: table } = driver.place(new Uint8Array(16 * (count + 1)));
    driver.descriptor(table, 0, at, first.length, flag.next, 1);
    for (let index = 1; index <= count; index += 1)
      driver.descriptor(
        table,
        index,
        plus(TestDma.base, 0x8000),
        0x8000,
        flag.write | (index < count ? flag.next : 0),
        index + 1,
      );
    driver.descriptor(driver.area(0, 0), 0, table, 16 * (count + 1), flag.indirect);
    driver.publish(0, 0);
    driver.notify(0);
  };

  test('a chain in an indirect table is as long as on QEMU at most', () => {
    const { driver } = block();
    driver.start(1, feature.version1 | feature.indirect);
    repeated(driver, 1023, header(99, 0));
    assert.deepEqual(driver.used(0), [[0, 1023 * 0x8000]]);
    repeated(driver, 1024, header(99, 0));
    assert.match(driver.parts.warnings.join(), /the descriptor chain at 0 is too long or goes round in a circle/);
  });

  test('a chain names 4 GiB at most', () => {
    const { driver } = block();
    driver.dma.holds = () => true;
    driver.start(1);
    for (let index = 0; index < 8; index += 1)
      driver.descriptor(driver.area(0, 0), index, TestDma.base, 0x2000_0001, index < 7 ? flag.next : 0, index + 1);
    driver.publish(0, 0);
    driver.notify(0);
    assert.match(driver.parts.warnings.join(), /the descriptor chain at 0 names more than 4 GiB/);
  });

  test('what is asked for is moved in pieces: no request takes more of the host than a mebibyte at once', () => {
    const sizes: number[] = [];
    const image = new Uint8Array(48 << 20);
    const source = {
      ...bytesSource('disk.img', image),
      read: (at: number, length: number) => {
        sizes.push(length);
        return image.subarray(at, at + length);
      },
    };
    const { driver } = block({ mode: 'cow', source });
    driver.start(1, feature.version1 | feature.indirect);
    const { address: at } = driver.place(header(IN, 0));
    const { address: table } = driver.place(new Uint8Array(16 * 1002));
    driver.descriptor(table, 0, at, 16, flag.next, 1);
    for (let index = 1; index <= 1000; index += 1)
      driver.descriptor(table, index, plus(TestDma.base, 0xc000), 0x4000, flag.write | flag.next, index + 1);
    const { address: answer } = driver.place(1);
    driver.descriptor(table, 1001, answer, 1, flag.write);
    driver.descriptor(driver.area(0, 0), 0, table, 16 * 1002, flag.indirect);
    driver.publish(0, 0);
    driver.notify(0);
    assert.equal(driver.dma.read(answer, 1)[0], OK);
    assert.deepEqual(driver.used(0), [[0, 1000 * 0x4000 + 1]]);
    assert.equal(
      sizes.reduce((sum, size) => sum + size, 0),
      1000 * 0x4000,
    );
    assert.ok(Math.max(...sizes) <= 1 << 20, `${Math.max(...sizes)} bytes`);
  });

  for (const [why, act] of broken) {
    test(`a driver's error sets DEVICE_NEEDS_RESET until the reset: ${why.source}`, () => {
      const { driver } = block();
      driver.start(1);
      driver.publish(0, 0);
      act(driver);
      driver.notify(0);
      assert.match(driver.parts.warnings.join('\n'), why);
      assert.ok(driver.get(register.status) & status.needsReset);
      assert.equal(driver.get(register.interruptStatus), 2);
      driver.start(1);
      assert.equal(ask(driver, IN, 0, sector).status, OK);
      assert.equal(driver.parts.warnings.length, 1);
    });
  }

  test('that is in use already goes on where it is when it is made ready once more', () => {
    const { driver } = block();
    driver.start(1);
    const [, , answer = TestDma.base] = driver.add(0, [header(IN, 0), sector, 1]);
    driver.notify(0);
    driver.dma.write(answer, Uint8Array.of(0xff));
    driver.set(register.queueReady, 1);
    driver.notify(0);
    assert.equal(driver.dma.read(answer, 1)[0], 0xff, 'nothing is done once more');
    assert.equal(driver.get(register.queueReady), 1);
  });

  test('a notification before DRIVER_OK is heeded when that is set', () => {
    const { driver } = block();
    driver.set(register.status, status.acknowledge | status.driver | status.featuresOk);
    driver.layOut(0);
    driver.add(0, [header(IN, 0), sector, 1]);
    driver.notify(0);
    assert.deepEqual(driver.used(0), []);
    driver.set(register.status, status.acknowledge | status.driver | status.featuresOk | status.driverOk);
    assert.deepEqual(driver.used(0), [[0, sector + 1]]);
    assert.equal(driver.parts.level, true);
  });

  test('is not used when it is not ready, nor outside RAM, nor with a size that is no power of two', () => {
    for (const [why, act] of [
      [/queue 3, which is not ready/, (driver: Driver) => driver.notify(3)],
      [
        /QueueNum 6 is no power of two/,
        (driver: Driver) => {
          driver.set(register.queueReady, 0);
          driver.set(register.queueNum, 6);
        },
      ],
      [
        /used ring at 0x1000 is not in RAM/,
        (driver: Driver) => {
          driver.set(register.queueReady, 0);
          driver.set(register.queueDevice, 0x1000);
          driver.set(register.queueReady, 1);
        },
      ],
    ] as const) {
      const { driver } = block();
      driver.set(register.status, status.acknowledge | status.driver | status.featuresOk);
      driver.layOut(0);
      act(driver);
      assert.match(driver.parts.warnings.join('\n'), why);
    }
  });
});
