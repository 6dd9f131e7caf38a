import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Ns16550a } from '../../emulator/devices/ns16550a.ts';
import { assertUndisturbed } from './support.ts';

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

  test('in loop mode a byte that finds no room is an overrun, told before all else until LSR is read', () => {
    const { wire, read, write } = board();
    write(MCR, 0x10);
    write(IER, 7);
    for (const byte of [1, 2]) write(RBR, byte);
    assert.equal(read(IIR), 0x06);
    assert.equal(read(LSR), 0x63);
    assert.equal(read(LSR), 0x61);
    assert.equal(read(IIR), 0x04);
    assert.deepEqual([read(RBR), read(LSR)], [2, 0x60], 'without FIFOs the newer byte destroys the older');
    assert.equal(read(RBR), 2, 'and stays in its register');
    write(FCR, 1);
    for (let byte = 0; byte < 17; byte += 1) write(RBR, byte);
    assert.deepEqual([read(IIR), read(LSR)], [0xc6, 0x63]);
    assert.deepEqual(
      Array.from({ length: 17 }, () => read(RBR)),
      [...Array(16).keys(), 0],
      'with FIFOs it is lost itself',
    );
    assert.equal(read(IIR), 0xc2);
    assert.equal(wire.level, false);
  });

  test('emptying the transmitter, and turning FIFOs on or off, tells that it is empty', () => {
    const { wire, read, write } = board();
    write(IER, 2);
    for (const [fcr, iir] of [
      [0x05, 0xc2],
      [0x05, 0xc2],
      [0x00, 0x02],
    ] as const) {
      read(IIR);
      assert.equal(wire.level, false);
      write(FCR, fcr);
      assert.equal(wire.level, true);
      assert.equal(read(IIR), iir);
    }
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
