// Devices in the machine: their interrupts reach harts, what is typed reaches the guest, inputs are noted.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { createMachine, type Input, type MachineOptions, phys } from '../../emulator/index.ts';
import { bytesSource, planBoot } from '../../emulator/loader/index.ts';
import { build, hasGcc, needsGcc } from '../support/riscv-gcc.ts';

const flags = ['-march=rv64imac_zicsr_zifencei', '-mabi=lp64', '-Wl,-Ttext=0x80000000', '-Wl,--no-warn-rwx-segments'];

/** A machine with an M-mode program at its first instruction, and its console. */
function program(assembly: string, options: Partial<MachineOptions> = {}) {
  const elf = build({ 'program.S': `.option norelax\n.globl _start\n_start:\n${assembly}` }, flags);
  const full = { memory: 4n << 20n, harts: 1, isa: 'rv64gc_zicntr', mmu: 'sv39', ...options } as const;
  const source = bytesSource(elf, readFileSync(elf));
  const machine = createMachine(full, planBoot({ program: source }, { ...full, firmware: 'none' }));
  const console = { text: '' };
  machine.onConsole((bytes) => {
    console.text += Buffer.from(bytes).toString('latin1');
    return undefined;
  });
  return { machine, console };
}

/** Ends with the code in a0. */
const finish = `
  slli a0, a0, 16
  li t0, 0x3333
  or a0, a0, t0
  li t0, 0x100000
  sw a0, 0(t0)
  j .
`;

