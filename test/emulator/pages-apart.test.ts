import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { type MachineControl, type MachineOptions, phys, virt } from '../../emulator/index.ts';
import { build, hasGcc, needsGcc } from '../support/riscv-gcc.ts';
import { bareMachine } from './bare.ts';
import { stateHash } from './sample.ts';

const ram = 0x8000_0000n;
const [SATP, MSTATUS, MTVEC] = [0x180, 0x300, 0x305];
const flags = ['-march=rv64i', '-mabi=lp64', '-mcmodel=medany', '-static', '-Wl,-Ttext=0x80000000,--no-relax'];

/** The page of RAM at `number`, for entries of page tables. */
const page = (number: bigint) => ram + (number << 12n);
const quad = (value: bigint) => new Uint8Array(BigUint64Array.of(value).buffer);

interface Form {
  readonly body: string;
  /** Where a1 begins, what is added to it in each round, and how many rounds there are before it begins anew. */
  readonly from: number;
  readonly step: number;
  readonly rounds: number;
  readonly misaligned?: 'trap';
}

/** The programs of all forms, each aligned to 128 bytes. They begin anew by a short step: accesses remember their page then. */
function elfOf(all: readonly Form[]): Uint8Array<ArrayBuffer> {
  const programs = all.map(
    ({ body, step, rounds }) => `.balign 128
    0: li a2, ${rounds}
    1: ${body}
    addi a1, a1, ${step}
    addi a2, a2, -1
    bnez a2, 1b
    addi a1, a1, ${-rounds * step}
    j 0b`,
  );
  return new Uint8Array(readFileSync(build({ 'loops.S': `.globl _start\n_start:\n${programs.join('\n')}\n` }, flags)));
}

/** Two pages side by side whose memory is not: 0 and 0x1000, for loads and stores alone. */
function machineWith(elf: Uint8Array<ArrayBuffer>, options: Partial<MachineOptions>) {
  const machine = bareMachine(elf, { memory: 3n << 20n, isa: 'rv64ima', ...options });
  const pointer = (number: bigint) => quad(((page(number) >> 12n) << 10n) | 1n);
  const leaf = (number: bigint) => quad(((page(number) >> 12n) << 10n) | 0xc7n);
  machine.writePhysical(phys(page(16n)), pointer(17n));
  machine.writePhysical(phys(page(17n)), pointer(18n));
  machine.writePhysical(phys(page(18n)), leaf(40n));
  machine.writePhysical(phys(page(18n) + 8n), leaf(33n));
  machine.setCsr(0, 0x3b0, 0xffff_ffff_ffffn);
  machine.setCsr(0, 0x3a0, 0x1fn);
  machine.setCsr(0, SATP, (8n << 60n) | (page(16n) >> 12n));
  // Loads and stores are those of S-mode.
  machine.setCsr(0, MSTATUS, (1n << 17n) | (1n << 11n));
  return machine;
}

/** At the form's first instruction, whatever ran before. */
function begin(machine: MachineControl, form: number, from: number): void {
  for (const number of [32n, 33n, 34n, 39n, 40n, 41n]) {
    const bytes = Uint8Array.from({ length: 4096 }, (_, index) => Number(number) * 5 + index * 7);
    machine.writePhysical(phys(page(number)), bytes);
  }
  for (let register = 10; register < 16; register += 1) machine.setX(0, register, register === 11 ? BigInt(from) : 0n);
  machine.setPc(0, virt(ram + 128n * BigInt(form)));
}

const load = 'ld a0, 0(a1); add a3, a3, a0';
const store = 'add a3, a3, a1; sd a3, 0(a1)';
const pair = 'ld a0, 0(a1); ld a5, 8(a1); add a3, a3, a0; xor a3, a3, a5';
const pairStored = 'ld a0, 0(a1); add a3, a3, a0; sd a3, 8(a1)';

