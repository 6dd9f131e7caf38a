// Bare-metal programs in the style of the public conformance suites: each checks itself and tells the result through `tohost`.
// Run as `pagewalk run X.elf --firmware none` runs them.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { drive } from '../../cli/drive.ts';
import { exitCodeOf } from '../../cli/ending.ts';
import { loadGuest } from '../../cli/guest.ts';
import { launchOf } from '../../cli/options.ts';
import { pagewalk } from '../cli/binary.ts';
import { hasGcc, needsGcc } from '../support/riscv-gcc.ts';
import { assemble, conformancePrograms } from './programs.ts';

async function exitCode(elf: string, options: Readonly<Record<string, string>> = {}): Promise<number> {
  const guest = loadGuest(launchOf(elf, { ...options, firmware: 'none' }));
  return exitCodeOf(await drive(guest, { limit: 20_000_000 }));
}

const programs = conformancePrograms();

for (const name of new Set(programs.map(({ group }) => group))) {
  describe(name, { skip: hasGcc ? false : needsGcc }, () => {
    for (const { group, program, xlen, environment } of programs) {
      if (group !== name) continue;
      test(`rv${xlen} ${program}, ${environment}`, async () => {
        assert.equal(await exitCode(assemble(program, xlen, environment)), 0);
      });
    }
  });
}

describe('a machine that has less or more', { skip: hasGcc ? false : needsGcc }, () => {
  const machines: readonly Readonly<Record<string, string>>[] = [
    { isa: 'rv64gc', pmp: '0', mmu: 'bare' },
    { isa: 'rv64imafd', mmu: 'sv39' },
    { harts: '4', quantum: '1', pmp: '64', mmu: 'sv57' },
  ];
  for (const options of machines) {
    test(`passes what it should: ${JSON.stringify(options)}`, async () => {
      for (const program of ['ui/loads-stores', 'ua/atomics', 'ud/arithmetic']) {
        assert.equal(await exitCode(assemble(program, 64, 'physical'), options), 0, program);
        if (options.mmu === 'bare') continue;
        assert.equal(await exitCode(assemble(program, 64, 'virtual'), options), 0, `${program}, virtual`);
      }
      if (options.pmp !== '0') assert.equal(await exitCode(assemble('mi/traps', 64, 'physical'), options), 0);
    });
  }

  test('traps misaligned accesses where told to, and lacks an extension that is not named', async () => {
    assert.equal(await exitCode(assemble('mi/traps', 64, 'physical'), { misaligned: 'trap' }), 0);
    assert.equal(await exitCode(assemble('ui/loads-stores', 64, 'physical'), { misaligned: 'trap' }), 1);
    assert.equal(await exitCode(assemble('zb/bits', 64, 'physical'), { isa: 'rv64gc' }), 1);
  });
});

describe('a program that fails', { skip: hasGcc ? false : needsGcc }, () => {
  for (const xlen of [32, 64] as const) {
    for (const environment of ['physical', 'virtual'] as const) {
      test(`rv${xlen} ${environment}: the exit code is 1, and the check’s number is told`, () => {
        const elf = assemble('failing', xlen, environment);
        const { status, stderr } = pagewalk(['run', elf, '--firmware', 'none']);
        assert.equal(status, 1);
        assert.match(stderr, /test 3 failed/);
      });
    }
  }
});
