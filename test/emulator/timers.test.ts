// Machine timer interrupts are taken when they are due, as the hart sees time, whatever the slices of the runs.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMachine, type MachineControl, phys } from '../../emulator/index.ts';
import { Assembler } from './fuzz/assembler.ts';

const base = 0x8000_0000n;
const NS_PER_TICK = 100;
const Csr = { mstatus: 0x300, mie: 0x304, mtvec: 0x305 } as const;
const [MTIE, MIE] = [0x80n, 8n];
const mtimecmp = 0x0200_4000n;

/** Harts that count in x5 for ever; the handler waits. Each has a timer, in ticks, that may interrupt it or not. */
function machineWith(timers: readonly { readonly ticks: number; readonly enabled: boolean }[]): MachineControl {
  const a = new Assembler(base, 64, 64);
  const loop = a.bind();
  a.immediate('addi', 5, 5, 1);
  a.jump(0, loop);
  const handler = a.bind();
  a.jump(0, handler);
  const options = { memory: 1n << 20n, harts: timers.length, isa: 'rv64gc', mmu: 'bare', quantum: 2000 } as const;
  const ram = phys(base);
  const plan = {
    ...options,
    xlen: 64,
    firmware: 'none',
    privilege: 3,
    entry: ram,
    segments: [],
    dtb: phys(0n),
  } as const;
  const machine = createMachine(options, { ...plan, kernel: { start: ram, end: ram } });
  machine.writePhysical(ram, a.bytes);
  for (const [hart, { ticks, enabled }] of timers.entries()) {
    machine.setCsr(hart, Csr.mtvec, handler.address as bigint);
    machine.setCsr(hart, Csr.mie, enabled ? MTIE : 0n);
    machine.setCsr(hart, Csr.mstatus, MIE);
    const bytes = new Uint8Array(BigUint64Array.of(BigInt(ticks)).buffer);
    machine.writePhysical(phys(mtimecmp + BigInt(8 * hart)), bytes);
  }
  return machine;
}

for (const slice of [1, 7, 300, 100_000]) {
  test(`a timer interrupts the instruction at which it is due, in slices of ${slice}`, () => {
    const machine = machineWith([{ ticks: 3, enabled: true }]);
    for (let left = 1001; left > 0; left -= slice) machine.run(Math.min(left, slice));
    assert.equal(machine.harts[0]?.x(5), BigInt((3 * NS_PER_TICK) / 2));
  });

  test(`a timer of another hart that is due does not hurry it, in slices of ${slice}`, () => {
    const machine = machineWith([
      { ticks: 2, enabled: false },
      { ticks: 8, enabled: true },
    ]);
    for (let left = 4000; left > 0; left -= slice) machine.run(Math.min(left, slice));
    assert.equal(machine.harts[1]?.x(5), BigInt((8 * NS_PER_TICK) / 2));
  });
}
