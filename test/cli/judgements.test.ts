// The verbs that judge, as users run them: on the bug zoo, its repaired twins and the sample.

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { pagewalk, sample } from './binary.ts';

const zoo = path.resolve('samples/bug-zoo');
/** Svade, so that A and D are software's matter; the other extensions as the zoo needs them. */
const strict = ['--isa', 'rv64gc_svade_zicntr_svpbmt_svnapot', '--limit', '20000000'];
const kernel = (name: string, which: 'bug' | 'repaired') => {
  const folder = readdirSync(zoo).find((each) => each.startsWith(`${name}-`));
  return path.join(zoo, folder as string, `${which}.elf`);
};

const folder = mkdtempSync(path.join(tmpdir(), 'pagewalk-check-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const checkFile = (text: string) => {
  const file = path.join(folder, 'map.check');
  writeFileSync(file, text);
  return file;
};

describe('pagewalk explain', () => {
  const causes: readonly [string, RegExp][] = [
    [
      'Z1',
      /^Instruction access fault \(1\) for 0x[0-9a-f]+: the S-mode fetch was denied: no PMP entry matches \(0 of 16 set\)\.$/m,
    ],
    [
      'Z2',
      /^Instruction page fault \(12\) for 0x[0-9a-f]+: the level-0 PTE at pa:0x[0-9a-f]+ \(0x[0-9a-f]+\) has A = 0, and the hardware does not set it \(Svade\)\.$/m,
    ],
    [
      'Z8',
      /^Load access fault \(5\) for 0x[0-9a-f]+: the M-mode load was denied: nothing at this address \(PMA\); satp names Sv39, which M-mode does not use \(MPRV=0\)\.$/m,
    ],
    [
      'Z9',
      /^Load access fault \(5\) for 0x40000000, no page fault: the walker could not read the level-1 PTE at pa:0x[0-9a-f]+: PMP entry 0 has R=0\.$/m,
    ],
    ['Z11', /is a misaligned superpage: the low 18 bits of its PPN are not 0, as a 1 GiB leaf needs\.$/m],
  ];
  for (const [name, cause] of causes) {
    test(`${name}: names the cause in the first line and ends with 1`, () => {
      const bug = pagewalk(['explain', kernel(name, 'bug'), ...strict]);
      assert.match(bug.stdout.split('\n')[0] ?? '', cause);
      assert.equal(bug.status, 1, bug.stderr);
    });
  }

  test('a repaired kernel has no unexpected trap', () => {
    const { stdout, status } = pagewalk(['explain', kernel('Z11', 'repaired'), ...strict]);
    assert.deepEqual([stdout, status], ['no unexpected trap\n', 0]);
  });

  test('proposes the smallest change, and says what is bad about it', () => {
    const { stdout } = pagewalk(['explain', kernel('Z11', 'bug'), ...strict]);
    assert.match(
      stdout,
      /^would pass if: clear bits 9:0 of PPN in the level-2 PTE at pa:0x[0-9a-f]+: 0x00000000200800c7 → 0x00000000200000c7$/m,
    );
    assert.match(
      stdout,
      /^ {2}but the leaf then maps pa:0x80000000, not pa:0x80200000: a table of smaller pages can map the latter$/m,
    );
    assert.match(stdout, /^rule: Sv39_superpage_align_fault, /m);
  });

  test('with --at explains the trap that the hart is in there, and why it was expected', () => {
    const { stdout, status } = pagewalk(['explain', sample, '--at', 'satp:3', '--format', 'json']);
    const { cause, va, expected, repairs } = JSON.parse(stdout);
    assert.deepEqual([cause, va, status], [12, '0x00000000800000bc', 0]);
    assert.equal(expected, 'a planned jump: stvec names the next instruction where it is linked');
    assert.match(
      repairs[0].text,
      /^map 0x800000bc: let the level-2 PTE at pa:0x80008010 .* point to a table that maps it to pa:0x800000bc$/,
    );
  });

  test('--limit before any trap is 3', () => {
    assert.equal(pagewalk(['explain', sample, '--limit', '1000']).status, 3);
  });
});

describe('pagewalk preflight', () => {
  for (const name of ['Z2', 'Z7']) {
    test(`${name}: red with code 1 before the write; its repaired twin is green`, () => {
      const bug = pagewalk(['preflight', kernel(name, 'bug'), ...strict]);
      assert.match(bug.stdout, /^red {4}satp:1 ← Sv39/);
      assert.match(
        bug.stdout,
        /^The next fetch, 0x[0-9a-f]+ <.*the handler at stvec .*: the hart will fault for ever\.$/m,
      );
      assert.equal(bug.status, 1);
      const repaired = pagewalk(['preflight', kernel(name, 'repaired'), ...strict]);
      assert.deepEqual([...new Set(repaired.stdout.match(/^(green|yellow|red)/gm))], ['green']);
      assert.equal(repaired.status, 0);
    });
  }

  test('judges one write in full, with what it changes in the map', () => {
    const { stdout, status } = pagewalk(['preflight', sample, '--at', 'satp:3', '--format', 'json']);
    const { verdict, checks, diff } = JSON.parse(stdout);
    assert.deepEqual([verdict, status], ['green', 0]);
    assert.deepEqual(
      checks.map(({ id }: { id: string }) => id),
      ['root', 'fetch', 'stvec', 'sp', 'gp', 'tp', 'console'],
    );
    const text = diff.find(({ va }: { va: string }) => va === '0xffffffff80000000');
    assert.deepEqual([text.kind, text.before, text.after], ['changed', 'pa:0x80000000 RWX', 'pa:0x80000000 R-X']);
  });

  test('another point must stand at a write', () => {
    const { status, stderr } = pagewalk(['preflight', sample, '--at', 'symbol:kernel_main']);
    assert.match(stderr, /--at symbol:kernel_main: the instruction there does not write satp/);
    assert.equal(status, 2);
  });
});

describe('pagewalk lint', () => {
  test('ends with 1 for findings and with 0 without', () => {
    const early = pagewalk(['lint', sample, '--at', 'satp:2']);
    assert.match(
      early.stdout,
      /^error: writable-and-executable: 0xffffffff80000000–0xffffffff801fffff \(\.text … \.bss\)/m,
    );
    assert.equal(early.status, 1);
    assert.deepEqual([pagewalk(['lint', sample, '--at', 'satp:3']).status], [0]);
  });

  test('writes SARIF and JSON', () => {
    const log = JSON.parse(pagewalk(['lint', sample, '--at', 'satp:2', '--format', 'sarif']).stdout);
    assert.deepEqual(
      log.runs[0].results.map(({ ruleId, level }: { ruleId: string; level: string }) => [ruleId, level]),
      [
        ['writable-and-executable', 'error'],
        ['no-guard-page', 'warning'],
      ],
    );
    const [first] = pagewalk(['lint', sample, '--at', 'satp:2', '--format', 'json']).stdout.split('\n');
    assert.equal(JSON.parse(first ?? '').pteAddress, '0x0000000080010000');
  });
});

describe('pagewalk check', () => {
  const good = [
    'va 0xffffffff80000000 +4K -> pa 0x80000000 R-X at symbol:kernel_main',
    'no W+X',
    'at satp:1',
    'va 0x80000000 +1G -> pa 0x80000000 RWX',
    'va 0xffffffff80000000 not mapped',
    'va 0x80000000 same in every mode',
  ];

  test('goes to every point in one run, and ends with 0 when all is as expected', () => {
    const { stdout, status } = pagewalk(['check', checkFile(good.join('\n')), sample]);
    assert.match(stdout, /4 passed, 0 failed, 1 skipped\n$/);
    assert.equal(status, 0);
  });

  test('in several modes, with places that are the same in all', () => {
    const { stdout, status } = pagewalk([
      'check',
      checkFile(good.join('\n')),
      sample,
      '--mmu',
      'sv39,sv48',
      '--format',
      'json',
    ]);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual([lines.length, status], [10, 0]);
    assert.ok(lines.every(({ state }) => state === 'passed'));
    assert.deepEqual([...new Set(lines.map(({ mode }) => mode))], ['sv39', 'sv48']);
  });

  test('a failure has its place, what was expected and what is; the exit code is 1', () => {
    const file = checkFile(
      'va 0xffffffff80000000 RWX\nmode Sv39 at symbol:kernel_main\nno W+X at console:"never printed"\n',
    );
    const { stdout, status } = pagewalk(['check', file, sample]);
    assert.deepEqual(stdout.split('\n').slice(0, 4), [
      `${file}:1:1: failed: va 0xffffffff80000000 RWX at end: 0xffffffff80000000 is R-X, not RWX`,
      `${file}:2:1: passed: mode Sv39 at symbol:kernel_main`,
      `${file}:3:1: failed: no W+X at console:never printed: the point was never reached: the guest ended before`,
      '1 passed, 2 failed, 0 skipped',
    ]);
    assert.equal(status, 1);
    assert.match(pagewalk(['check', file, sample, '--format', 'tap']).stdout, /^TAP version 14\n1\.\.3\nnot ok 1 - /);
    assert.match(
      pagewalk(['check', file, sample, '--format', 'junit']).stdout,
      /<testsuite name="pagewalk check" tests="3" failures="2" skipped="0">/,
    );
  });

  test('mistakes are 2, the limit is 3', () => {
    const broken = checkFile('no W+X\nva 0x1000 +4Q RX\n');
    const { status, stderr } = pagewalk(['check', broken, sample]);
    assert.deepEqual(
      [status, stderr],
      [2, `pagewalk: ${broken}:2:11: "4Q" is no size: write 4K, 2M, 1G or a number of bytes\n`],
    );
    assert.equal(pagewalk(['check', path.join(folder, 'none.check'), sample]).status, 2);
    assert.equal(pagewalk(['check', checkFile('no W+X\n'), sample, '--limit', '1000']).status, 3);
  });

  test('--list only reads the file', () => {
    const { stdout, status } = pagewalk(['check', checkFile(good.join('\n')), '--list', '--format', 'json']);
    assert.equal(status, 0);
    assert.deepEqual(
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).line),
      [1, 2, 4, 5, 6],
    );
  });
});
