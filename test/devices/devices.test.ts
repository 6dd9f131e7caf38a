import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { phys, plus } from '../../emulator/address.ts';
import { Bus } from '../../emulator/bus/bus.ts';
import type { GuestEnd } from '../../emulator/control.ts';
import { Aclint, never } from '../../emulator/devices/aclint.ts';
import { AclintSswi } from '../../emulator/devices/aclint-sswi.ts';
import { uart, virtioMmio } from '../../emulator/devices/memory-map.ts';
import { Ns16550a } from '../../emulator/devices/ns16550a.ts';
import { Plic } from '../../emulator/devices/plic.ts';
import { TestFinisher } from '../../emulator/devices/test-finisher.ts';
import { VirtioMmio } from '../../emulator/devices/virtio/mmio.ts';
import { assertUndisturbed, Pins, slotParts, TestClock } from './support.ts';

const MSIP = 1 << 3;
const MTIP = 1 << 7;

describe('the bus', () => {
  const printed: number[] = [];
  const bus = new Bus([
    new VirtioMmio(0, slotParts()),
    new Ns16550a(
      () => {},
      (byte) => printed.push(byte),
    ),
    new Plic(new Pins()),
  ]);

  test('lists the windows in ascending order and gives accesses to the device that answers', () => {
    assert.deepEqual(
      bus.regions.map(({ name }) => name),
      ['PLIC', 'ns16550a', 'virtio-mmio 0'],
    );
    assert.equal(bus.read(phys(0x1000_1000), 4), 0x7472_6976n);
    assert.equal(bus.peek(phys(0x1000_1000), 4), 0x7472_6976n);
    assert.equal(bus.write(uart.base, 4, 0xffff_ff41n), true);
    assert.deepEqual(printed, [0x41]);
  });

  test('answers an access fault where nothing is, for misaligned accesses and where the device refuses', () => {
    for (const [address, size] of [
      [0x0c60_0000, 4],
      [0x1000_1002, 4],
      [0x0c00_0004, 8],
      [0x1000_0008, 1],
    ] as const) {
      assert.equal(bus.read(phys(address), size), undefined);
      assert.equal(bus.write(phys(address), size, 0n), false);
    }
    assert.equal(bus.peek(phys(0x0c60_0000), 4), undefined);
  });

  test('refuses windows that overlap', () => {
    assert.throws(() => new Bus([new VirtioMmio(0, slotParts()), new VirtioMmio(0, slotParts())]), /overlaps/);
  });

  test('saves and restores all devices together', () => {
    bus.write(plus(uart.base, 7), 1, 0x5an);
    const saved = JSON.parse(JSON.stringify(bus.save()));
    bus.reset();
    assert.equal(bus.peek(plus(uart.base, 7), 1), 0n);
    bus.restore(saved);
    assert.equal(bus.peek(plus(uart.base, 7), 1), 0x5an);
  });
});

describe('ACLINT', () => {
  const board = () => {
    const [pins, clock] = [new Pins(), new TestClock()];
    return { pins, clock, aclint: new Aclint(pins, clock) };
  };

  test('MSWI drives the software interrupt of each hart', () => {
    const { pins, aclint } = board();
    assert.equal(aclint.write(4, 4, 0xffn), true);
    assert.deepEqual(pins.mip, [0, MSIP]);
    assert.equal(aclint.read(4, 4), 1n);
    aclint.write(4, 4, 2n);
    assert.deepEqual(pins.mip, [0, 0]);
    aclint.write(8, 4, 1n);
    assert.equal(aclint.read(8, 4), 0n, 'hart 2 does not exist');
    assert.equal(aclint.read(4, 8), undefined);
    assert.equal(aclint.write(4, 1, 1n), false);
  });

  test('MTIMER is pending from mtime = mtimecmp on, in 8 bytes or twice 4', () => {
    const { pins, clock, aclint } = board();
    assert.equal(aclint.deadline(0), never);
    aclint.write(0x4000, 8, 100n);
    aclint.write(0x400c, 4, 1n);
    aclint.write(0x4008, 4, 5n);
    assert.equal(aclint.deadline(0), 100n);
    assert.equal(aclint.deadline(1), 0x1_0000_0005n);
    assert.equal(aclint.read(0x400c, 4), 1n);
    assert.ok(clock.rescheduledTimes > 0);
    clock.mtime = 99n;
    aclint.tick();
    assert.deepEqual(pins.mip, [0, 0]);
    clock.mtime = 100n;
    aclint.tick();
    assert.deepEqual(pins.mip, [MTIP, 0]);
    aclint.write(0x4000, 8, 200n);
    assert.deepEqual(pins.mip, [0, 0]);
  });

  test('mtime is read and set', () => {
    const { clock, aclint } = board();
    clock.mtime = 0x1_2345_6789n;
    assert.equal(aclint.read(0xbff8, 8), 0x1_2345_6789n);
    assert.equal(aclint.read(0xbffc, 4), 1n);
    aclint.write(0xbffc, 4, 7n);
    assert.equal(clock.mtime, 0x7_2345_6789n);
    assert.equal(aclint.read(0xbff8, 2), undefined);
    assert.equal(aclint.read(0xc000, 4), undefined);
  });

  test('drives its pins again after restore, and clears them at reset', () => {
    const { pins, clock, aclint } = board();
    aclint.write(0, 4, 1n);
    aclint.write(0x4008, 8, 0n);
    assertUndisturbed(aclint, [4, 8]);
    const other = new Aclint(pins, clock);
    other.restore(aclint.save());
    assert.deepEqual(pins.mip, [MSIP, MTIP]);
    other.reset();
    assert.deepEqual(pins.mip, [0, 0]);
  });
});

describe('the test finisher', () => {
  const ends: GuestEnd[] = [];
  const device = new TestFinisher((end) => ends.push(end));
  const by = 'test finisher';

  test('powers off with the code, or resets', () => {
    device.write(0, 4, 0x5555n);
    device.write(0, 4, 0x002a_3333n);
    device.write(0, 4, 0x7777n);
    device.write(0, 4, 0x1234n);
    device.write(4, 4, 0x5555n);
    assert.deepEqual(ends, [
      { kind: 'poweroff', code: 0, by },
      { kind: 'poweroff', code: 42, by },
      { kind: 'reset', code: 0, by },
    ]);
  });

  test('reads 0 and takes 2 and 4 bytes', () => {
    assert.equal(device.read(0, 4), 0n);
    assert.equal(device.read(0, 8), undefined);
    assert.equal(device.write(0, 1, 0x55n), false);
  });
});

test('an empty virtio-mmio slot has the magic value, version 2 and device id 0', () => {
  const slot = new VirtioMmio(7, slotParts());
  assert.equal(slot.base, plus(virtioMmio.base, 0x7000));
  assert.deepEqual(
    [0, 4, 8, 12].map((offset) => slot.read(offset, 4)),
    [0x7472_6976n, 2n, 0n, 0x554d_4551n],
  );
  assert.equal(slot.write(0x70, 4, 1n), true);
  assert.equal(slot.read(0x70, 4), 0n);
});

test('ACLINT SSWI sets SSIP of the hart whose SETSSIP is written with 1', () => {
  const pins = new Pins();
  const sswi = new AclintSswi(pins);
  sswi.write(4, 4, 1n);
  sswi.write(0, 4, 2n);
  assert.deepEqual(pins.mip, [0, 1 << 1]);
  assert.equal(sswi.read(4, 4), 0n);
  assert.equal(sswi.read(4, 8), undefined);
  assert.equal(sswi.write(0, 2, 1n), false);
});
