// The machine against itself: whatever the slices it runs in, the same state; and the fast walk in generated code against
// the explained walk.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { type PhysAddr, phys, virt } from '../../emulator/address.ts';
import type { MachineControl } from '../../emulator/control.ts';
import type { Access, Privilege } from '../../emulator/inspection.ts';
import { causeOf } from '../../emulator/mmu/cause.ts';
import { decodeSatp } from '../../emulator/mmu/modes.ts';
import { regimeUnder, walkMemoryOf } from '../../emulator/mmu/regime.ts';
import { type Walk, walk } from '../../emulator/mmu/walk.ts';
import { hasGcc, needsGcc } from '../support/riscv-gcc.ts';
import { fullModel } from './cases.ts';
import { load, type Model, ourMachine, ramBase, ramBytes, xlenOf } from './machines.ts';
import { randomProgram } from './programs.ts';
import { Random, seed } from './random.ts';
import { addressIn, dataPiece, modesOf, spaceOf } from './spaces.ts';

function fingerprint(machine: MachineControl): string {
  const hart = machine.harts[0];
  const hash = createHash('sha256').update(machine.readPhysical(phys(ramBase), ramBytes));
  for (let index = 0; index < 32; index += 1) hash.update(`${hart?.x(index)} ${hart?.f(index)} `);
  for (let number = 0; number < 4096; number += 1) hash.update(`${hart?.csr(number)} `);
  return hash.update(`${hart?.pc} ${hart?.privilege} ${machine.time}`).digest('hex');
}

test(`a program ends in the same state whatever the slices (SEED=${seed})`, { skip: hasGcc ? false : needsGcc }, () => {
  for (const xlen of [64, 32] as const) {
    const { program } = randomProgram(fullModel(xlen), new Random(seed), 96);
    const ends = [1, 7, 999, 1_000_000].map((slice) => {
      const machine = load(fullModel(xlen), program);
      let outcome = machine.run(slice);
      while (outcome.reason === 'limit') outcome = machine.run(slice);
      assert.equal(outcome.reason, 'ended');
      return fingerprint(machine);
    });
    assert.equal(new Set(ends).size, 1, `RV${xlen}`);
  }
});

const [MSTATUS, MTVEC, MEDELEG, SATP, MENVCFG, MCAUSE, MTVAL] = [0x300, 0x305, 0x302, 0x180, 0x30a, 0x342, 0x343];
const code = phys(ramBase);
const accessAt = { load: 0, store: 4 } as const;

/** One access of the hart: a load or a store in M-mode with MPRV, or a fetch in the mode itself. */
function step(machine: MachineControl, va: bigint, access: Access, status: bigint): void {
  const privilege = (status >> 11n) & 3n;
  machine.setX(0, 11, va);
  machine.setX(0, 10, 0n);
  machine.setCsr(0, MCAUSE, 0n);
  machine.setCsr(0, MTVAL, 0n);
  if (access === 'fetch') {
    machine.setCsr(0, 0x341, va);
    machine.setCsr(0, MSTATUS, status & ~(1n << 17n));
    machine.setPc(0, virt(BigInt(code) + 8n));
    machine.step(0);
    assert.equal(BigInt(machine.harts[0]?.privilege ?? 9), privilege);
  } else {
    machine.setCsr(0, MSTATUS, status | (1n << 17n));
    machine.setPc(0, virt(BigInt(code) + BigInt(accessAt[access])));
  }
  machine.step(0);
}

function prepare(machine: MachineControl): void {
  // lb a0, 0(a1); sb a0, 0(a1); mret; and an endless loop for traps.
  machine.writePhysical(code, new Uint8Array(Uint32Array.of(0x0005_8503, 0x00a5_8023, 0x3020_0073, 0x6f).buffer));
  machine.setCsr(0, MTVEC, BigInt(code) + 12n);
  machine.setCsr(0, MEDELEG, 0n);
  machine.setCsr(0, 0x3b0, (1n << 54n) - 1n);
  machine.setCsr(0, 0x3a0, 0x1fn);
}

