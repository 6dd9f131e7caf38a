// Bare-metal programs in the style of the public conformance suites: each checks itself and tells the result through `tohost`.
// Run as `pagewalk run X.elf --firmware none` runs them.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { drive } from '../../cli/drive.ts';
import { exitCodeOf } from '../../cli/ending.ts';
import { loadGuest } from '../../cli/guest.ts';
import { launchOf } from '../../cli/options.ts';
import { pagewalk } from '../cli/binary.ts';
import { hasGcc, needsGcc } from '../support/riscv-gcc.ts';

const folder = path.resolve('test/programs/conformance');
const built = mkdtempSync(path.join(tmpdir(), 'pagewalk-conformance-'));
process.on('exit', () => rmSync(built, { recursive: true, force: true }));

type Environment = 'physical' | 'virtual';

/** The mode that the programs of a group run in; those in user mode run in both environments. */
const modes: Readonly<Record<string, number>> = { mi: 3, si: 1, svadu: 3, svnapot: 3, zicboz: 3 };
/** There is no Svnapot with Sv32. */
const only64 = new Set(['svnapot']);

function assemble(program: string, xlen: 32 | 64, environment: Environment): string {
  const elf = path.join(built, `rv${xlen}-${environment}-${program.replace('/', '-')}.elf`);
  const mode = modes[path.dirname(program)] ?? 0;
  const target = [`-march=rv${xlen}imafd_zicsr_zifencei`, `-mabi=${xlen === 64 ? 'lp64' : 'ilp32'}`, '-mcmodel=medany'];
  const freestanding = ['-nostdlib', '-nostartfiles', '-ffreestanding', '-static', '-O1', '-Wl,--no-relax'];
  const around = environment === 'physical' ? ['physical.S'] : ['virtual-entry.S', 'virtual.c'];
  const sources = [...around, `${program}.S`].map((name) => path.join(folder, name));
  const script = `-Wl,-T${path.join(folder, 'program.ld')},--no-warn-rwx-segments`;
  const args = [...target, ...freestanding, `-DMODE=${mode}`, script, ...sources, '-o', elf];
  execFileSync('riscv64-unknown-elf-gcc', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  return elf;
}

async function exitCode(elf: string, options: Readonly<Record<string, string>> = {}): Promise<number> {
  const guest = loadGuest(launchOf(elf, { ...options, firmware: 'none' }));
  return exitCodeOf(await drive(guest, { limit: 20_000_000 }));
}

const groups = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());

for (const { name: group } of groups) {
  const programs = readdirSync(path.join(folder, group)).filter((file) => file.endsWith('.S'));
  describe(group, { skip: hasGcc ? false : needsGcc }, () => {
    for (const xlen of [32, 64] as const) {
      if (xlen === 32 && only64.has(group)) continue;
      for (const environment of ['physical', 'virtual'] as const) {
        if (environment === 'virtual' && group in modes) continue;
        for (const file of programs) {
          const program = `${group}/${file.slice(0, -2)}`;
          test(`rv${xlen} ${program}, ${environment}`, async () => {
            assert.equal(await exitCode(assemble(program, xlen, environment)), 0);
          });
        }
      }
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
