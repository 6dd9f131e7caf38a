import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { EventRow, MapRow, RootRow, TableRow } from '../../debug-adapter/protocol/requests.ts';
import { mapRow, mapRows, mapTitle } from '../../extension/views/address-map/rows.ts';
import { groupRows } from '../../extension/views/csrs/rows.ts';
import { eventRow } from '../../extension/views/mmu-events/rows.ts';
import { rootRow, tableRow } from '../../extension/views/page-tables/rows.ts';
import { facts } from '../../extension/views/row.ts';

const space = { root: '0x0000000080210000', mode: 'Sv39' };

const root: RootRow = {
  id: 'Sv39@0x0000000080210000',
  ...space,
  name: 'swapper_pg_dir',
  asids: [0],
  harts: [0, 1],
  firstSeen: '0x00000000000004d2',
  changed: false,
};

const leaf: TableRow = {
  id: 'Sv39@0x0000000080210000/0x0000000080210010',
  kind: 'leaf',
  level: 1,
  firstIndex: 2,
  lastIndex: 5,
  pteAddress: '0x0000000080210010',
  pte: '0x000000002010004b',
  va: '0xffffffff80400000',
  vaEnd: '0xffffffff80bfffff',
  target: '0x0000000080400000',
  pageSize: '0x0000000000200000',
  flags: '.A..X.RV',
  name: '.text',
  changed: true,
};

const run: MapRow = {
  id: 'Sv39@0x0000000080210000/0xffffffff80400000',
  va: '0xffffffff80400000',
  vaEnd: '0xffffffff80bfffff',
  pa: '0x0000000080400000',
  size: '0x0000000000800000',
  pageSize: '0x0000000000200000',
  permissions: 'R-X',
  user: false,
  global: true,
  accessed: true,
  dirty: false,
  memoryType: 'PMA',
  region: '.text',
  writableAndExecutable: false,
  changed: false,
};

const event: EventRow = {
  index: 2,
  kind: 'satp',
  instret: '0x00000000000004d2',
  hart: 0,
  pc: '0xffffffff80001058',
  symbol: 'relocate_enable_mmu+0x58',
  written: '0x8000000000080211',
  before: '0x8000000000080210',
  after: '0x8000000000080211',
  mode: 'Sv39',
  asid: 0,
  root: '0x0000000080211000',
  ignored: false,
  text: 'satp ← Sv39, root pa:0x80211000, ASID 0 (was Sv39, root pa:0x80210000, ASID 0)',
};

describe('Page Tables', () => {
  test('a root in force is open and names its harts; one of the past is closed', () => {
    const now = rootRow(root);
    assert.equal(now.expanded, true);
    assert.equal(now.description, 'Sv39 · pa:0x80210000 · harts 0, 1');
    const past = rootRow({ ...root, name: '0x80210000', harts: [] });
    assert.equal(past.expanded, false);
    assert.equal(past.label, 'pa:0x80210000');
    assert.equal(past.description, 'Sv39');
  });

  test('equal neighbours are one row that goes to the disassembly in its own address space', () => {
    const row = tableRow(leaf, space);
    assert.equal(row.label, '[2–5] 0xffffffff80400000');
    assert.equal(row.description, '.text  .A..X.RV  4 × 2 MiB  → pa:0x80400000');
    assert.equal(row.click, 'code');
    assert.equal(row.code, 'va:0xffffffff80400000@0x80210000:sv39');
    assert.equal(row.mark, 'changed');
    assert.match(row.tooltip, /8 MiB in leaves of 2 MiB/);
  });

  test('a pointer asks for its table and shows it in memory, a leaf has nothing below it', () => {
    const children = { table: '0x0000000080212000', level: 0, va: leaf.va };
    const row = tableRow({ ...leaf, kind: 'pointer', target: children.table, flags: '.......V', children }, space);
    assert.deepEqual(row.more, { ...space, ...children });
    assert.equal(row.memory, 'pa:0x80212000');
    assert.equal(row.click, undefined);
    assert.equal(tableRow(leaf, space).more, undefined);
  });

  test('writable and executable, or malformed, is a danger', () => {
    assert.equal(tableRow({ ...leaf, flags: '.A..XWRV' }, space).mark, 'danger');
    const malformed = tableRow({ ...leaf, kind: 'malformed', name: 'W without R is reserved' }, space);
    assert.equal(malformed.mark, 'danger');
    assert.equal(malformed.description, 'W without R is reserved');
    assert.equal(malformed.memory, undefined);
  });

  test('the menus see what a row can do', () => {
    assert.equal(facts(tableRow(leaf, space)), 'code memory entry value virtual physical mapping');
    assert.equal(facts(rootRow(root)), 'memory value physical root');
  });
});

