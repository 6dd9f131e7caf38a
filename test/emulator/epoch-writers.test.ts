// Who writes pages of RAM beside the stores of harts, and whether an epoch notices: devices, page-table walks, firmware,
// debuggers. What they only read is no part of it.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { createMachine, type MachineControl, type MachineOptions, phys, virt } from '../../emulator/index.ts';
import { bytesSource, planBoot } from '../../emulator/loader/index.ts';
import { build, hasGcc, needsGcc } from '../support/riscv-gcc.ts';

const ram = 0x8000_0000n;
const PAGE = 4096;
const MEMORY = 6n << 20n;
const page = (number: number): bigint => ram + BigInt(number * PAGE);
const sector = 512;

/** Both engines, and what makes a machine one of them. */
const engines = { interpreted: 'never', translated: 2 } as const;
type Engine = keyof typeof engines;

/** Stores s4 and loads for ever, and calls the SBI's console for what was typed on its way. */
const program = `.globl _start
_start:
  ld a4, 0(a5)
  addi s1, s1, 1
  sw s4, 0(a0)
  bnez s2, _start
  j _start
ask:
  li a7, 0x4442434e
  li a6, 1
  li a0, 5
  mv a1, s3
  li a2, 0
  ecall
  j ask
`;
const ASK = 20n;
const flags = ['-march=rv64ima', '-mabi=lp64', '-static', '-Wl,--no-relax,--no-warn-rwx-segments'];
let elf: Uint8Array<ArrayBuffer> | undefined;

function machineWith(
  engine: Engine,
  firmware: 'none' | 'builtin',
  board: Partial<MachineOptions> = {},
): MachineControl {
  elf ??= new Uint8Array(readFileSync(build({ 'program.S': program }, [...flags, '-Wl,-Ttext=0x80200000'])));
  const options = {
    ...({ memory: MEMORY, harts: 1, isa: 'rv64ima', mmu: 'sv39', counts: true } as const),
    ...board,
    translateAfter: engines[engine],
  };
  return createMachine(options, planBoot({ program: bytesSource('program', elf) }, { ...options, firmware }));
}

/** In M-mode at the program's first instruction, warm: it has stored to page 1 and loaded from page 2. */
function warm(engine: Engine, board: Partial<MachineOptions> = {}): MachineControl {
  const machine = machineWith(engine, 'none', board);
  machine.setPc(0, virt(0x8020_0000n));
  aim(machine, page(1), page(2));
  for (let part = 0; part < 10; part += 1) machine.run(400);
  return machine;
}

/** What the loop stores to and what it loads from. */
function aim(machine: MachineControl, store: bigint, load: bigint): void {
  machine.setX(0, 10, store);
  machine.setX(0, 15, load);
}

/** The numbers of the pages written in an epoch in which `act` is done, which are those that were shown before. */
function dirtyAfter(machine: MachineControl, act: () => void): number[] {
  const shown: bigint[] = [];
  const held = new Map<bigint, Uint8Array>();
  const whole = machine.readPhysical(phys(ram), Number(MEMORY));
  machine.beginEpoch((at) => {
    shown.push(at);
    held.set(at, machine.readPhysical(at, PAGE));
  });
  act();
  assert.deepEqual(shown, [...machine.dirtyPages]);
  for (const [at, bytes] of held) {
    const from = Number(at - ram);
    assert.ok(Buffer.compare(bytes, whole.subarray(from, from + PAGE)) === 0, 'it is shown as it was');
  }
  return shown.map((at) => Number((at - ram) / 4096n)).sort((a, b) => a - b);
}

function number(value: bigint | number, size: 2 | 4 | 8): Uint8Array {
  return Uint8Array.from({ length: size }, (_, index) => Number((BigInt(value) >> BigInt(8 * index)) & 0xffn));
}

/** Where the parts of queue 0 and its buffers are, a page each; those of queue 1 are eight pages behind. */
const [TABLE, AVAILABLE, USED, FIRST_BUFFER, NEXT_QUEUE] = [16, 17, 18, 19, 8] as const;

/** Bytes to read, or how many to write. */
type Buffers = readonly (Uint8Array | number)[];

