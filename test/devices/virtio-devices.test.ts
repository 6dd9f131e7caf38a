// The virtio console, entropy and network devices against the virtio specification, edition 1.2.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { plus } from '../../emulator/address.ts';
import { VirtioConsole } from '../../emulator/devices/virtio/console.ts';
import { VirtioEntropy } from '../../emulator/devices/virtio/entropy.ts';
import { guestMac, loopback } from '../../emulator/devices/virtio/loopback.ts';
import { VirtioNet } from '../../emulator/devices/virtio/net.ts';
import { TestDma } from './support.ts';
import { Driver, flag, register } from './virtio-driver.ts';

describe('the console device', () => {
  const board = () => {
    const printed: number[] = [];
    const device = new VirtioConsole((bytes) => printed.push(...bytes));
    return { device, driver: new Driver(device), text: () => String.fromCharCode(...printed) };
  };

  test('prints what is transmitted, and what is written to emerg_wr before it is set up', () => {
    const { driver, text } = board();
    driver.set(register.config + 8, 0x21);
    driver.start(2);
    driver.add(1, ['hel', 'lo']);
    driver.notify(1);
    assert.equal(text(), '!hello');
    assert.deepEqual(driver.used(1), [[0, 0]]);
  });

  test('typed bytes wait for buffers and fill them one after the other', () => {
    const { device, driver } = board();
    device.receive(Buffer.from('abcdef'));
    driver.start(2);
    const places = [driver.add(0, [4], 0), driver.add(0, [4], 1), driver.add(0, [4], 2)].flat();
    driver.notify(0);
    assert.deepEqual(driver.used(0), [
      [0, 4],
      [1, 2],
    ]);
    assert.equal(driver.text(places[0] ?? TestDma.base, 4) + driver.text(places[1] ?? TestDma.base, 2), 'abcdef');
    driver.set(register.interruptAck, 1);
    device.receive(Buffer.from('g'));
    assert.equal(driver.parts.level, true);
    assert.deepEqual(driver.used(0), [[2, 1]]);
  });
});

describe('the entropy device', () => {
  const bytes = (seed: bigint, count: number) => {
    const driver = new Driver(new VirtioEntropy(seed)).start(1);
    const [place = TestDma.base] = driver.add(0, [count]);
    driver.notify(0);
    assert.deepEqual(driver.used(0), [[0, count]]);
    return driver.dma.read(place, count);
  };

  test('gives 64 KiB at most for a request, as it may', () => {
    const driver = new Driver(new VirtioEntropy(0n)).start(1);
    driver.add(0, [0xa000, 0xa000]);
    driver.descriptor(driver.area(0, 0), 1, plus(TestDma.base, 0x4000), 0xa000, flag.write);
    driver.notify(0);
    assert.deepEqual(driver.used(0), [[0, 0x1_0000]]);
  });

  test('gives the same numbers for the same seed, and others for another', () => {
    assert.deepEqual(bytes(1n, 100), bytes(1n, 100));
    assert.notDeepEqual(bytes(1n, 100), bytes(2n, 100));
    // The published first output of SplitMix64 for state 1234567.
    assert.equal(new DataView(bytes(1234567n, 8).buffer).getBigUint64(0, true), 6457827717110365317n);
  });
});

