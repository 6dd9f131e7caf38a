import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { GoldfishRtc } from '../../emulator/devices/goldfish-rtc.ts';
import { assertUndisturbed, TestClock } from './support.ts';

describe('Goldfish RTC', () => {
  const [TIME_LOW, TIME_HIGH, ALARM_LOW, ALARM_HIGH, IRQ_ENABLED, CLEAR_ALARM, ALARM_STATUS, CLEAR_INTERRUPT] = [
    0x00, 0x04, 0x08, 0x0c, 0x10, 0x14, 0x18, 0x1c,
  ] as const;
  const epoch = 0x1234_5678_9abc_def0n;
  const board = () => {
    const clock = new TestClock();
    const wire = { level: false };
    const rtc = new GoldfishRtc(
      clock,
      (level) => {
        wire.level = level;
      },
      epoch,
    );
    const setAlarm = (time: bigint) => {
      rtc.write(ALARM_HIGH, 4, time >> 32n);
      rtc.write(ALARM_LOW, 4, time & 0xffff_ffffn);
    };
    return { clock, wire, rtc, setAlarm };
  };

  test('shows its epoch and guest time in nanoseconds; reading TIME_LOW latches TIME_HIGH', () => {
    const { clock, rtc } = board();
    assert.equal(rtc.read(TIME_HIGH, 4), 0n);
    assert.equal(rtc.read(TIME_LOW, 4), epoch & 0xffff_ffffn);
    clock.now = 0x1_0000_0000n;
    assert.equal(rtc.read(TIME_HIGH, 4), epoch >> 32n);
    rtc.read(TIME_LOW, 4);
    assert.equal(rtc.read(TIME_HIGH, 4), (epoch >> 32n) + 1n);
  });

  test('goes on from the time that is written', () => {
    const { clock, rtc } = board();
    rtc.write(TIME_HIGH, 4, 7n);
    rtc.write(TIME_LOW, 4, 5n);
    clock.now = 10n;
    assert.equal(rtc.read(TIME_LOW, 4), 15n);
    assert.equal(rtc.read(TIME_HIGH, 4), 7n);
  });

  test('rings at the alarm, and the interrupt lasts until it is cleared', () => {
    const { clock, wire, rtc, setAlarm } = board();
    rtc.write(IRQ_ENABLED, 4, 1n);
    setAlarm(epoch + 1000n);
    assert.equal(rtc.due, 1000n);
    assert.equal(rtc.read(ALARM_STATUS, 4), 1n);
    clock.now = 999n;
    rtc.tick();
    assert.equal(wire.level, false);
    clock.now = 1000n;
    rtc.tick();
    assert.equal(wire.level, true);
    assert.equal(rtc.read(ALARM_STATUS, 4), 0n);
    assert.equal(rtc.due, undefined);
    rtc.write(CLEAR_INTERRUPT, 4, 1n);
    assert.equal(wire.level, false);
  });

  test('an alarm in the past rings at once, a cleared one never', () => {
    const { clock, wire, rtc, setAlarm } = board();
    rtc.write(IRQ_ENABLED, 4, 1n);
    setAlarm(epoch + 1000n);
    rtc.write(CLEAR_ALARM, 4, 1n);
    clock.now = 5000n;
    rtc.tick();
    assert.equal(wire.level, false);
    setAlarm(epoch);
    assert.equal(wire.level, true);
    rtc.write(IRQ_ENABLED, 4, 0n);
    assert.equal(wire.level, false);
  });

  test('an alarm that is replaced by an earlier one does not ring between its halves', () => {
    const { clock, wire, rtc, setAlarm } = board();
    const boundary = ((epoch >> 32n) + 1n) << 32n;
    rtc.write(IRQ_ENABLED, 4, 1n);
    setAlarm(boundary + 5n);
    // With the new high half and the old low one it would be over.
    rtc.write(ALARM_HIGH, 4, epoch >> 32n);
    assert.equal(wire.level, false);
    assert.equal(rtc.read(ALARM_STATUS, 4), 1n);
    assert.equal(rtc.due, boundary + 5n - epoch);
    rtc.write(ALARM_LOW, 4, 0xffff_fff0n);
    assert.equal(rtc.due, boundary - 0x10n - epoch);
    clock.now = boundary - 0x10n - epoch;
    rtc.tick();
    assert.equal(wire.level, true);
  });

  test('its registers end at offset 0x24', () => {
    const { rtc } = board();
    assert.equal(rtc.read(0x20, 4), 0n);
    assert.equal(rtc.write(0x20, 4, 1n), true);
    for (const [offset, size] of [
      [0x24, 4],
      [0x20, 8],
      [0xffc, 4],
    ] as const) {
      assert.equal(rtc.read(offset, size), undefined);
      assert.equal(rtc.write(offset, size, 0n), false);
    }
  });

  test('takes 8 bytes as two of 4', () => {
    const { clock, rtc } = board();
    clock.now = 7n;
    assert.equal(rtc.read(TIME_LOW, 8), epoch + 7n);
    rtc.write(ALARM_LOW, 8, epoch * 2n);
    assert.equal(rtc.read(ALARM_LOW, 8), epoch * 2n);
  });

  test('takes no bytes alone, is not disturbed by peeking, and drives its wire after restore', () => {
    const { wire, rtc, setAlarm } = board();
    assert.equal(rtc.read(TIME_LOW, 2), undefined);
    assert.equal(rtc.write(TIME_LOW, 1, 0n), false);
    rtc.write(IRQ_ENABLED, 4, 1n);
    setAlarm(0n);
    assertUndisturbed(rtc, [4], 0x20);
    const saved = rtc.save();
    rtc.reset();
    assert.equal(wire.level, false);
    rtc.restore(saved);
    assert.equal(wire.level, true);
  });
});