/** Makes a device ready, each of its queues with one chain; notifies it of nothing. */
function start(machine: MachineControl, slot: number, queues: readonly Buffers[]): void {
  const put = (at: bigint, value: bigint | number, size: 2 | 4 | 8) =>
    machine.writePhysical(phys(at), number(value, size));
  const set = (register: number, value: bigint | number) => put(slotAt(slot) + BigInt(register), value, 4);
  const features = [
    [0x70, 3],
    [0x24, 1],
    [0x20, 1],
    [0x70, 11],
  ] as const;
  for (const [register, value] of features) set(register, value);
  for (const [queue, buffers] of queues.entries()) {
    const first = queue * NEXT_QUEUE;
    for (const [index, buffer] of buffers.entries()) {
      const at = page(first + FIRST_BUFFER + index);
      const isRead = typeof buffer !== 'number';
      if (isRead) machine.writePhysical(phys(at), buffer);
      const descriptor = page(first + TABLE) + BigInt(16 * index);
      put(descriptor, at, 8);
      put(descriptor + 8n, isRead ? buffer.length : buffer, 4);
      put(descriptor + 12n, (isRead ? 0 : 2) | (index + 1 < buffers.length ? 1 : 0), 2);
      put(descriptor + 14n, index + 1, 2);
    }
    const areas = [
      [0x80, TABLE],
      [0x90, AVAILABLE],
      [0xa0, USED],
    ] as const;
    set(0x30, queue);
    set(0x38, 8);
    for (const [register, part] of areas) set(register, page(first + part));
    set(0x44, 1);
  }
  set(0x70, 15);
  for (const queue of queues.keys()) put(page(queue * NEXT_QUEUE + AVAILABLE) + 2n, 1, 2);
}

const slotAt = (slot: number) => 0x1000_1000n + BigInt(slot) * 0x1000n;
const notifyOf = (slot: number) => slotAt(slot) + 0x50n;
const disk = { mode: 'cow', source: bytesSource('disk', new Uint8Array(16 * sector).fill(7)) } as const;
const request = (type: number) => Uint8Array.of(type, ...new Array(15).fill(0));

