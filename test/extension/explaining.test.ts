import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type {
  ExplainBody,
  InForceBody,
  LintRow,
  MmuBreakpointRow,
  PreflightBody,
} from '../../debug-adapter/protocol/requests.ts';
import { lampOf } from '../../extension/lamp.ts';
import { trapMarkdown, trapText } from '../../extension/language/trap.ts';
import { lintRows, problemsOf, seriousFindings } from '../../extension/views/lint/rows.ts';
import { armed, breakpointRows, withChange } from '../../extension/views/mmu-breakpoints/rows.ts';
import { preflightRows } from '../../extension/views/preflight/rows.ts';
import { facts } from '../../extension/views/row.ts';

const steps = [
  {
    level: 2,
    index: 2,
    pteAddress: '0x0000000080210010',
    pte: '0x00000000200848c1',
    text: 'pointer with A and D set, which are reserved',
  },
];

describe('the lamp', () => {
  const body: InForceBody = {
    stop: 1,
    hart: 0,
    privilege: 'S-mode',
    satp: 'Sv39, root pa:0x80210000, ASID 0',
    fetch: { translated: true, text: 'Sv39' },
    load: { translated: true, text: 'Sv39' },
    store: { translated: true, text: 'Sv39' },
    lamp: 'on',
    text: 'Sv39 in force',
    details: ['SUM = 0: S-mode may not touch user pages'],
  };

  test('shows hart and root while what satp says is in force', () => {
    const lamp = lampOf(body, 'hart 0 · S · Sv39 root pa:0x80210000', ['hart 0']);
    assert.equal(lamp.text, '$(circle-filled) hart 0 · S · Sv39 root pa:0x80210000');
    assert.equal(lamp.warns, false);
    assert.match(lamp.tooltip, /\| fetch \| \$\(check\) Sv39 \|/);
    assert.match(lamp.tooltip, /SUM = 0/);
  });

  test('warns and says why when satp is set and nothing is translated', () => {
    const machine = { translated: false, text: 'Bare (M-mode)' };
    const dark: InForceBody = {
      ...{ ...body, privilege: 'M-mode', lamp: 'not-in-force', fetch: machine, load: machine, store: machine },
      text: 'satp set, not in force: M-mode, MPRV=0',
    };
    const lamp = lampOf(dark, 'hart 0 · M · Bare', ['hart 0']);
    assert.equal(lamp.text, '$(warning) hart 0 · satp set, not in force: M-mode, MPRV=0');
    assert.equal(lamp.warns, true);
    assert.match(lamp.tooltip, /\| store \| \$\(dash\) Bare \(M-mode\) \|/);
  });

  test('lists the harts where there are several', () => {
    assert.match(lampOf(body, 'hart 0', ['hart 0', 'hart 1 · stopped']).tooltip, /- hart 1 · stopped/);
    assert.doesNotMatch(lampOf(body, 'hart 0', ['hart 0']).tooltip, /- hart 0/);
  });
});

describe('Pre-flight', () => {
  const body: PreflightBody = {
    stop: 1,
    hart: 0,
    pc: '0x0000000080000294',
    satp: '0x8000000000080010',
    before: 'Bare',
    after: 'Sv39, root pa:0x80010000, ASID 0',
    verdict: 'red',
    text: 'The next fetch, 0x80000298, is not mapped, and neither is stvec.',
    checks: [
      { id: 'mode', verdict: 'ok', title: 'mode', text: 'Sv39 is supported.' },
      { id: 'fetch', verdict: 'bad', title: 'next fetch', text: 'not mapped', va: '0x0000000080000298', steps },
      { id: 'console', verdict: 'warning', title: 'console', text: 'not mapped' },
    ],
    diff: [],
  };

  test('the verdict comes first, then each check in its colour', () => {
    const rows = preflightRows(body);
    assert.deepEqual(
      rows.map(({ id, icon, tint }) => [id, icon, tint]),
      [
        ['verdict', 'error', 'red'],
        ['check-mode', 'pass', 'green'],
        ['check-fetch', 'error', 'red'],
        ['check-console', 'warning', 'amber'],
      ],
    );
    assert.deepEqual([rows[0]?.label, rows[0]?.description], ['Fatal', body.text]);
    assert.match(rows[2]?.tooltip ?? '', /pointer with A and D set/);
  });

  test('the difference between the maps is below a row that counts it', () => {
    const change = { va: '0x0000000080000000', vaEnd: '0x0000000080000fff', region: '.text' };
    const rows = preflightRows({
      ...body,
      diff: [
        { ...change, id: 'a', kind: 'removed', before: 'pa:0x80000000 4 KiB R-X' },
        { ...change, id: 'b', kind: 'added', after: 'pa:0x80000000 4 KiB RW-' },
      ],
    });
    const difference = rows.at(-1);
    assert.equal(difference?.description, '1 added, 1 removed');
    assert.deepEqual(
      difference?.children?.map(({ icon, description }) => [icon, description]),
      [
        ['diff-removed', '.text  pa:0x80000000 4 KiB R-X'],
        ['diff-added', '.text  pa:0x80000000 4 KiB RW-'],
      ],
    );
  });
});

