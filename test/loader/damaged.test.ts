import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { bytesSource, openElf, planBoot, readSymbols } from '../../emulator/loader/index.ts';
import { UserError } from '../../emulator/user-error.ts';
import { randomFrom } from '../support/page-tables.ts';
import { hasGcc, needsGcc } from '../support/riscv-gcc.ts';
import { bareMetal, highHalf } from './programs.ts';

/** Flips some bits, mostly in the headers, and sometimes cuts the file. */
function damage(bytes: Uint8Array, random: (below: number) => number): Uint8Array {
  const copy = bytes.slice(0, random(3) === 0 ? random(bytes.length) : bytes.length);
  for (let flips = 1 + random(6); flips > 0; flips--) {
    const at = random(random(2) === 0 ? 300 : copy.length + 1);
    if (at < copy.length) copy[at] = (copy[at] ?? 0) ^ (1 << random(8));
  }
  return copy;
}

test('a damaged ELF gives a UserError or a plan inside RAM, never anything else', (t) => {
  if (!hasGcc) return t.skip(needsGcc);
  const seed = Date.now() & 0x7fffffff;
  t.diagnostic(`seed ${seed}`);
  const random = randomFrom(seed);
  const programs = [bareMetal(), highHalf('0'), bareMetal('0x80400000', ['-march=rv32imac', '-mabi=ilp32'])];
  let [errors, plans] = [0, 0];
  for (const program of programs) {
    const whole = new Uint8Array(readFileSync(program));
    const isa = whole[4] === 1 ? 'rv32imac' : 'rv64gc';
    for (let round = 0; round < 150; round++) {
      const bytes = damage(whole, random);
      try {
        const source = bytesSource('damaged.elf', bytes);
        const options = { memory: 64n << 20n, harts: 1, isa, mmu: 'sv39', firmware: 'auto' } as const;
        const { segments, kernel } = planBoot({ program: source }, options);
        for (const segment of segments) {
          assert.ok(segment.address >= 0x80000000n, `seed ${seed}`);
          assert.ok(segment.address + BigInt(segment.source.size) <= 0x84000000n, `seed ${seed}`);
        }
        assert.ok(kernel.start >= 0x80000000n && kernel.end <= 0x84000000n, `seed ${seed}`);
        readSymbols(openElf(source));
        plans++;
      } catch (error) {
        if (!(error instanceof UserError)) throw new Error(`seed ${seed}, round ${round}`, { cause: error });
        errors++;
      }
    }
  }
  assert.ok(errors > 40 && plans > 40, `${errors} errors and ${plans} plans: the damage is too great or too small`);
});
