// Page tables without ASIDs: a hart that goes from one to the other sees them as they are, without leaving generated code.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { createMachine, phys } from '../../emulator/index.ts';
import { symbolValues } from '../../emulator/loader/elf-symbols.ts';
import { bytesSource, openElf, planBoot } from '../../emulator/loader/index.ts';
import { build, hasGcc, needsGcc } from '../support/riscv-gcc.ts';

const source = readFileSync('test/programs/roots/roots.c', 'utf8');
const rounds = 500;
const SATP = 0x180;

function buildFor(xlen: 32 | 64): string {
  const target = [`-march=rv${xlen}ima_zicsr`, `-mabi=${xlen === 64 ? 'lp64' : 'ilp32'}`, '-mcmodel=medany'];
  const link = ['-static', '-Wl,-Ttext=0x80000000', '-Wl,--no-warn-rwx-segments,--no-relax'];
  return build({ 'roots.c': source }, [...target, '-ffreestanding', '-O2', ...link]);
}

describe('page tables without ASIDs', { skip: hasGcc ? false : needsGcc }, () => {
  for (const xlen of [64, 32] as const) {
    const makeMachine = (elf: string, translateAfter: number | 'never') => {
      const program = bytesSource('roots', readFileSync(elf));
      const at = symbolValues(openElf(program), ['rounds', 'wrong', 'finished']);
      const place = (name: string) => phys(at.get(name) as bigint);
      const isa = `rv${xlen}ima_zicsr`;
      const mmu = xlen === 64 ? 'sv39' : 'sv32';
      const options = { memory: 16n << 20n, harts: 1, isa, mmu, translateAfter, counts: true } as const;
      const machine = createMachine(options, planBoot({ program }, { ...options, firmware: 'none' }));
      machine.writePhysical(place('rounds'), Uint8Array.of(rounds & 255, rounds >> 8, 0, 0));
      const finish = () => {
        for (let slice = 0; slice < 200 && !machine.readPhysical(place('finished'), 1)[0]; slice += 1)
          machine.run(1000);
        assert.deepEqual([...machine.readPhysical(place('finished'), 1)], [1], 'the program has not come to its end');
        assert.deepEqual([...machine.readPhysical(place('wrong'), 4)], [0, 0, 0, 0], 'it did not see what it has to');
      };
      return { machine, finish };
    };

    for (const translateAfter of ['never', 1] as const) {
      const how = translateAfter === 'never' ? 'interpreted' : 'translated';
      test(`RV${xlen}, ${how}: are seen as they are after a fence, or after going there, and all of it is done in generated code`, () => {
        const { machine, finish } = makeMachine(buildFor(xlen), translateAfter);
        finish();
        const { execute = 0 } = machine.counts;
        assert.ok(execute < 50, `${execute} instructions were TypeScript's`);
      });

      test(`RV${xlen}, ${how}: each write of satp is told, later or at once`, () => {
        const elf = buildFor(xlen);
        const [atOnce, later] = [false, true].map((lateSatp) => {
          const { machine, finish } = makeMachine(elf, translateAfter);
          const writes: string[] = [];
          let late = 0;
          machine.listen(
            (event) => {
              if (event.kind !== 'csr-write') return false;
              writes.push([event.instret, event.pc, event.before, event.after].join(' '));
              if (event.late) late += 1;
              return false;
            },
            { kinds: ['csr-write'], csrs: [SATP], lateSatp },
          );
          finish();
          return { writes, late };
        });
        assert.equal(later?.writes.length, 1 + 3 * rounds);
        assert.deepEqual(later?.writes, atOnce?.writes);
        assert.equal(atOnce?.late, 0);
        assert.ok((later?.late ?? 0) > 2 * rounds, `${later?.late} were told of later`);
      });
    }
  }
});
