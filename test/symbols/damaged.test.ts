import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { inflateSync } from 'node:zlib';
import { phys, virt } from '../../emulator/address.ts';
import { type ByteSource, bytesSource, openElf } from '../../emulator/loader/index.ts';
import { UserError } from '../../emulator/user-error.ts';
import { SymbolFile } from '../../symbols/index.ts';
import { randomFrom } from '../support/page-tables.ts';
import { hasGcc, needsGcc } from '../support/riscv-gcc.ts';
import { withLines } from './programs.ts';

const damageable = /^\.(debug_.*|symtab|strtab)$/;

/** Changes bytes of the symbol and debug sections, and sometimes of the section headers. */
function damage(whole: Uint8Array, ranges: readonly (readonly [number, number])[], random: (below: number) => number) {
  const copy = whole.slice();
  for (let changes = 1 + random(8); changes > 0; changes--) {
    const [start, size] = ranges[random(ranges.length)] ?? [0, 1];
    copy[start + random(size)] = [0, 0x7f, 0x80, 0xff, random(256)][random(5)] ?? 0;
  }
  return copy;
}

/** Asks everything there is to ask. */
function ask(source: ByteSource): number {
  const file = new SymbolFile(source, {
    inflate: (compressed, size) => inflateSync(compressed, { maxOutputLength: size }),
  });
  file.place(phys(0x80200000n));
  for (let address = 0x80000000n; address < 0x80000120n; address += 6n) {
    file.symbolAt(virt(address));
    file.lineAt(virt(address));
  }
  for (const name of file.complete('', 20)) {
    for (const symbol of file.symbolsNamed(name)) file.functionEntry(symbol);
  }
  for (const path of [...file.sourceFiles(), 'main.c']) file.addressesOf(path, 9);
  return file.problems.length;
}

test('lying debug information and symbols give problems, never an exception', (t) => {
  if (!hasGcc) return t.skip(needsGcc);
  const seed = Date.now() & 0x7fffffff;
  t.diagnostic(`seed ${seed}`);
  const random = randomFrom(seed);
  let problems = 0;
  for (const flags of [['-gdwarf-2'], ['-gdwarf-5'], ['-gdwarf-5', '-gdwarf64', '-gz=zlib']]) {
    const whole = new Uint8Array(readFileSync(withLines(flags).elf));
    const ranges = openElf(bytesSource('whole', whole))
      .sections.filter(({ name }) => damageable.test(name))
      .map(({ offset, size }) => [offset, size] as const);
    const headers = Number(new DataView(whole.buffer, whole.byteOffset).getBigUint64(40, true));
    ranges.push([headers, whole.length - headers]);
    for (let round = 0; round < 100; round++) {
      try {
        problems += ask(bytesSource('damaged.elf', damage(whole, ranges, random)));
      } catch (error) {
        if (!(error instanceof UserError)) throw new Error(`seed ${seed}, round ${round}`, { cause: error });
      }
    }
  }
  assert.ok(problems > 25, `only ${problems} problems: the damage is too small`);
});
