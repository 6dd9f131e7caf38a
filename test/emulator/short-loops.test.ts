// Where translated code is entered, when places in short loops become hot.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import type { RegionPlace } from '../../emulator/core/translator/batch.ts';
import { CodePage } from '../../emulator/core/translator/code-page.ts';
import { draftsFor } from '../../emulator/core/translator/drafts.ts';
import { createMachine, phys } from '../../emulator/index.ts';
import { decoderFor } from '../../emulator/isa/decode.ts';
import { parseIsa } from '../../emulator/isa/isa-string.ts';
import { symbolValues } from '../../emulator/loader/elf-symbols.ts';
import { bytesSource, openElf, planBoot } from '../../emulator/loader/index.ts';
import { build, hasGcc, needsGcc } from '../support/riscv-gcc.ts';

describe('short loops', { skip: hasGcc ? false : needsGcc }, () => {
  const flags = ['-march=rv64gc', '-mabi=lp64', '-static', '-Wl,-Ttext=0x80000000,--no-relax'];

  /** The page of a program, from which regions were made, and the offset of `loop`, or where it starts. */
  const pageOf = (code: string) => {
    const elf = readFileSync(build({ 'one.S': `.globl _start\n_start:\n${code}\n` }, flags));
    const options = { memory: 8n << 20n, harts: 1, isa: 'rv64gc', mmu: 'sv39' } as const;
    const plan = planBoot({ program: bytesSource('one', elf) }, { ...options, firmware: 'none' });
    const bytes = createMachine(options, plan).readPhysical(phys(0x8000_0000n), 0x1000).slice();
    const pageWith = (regions: readonly RegionPlace[]) =>
      new CodePage(
        { bytes, breakpoints: new Set(), besideWatched: new Set(), missed: new Set(), hot: [], regions },
        decoderFor(parseIsa('rv64gc')),
        true,
      );
    const [start] = symbolValues(openElf(bytesSource('one', elf)), ['loop']).values();
    return { pageWith, first: Number((start ?? 0x8000_0000n) - 0x8000_0000n) };
  };

  /** Offsets at which something is made when they become hot; `loop`: it is translated from its begin on. */
  const entered = (code: string, loop: boolean) => {
    const { pageWith, first } = pageOf(code);
    const [draft] = draftsFor(pageWith([]), [first]);
    const covers = Uint16Array.from(draft?.covers ?? []).sort();
    const regions = loop ? [{ slot: 1, entries: [...(draft?.entries ?? [])], covers }] : [];
    return [...covers].filter((offset) => draftsFor(pageWith(regions), [offset]).length > 0).map((at) => at - first);
  };

  test('are not entered in the middle, where control comes back behind an access that left them', () => {
    const one = 'ld a0, 0(a1); addi a1, a1, 8; bne a1, a3, _start; addi a4, a4, 1; ret';
    assert.deepEqual(entered(one, true), [0, 8, 10], 'what follows the loop may be entered');
    assert.deepEqual(entered(one, false), [0, 2, 4, 8, 10], 'and so may one that is not translated yet');
    const two = 'ld a0, 0(a1); beqz a0, 1f; sd a4, 0(a2); 1: sd a0, 0(a1); addi a1, a1, 8; bne a1, a3, _start; ret';
    assert.deepEqual(entered(two, true), [0, 14], 'one of two blocks');
    const returns = 'ld a0, 0(a1); beqz a0, 1f; ret; 1: sd a0, 0(a1); addi a1, a1, 8; bne a1, a3, _start; ret';
    assert.deepEqual(entered(returns, true), [0, 14], 'one with a return in it');
    const nested = 'ld a4, 0(a2); 1: ld a0, 0(a1); addi a1, a1, 8; bne a1, a3, 1b; sd a0, 0(a2); bnez a4, _start; ret';
    assert.deepEqual(entered(nested, true), [0, 2, 14], 'and of two the inner, at its head');
  });

  test('are entered where they call or jump by a table, as control may come there otherwise', () => {
    const table = 'ld a0, 0(a1); beqz a0, 1f; jr a0; 1: ld a5, 0(a2); addi a1, a1, 8; bne a1, a3, _start; ret';
    assert.deepEqual(entered(table, true), [0, 2, 4, 6, 8, 10, 14]);
  });

  /** Offsets at which a program may be entered that is translated from its start on. */
  const entriesOf = (code: string) => {
    const { pageWith, first } = pageOf(code);
    return [...(draftsFor(pageWith([]), [first])[0]?.entries ?? [])].sort((a, b) => a - b);
  };

  test('are entered at their heads, and nothing is that jumps back without being one', () => {
    const aside = 'c.beqz a0, 2f; 1: c.addi a1, 1; ret; 2: c.addi a2, 1; c.j 1b';
    assert.deepEqual(entriesOf(aside), [0], 'what a compiler has put out of the way');
    const within = 'c.nop; 1: c.beqz a0, 3f; 2: c.addi a1, 1; c.bnez a1, 1b; ret; 3: c.addi a2, 1; c.j 2b';
    assert.deepEqual(entriesOf(within), [0, 2], 'the same in a loop');
    const behind = 'c.j 3f; 1: c.addi a1, 1; c.bnez a1, 2f; ret; 2: c.addi a2, 1; 3: c.addi a3, 1; c.j 1b';
    assert.deepEqual(entriesOf(behind), [0, 10], 'a loop whose head is at its end');
    const twice = 'c.beqz a0, 2f; 1: c.addi a1, 1; c.beqz a1, 3f; 2: c.addi a2, 1; c.bnez a2, 1b; 3: ret';
    assert.equal(entriesOf(twice).length, 2, 'one of the heads of a loop that has two');
  });

  test('are looked for up to the end of their page', () => {
    const filled = `.space 4080; loop: ld a0, 0(a1); addi a1, a1, 8; bne a1, a3, loop; ${'c.nop; '.repeat(4)}`;
    assert.deepEqual(entered(filled, true), [0, 8, 10, 12, 14]);
  });
});
