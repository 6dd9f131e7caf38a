// The sample kernel on a machine, for tests that need a real guest with every privilege and paging.

import { createHash, type Hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  createMachine,
  type GuestEnd,
  type MachineControl,
  type MachineOptions,
  type Outcome,
  type PhysAddr,
  phys,
} from '../../emulator/index.ts';
import { symbolValues } from '../../emulator/loader/elf-symbols.ts';
import { bytesSource, openElf, planBoot } from '../../emulator/loader/index.ts';

const file = 'samples/first-light/first-light.elf';

/** A machine with the sample loaded, at its first instruction. */
export function sampleMachine(options: Partial<MachineOptions> = {}): MachineControl {
  const full = { memory: 128n << 20n, harts: 1, isa: 'rv64gc_zicntr_zihpm_sstc', mmu: 'sv57', ...options } as const;
  const program = bytesSource(file, readFileSync(file));
  return createMachine(full, planBoot({ program }, { ...full, firmware: 'auto' }));
}

/** Link address of one of the sample's symbols. */
export function sampleSymbol(name: string): bigint {
  const value = symbolValues(openElf(bytesSource(file, readFileSync(file))), [name]).get(name);
  if (value === undefined) throw new Error(`the sample has no symbol ${name}`);
  return value;
}

/** Runs to the guest's end, in slices of `slice` instructions. */
export function runToEnd(machine: MachineControl, slice = 10_000_000): GuestEnd {
  for (let calls = 0; calls < 1e6; calls += 1) {
    const outcome: Outcome = machine.run(slice);
    if (outcome.reason === 'ended') return outcome.end;
    if (outcome.reason !== 'limit') throw new Error(`stopped by ${outcome.reason}`);
  }
  throw new Error('the sample does not end');
}

/** Bytes that the registers of a device take, where they are many: up to the last one of the PLIC's that say what is enabled. */
const registersOf: Readonly<Record<string, number>> = { PLIC: 0x2800 };

/** A hash of all registers, the counters, RAM and the registers of the devices. */
export function stateHash(machine: MachineControl): string {
  const hash = createHash('sha1');
  for (const hart of machine.harts) {
    hash.update(`${hart.id} ${hart.pc} ${hart.privilege} ${hart.instret} ${hart.state}`);
    for (let index = 0; index < 32; index += 1) hash.update(`${hart.x(index)} ${hart.f(index)} `);
    for (let number = 0; number < 4096; number += 1) {
      const value = hart.csr(number);
      if (value) hash.update(`${number}=${value} `);
    }
  }
  hash.update(`${machine.time}`);
  for (const { kind, name, base, size } of machine.regions) {
    if (kind === 'ram') hashMemory(hash, machine, base, Number(size));
    else hash.update(machine.readPhysical(base, Math.min(Number(size), registersOf[name] ?? 0x200)));
  }
  return hash.digest('hex');
}

const zeros = new Uint8Array(1 << 16);

/** By pieces, without those that hold nothing: most of RAM, mostly. */
function hashMemory(hash: Hash, machine: MachineControl, base: PhysAddr, size: number): void {
  for (let at = 0; at < size; at += zeros.length) {
    const bytes = machine.readPhysical(phys(base + BigInt(at)), Math.min(zeros.length, size - at));
    if (Buffer.compare(bytes, zeros)) hash.update(`${at} `).update(bytes);
  }
}
