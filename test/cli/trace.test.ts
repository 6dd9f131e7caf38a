// `pagewalk trace` on the sample: a log that people paste into mails.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { jsonLines, pagewalk, sample } from './binary.ts';

const golden = 'test/cli/golden/trace.txt';
const events = 'satp,sfence,trap,priv,wx,csr:stvec,map:0x3ffefff000,first-use:0x3ffefff000';

describe('pagewalk trace', () => {
  test('prints the same lines as ever', () => {
    const { status, stdout, stderr } = pagewalk(['trace', sample, '--events', events]);
    assert.deepEqual([status, stderr], [0, '']);
    if (process.env.PAGEWALK_UPDATE_GOLDEN) writeFileSync(golden, stdout);
    assert.equal(stdout, readFileSync(golden, 'utf8'));
  });

  test('keeps its columns: numbers end and texts begin where the titles do', () => {
    const { stdout } = pagewalk(['trace', sample, '--events', 'satp,sfence,pte,map-malformed', '--lines', '200']);
    const [title = '', ...lines] = stdout.trimEnd().split('\n');
    const whatAt = title.indexOf('what');
    const pcAt = title.indexOf('pc ');
    assert.ok(lines.length > 10, `${lines.length} lines`);
    for (const line of lines) {
      assert.match(line.slice(0, 13), /^ *\d+$/);
      assert.match(line.slice(pcAt), /^0x[0-9a-f]{16} {2}\S/);
      assert.match(line.slice(whatAt - 2), /^ {2}\S/, line);
    }
  });

  test('--where chooses, and an event without its variables is not meant', () => {
    const rows = jsonLines(['trace', sample, '--events', 'satp,pte,sfence', '--where', '$level == 0 && $new != 0']);
    assert.ok(rows.length > 0);
    assert.ok(rows.every(({ event, text }) => event === 'pte' && String(text).startsWith('level-0 PTE @pa:')));
  });

  test('--where that can never hold says why', () => {
    const { status, stderr } = pagewalk(['trace', sample, '--events', 'sfence', '--where', '$levl == 1']);
    assert.equal(status, 0);
    assert.match(stderr, /--where held for no event: \$levl is neither/);
  });

  test('--lines and --until bound it', () => {
    const few = pagewalk(['trace', sample, '--lines', '3', '--events', 'sfence']);
    assert.equal(few.stdout.trimEnd().split('\n').length, 4);
    assert.match(few.stderr, /stopped after --lines 3/);
    const until = pagewalk(['trace', sample, '--events', 'satp', '--until', 'satp:2']);
    assert.deepEqual([until.status, until.stdout.trimEnd().split('\n').length], [0, 3]);
  });

  test('JSON has the variables of conditions', () => {
    const [first] = jsonLines(['trace', sample, '--events', 'satp', '--lines', '1']);
    const { instret, hart, privilege, symbol, kind, variables } = first as Record<string, unknown>;
    assert.deepEqual([instret, hart, privilege, symbol, kind], [10_095, 0, 'S', 'supervisor+0x22', 'csr-write']);
    assert.deepEqual((variables as Record<string, string>).root, '0x0000000080009000');
  });

  test('an event that there is not is a mistake that names the nearest', () => {
    const { status, stderr } = pagewalk(['trace', sample, '--events', 'satp,sfense']);
    assert.equal(status, 2);
    assert.match(
      stderr,
      /--events sfense: There is no event "sfense"; did you mean "sfence"\? The short names are satp, csr,/,
    );
  });
});
