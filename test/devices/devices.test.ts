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
const SEIP = 1 << 9;
const MEIP = 1 << 11;

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

describe('ns16550a', () => {
  const [RBR, IER, IIR, FCR, LCR, MCR, LSR, MSR, SCR] = [0, 1, 2, 2, 3, 4, 5, 6, 7] as const;
  const board = () => {
    const out: number[] = [];
    const wire = { level: false };
    const device = new Ns16550a(
      (level) => {
        wire.level = level;
      },
      (byte) => out.push(byte),
    );
    const read = (offset: number): number => Number(device.read(offset, 1));
    const write = (offset: number, value: number): boolean => device.write(offset, 1, BigInt(value));
    const type = (text: string): void => device.type(Buffer.from(text));
    return { device, out, wire, read, write, type };
  };

  test('sends at once, and the transmitter is always empty', () => {
    const { out, read, write } = board();
    for (const byte of [0x68, 0x69]) {
      assert.equal(read(LSR) & 0x60, 0x60);
      write(RBR, byte);
    }
    assert.deepEqual(out, [0x68, 0x69]);
  });

  test('the THRE interrupt comes with enabling and with each byte, and goes with reading IIR', () => {
    const { wire, read, write } = board();
    assert.equal(read(IIR), 0x01);
    for (const act of [() => write(IER, 2), () => write(RBR, 0x41)]) {
      act();
      assert.equal(wire.level, true);
      assert.equal(read(IIR), 0x02);
      assert.equal(wire.level, false);
      assert.equal(read(IIR), 0x01);
    }
    // Linux checks at start-up that enabling again asks again.
    write(IER, 0);
    write(IER, 2);
    assert.equal(read(IIR), 0x02);
  });

  test('the received-data interrupt lasts until the bytes are read', () => {
    const { device, wire, read, write, type } = board();
    assert.equal(device.rxInterruptEnabled, false);
    write(IER, 1);
    assert.equal(device.rxInterruptEnabled, true);
    assert.equal(wire.level, false);
    type('ab');
    assert.equal(wire.level, true);
    assert.equal(read(IIR), 0x04);
    assert.equal(read(LSR) & 1, 1);
    assert.equal(read(RBR), 0x61);
    assert.equal(wire.level, true);
    assert.equal(read(RBR), 0x62);
    assert.equal(wire.level, false);
    assert.equal(read(LSR) & 1, 0);
  });

  test('with FIFOs, data below the trigger level is told as a character timeout', () => {
    const { read, write, type } = board();
    write(FCR, 0x81);
    write(IER, 1);
    type('1234567');
    assert.equal(read(IIR), 0xcc);
    type('8');
    assert.equal(read(IIR), 0xc4);
    write(FCR, 0x00);
    assert.equal(read(IIR), 0x01, 'turning the FIFOs off empties them');
  });

  test('nothing typed is lost: bytes wait until the FIFO has room', () => {
    const { read, write, type } = board();
    const text = 'the quick brown fox jumps over the lazy dog';
    write(FCR, 1);
    type(text);
    let seen = '';
    while (read(LSR) & 1) seen += String.fromCharCode(read(RBR));
    assert.equal(seen, text);
  });

  test('received data goes before an empty transmitter', () => {
    const { read, write, type } = board();
    write(IER, 3);
    type('x');
    assert.equal(read(IIR), 0x04);
    read(RBR);
    assert.equal(read(IIR), 0x02);
  });

  test('DLAB gives the divisor in place of data and IER', () => {
    const { out, read, write } = board();
    write(IER, 5);
    write(LCR, 0x83);
    write(RBR, 0x34);
    write(IER, 0x12);
    assert.deepEqual([read(RBR), read(IER)], [0x34, 0x12]);
    write(LCR, 0x03);
    assert.deepEqual([read(LCR), read(IER)], [0x03, 5]);
    assert.deepEqual(out, []);
  });

  test("passes the tests of Linux's 8250 driver for a 16550A", () => {
    const { out, read, write } = board();
    write(IER, 0);
    assert.equal(read(IER) & 0x0f, 0);
    write(IER, 0x0f);
    assert.equal(read(IER), 0x0f);
    write(IER, 0);
    write(MCR, 0x1a);
    assert.equal(read(MSR) & 0xf0, 0x90, 'loop mode brings RTS and OUT2 back as CTS and DCD');
    write(RBR, 0x55);
    assert.equal(read(RBR), 0x55);
    assert.deepEqual(out, []);
    write(MCR, 0x03);
    assert.equal(read(MSR), 0xb0);
    write(FCR, 0x01);
    assert.equal(read(IIR) >> 6, 3);
    write(SCR, 0xa5);
    assert.equal(read(SCR), 0xa5);
  });

  test('firmware takes typed bytes whatever the registers are set to', () => {
    const { device, read, write, type } = board();
    type('ab');
    write(LCR, 0x83);
    assert.deepEqual([device.key(), device.key(), device.key()], [0x61, 0x62, undefined]);
    assert.equal(read(LSR) & 1, 0);
  });

  test('registers end at offset 8; wider accesses touch one register alone', () => {
    const { device, write } = board();
    assert.equal(device.read(8, 1), undefined);
    assert.equal(write(8, 0), false);
    device.write(4, 4, 0xffff_ff03n);
    assert.equal(device.read(4, 4), 3n);
    assert.equal(device.peek(5, 1), 0x60n);
  });

  test('is not disturbed by peeking, and drives its wire after restore', () => {
    const { device, wire, write, type } = board();
    write(IER, 3);
    type('abc');
    assertUndisturbed(device, [1]);
    const saved = device.save();
    device.reset();
    assert.equal(wire.level, false);
    device.restore(saved);
    assert.equal(wire.level, true);
    assert.equal(device.peek(RBR, 1), 0x61n);
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
