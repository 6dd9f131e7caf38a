// A guest that makes others write pages of RAM beside its own stores: devices, page-table walks, firmware.

import { readFileSync } from 'node:fs';
import { createMachine, type MachineControl, type MachineOptions, phys, virt } from '../../emulator/index.ts';
import { bytesSource, planBoot } from '../../emulator/loader/index.ts';
import { build } from '../support/riscv-gcc.ts';

export const ram = 0x8000_0000n;
export const PAGE = 4096;
export const MEMORY = 6n << 20n;
export const page = (number: number): bigint => ram + BigInt(number * PAGE);
export const sector = 512;

/** Both engines, and what makes a machine one of them. */
export const engines = { interpreted: 'never', translated: 2 } as const;
export type Engine = keyof typeof engines;

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
export const ASK = 20n;
const flags = ['-march=rv64ima', '-mabi=lp64', '-static', '-Wl,--no-relax,--no-warn-rwx-segments'];
let elf: Uint8Array<ArrayBuffer> | undefined;

export function machineWith(
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
export function warm(engine: Engine, board: Partial<MachineOptions> = {}): MachineControl {
  const machine = machineWith(engine, 'none', board);
  machine.setPc(0, virt(0x8020_0000n));
  aim(machine, page(1), page(2));
  for (let part = 0; part < 10; part += 1) machine.run(400);
  return machine;
}

/** What the loop stores to and what it loads from. */
export function aim(machine: MachineControl, store: bigint, load: bigint): void {
  machine.setX(0, 10, store);
  machine.setX(0, 15, load);
}

export function number(value: bigint | number, size: 2 | 4 | 8): Uint8Array {
  return Uint8Array.from({ length: size }, (_, index) => Number((BigInt(value) >> BigInt(8 * index)) & 0xffn));
}

/** Where the parts of queue 0 and its buffers are, a page each; those of queue 1 are eight pages behind. */
export const [TABLE, AVAILABLE, USED, FIRST_BUFFER, NEXT_QUEUE] = [16, 17, 18, 19, 8] as const;

/** Bytes to read, or how many to write. */
type Buffers = readonly (Uint8Array | number)[];

/** Makes a device ready, each of its queues with one chain; notifies it of nothing. */
export function start(machine: MachineControl, slot: number, queues: readonly Buffers[]): void {
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
export const notifyOf = (slot: number) => slotAt(slot) + 0x50n;
export const disk = { mode: 'cow', source: bytesSource('disk', new Uint8Array(16 * sector).fill(7)) } as const;
export const request = (type: number) => Uint8Array.of(type, ...new Array(15).fill(0));

/** Pages of the tables of `pageTable`, and those that it maps at 0 and at 0x1000. */
export const [ROOT, MIDDLE, LOW, FIRST, SECOND] = [32, 33, 34, 35, 36] as const;

/** M-mode's loads and stores go through a table that maps 0 as accessed and dirty, and 0x1000 as neither. */
export function pageTable(machine: MachineControl): void {
  const pointer = (to: number) => number(((page(to) >> 12n) << 10n) | 1n, 8);
  const leaf = (to: number, bits: bigint) => number(((page(to) >> 12n) << 10n) | 7n | bits, 8);
  machine.writePhysical(phys(page(ROOT)), pointer(MIDDLE));
  machine.writePhysical(phys(page(MIDDLE)), pointer(LOW));
  machine.writePhysical(phys(page(LOW)), leaf(FIRST, 0xc0n));
  machine.writePhysical(phys(page(LOW) + 8n), leaf(SECOND, 0n));
  machine.setCsr(0, 0x3b0, 0xffff_ffff_ffffn);
  machine.setCsr(0, 0x3a0, 0x1fn);
  machine.setCsr(0, 0x180, (8n << 60n) | (page(ROOT) >> 12n));
  machine.setCsr(0, 0x300, (1n << 17n) | (1n << 11n));
}