/** Steps of one byte are taken round by round; with those of eight, and bases that stay misaligned, rounds go together. */
const forms: Readonly<Record<string, Form>> = {
  'loads downwards': { body: load, from: 0x1041, step: -1, rounds: 100 },
  'stores downwards': { body: store, from: 0x1041, step: -1, rounds: 100 },
  'two loads downwards': { body: pair, from: 0x1041, step: -1, rounds: 100 },
  'a load and a store downwards': { body: pairStored, from: 0x1041, step: -1, rounds: 100 },
  'loads upwards from the border': { body: load, from: 0xffd, step: 1, rounds: 100 },
  'stores upwards from the border': { body: store, from: 0xffd, step: 1, rounds: 100 },
  'two loads upwards from the border': { body: pair, from: 0xffd, step: 1, rounds: 100 },
  'two loads upwards from before the border': { body: pair, from: 0xff5, step: 1, rounds: 100 },
  'rounds of loads downwards': { body: load, from: 0x1045, step: -8, rounds: 21 },
  'rounds of stores downwards': { body: store, from: 0x1045, step: -8, rounds: 21 },
  'rounds of two loads downwards': { body: pair, from: 0x1045, step: -8, rounds: 21 },
  'rounds of loads and stores downwards': { body: pairStored, from: 0x1045, step: -8, rounds: 21 },
  'rounds of loads upwards from the border': { body: load, from: 0xffd, step: 8, rounds: 21 },
  'rounds of stores upwards from the border': { body: store, from: 0xffd, step: 8, rounds: 21 },
  'rounds of two loads upwards from the border': { body: pair, from: 0xff5, step: 8, rounds: 21 },
  'rounds of loads upwards to the border': { body: load, from: 0xf85, step: 8, rounds: 21 },
  'rounds of stores upwards to the border': { body: store, from: 0xf85, step: 8, rounds: 21 },
  'rounds of loads and stores upwards to the border': { body: pairStored, from: 0xf85, step: 8, rounds: 21 },
  'aligned rounds upwards to the border': { body: pair, from: 0xf80, step: 8, rounds: 21, misaligned: 'trap' },
  'aligned rounds downwards': { body: pairStored, from: 0x1040, step: -8, rounds: 21, misaligned: 'trap' },
  'aligned rounds upwards from before the border': { body: pair, from: 0xff8, step: 8, rounds: 21, misaligned: 'trap' },
};

describe('over the border of two pages apart in memory go', { skip: hasGcc ? false : needsGcc }, () => {
  for (const misaligned of ['supported', 'trap'] as const) {
    const chosen = Object.entries(forms).filter(([, form]) => (form.misaligned ?? 'supported') === misaligned);
    const machines = () => {
      const elf = elfOf(chosen.map(([, form]) => form));
      const translated = machineWith(elf, { misaligned, translateAfter: 3 });
      return { translated, interpreted: machineWith(elf, { misaligned, translateAfter: 'never' }) };
    };
    let made: ReturnType<typeof machines> | undefined;
    for (const [index, [name, { from }]] of chosen.entries()) {
      test(name, () => {
        made ??= machines();
        const { translated, interpreted } = made;
        begin(translated, index, from);
        begin(interpreted, index, from);
        const before = translated.counts.regionInstructions ?? 0;
        for (let run = 0; run < 2; run += 1) {
          // Its pages may be read at once, while each has its first store noticed.
          for (const machine of [translated, interpreted]) machine.beginEpoch();
          for (let part = 0; part < 6; part += 1) translated.run(1009);
          interpreted.run(6 * 1009);
          assert.equal(stateHash(translated), stateHash(interpreted), `after run ${run}`);
          assert.deepEqual(translated.dirtyPages, interpreted.dirtyPages, `after run ${run}`);
        }
        const inRegions = (translated.counts.regionInstructions ?? 0) - before;
        assert.ok(inRegions > 5000, `only ${inRegions} were translated`);
        assert.equal(translated.harts[0]?.csr(0x342), 0n, 'it traps');
      });
    }
  }

  test('no rounds whose accesses are misaligned, where that traps: the first of them does', () => {
    const form = forms['aligned rounds downwards'] as Form;
    const machine = machineWith(elfOf([form]), { misaligned: 'trap', translateAfter: 3 });
    // j .
    machine.writePhysical(phys(page(50n)), Uint8Array.of(0x6f, 0, 0, 0));
    machine.setCsr(0, MTVEC, page(50n));
    begin(machine, 0, form.from);
    for (let part = 0; part < 6; part += 1) machine.run(1009);
    // Its page is at hand.
    machine.setPc(0, virt(ram));
    machine.setX(0, 11, 0x844n);
    machine.run(1000);
    const [hart] = machine.harts;
    assert.deepEqual([hart?.csr(0x342), hart?.csr(0x343), hart?.x(11)], [4n, 0x844n, 0x844n]);
  });
});
