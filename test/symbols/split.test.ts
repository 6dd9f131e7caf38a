import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { inflate } from '../../debug-adapter/node-host.ts';
import { SymbolFile, typeDefinition, typeText } from '../../symbols/index.ts';
import { fileSource } from '../support/file-source.ts';
import { build, hasGcc, needsGcc } from '../support/riscv-gcc.ts';
import { withVariables } from './programs.ts';

function open(elf: string): SymbolFile {
  const companion = (name: string) => {
    const full = path.resolve(path.dirname(elf), name);
    return existsSync(full) ? fileSource(full) : undefined;
  };
  return new SymbolFile(fileSource(elf), { inflate, companion });
}

/** Everything that is asked of `main`'s unit, as text. */
function told(file: SymbolFile): unknown {
  const { debug } = file;
  return {
    scopes: ['main', 'combine', 'triple'].map((name) =>
      debug
        .scopesAt(file.symbolsNamed(name)[0]?.value ?? file.entry)
        .map((scope) => [
          typeText(scope.function.type, scope.function.name),
          scope.inlined,
          scope.function.declared?.line,
          path.basename(scope.function.declared?.file ?? ''),
          scope.blocks.map(({ variables }) =>
            variables.map(({ name, type, kind }) => `${kind} ${typeText(type, name)}`),
          ),
        ]),
    ),
    copies: debug.copiesOf('helper').map(({ entry, inlined, call }) => [entry, inlined, call?.line]),
    types: ['struct tree', 'enum kind'].flatMap((name) => debug.typesNamed(name)).map(typeDefinition),
    variables: ['tree', 'counter']
      .flatMap((name) => debug.variablesNamed(name))
      .map(({ name, address }) => [name, address]),
    units: debug
      .units()
      .map(({ name }) => path.basename(name))
      .sort(),
    problems: file.problems,
  };
}

/** Each unit has the shared types, and abbreviations of its own for them. */
const sharing = {
  'shape.h': `enum sides { TRIANGLE = 3, SQUARE };
struct colour { unsigned char red, green, blue; };
struct shape { enum sides sides; struct colour colour; struct shape *next; long area : 40; };
`,
  'first.c': `#include "shape.h"
struct shape first;
void _start(void) { for (;;) first.area++; }
`,
  'second.c': `#include "shape.h"
union number { float real; int whole; };
typedef union number (*maker)(const volatile char *, double);
maker made[3];
struct shape *second[4];
int count(int by) { static int calls; return calls += by; }
`,
  'third.c': `struct only_here { short x; } here;
#include "shape.h"
struct { struct shape inner; struct only_here here; } third;
`,
};

// GNU as leaves lengths that the linker would tell out of .dwo files, also without relaxation: inlined copies and blocks
// that are contiguous have no end there, and -O0 makes no others.
const kinds = [
  ['-gdwarf-5', '-O2'],
  ['-gdwarf-4', '-O2'],
  ['-gdwarf-5', '-O2', '-fdebug-types-section'],
  ['-gdwarf-5', '-O2', '-march=rv32imac', '-mabi=ilp32'],
];

describe('split debug information', () => {
  for (const kind of kinds) {
    test(`of ${kind.join(' ')} says the same as what was not split`, (t) => {
      if (!hasGcc) return t.skip(needsGcc);
      const split = withVariables([...kind, '-gsplit-dwarf', '-mno-relax']);
      assert.ok(readdirSync(path.dirname(split)).some((name) => name.endsWith('.dwo')));
      assert.deepEqual(told(open(split)), told(open(withVariables([...kind, '-mno-relax']))));
    });
  }

  for (const more of [[], ['-fdebug-types-section']])
    test(`in a package says the same ${more.join()}`, (t) => {
      if (!hasGcc) return t.skip(needsGcc);
      if (spawnSync('dwp', ['--version']).error) return t.skip('needs dwp, of binutils');
      const elf = withVariables(['-gdwarf-4', '-O2', '-gsplit-dwarf', '-mno-relax', ...more]);
      const folder = path.dirname(elf);
      const whole = told(open(elf));
      const files = readdirSync(folder).filter((name) => name.endsWith('.dwo'));
      const run = spawnSync('dwp', ['-o', `${elf}.dwp`, ...files], { cwd: folder, encoding: 'utf8' });
      assert.equal(run.status, 0, run.stderr);
      for (const name of files) rmSync(path.join(folder, name));
      assert.deepEqual(told(open(elf)), whole);
    });

  test('in a package finds the types that its units share, whichever of them brought them', (t) => {
    if (!hasGcc) return t.skip(needsGcc);
    if (spawnSync('dwp', ['--version']).error) return t.skip('needs dwp, of binutils');
    const flags = [
      '-gdwarf-4',
      '-O0',
      '-fdebug-types-section',
      '-mno-relax',
      '-mcmodel=medany',
      '-Wl,-Ttext=0x80000000',
    ];
    const shapes = (file: SymbolFile) => ({
      variables: ['first', 'second', 'third']
        .flatMap((name) => file.debug.variablesNamed(name))
        .map(({ name, type }) => [typeText(type, name), typeDefinition(type)]),
      types: ['struct shape', 'struct colour', 'struct only_here', 'enum sides']
        .flatMap((name) => file.debug.typesNamed(name))
        .map(typeDefinition),
      enumerator: file.debug.enumeratorNamed('SQUARE')?.value,
      problems: file.problems,
    });
    const elf = build(sharing, [...flags, '-gsplit-dwarf']);
    const folder = path.dirname(elf);
    const files = readdirSync(folder).filter((name) => name.endsWith('.dwo'));
    assert.equal(files.length, 3);
    const run = spawnSync('dwp', ['-o', `${elf}.dwp`, ...files], { cwd: folder, encoding: 'utf8' });
    assert.equal(run.status, 0, run.stderr);
    for (const name of files) rmSync(path.join(folder, name));
    const packaged = shapes(open(elf));
    assert.deepEqual(packaged, shapes(open(build(sharing, flags))));
    assert.equal(packaged.variables.length, 3);
    assert.equal(packaged.types.length, 4);
    assert.equal(packaged.enumerator, 4n);
  });

  test('that is missing is one problem that names the file; lines and symbols still work', (t) => {
    if (!hasGcc) return t.skip(needsGcc);
    const elf = withVariables(['-gdwarf-5', '-O2', '-gsplit-dwarf', '-mno-relax']);
    const file = new SymbolFile(fileSource(elf));
    const [main] = file.symbolsNamed('main');
    assert.ok(main);
    assert.equal(file.lineAt(main.value)?.line, 28);
    assert.deepEqual(file.debug.scopesAt(main.value), []);
    assert.equal(file.problems.length, 1);
    assert.match(file.problems[0] ?? '', /main\.dwo is missing/);
  });
});
