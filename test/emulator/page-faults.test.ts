// Page tables at random and what accesses through them end in: the same where generated code takes the trap, where
// TypeScript does because somebody listens, and as the explained walk says.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Access, createMachine, type MachineControl, phys, virt } from '../../emulator/index.ts';
import { bytesSource } from '../../emulator/loader/index.ts';
import { causeOf } from '../../emulator/mmu/cause.ts';
import { regimeOf, walkMemoryOf } from '../../emulator/mmu/regime.ts';
import { walk } from '../../emulator/mmu/walk.ts';
import { Random, seed } from '../oracle/random.ts';

const ram = 0x8000_0000n;
/** Tables of the levels, root first; then pages that leaves lead to, full of `ret`. */
const table = (level: number) => ram + 0x10000n + BigInt(level) * 0x1000n;
const DATA = 0x2_0000;
const PAGES = 16;
const [SATP, MSTATUS, MTVEC, MEDELEG, MEPC, STVEC] = [0x180, 0x300, 0x305, 0x302, 0x341, 0x105];
const compared = [MSTATUS, 0x100, 0x341, 0x342, 0x343, 0x141, 0x142, 0x143];
const ret = 0x0000_8067;
/** Access faults and page faults. */
const FAULTS = [1, 5, 7, 12, 13, 15];

/** Of each access the loop: with what is in a1, then for ever with what is in a2. */
const loops = {
  load: { at: 0x100n, code: [0x0005b503, 0x00060593, 0xff9ff06f], before: 3 },
  store: { at: 0x200n, code: [0x00a5b023, 0x00060593, 0xff9ff06f], before: 3 },
  fetch: { at: 0x300n, code: [0x000580e7, 0x00060593, 0xff9ff06f], before: 4 },
} as const;
const [MRET, HERE, ECALL] = [0x30200073, 0x0000006f, 0x00000073];
const HANDLERS = { machine: 0x800n, supervisor: 0xc00n };

const words = (list: readonly number[]) => new Uint8Array(Uint32Array.from(list).buffer);
const quad = (value: bigint) => new Uint8Array(BigUint64Array.of(BigInt.asUintN(64, value)).buffer);

function machineFor(mmu: 'sv39' | 'sv48' | 'sv57'): MachineControl {
  const image = new Uint8Array(DATA + PAGES * 4096);
  const put = (at: bigint | number, code: readonly number[]) => image.set(words(code), Number(at));
  put(0, [MRET]);
  put(0x400, [ret]);
  put(0x500, [ECALL]);
  for (const { at, code } of Object.values(loops)) put(at, code);
  for (const handler of Object.values(HANDLERS)) put(handler, [HERE]);
  put(DATA, new Array(PAGES * 1024).fill(ret));
  const machine = createMachine(
    { memory: 4n << 20n, harts: 1, isa: 'rv64gc', mmu, translateAfter: 2, counts: true },
    {
      xlen: 64,
      isa: 'rv64gc',
      mmu,
      firmware: 'none',
      privilege: 3,
      entry: phys(ram),
      segments: [{ address: phys(ram), source: bytesSource('code', image), what: 'code' }],
      dtb: phys(0),
      kernel: { start: phys(ram), end: phys(ram) },
    },
  );
  machine.setCsr(0, 0x3b0, -1n);
  machine.setCsr(0, 0x3a0, 0x1fn);
  return machine;
}

/** An entry that may be anything: a table, a leaf, or nonsense. */
function entryFor(random: Random, level: number, levels: number): bigint {
  const isLast = level === levels - 1;
  const below = (table(level + 1) >> 12n) << 10n;
  if (!isLast && !random.once(4)) return random.once(12) ? below | BigInt(random.below(256)) : below | 1n;
  const flags = random.once(3) ? BigInt(random.below(256)) : BigInt(0xc1 | random.below(32));
  const page = (ram + BigInt(DATA + 4096 * random.below(PAGES))) >> 12n;
  const aligned = (page >> BigInt(9 * (levels - 1 - level))) << BigInt(9 * (levels - 1 - level));
  const ppn = isLast || random.once(3) ? page : aligned;
  const reserved = random.once(10) ? 1n << BigInt(54 + random.below(10)) : 0n;
  return ((random.once(12) ? BigInt(random.below(1 << 30)) : ppn) << 10n) | flags | reserved;
}

const spanOf = (levels: number) => 12n + 9n * BigInt(levels - 1);

/** Where RAM begins for S-mode and for U-mode, each by an entry of the root. */
function bases(levels: number) {
  const user = (1n << spanOf(levels)) | (levels === 3 ? 0n : ram);
  return { supervisor: ram, user };
}

