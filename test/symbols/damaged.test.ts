import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { bytesSource, openElf } from '../../emulator/loader/index.ts';
import { SymbolFile } from '../../symbols/index.ts';
import { randomFrom } from '../support/page-tables.ts';
import { hasGcc, needsGcc } from '../support/riscv-gcc.ts';
import { ask, damage, targets } from './damage.ts';
import { withVariables } from './programs.ts';

const kinds: readonly (readonly string[])[] = [
  ['-gdwarf-2', '-O0'],
  ['-gdwarf-4', '-O2', '-fdebug-types-section'],
  ['-gdwarf-5', '-O2'],
  ['-gdwarf-5', '-gdwarf64', '-gz=zlib', '-O1'],
  ['-gdwarf-5', '-O2', '-march=rv32imac', '-mabi=ilp32', '-fasynchronous-unwind-tables'],
];

/** In each run; `node scripts/symbols.mjs` does many more. */
const rounds = 1000;

for (const kind of kinds) {
  test(`damaged debug information of ${kind.join(' ')} gives problems, never an exception`, (t) => {
    if (!hasGcc) return t.skip(needsGcc);
    const seed = Number(process.env.SEED ?? Date.now() & 0x7fffffff);
    t.diagnostic(`seed ${seed}`);
    const random = randomFrom(seed);
    const whole = new Uint8Array(readFileSync(withVariables(kind)));
    const ranges = targets(whole);
    assert.equal(ask(bytesSource('whole.elf', whole)), 0, 'undamaged there is no problem');
    let damaged = 0;
    for (let round = 0; round < rounds; round++) {
      try {
        if (ask(bytesSource('damaged.elf', damage(whole, ranges, random))) > 0) damaged++;
      } catch (error) {
        throw new Error(`seed ${seed}, round ${round}`, { cause: error });
      }
    }
    assert.ok(damaged > rounds / 10, `only ${damaged} problems: the damage is too small`);
  });
}

test('a damaged section is one problem that names the file and the section; the rest still works', (t) => {
  if (!hasGcc) return t.skip(needsGcc);
  const whole = new Uint8Array(readFileSync(withVariables(['-gdwarf-5', '-O2'])));
  const file = (section: string) => {
    const copy = whole.slice();
    const found = openElf(bytesSource('whole.elf', whole)).sections.find(({ name }) => name === section);
    assert.ok(found);
    copy.fill(0xff, found.offset, found.offset + found.size);
    return new SymbolFile(bytesSource('damaged.elf', copy));
  };
  const everything = (of: SymbolFile) => {
    const [main] = of.symbolsNamed('main');
    const at = main?.value ?? of.entry;
    return {
      symbol: of.symbolAt(at)?.name,
      line: of.lineAt(at)?.line,
      scope: of.debug.scopesAt(at).at(-1)?.function.name,
      type: of.debug.typesNamed('struct tree').length,
    };
  };
  const sound = everything(new SymbolFile(bytesSource('whole.elf', whole)));
  assert.deepEqual(sound, { symbol: 'main', line: 28, scope: 'main', type: 1 });
  for (const [section, lost] of [
    ['.debug_line', { line: undefined }],
    ['.debug_abbrev', { line: undefined, scope: undefined, type: 0 }],
    ['.debug_aranges', {}],
    ['.debug_info', { line: undefined, scope: undefined, type: 0 }],
  ] as const) {
    const damaged = file(section);
    assert.deepEqual(everything(damaged), { ...sound, ...lost }, section);
    assert.equal(damaged.problems.length, 1, damaged.problems.join('\n'));
    assert.match(damaged.problems[0] ?? '', new RegExp(`^damaged\\.elf: \\${section}: `));
  }
});