describe('Kernel Address Map', () => {
  test('a run shows region, permissions, size and where it leads', () => {
    const row = mapRow(run, space);
    assert.equal(row.label, '0xffffffff80400000–80bfffff');
    assert.equal(row.description, '.text  R-X  8 MiB  → pa:0x80400000');
    assert.match(row.tooltip, /0x80400000–80bfffff/);
  });

  test('data goes to memory, W+X is a danger even when it has changed', () => {
    assert.equal(mapRow({ ...run, permissions: 'RW-' }, space).click, 'memory');
    const both = mapRow({ ...run, permissions: 'RWX', writableAndExecutable: true, changed: true }, space);
    assert.equal(both.mark, 'danger');
  });

  test('rows that were left off are one row that asks for them', () => {
    const body = { stop: 1, ...space, rows: [run], total: 301, next: 1 };
    const [, more] = mapRows(body);
    assert.equal(more?.label, 'Show more (300 more runs)');
    assert.equal(mapRows({ stop: 1, ...space, rows: [run], total: 1 }).length, 1);
  });

  test('the title says which root and filter', () => {
    const body = { stop: 1, ...space, rows: [run], total: 1 };
    assert.equal(mapTitle(body, '.text'), 'Sv39 · pa:0x80210000 · “.text”');
    assert.equal(mapTitle({ ...body, mode: 'Bare', rows: [], total: 0 }, ''), '');
  });
});

describe('MMU Events', () => {
  test('the instruction is shown in the address space that it was fetched under', () => {
    assert.equal(eventRow(event).code, 'va:0xffffffff80001058@0x80210000:sv39');
    assert.equal(eventRow({ ...event, pc: '0x0000000080000058', before: '0x0' }).code, 'pa:0x80000058');
  });

  test('a row says what satp is now, its tooltip also what it was', () => {
    const row = eventRow(event);
    assert.equal(row.label, 'satp ← Sv39, root pa:0x80211000, ASID 0');
    assert.match(row.tooltip, /was Sv39, root pa:0x80210000/);
  });

  test('an ignored write says that it had no effect', () => {
    assert.match(eventRow({ ...event, ignored: true }).tooltip, /no effect/);
    assert.doesNotMatch(eventRow(event).tooltip, /no effect/);
  });
});

describe('CSRs', () => {
  const satp = {
    name: 'satp',
    number: 0x180,
    value: '0x8000000000080210',
    summary: 'Sv39, ASID 0, root pa:0x80210000',
    group: 'Supervisor' as const,
    meaning: 'Supervisor Address Translation and Protection',
    changed: true,
    fields: [
      { name: 'MODE', bits: '63:60', value: '0x8', text: 'Sv39', meaning: 'scheme', changed: true },
      { name: 'ASID', bits: '59:44', value: '0x0', text: '0', meaning: 'address space', changed: false },
    ],
  };
  const mepc = {
    ...satp,
    name: 'mepc',
    group: 'Machine' as const,
    value: '0x80000000',
    summary: '_start',
    changed: false,
    fields: [],
  };

  test('groups count what has changed', () => {
    const [supervisor, machine] = groupRows([satp, mepc]);
    assert.equal(supervisor?.description, '1 changed');
    assert.equal(machine?.description, '1');
  });

  test('a CSR shows value and reading, its fields are below it', () => {
    const row = groupRows([satp])[0]?.children?.[0];
    assert.equal(row?.description, '0x8000000000080210  Sv39, ASID 0, root pa:0x80210000');
    assert.deepEqual(
      row?.children?.map(({ id, description, mark }) => [id, description, mark]),
      [
        ['satp.MODE', 'Sv39  bits 63:60', 'changed'],
        ['satp.ASID', '0  bits 59:44', undefined],
      ],
    );
  });

  test('a CSR that holds an address goes to memory, one that holds fields does not', () => {
    const [supervisor, machine] = groupRows([satp, mepc]);
    assert.equal(machine?.children?.[0]?.memory, '0x80000000');
    assert.equal(supervisor?.children?.[0]?.memory, undefined);
  });
});
