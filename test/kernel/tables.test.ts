import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hex, phys } from '../../emulator/address.ts';
import { entriesOf, type PagingMode, pagingModes, Sv39, Sv57, spanOf } from '../../emulator/mmu/modes.ts';
import { UserError } from '../../emulator/user-error.ts';
import { listTable, rootTable, type TableEntry } from '../../kernel/index.ts';
import { A, D, G, PageTables, pte, R, TestMemory, U, V, W, X } from '../support/page-tables.ts';

const tables = (mode: PagingMode) => new PageTables(new TestMemory(16 * 4096), mode);
const rows = (built: PageTables, features = {}) => listTable(built.memory, built.space(features));
const line = (row: TableEntry) =>
  `${row.kind} ${row.firstIndex}-${row.lastIndex} ${hex(row.va)}-${hex(row.vaEnd)} → ${hex(row.target)} ${row.flags}`;

/** The rows of the level-0 table that maps address 0. */
function lastLevel(built: PageTables, features = {}): readonly TableEntry[] {
  const space = built.space(features);
  let place = rootTable(space);
  while (place.level > 0) {
    const [row] = listTable(built.memory, space, place);
    assert.equal(row?.kind, 'pointer');
    if (row?.kind === 'pointer') place = row.children;
  }
  return listTable(built.memory, space, place);
}

describe('one table as rows', () => {
  for (const mode of pagingModes) {
    test(`${mode.name}: pointers lead level by level down to the leaves`, () => {
      const built = tables(mode);
      built.map(0x3000n, 0x80003000n, R | W | A | D, 0, 3);
      const found = lastLevel(built);
      assert.deepEqual(found.map(line), ['leaf 3-5 0x3000-0x5fff → 0x80003000 DA...WRV']);
      assert.equal(found[0]?.pageSize, 4096n);
      assert.equal(found[0]?.pteAddress, built.entryAddress(0x3000n, 0));
    });

    test(`${mode.name}: the last entry of the root ends at the last address`, () => {
      const built = tables(mode);
      const last = entriesOf(mode) - 1;
      const level = mode.levels - 1;
      built.set(built.root, last, pte(spanOf(mode, level) * 2n, V | R | X | G));
      const end = mode.pteSize === 4 ? 0xffffffffn : 0xffffffffffffffffn;
      assert.deepEqual(rows(built).map(line), [
        `leaf ${last}-${last} ${hex(end - spanOf(mode, level) + 1n)}-${hex(end)} → ${hex(spanOf(mode, level) * 2n)} ..G.X.RV`,
      ]);
    });
  }

  test('leaves are one row while both addresses go on with equal flags', () => {
    const built = tables(Sv39);
    built.map(0x0n, 0x80000000n, R | A, 0, 2);
    built.map(0x2000n, 0x80002000n, R, 0, 1);
    built.map(0x3000n, 0x80009000n, R, 0, 1);
    built.map(0x5000n, 0x8000b000n, R, 0, 1);
    assert.deepEqual(
      lastLevel(built).map((row) => [row.firstIndex, row.lastIndex]),
      [
        [0, 1],
        [2, 2],
        [3, 3],
        [5, 5],
      ],
    );
  });

  test('pointers are one row only while they are the same value', () => {
    const built = tables(Sv39);
    const [shared, other] = [built.newTable(), built.newTable()];
    for (const index of [4, 5, 6]) built.set(built.root, index, pte(shared, V));
    built.set(built.root, 7, pte(other, V));
    assert.deepEqual(rows(built).map(line), [
      `pointer 4-6 0x100000000-0x1bfffffff → ${hex(shared)} .......V`,
      `pointer 7-7 0x1c0000000-0x1ffffffff → ${hex(other)} .......V`,
    ]);
  });

  test('a NAPOT page is one row of sixteen entries', () => {
    const built = tables(Sv39);
    for (let index = 0n; index < 16n; index += 1n) {
      built.setLeaf(index * 0x1000n, 0, pte(0x80018000n, V | R) | (1n << 63n));
    }
    const found = lastLevel(built, { svnapot: true });
    assert.deepEqual(found.map(line), ['leaf 0-15 0x0-0xffff → 0x80010000 ......RV']);
    assert.equal(found[0]?.pageSize, 0x10000n);
  });

  test('malformed entries are rows with the reason the walk gives', () => {
    const built = tables(Sv39);
    built.set(built.root, 0, pte(0x40000000n, V | W));
    built.set(built.root, 1, pte(0x40000000n, V | R) | (1n << 60n));
    built.set(built.root, 2, pte(0x40000000n, V | R) | (3n << 61n));
    built.set(built.root, 3, pte(0x40000000n, V | R) | (1n << 63n));
    built.set(built.root, 4, pte(0x40000000n, V | U));
    built.set(built.root, 5, pte(0x40001000n, V | R));
    const reasons = rows(built, { pbmt: true, svnapot: true }).map((row) => row.kind === 'malformed' && row.reason);
    assert.deepEqual(reasons, [
      'write-without-read',
      'reserved-bits',
      'reserved-memory-type',
      'reserved-napot',
      'pointer-with-leaf-bits',
      'misaligned-superpage',
    ]);
  });

  test('a table that points to itself is followed down to level 0 and no further', () => {
    const built = tables(Sv57);
    const space = built.space();
    built.set(built.root, 511, pte(built.root, V));
    let place = rootTable(space);
    for (let level = 4; level > 0; level -= 1) {
      const [row] = listTable(built.memory, space, place);
      assert.ok(row?.kind === 'pointer' && row.level === level);
      place = row.children;
      assert.equal(place.table, built.root);
    }
    const [last] = listTable(built.memory, space, place);
    assert.equal(last?.kind === 'malformed' && last.reason, 'pointer-at-last-level');
    assert.equal(hex(last?.va ?? 0n), '0xfffffffffffff000');
  });

  test('entries with V = 0 are no rows whatever else they hold', () => {
    const built = tables(Sv39);
    built.set(built.root, 9, 0xfffffffffffffffen);
    assert.deepEqual(rows(built), []);
  });

  test('a table outside of memory is one clear error', () => {
    const built = tables(Sv39);
    const place = { table: phys(0x1000n), level: 1, va: rootTable(built.space()).va };
    assert.throws(
      () => listTable(built.memory, built.space(), place),
      (error) =>
        error instanceof UserError && /no memory at pa:0x1000, where the level-1 page table/.test(error.message),
    );
  });
});
