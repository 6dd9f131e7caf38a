import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { createMachine, phys } from '../../emulator/index.ts';
import { symbolValues } from '../../emulator/loader/elf-symbols.ts';
import { bytesSource, openElf, planBoot } from '../../emulator/loader/index.ts';
import { build, hasGcc, needsGcc } from '../support/riscv-gcc.ts';

describe('two accesses by one base to the upper half of a device page', { skip: hasGcc ? false : needsGcc }, () => {
  const flags = ['-march=rv64gc', '-mabi=lp64', '-mcmodel=medany', '-ffreestanding', '-O2', '-static', '-nostdlib'];
  const sources = { 'pair.c': readFileSync('test/programs/device-pair/device-pair.c', 'utf8') };
  const elf = hasGcc ? build(sources, [...flags, '-Wl,-Ttext=0x80000000', '-Wl,--no-warn-rwx-segments']) : '';

  for (const misaligned of ['supported', 'trap'] as const) {
    test(`reach the device in translated code, misaligned accesses: ${misaligned}`, () => {
      const program = bytesSource('pair', readFileSync(elf));
      const at = symbolValues(openElf(program), ['finished', 'wrong']);
      const options = {
        memory: 8n << 20n,
        harts: 1,
        isa: 'rv64gc',
        mmu: 'sv39',
        misaligned,
        translateAfter: 3,
        counts: true,
      } as const;
      const machine = createMachine(options, planBoot({ program }, { ...options, firmware: 'none' }));
      const word = (name: string) =>
        new DataView(machine.readPhysical(phys(at.get(name) as bigint), 4).slice().buffer).getUint32(0, true);
      for (let runs = 0; runs < 4000 && !word('finished'); runs += 1) machine.run(200);
      assert.equal(word('finished'), 1, 'the program has not come to its end');
      assert.ok((machine.counts.regionInstructions ?? 0) > 5000, 'translated code has not run');
      assert.equal(word('wrong'), 0);
    });
  }
});