describe('the network device', () => {
  const net = () => {
    const driver = new Driver(new VirtioNet(guestMac, loopback)).start(2);
    const hdr = new Uint8Array(12);
    /** Sends a frame; the frame that comes back, if any. */
    const send = (frame: Uint8Array): Uint8Array | undefined => {
      const [place = TestDma.base] = driver.add(0, [1600], 0);
      driver.notify(0);
      driver.add(1, [hdr, frame], 0);
      driver.notify(1);
      driver.used(1);
      const [entry] = driver.used(0);
      if (!entry) return undefined;
      assert.deepEqual([...driver.dma.read(place, 12)], [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0]);
      return driver.dma.read(plus(place, 12), entry[1] - 12);
    };
    return { driver, send };
  };
  const host = [0x52, 0x55, 0x0a, 0, 2, 2];
  const guest = [...guestMac];
  const checksum = (bytes: readonly number[]): number => {
    let sum = 0;
    for (let at = 0; at < bytes.length; at += 2) sum += ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
    return sum;
  };
  const ip = (protocol: number, payload: readonly number[]): Uint8Array => {
    const length = 20 + payload.length;
    const head = [0x45, 0, length >> 8, length & 0xff, 0, 1, 0, 0, 64, protocol, 0, 0, 10, 0, 2, 15, 10, 0, 2, 2];
    const sum = 0xffff - checksum(head);
    head[10] = sum >> 8;
    head[11] = sum & 0xff;
    return Uint8Array.from([...host, ...guest, 8, 0, ...head, ...payload]);
  };

  test('tells its address', () => {
    const { driver } = net();
    assert.deepEqual(
      guest.map((_, index) => Number(driver.slot.read(register.config + index, 1))),
      guest,
    );
  });

  test('loopback answers ARP for 10.0.2.2 alone', () => {
    const { send } = net();
    const arp = (target: readonly number[]) =>
      Uint8Array.from([
        ...[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, ...guest, 8, 6, 0, 1, 8, 0, 6, 4, 0, 1],
        ...[...guest, 10, 0, 2, 15, 0, 0, 0, 0, 0, 0, ...target],
      ]);
    const reply = [...guest, ...host, 8, 6, 0, 1, 8, 0, 6, 4, 0, 2, ...host, 10, 0, 2, 2, ...guest, 10, 0, 2, 15];
    assert.deepEqual([...(send(arp([10, 0, 2, 2])) ?? [])], reply);
    assert.equal(net().send(arp([10, 0, 2, 15])), undefined);
  });

  test('loopback answers pings with correct checksums', () => {
    const { send } = net();
    for (const filling of [0, 0xf7, 0xff]) {
      const echo = [8, 0, 0, 0, 0x12, 0x34, 0, 1, filling, filling];
      const sum = 0xffff - checksum(echo);
      echo[2] = sum >> 8;
      echo[3] = sum & 0xff;
      const reply = [...(send(ip(1, echo)) ?? [])];
      assert.deepEqual(reply.slice(0, 12), [...guest, ...host]);
      assert.deepEqual(reply.slice(26, 35), [10, 0, 2, 2, 10, 0, 2, 15, 0]);
      assert.equal(checksum(reply.slice(14, 34)), 0xffff);
      assert.equal(checksum(reply.slice(34)), 0xffff);
    }
  });

  test('loopback echoes UDP datagrams, and frames to the guest itself as they are', () => {
    const { send } = net();
    const reply = [...(send(ip(17, [0x10, 0, 0, 7, 0, 12, 0, 0, 1, 2, 3, 4])) ?? [])];
    assert.deepEqual(reply.slice(34), [0, 7, 0x10, 0, 0, 12, 0, 0, 1, 2, 3, 4]);
    const own = Uint8Array.from([...guest, ...guest, 0x88, 0xb5, 1, 2, 3]);
    assert.deepEqual(send(own), own);
    assert.equal(send(Uint8Array.from([...host, ...guest, 0x88, 0xb5, 1])), undefined);
  });

  const own = (length: number) => {
    const frame = new Uint8Array(length).fill(7);
    frame.set([...guest, ...guest].slice(0, length));
    return frame;
  };

  test('frames wait for buffers; one that is too long for the next buffer is lost, and the buffer waits on', () => {
    const { driver } = net();
    driver.add(1, [new Uint8Array(12), own(60)], 0);
    driver.add(1, [new Uint8Array(12), own(59)], 2);
    driver.notify(1);
    assert.deepEqual(driver.used(0), []);
    const [place = TestDma.base] = driver.add(0, [12 + 59], 5);
    driver.notify(0);
    assert.deepEqual(driver.used(0), [[5, 12 + 59]]);
    assert.deepEqual(driver.dma.read(plus(place, 12), 59), own(59));
    driver.add(1, [new Uint8Array(12), own(60)], 0);
    driver.notify(1);
    driver.add(0, [11], 1);
    driver.add(0, [12, 30, 30], 2);
    driver.notify(0);
    assert.deepEqual(driver.used(0), [], 'it was lost at the buffer of 11 bytes');
    driver.add(1, [new Uint8Array(12), own(60)], 0);
    driver.notify(1);
    assert.deepEqual(driver.used(0), []);
  });

  test('a frame is received across the buffers of a chain, header and all', () => {
    const { driver } = net();
    const places = driver.add(0, [5, 20, 1, 100], 0);
    driver.notify(0);
    driver.add(1, [new Uint8Array(7), Uint8Array.of(0, 0, 0, 0, 0, ...guest), own(60).subarray(6)], 0);
    driver.notify(1);
    assert.deepEqual(driver.used(0), [[0, 12 + 60]]);
    const sizes = [5, 20, 1, 46];
    const bytes = places.flatMap((place, index) => [...driver.dma.read(place, sizes[index] as number)]);
    assert.deepEqual(bytes, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, ...own(60)]);
  });

  test('a frame is as long as IP can say at most; one that is longer is taken and lost', () => {
    const { driver } = net();
    driver.dma.holds = () => true;
    const asked: number[] = [];
    const read = driver.dma.read.bind(driver.dma);
    // RAM that is larger than the test's: the frame lies behind it.
    driver.dma.read = (address, length) => {
      if (address < plus(TestDma.base, 0x1_0000)) return read(address, length);
      asked.push(length);
      return own(length);
    };
    driver.dma.write = ((write) => (address: typeof TestDma.base, bytes: Uint8Array) => {
      if (address < plus(TestDma.base, 0x1_0000)) write(address, bytes);
    })(driver.dma.write.bind(driver.dma));
    const far = plus(TestDma.base, 0x10_0000);
    const most = 0x1_0100;
    driver.descriptor(driver.area(0, 0), 0, far, 12 + most, flag.write);
    driver.publish(0, 0);
    driver.notify(0);
    for (const length of [most + 1, 0xffff_0000, most]) {
      driver.descriptor(driver.area(1, 0), 0, TestDma.base, 12, flag.next, 1);
      driver.descriptor(driver.area(1, 0), 1, far, length, 0);
      driver.publish(1, 0);
      driver.notify(1);
      assert.deepEqual(driver.used(1), [[0, 0]]);
    }
    assert.deepEqual(driver.used(0), [[0, 12 + most]]);
    assert.deepEqual(asked, [most], 'what is lost is not read');
    assert.deepEqual(driver.parts.warnings, []);
  });

  test('frames without a byte, or without all of their addresses, are taken and go nowhere', () => {
    const { driver } = net();
    driver.add(0, [100], 0);
    driver.notify(0);
    for (let length = 0; length < 14; length += 1) {
      driver.add(1, [new Uint8Array(12), own(length)], 0);
      driver.notify(1);
      assert.deepEqual(driver.used(1), [[0, 0]]);
      assert.deepEqual(driver.used(0), [], `${length} bytes`);
    }
    driver.add(1, [new Uint8Array(12)], 0);
    driver.notify(1);
    assert.deepEqual(driver.used(1), [[0, 0]]);
    driver.add(1, [new Uint8Array(12), own(14)], 0);
    driver.notify(1);
    assert.deepEqual(driver.used(0), [[0, 26]]);
  });

  test('of frames that nobody fetches the first 256 wait, the others are lost', () => {
    const { driver } = net();
    for (let index = 0; index < 300; index += 1) {
      driver.add(1, [new Uint8Array(12), own(60)], 0);
      driver.notify(1);
      driver.used(1);
      // Its place is used again.
      Object.assign(driver, { next: 0x4000 });
    }
    let received = 0;
    for (let index = 0; index < 300; index += 1) {
      driver.add(0, [100], 0);
      driver.notify(0);
      received += driver.used(0).length;
      Object.assign(driver, { next: 0x4000 });
    }
    assert.equal(received, 256);
  });

  test('a receive buffer that cannot be written is an error of the driver', () => {
    const { driver } = net();
    driver.add(0, [new Uint8Array(100)], 0);
    driver.notify(0);
    assert.deepEqual(driver.parts.warnings, []);
    driver.add(1, [new Uint8Array(12), own(60)], 0);
    driver.notify(1);
    assert.match(driver.parts.warnings.join(), /a receive buffer has no byte that the device may write/);
    assert.ok(driver.get(register.status) & 0x40);
  });

  test('a frame without its header is an error of the driver', () => {
    const { driver } = net();
    driver.add(1, [new Uint8Array(11)]);
    driver.notify(1);
    assert.match(driver.parts.warnings.join(), /lacks its 12-byte virtio_net_hdr/);
  });
});
