import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { tlbEmpty } from '../../emulator/core/layout.ts';
import { createMachine, phys } from '../../emulator/index.ts';
import { symbolValues } from '../../emulator/loader/elf-symbols.ts';
import { bytesSource, openElf, planBoot } from '../../emulator/loader/index.ts';
import { build, hasGcc, needsGcc } from '../support/riscv-gcc.ts';

describe('addresses like the tags of empty entries', { skip: hasGcc ? false : needsGcc }, () => {
  const flags = ['-march=rv64gc', '-mabi=lp64', '-mcmodel=medany', '-ffreestanding', '-O2', '-static'];
  const sources = { 'empty.c': readFileSync('test/programs/empty-entries/empty-entries.c', 'utf8') };

  test('fault in translated code as they do in the interpreter', () => {
    const elf = build(sources, [...flags, '-Wl,-Ttext=0x80000000', '-Wl,--no-warn-rwx-segments,--no-relax']);
    const program = bytesSource('empty', readFileSync(elf));
    const at = symbolValues(openElf(program), ['hostile', 'faults', 'finished']);
    for (const byte of [tlbEmpty, 0x00, 0x01, 0x7f, 0xff]) {
      const options = {
        memory: 8n << 20n,
        harts: 1,
        isa: 'rv64gc',
        mmu: 'sv39',
        translateAfter: 3,
        counts: true,
      } as const;
      const machine = createMachine(options, planBoot({ program }, { ...options, firmware: 'none' }));
      const quad = (name: string) =>
        new DataView(machine.readPhysical(phys(at.get(name) as bigint), 8).slice().buffer).getBigUint64(0, true);
      const repeated = BigInt(`0x${byte.toString(16).padStart(2, '0').repeat(8)}`);
      machine.writePhysical(phys(at.get('hostile') as bigint), new Uint8Array(BigUint64Array.of(repeated).buffer));
      for (let runs = 0; runs < 4000 && !quad('finished'); runs += 1) machine.run(200);
      assert.equal(quad('finished'), 1n, 'the program has not come to its end');
      assert.ok((machine.counts.regionInstructions ?? 0) > 1000, 'translated code has not run');
      assert.equal(quad('faults'), 64n, `byte ${byte}`);
    }
  });
});