describe('Map Lint', () => {
  const finding: LintRow = {
    id: 'wx-1',
    rule: 'writable-and-executable',
    severity: 'warning',
    text: '.text is writable and executable.',
    va: '0xffffffff80000000',
    vaEnd: '0xffffffff801fffff',
    pa: '0x0000000080000000',
    size: '0x0000000000200000',
    region: '.text',
    symbol: '_start',
    source: { path: '/kernel/start.S', line: 7 },
  };
  const note: LintRow = { ...finding, id: 'n', severity: 'note', explained: 'The trampoline is like that.' };
  const error: LintRow = { ...finding, id: 'e', severity: 'error' };
  const { source: _, ...placeless } = error;
  const body = { stop: 1, root: '0x80010000', mode: 'Sv39', profile: 'Generic', findings: [note, finding, error] };

  test('the worst comes first; what is by design says so', () => {
    const rows = lintRows(body);
    assert.deepEqual(
      rows.map(({ id, tint, description }) => [id, tint, description]),
      [
        ['e', 'red', 'writable-and-executable'],
        ['wx-1', 'amber', 'writable-and-executable'],
        ['n', 'blue', 'by design · writable-and-executable'],
      ],
    );
  });

  test('a click goes to the source line, without one to the memory', () => {
    assert.equal(lintRows(body)[0]?.click, 'source');
    const [row] = lintRows({ ...body, findings: [placeless] });
    assert.equal(row?.click, 'memory');
    assert.equal(row?.memory, 'va:0xffffffff80000000@0x80010000:sv39');
  });

  test('the badge counts what is not by design, Problems have what belongs to a line', () => {
    assert.equal(seriousFindings(body), 2);
    assert.deepEqual(
      problemsOf({ ...body, findings: [note, placeless, finding] }).map(({ path, line, rule }) => [path, line, rule]),
      [['/kernel/start.S', 7, 'writable-and-executable']],
    );
  });
});

describe('MMU Breakpoints', () => {
  const fence: MmuBreakpointRow = {
    id: 'sfence',
    label: 'sfence.vma',
    group: 'Paging',
    description: 'Stops at each sfence.vma.',
    enabled: false,
    published: false,
    filtered: false,
    added: false,
    variables: ['$va', '$asid'],
    hits: 0,
  };
  const trap = { ...fence, id: 'trap:13', label: 'Load page fault', group: 'Traps', enabled: true, hits: 1234 };

  test('events stand under their headings, in the order of first appearance', () => {
    const rows = breakpointRows([fence, trap, { ...fence, id: 'x' }], []);
    assert.deepEqual(
      rows.map(({ label, description, children }) => [label, description, children?.length]),
      [
        ['Paging', undefined, 2],
        ['Traps', '1 on', 1],
      ],
    );
  });

  test('a row says its condition, what it does instead of stopping, and how often it was hit', () => {
    const set = { ...trap, condition: '$tval == 0', log: true };
    const row = breakpointRows([set], [])[0]?.children?.[0];
    assert.equal(row?.description, 'when $tval == 0 · logs · 1 234×');
    assert.equal(row?.checked, true);
    assert.equal(facts(row as never), 'value event');
  });

  test('what is off keeps its condition, what was added and is off stays in the tree', () => {
    const kept = [
      { id: 'sfence', enabled: false, condition: '$va == 0' },
      { id: 'map:0x1000+4K', enabled: false, added: true },
    ];
    const rows = breakpointRows([fence], kept);
    assert.equal(rows[0]?.children?.[0]?.description, 'when $va == 0');
    assert.equal(rows[1]?.label, 'Added');
    assert.equal(rows[1]?.children?.[0]?.checked, false);
    assert.equal(facts(rows[1]?.children?.[0] as never), 'value event added');
  });

  test('an event that cannot be reached says why', () => {
    const row = breakpointRows([{ ...fence, problem: 'No CSR is called "stap".' }], [])[0]?.children?.[0];
    assert.equal(row?.icon, 'warning');
    assert.match(row?.tooltip ?? '', /No CSR is called/);
  });

  test('changes are kept; what is off and says nothing is forgotten; the adapter is told what is on', () => {
    const on = withChange([], 'sfence', { enabled: true });
    assert.deepEqual(armed(on), [{ id: 'sfence' }]);
    const under = withChange(on, 'sfence', { condition: '$va == 0' });
    assert.deepEqual(armed(under), [{ id: 'sfence', condition: '$va == 0' }]);
    const off = withChange(under, 'sfence', { enabled: false });
    assert.deepEqual(armed(off), []);
    assert.equal(off.length, 1);
    assert.deepEqual(withChange(off, 'sfence', { condition: '' }), []);
    const added = withChange([], 'map:0x0', { enabled: true, added: true });
    assert.deepEqual(withChange(added, 'map:0x0', { enabled: false }), [
      { id: 'map:0x0', enabled: false, added: true },
    ]);
  });
});

describe('the explanation of a trap', () => {
  const trap: ExplainBody = {
    stop: 1,
    hart: 0,
    cause: 15,
    interrupt: false,
    name: 'Store/AMO page fault (15)',
    pc: '0x0000000080000264',
    pcSymbol: 'setup_vm+0x10',
    instruction: 'sd a0,0(a1)',
    va: '0x0000000080400010',
    object: '.data',
    effective: 'S-mode, SUM=0 MXR=0, Sv39, root pa:0x80210000, ASID 0',
    steps,
    rule: { id: 'sv39_w', title: 'Virtual Address Translation Process' },
    repairs: [{ text: 'set W in the PTE', warnings: ['makes .text writable'] }],
    text: 'The PTE has W = 0.',
    details: 'line one\nline two',
  };

  test('has the cause, the walk, the rule, and the repair with its warning', () => {
    const text = trapMarkdown(trap);
    for (const part of [/The PTE has W = 0/, /pointer with A and D/, /`sv39\\?_w`/, /set W in the PTE/, /makes \.text/])
      assert.match(text, part);
  });

  test('as a document begins with the cause', () => {
    assert.equal(trapText(trap).split('\n')[1], 'The PTE has W = 0.');
    assert.match(trapText(trap), /line two/);
  });
});