describe('an epoch names the pages written', { skip: hasGcc ? false : needsGcc }, () => {
  for (const engine of ['interpreted', 'translated'] as const) {
    /** The loop's stores, which notify a device of a queue. */
    const noticed = (machine: MachineControl, slot: number, queue = 0) => {
      const before = machine.counts.regionInstructions ?? 0;
      const dirty = dirtyAfter(machine, () => {
        machine.setX(0, 20, BigInt(queue));
        aim(machine, notifyOf(slot), page(2));
        machine.run(400);
      });
      const translated = (machine.counts.regionInstructions ?? 0) - before;
      assert.ok(engine === 'translated' ? translated > 100 : translated === 0, `${translated} were translated`);
      return dirty;
    };

    test(`by a disk that is read from, of a program that is ${engine}`, () => {
      const machine = warm(engine, { disks: [disk] });
      start(machine, 0, [[request(0), sector, 1]]);
      assert.deepEqual(noticed(machine, 0), [USED, FIRST_BUFFER + 1, FIRST_BUFFER + 2]);
      assert.deepEqual(machine.readPhysical(phys(page(FIRST_BUFFER + 1)), 2), Uint8Array.of(7, 7));
    });

    test(`by a disk that is written to, of a program that is ${engine}: what it only reads is not among them`, () => {
      const machine = warm(engine, { disks: [disk] });
      start(machine, 0, [[request(1), new Uint8Array(sector), 1]]);
      assert.deepEqual(noticed(machine, 0), [USED, FIRST_BUFFER + 2]);
    });

    test(`by the entropy device, of a program that is ${engine}`, () => {
      const machine = warm(engine);
      start(machine, 6, [[64, 64]]);
      assert.deepEqual(noticed(machine, 6), [USED, FIRST_BUFFER, FIRST_BUFFER + 1]);
    });

    test(`by the console for what is typed, of a program that is ${engine}`, () => {
      const machine = warm(engine);
      start(machine, 7, [[64], [new TextEncoder().encode('login: ')]]);
      assert.deepEqual(noticed(machine, 7, 1), [USED + NEXT_QUEUE], 'it prints');
      assert.deepEqual(
        dirtyAfter(machine, () => machine.type(Uint8Array.of(65))),
        [USED, FIRST_BUFFER],
      );
    });

    test(`by the network device, of a program that is ${engine}`, () => {
      const machine = warm(engine, { net: 'loopback' });
      // It comes back, as it is to the card itself.
      const frame = Uint8Array.of(...new Array(12).fill(0), 0x52, 0x54, 0, 0x12, 0x34, 0x56, ...new Array(48).fill(9));
      start(machine, 5, [[1000], [frame]]);
      assert.deepEqual(noticed(machine, 5, 1), [USED, FIRST_BUFFER, USED + NEXT_QUEUE]);
    });

    test(`by page-table walks that set A and D, of a program that is ${engine}: a page that is read is not among them`, () => {
      const machine = warm(engine);
      const [root, middle, low, stored, loaded] = [32, 33, 34, 35, 36] as const;
      const pointer = (to: number) => number(((page(to) >> 12n) << 10n) | 1n, 8);
      const leaf = (to: number, bits: bigint) => number(((page(to) >> 12n) << 10n) | 7n | bits, 8);
      machine.writePhysical(phys(page(root)), pointer(middle));
      machine.writePhysical(phys(page(middle)), pointer(low));
      machine.writePhysical(phys(page(low)), leaf(stored, 0xc0n));
      machine.writePhysical(phys(page(low) + 8n), leaf(loaded, 0n));
      machine.setCsr(0, 0x3b0, 0xffff_ffff_ffffn);
      machine.setCsr(0, 0x3a0, 0x1fn);
      machine.setCsr(0, 0x180, (8n << 60n) | (page(root) >> 12n));
      machine.setCsr(0, 0x300, (1n << 17n) | (1n << 11n));
      const runAt = (store: bigint, load: bigint) => () => {
        aim(machine, store, load);
        machine.run(400);
      };
      // Nothing of the tables changes: all is set already.
      assert.deepEqual(dirtyAfter(machine, runAt(0n, 0n)), [stored]);
      // A is set by the load.
      assert.deepEqual(dirtyAfter(machine, runAt(0n, 0x1000n)), [low, stored]);
      // D is set by the store.
      assert.deepEqual(dirtyAfter(machine, runAt(0x1000n, 0n)), [low, loaded]);
      assert.deepEqual(dirtyAfter(machine, runAt(0x1000n, 0n)), [loaded]);
    });

    test(`by the firmware, of a program that is ${engine}`, () => {
      const machine = machineWith(engine, 'builtin');
      machine.setPc(0, virt(0x8020_0000n + ASK));
      machine.setX(0, 19, page(20));
      for (let part = 0; part < 10; part += 1) machine.run(400);
      assert.deepEqual(
        dirtyAfter(machine, () => machine.run(200)),
        [],
        'nothing was typed',
      );
      const typed = () => {
        machine.type(new TextEncoder().encode('hello'));
        machine.run(200);
      };
      assert.deepEqual(dirtyAfter(machine, typed), [20]);
      machine.setX(0, 19, page(22) - 2n);
      assert.deepEqual(dirtyAfter(machine, typed), [21, 22]);
    });
  }

  test('by the debugger, until a reset loads the program anew and ends it', () => {
    const machine = warm('translated');
    assert.deepEqual(
      dirtyAfter(machine, () => machine.writePhysical(phys(page(40) - 1n), Uint8Array.of(1, 2))),
      [39, 40],
    );
    let shown = 0;
    machine.beginEpoch(() => {
      shown += 1;
    });
    machine.writePhysical(phys(page(40)), Uint8Array.of(1));
    machine.reset();
    assert.equal(shown, 1);
    assert.deepEqual(machine.dirtyPages, []);
    machine.setPc(0, virt(0x8020_0000n));
    aim(machine, page(1), page(2));
    machine.run(400);
    assert.equal(shown, 1, 'the epoch is over');
    assert.deepEqual(machine.dirtyPages, []);
    assert.deepEqual(
      dirtyAfter(machine, () => machine.run(400)),
      [1],
    );
  });
});