/** What the explained walk says before the access. */
function predict(machine: MachineControl, va: bigint, access: Access, status: bigint): Walk {
  const hart = machine.harts[0];
  assert.ok(hart);
  const privilege = Number((status >> 11n) & 3n) as Privilege;
  const { mode, root } = decodeSatp(hart.csr(SATP) ?? 0n, machine.xlen);
  machine.setCsr(0, MSTATUS, status);
  const regime = regimeUnder(machine, hart, privilege === 3 ? undefined : mode, root, privilege);
  return walk(walkMemoryOf(machine), regime, virt(va), access, access === 'fetch' ? 2 : 1);
}

function check(machine: MachineControl, expected: Walk, before: Uint8Array | undefined, what: string): void {
  const hart = machine.harts[0];
  assert.ok(hart);
  const { access, va } = expected;
  const leaf = expected.steps.at(-1);
  if (leaf?.pte && before) {
    const sets = expected.sets ?? 0n;
    const pte = machine.readPhysical(leaf.address, before.length);
    assert.equal(pte[0], Number(leaf.pte.raw & 0xffn) | Number(sets), `${what}: the PTE's A and D`);
    assert.deepEqual(pte.subarray(1), before.subarray(1), `${what}: the rest of the PTE`);
  }
  if (!expected.ok) {
    assert.equal(hart.csr(MCAUSE), BigInt(causeOf(expected.reason, access)), `${what}: ${expected.reason}`);
    assert.equal(hart.csr(MTVAL), va, what);
    return;
  }
  // A fetch runs `li a0, page` or traps on what it finds, never on the way there.
  if (access === 'fetch') assert.ok(![1n, 12n].includes(hart.csr(MCAUSE) ?? 0n) || hart.csr(MTVAL) !== va, what);
  else assert.equal(hart.csr(MCAUSE), 0n, what);
  if (access === 'load') assert.equal(hart.x(10) & 0xffn, BigInt(machine.readPhysical(expected.pa, 1)[0] ?? 0), what);
}

function walkSpace(model: Model, machine: MachineControl, slot: number, random: Random): void {
  const xlen = xlenOf(model);
  const space = spaceOf(random.of(modesOf(xlen)), slot, random);
  machine.writePhysical(phys(space.piece.address), space.piece.bytes);
  machine.setCsr(0, SATP, space.satp);
  machine.setCsr(0, xlen === 64 ? MENVCFG : 0x31a, BigInt(random.below(4)) << (xlen === 64 ? 61n : 29n));
  const addresses = Array.from({ length: 40 }, () => addressIn(space.mode, 16 + 2 * random.below(1900), random));
  for (let count = 0; count < 200; count += 1) {
    const va = random.of(addresses);
    const access = random.of(['load', 'load', 'store', 'fetch'] as const);
    const status = (random.of([0n, 1n, 1n]) << 11n) | (BigInt(random.below(4)) << 18n) | 0x6000n;
    const expected = predict(machine, va, access, status);
    const leaf: PhysAddr | undefined = expected.steps.at(-1)?.pte && expected.steps.at(-1)?.address;
    const before = leaf === undefined ? undefined : machine.readPhysical(leaf, space.mode.pteSize);
    step(machine, va, access, status);
    check(machine, expected, before, `space ${slot}, ${access} of 0x${va.toString(16)} at ${status.toString(16)}`);
    // What was jumped to ends in a trap to M-mode.
    while (machine.harts[0]?.privilege !== 3) machine.step(0);
  }
}

describe(`generated code translates as the explained walk says (SEED=${seed})`, () => {
  for (const xlen of [64, 32] as const) {
    test(`RV${xlen}, 8000 accesses in 40 spaces`, () => {
      const model = fullModel(xlen);
      const machine = ourMachine(model);
      const random = new Random(seed ^ xlen);
      prepare(machine);
      const { address, bytes } = dataPiece();
      machine.writePhysical(phys(address), bytes);
      for (let slot = 0; slot < 40; slot += 1) walkSpace(model, machine, slot, random);
    });
  }
});
