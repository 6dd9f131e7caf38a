// The problem matchers of package.json on what the tools print.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { hasGcc, needsGcc } from '../support/riscv-gcc.ts';

interface Pattern {
  readonly regexp: string;
  readonly file?: number;
  readonly line?: number;
  readonly severity?: number;
  readonly message?: number;
}

interface Matcher {
  readonly name: string;
  readonly pattern: Pattern | readonly Pattern[];
}

const { contributes } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  contributes: { problemMatchers: readonly Matcher[] };
};

/** `file:line severity message` of each problem that the matcher finds, as the editor does: its patterns line by line. */
function problems(name: string, text: string): string[] {
  const matcher = contributes.problemMatchers.find((each) => each.name === name);
  assert.ok(matcher, name);
  const patterns = [matcher.pattern].flat() as readonly Pattern[];
  const lines = text.split('\n');
  return lines.flatMap((_, start) => {
    const found: Partial<Record<keyof Pattern, string>> = {};
    for (const [index, pattern] of patterns.entries()) {
      const match = new RegExp(pattern.regexp).exec(lines[start + index] ?? '');
      if (!match) return [];
      for (const key of ['file', 'line', 'severity', 'message'] as const) {
        const group = pattern[key];
        if (group !== undefined) found[key] = match[group] ?? '';
      }
    }
    return [
      `${path.basename(found.file ?? '')}:${found.line} ${found.severity?.toLowerCase() ?? 'error'} ${found.message}`,
    ];
  });
}

describe('problem matchers', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'pagewalk-problems-'));
  after(() => rmSync(folder, { recursive: true }));

  /** What gcc prints for a file. */
  function gcc(name: string, text: string, ...more: string[]): string {
    writeFileSync(path.join(folder, name), text);
    const options = ['-march=rv64imac', '-mabi=lp64', '-Wall', '-ffreestanding', '-g', ...more, name];
    return spawnSync('riscv64-unknown-elf-gcc', options, { cwd: folder, encoding: 'utf8' }).stderr;
  }

  test('find the errors and warnings of gcc', { skip: hasGcc ? false : needsGcc }, () => {
    const text = gcc('main.c', 'int f(void) {\n  int unused;\n  return missing;\n}\n', '-c');
    const found = problems('riscv-gcc', text);
    assert.ok(
      found.some((line) => /^main\.c:3 error .*missing.* undeclared/.test(line)),
      text,
    );
    assert.ok(
      found.some((line) => /^main\.c:2 warning unused variable/.test(line)),
      text,
    );
  });

  test('find the errors of the assembler, which tells no column', { skip: hasGcc ? false : needsGcc }, () => {
    const text = gcc('trap.S', '  nop\n  frobnicate a0\n', '-c');
    assert.deepEqual(problems('riscv-gcc', text), ["trap.S:2 error unrecognized opcode `frobnicate a0'"]);
  });

  test('find what the linker misses, at its source line, and errors in linker scripts', {
    skip: hasGcc ? false : needsGcc,
  }, () => {
    const text = gcc('start.c', 'void missing(void);\nvoid _start(void) {\n  missing();\n}\n', '-nostdlib');
    const found = problems('riscv-ld', text);
    assert.ok(
      found.some((line) => /^start\.c:3 error undefined reference to `missing'/.test(line)),
      text,
    );
    writeFileSync(path.join(folder, 'kernel.ld'), 'SECTIONS\n{\n  .text : { *(.text) \n  oops oops\n}\n');
    const script = gcc('start.c', 'void _start(void) {}\n', '-nostdlib', '-T', 'kernel.ld');
    assert.ok(
      problems('riscv-ld', script).some((line) => /^kernel\.ld:\d+ error syntax error/.test(line)),
      script,
    );
  });

  test('find what cargo says, whose places are in the second lines', () => {
    assert.deepEqual(problems('riscv-cargo', cargoErrors), [
      'paging.rs:2 error cannot find function `missing_function` in this scope',
      'main.rs:4 error mismatched types',
      'main.rs:5 error mismatched types',
      'paging.rs:1 note function defined here',
    ]);
    assert.deepEqual(problems('riscv-cargo', cargoWarnings), [
      'main.rs:3 warning unused variable: `unused`',
      'paging.rs:4 warning function `never` is never used',
    ]);
  });
});

// What cargo 1.95 has printed.

const cargoErrors = `   Compiling k v0.1.0 (/kernel)
error[E0425]: cannot find function \`missing_function\` in this scope
 --> src/paging.rs:2:5
  |
2 |     missing_function(a)
  |     ^^^^^^^^^^^^^^^^ not found in this scope

error[E0308]: mismatched types
 --> src/main.rs:4:18
  |
4 |     let x: u64 = "text";
  |            ---   ^^^^^^ expected \`u64\`, found \`&str\`
  |            |
  |            expected due to this

error[E0308]: mismatched types
 --> src/main.rs:5:17
  |
5 |     paging::map(1);
  |     ----------- ^ expected \`&str\`, found integer
  |     |
  |     arguments to this function are incorrect
  |
note: function defined here
 --> src/paging.rs:1:8
  |
1 | pub fn map(a: &str) -> u64 {
  |        ^^^ -------

Some errors have detailed explanations: E0308, E0425.
For more information about an error, try \`rustc --explain E0308\`.
error: could not compile \`k\` (bin "k") due to 3 previous errors
`;

const cargoWarnings = `   Compiling k v0.1.0 (/kernel)
warning: unused variable: \`unused\`
 --> src/main.rs:3:9
  |
3 |     let unused = 1;
  |         ^^^^^^ help: if this is intentional, prefix it with an underscore: \`_unused\`
  |
  = note: \`#[warn(unused_variables)]\` (part of \`#[warn(unused)]\`) on by default

warning: function \`never\` is never used
 --> src/paging.rs:4:8
  |
4 | pub fn never() {}
  |        ^^^^^
  |
  = note: \`#[warn(dead_code)]\` (part of \`#[warn(unused)]\`) on by default

warning: \`k\` (bin "k") generated 2 warnings (run \`cargo fix --bin "k" -p k\` to apply 1 suggestion)
    Finished \`dev\` profile [unoptimized + debuginfo] target(s) in 1.81s
`;