describe('devices in the machine', { skip: hasGcc ? false : needsGcc }, () => {
  test('the alarm of the clock ends a wait, at its guest time', () => {
    const { machine } = program(`
      li t0, 0x0c000000
      li t1, 1
      sw t1, 4*11(t0)          # priority of source 11
      li t2, 0x2000
      add t2, t2, t0
      li t1, 1 << 11
      sw t1, 0(t2)             # enabled for hart 0 in M-mode
      li t1, 1 << 11
      csrw mie, t1
      li t0, 0x101000
      li t1, 1
      sw t1, 0x10(t0)
      lwu t1, 0(t0)
      lwu t2, 4(t0)
      slli t2, t2, 32
      add t1, t1, t2
      li t2, 5000000
      add t1, t1, t2           # in 5 ms
      srli t2, t1, 32
      sw t2, 0xc(t0)
      sw t1, 8(t0)
      wfi
      li t0, 0x0c200004
      lw a0, 0(t0)             # claim
      ${finish}`);
    const outcome = machine.run(1000);
    assert.deepEqual(outcome, { reason: 'ended', end: { kind: 'poweroff', code: 11, by: 'test finisher' } });
    assert.ok(machine.time > 5_000_000n && machine.time < 5_001_000n, `ended at ${machine.time} ns`);
  });

  test('the clock shows 2026 unless it is told otherwise', () => {
    const time = (options: Partial<MachineOptions>) => {
      const bytes = program('j .', options).machine.readPhysical(phys(0x10_1000), 4);
      return new DataView(bytes.buffer).getUint32(0, true);
    };
    const low = (date: string) => Number((BigInt(Date.parse(date)) * 1_000_000n) & 0xffff_ffffn);
    assert.equal(time({}), low('2026-01-01T00:00:00Z'));
    assert.equal(time({ epoch: Date.parse('1999-12-31T23:59:59Z') }), low('1999-12-31T23:59:59Z'));
  });

  test('SSWI sets SSIP, which software clears', () => {
    const { machine } = program(`
      li t0, 0x2f00000
      li t1, 1
      sw t1, 0(t0)
      csrr a0, mip
      csrci mip, 2
      csrr a1, mip
      slli a1, a1, 4
      or a0, a0, a1
      ${finish}`);
    const outcome = machine.run(1000);
    assert.deepEqual(outcome.reason === 'ended' && outcome.end.code, 2);
  });

  for (const [what, time] of [
    ['beyond 2^53', '0x20000000000001'],
    ['with its highest bit', '0x8000000000000123'],
    ['that are odd', '12345'],
  ] as const) {
    test(`mtime counts on from numbers ${what}, and the timers go by it to the tick`, () => {
      const { machine } = program(
        `
        li s0, 0x200bff8
        li s1, 0x2004000
        li s2, ${time}
        sd s2, 0(s0)
        rdtime a1
        sub a1, a1, s2
        li t0, 1 << 7
        csrw mie, t0
        li t0, 77
        add t0, t0, s2
        sd t0, 0(s1)
        csrr a2, mip
        wfi
        csrr a3, mip
        ld a4, 0(s0)
        sub a4, a4, s2
        add t0, a4, s2
        addi t0, t0, 100
        li t1, 1 << 63
        csrw menvcfg, t1         # STCE
        csrw 0x14d, t0           # stimecmp
        li t0, 1 << 5
        csrw mie, t0
        csrr a5, mip
        wfi
        csrr a6, mip
        ld a7, 0(s0)
        sub a7, a7, s2
        li a0, 0
        ${finish}`,
        { isa: 'rv64gc_zicntr_sstc' },
      );
      machine.run(1000);
      const x = (index: number) => machine.harts[0]?.x(index) ?? -1n;
      const [csr, early, due, rung, earlier, later, last] = [11, 12, 13, 14, 15, 16, 17].map(x);
      assert.equal(csr, 0n, 'rdtime');
      assert.deepEqual([early, due, rung], [0n, 1n << 7n, 77n], 'mtimecmp');
      assert.deepEqual([earlier, later, last], [1n << 7n, (1n << 7n) | (1n << 5n), 177n], 'stimecmp');
    });
  }

  const htifEcho = `
    li s0, 1
    slli s0, s0, 56            # console, getchar
    li s1, 0x101
    slli s1, s1, 48            # console, putchar
    la s2, tohost
    la s3, fromhost
  1: sd s0, 0(s2)
  2: ld t0, 0(s3)
    beqz t0, 2b
    sd zero, 0(s3)
    andi t0, t0, 0xff
    or t1, t0, s1
    sd t1, 0(s2)
    sd zero, 0(s3)
    li t1, '!'
    bne t0, t1, 1b
    li t0, 1
    sd t0, 0(s2)
    j .
    .data
    .globl tohost, fromhost
    .align 6
  tohost: .dword 0
    .align 6
  fromhost: .dword 0
  `;

  test('HTIF gives typed bytes to a program that asks for them, and each input is noted with its moment', () => {
    const noted: Input[] = [];
    const { machine, console } = program(htifEcho, { inputs: (input) => noted.push(input) });
    machine.run(1000);
    machine.type(Buffer.from('hello'));
    machine.run(1000);
    machine.type(Buffer.from('!'));
    assert.deepEqual(machine.run(1000), { reason: 'ended', end: { kind: 'poweroff', code: 0, by: 'HTIF' } });
    assert.equal(console.text, 'hello!');
    assert.deepEqual(
      noted.map(({ kind, instret, bytes }) => [kind, instret, Buffer.from(bytes).toString()]),
      [
        ['console', 1000n, 'hello'],
        ['console', 2000n, '!'],
      ],
    );
  });

  /** What a driver of the virtio console in slot 7 stores: two queues in RAM from 0x80100000 on, a receive buffer. */
  function startConsole(machine: ReturnType<typeof program>['machine']): void {
    const slot = 0x1000_8000;
    const set = (address: number, value: number) =>
      machine.writePhysical(phys(address), new Uint8Array(Uint32Array.of(value).buffer));
    for (const status of [1, 3, 11]) set(slot + 0x70, status);
    for (const queue of [0, 1]) {
      set(slot + 0x30, queue);
      set(slot + 0x38, 2);
      for (const [register, offset] of [
        [0x80, 0],
        [0x90, 0x100],
        [0xa0, 0x200],
      ] as const) {
        set(slot + register, 0x8010_0000 + 0x1000 * queue + offset);
        set(slot + register + 4, 0);
      }
      set(slot + 0x44, 1);
    }
    set(slot + 0x70, 15);
    const buffer = (queue: number, at: number, length: number, write: number) => {
      const area = 0x8010_0000 + 0x1000 * queue;
      for (const [offset, value] of [
        [0, at],
        [4, 0],
        [8, length],
        [12, write],
      ] as const)
        set(area + offset, value);
      set(area + 0x100, 1 << 16);
      set(slot + 0x50, queue);
    };
    set(0x8010_4000, 0x0a216968);
    buffer(0, 0x8010_3000, 16, 2);
    buffer(1, 0x8010_4000, 4, 0);
  }

  test('typed bytes go to the console that the guest printed on last', () => {
    const { machine, console } = program(`
      li t0, 0x10000000
      li t1, 'u'
      sb t1, 0(t0)
      j .`);
    machine.type(Buffer.from('a'));
    startConsole(machine);
    assert.equal(console.text, 'hi!\n');
    assert.equal(machine.consoleWanted, true);
    machine.type(Buffer.from('virtio'));
    assert.equal(Buffer.from(machine.readPhysical(phys(0x8010_3000), 6)).toString(), 'virtio');
    machine.run(10);
    assert.equal(console.text, 'hi!\nu');
    assert.equal(machine.consoleWanted, false);
    machine.type(Buffer.from('b'));
    // The receiver has no FIFO until it is turned on: the first byte is there, the other waits.
    assert.equal(machine.readPhysical(phys(0x1000_0000), 1)[0], 0x61);
  });

  test('what a device writes into memory is executed, also where other instructions were executed before', () => {
    const { machine } = program(`
      li s1, 0x80103000
      jalr s1
      mv s2, a0
    1: jalr s1
      beq a0, s2, 1b
      ${finish}`);
    // li a0, 1; ret — until the receive buffer of the console, which lies there, takes li a0, 7.
    machine.writePhysical(phys(0x8010_3000), Uint8Array.of(0x05, 0x45, 0x82, 0x80));
    startConsole(machine);
    assert.deepEqual(machine.run(3_000_000), { reason: 'limit' });
    machine.type(Uint8Array.of(0x1d, 0x45));
    const outcome = machine.run(1_000_000);
    assert.equal(outcome.reason === 'ended' && outcome.end.code, 7);
  });

  test('what a device writes into memory ends a reservation', () => {
    // The store that notifies the device comes between lr and sc.
    const { machine } = program(`
      li t0, 0x80104000
      li t2, 0x10008050
      li t3, 1
      lr.w t1, (t0)
      sw t3, 0(t2)
      sc.w a0, t1, (t0)
      ${finish}`);
    startConsole(machine);
    // The same buffer is to be transmitted once more: the device writes to its used ring alone.
    machine.writePhysical(phys(0x8010_1102), Uint8Array.of(2, 0));
    const outcome = machine.run(1000);
    assert.equal(outcome.reason === 'ended' && outcome.end.code, 1);
  });

  test('more disks than slots are refused', () => {
    const disk = { mode: 'cow', source: bytesSource('a', new Uint8Array(512)) } as const;
    assert.throws(() => program('j .', { disks: new Array(6).fill(disk) }), /^UserError: disks: 6 are too many/);
  });
});