/** Runs a loop of accesses at one privilege with good addresses, then with one at random. */
function attempt(machine: MachineControl, random: Random, levels: number): { faulted: boolean; state: string } {
  const span = spanOf(levels);
  const root = levels === 3 ? ram >> 12n : 0n;
  const put = (level: number, index: bigint | number, value: bigint) =>
    machine.writePhysical(phys(table(level) + BigInt(index) * 8n), quad(value));
  put(0, levels === 3 ? 2 : 0, (root << 10n) | 0xcfn);
  put(0, 1, (root << 10n) | 0xdfn);

  const index = 3 + random.below(509);
  const indices = [index, ...Array.from({ length: levels - 1 }, () => random.below(512))];
  for (const [level, each] of indices.entries()) put(level, each, entryFor(random, level, levels));
  const page = indices.reduce((sum, each) => (sum << 9n) | BigInt(each), 0n) << 12n;
  const extended = BigInt.asUintN(64, BigInt.asIntN(Number(span) + 9, page));
  const target = (random.once(12) ? extended ^ (1n << 63n) : extended) | BigInt(8 * random.below(500));

  const access = random.of(['load', 'store', 'fetch'] as const satisfies readonly Access[]);
  const isUser = random.once(2);
  const { user, supervisor } = bases(levels);
  const base = isUser ? user : supervisor;
  const loop = loops[access];
  machine.setCsr(0, SATP, (BigInt(levels + 5) << 60n) | (table(0) >> 12n));
  machine.setCsr(0, MEDELEG, random.once(3) ? 0n : 0xb3ffn);
  machine.setCsr(0, MTVEC, ram + HANDLERS.machine);
  machine.setCsr(0, STVEC, supervisor + HANDLERS.supervisor);
  machine.setCsr(0, MEPC, base + loop.at);
  machine.setX(0, 10, 0x0000_8067_0000_8067n);
  machine.setX(0, 11, access === 'fetch' ? base + 0x400n : base + 0x30000n);
  machine.setX(0, 12, target);
  // MPP, SUM, MXR.
  machine.setCsr(0, MSTATUS, (isUser ? 0n : 1n << 11n) | (BigInt(random.below(4)) << 18n));
  return { faulted: runAndCompare(machine, access, target, loop.before), state: stateOf(machine, indices) };
}

/** Whether it faulted, as the explained walk says. */
function runAndCompare(machine: MachineControl, access: Access, target: bigint, before: number): boolean {
  const [hart] = machine.harts;
  assert.ok(hart);
  machine.run(1 + before);
  const walked = walk(
    walkMemoryOf(machine, 0),
    regimeOf(machine, hart, access),
    virt(target),
    access,
    access === 'fetch' ? 2 : 8,
  );
  machine.run(access === 'fetch' ? 2 : 1);
  if (walked.ok) {
    // What is fetched may be no instruction.
    const taken = [0x342, 0x142].map((number) => Number(hart.csr(number)));
    assert.ok(!taken.some((cause) => FAULTS.includes(cause)), `allowed, and exception ${taken}`);
    return false;
  }
  const [epc, cause, tval] = hart.privilege === 3 ? [0x341, 0x342, 0x343] : [0x141, 0x142, 0x143];
  assert.equal(hart.csr(cause), BigInt(causeOf(walked.reason, access)), walked.reason);
  assert.equal(hart.csr(tval), target);
  if (access === 'fetch') assert.equal(hart.csr(epc), target);
  return true;
}

function stateOf(machine: MachineControl, indices: readonly number[]): string {
  const [hart] = machine.harts;
  const entries = indices.map((index, level) => `${machine.readPhysical(phys(table(level) + BigInt(index) * 8n), 8)}`);
  const csrs = compared.map((number) => `${number.toString(16)}=${hart?.csr(number)?.toString(16)}`);
  const registers = Array.from({ length: 32 }, (_, index) => hart?.x(index));
  return [hart?.pc.toString(16), hart?.privilege, hart?.instret, machine.time, ...csrs, ...registers, ...entries].join(
    ' ',
  );
}

describe(`accesses through page tables at random (SEED=${seed})`, () => {
  for (const [mmu, levels] of [
    ['sv39', 3],
    ['sv48', 4],
    ['sv57', 5],
  ] as const) {
    test(`${mmu}: end alike in generated code, in TypeScript and in the explained walk`, () => {
      const [generated, told] = [machineFor(mmu), machineFor(mmu)];
      let events = 0;
      told.listen(
        () => {
          events += 1;
          return false;
        },
        { kinds: ['trap', 'trap-return'] },
      );
      let faults = 0;
      const rounds = 1500;
      for (let round = 0; round < rounds; round += 1) {
        const each = seed + 7919 * round + levels;
        const what = `round ${round} of seed ${seed}`;
        for (const machine of [generated, told]) machine.setPc(0, virt(ram));
        const [one, other] = [generated, told].map((machine) => attempt(machine, new Random(each), levels));
        assert.deepEqual(one, other, what);
        if (one?.faulted) faults += 1;
        for (const machine of [generated, told]) backToMachineMode(machine, levels);
      }
      assert.ok(faults > rounds / 5 && faults < rounds, `${faults} faults`);
      assert.ok((generated.counts.regionInstructions ?? 0) > rounds, 'translated code has run');
      assert.ok(events > faults, 'somebody has listened');
    });
  }
});

/** Takes the hart out of S or U by an ecall, so that what was translated stays. */
function backToMachineMode(machine: MachineControl, levels: number): void {
  const privilege = machine.harts[0]?.privilege;
  machine.setCsr(0, MEDELEG, 0n);
  if (privilege !== 3) {
    machine.setPc(0, virt((privilege === 1 ? bases(levels).supervisor : bases(levels).user) + 0x500n));
    machine.run(1);
  }
  assert.equal(machine.harts[0]?.privilege, 3);
  for (const number of compared.slice(2)) machine.setCsr(0, number, 0n);
}
