import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { phys } from '../../emulator/address.ts';
import { Sv32, Sv39 } from '../../emulator/mmu/modes.ts';
import { detectLayout, linuxPtdump, plainPtdump, ptdump } from '../../kernel/index.ts';
import { kernelFixture } from '../support/kernel-fixtures.ts';
import { A, D, G, PageTables, pte, R, stillMachine, TestMemory, V, W, X } from '../support/page-tables.ts';

describe("the text of Linux's kernel_page_tables", () => {
  for (const name of [
    'linux-6.12-sv57',
    'linux-6.12-sv48',
    'linux-6.12-sv39',
    'linux-6.12-kaslr',
    'linux-6.1-sv32',
    'linux-5.10-sv39',
  ]) {
    test(`${name}: is what the kernel itself printed, line by line`, () => {
      const { memory, space, symbols, image, dump } = kernelFixture(name);
      const machine = stillMachine(memory, { xlen: space.mode === Sv32 ? 32 : 64 });
      const { linux } = detectLayout(machine, space, symbols, image);
      assert.ok(linux);
      assert.deepEqual([...ptdump(memory, space.mode, space.root, linuxPtdump(linux))], dump);
    });
  }
});

describe('a dump of any kernel', () => {
  const built = () => new PageTables(new TestMemory(8 * 4096), Sv39);
  const dump = (tables: PageTables) => [...ptdump(tables.memory, Sv39, tables.root, plainPtdump)];

  test('has no markers, begins at 0 and names the root level PGD', () => {
    const tables = built();
    tables.map(0x80000000n, 0x80000000n, R | X | A | G, 2);
    assert.deepEqual(dump(tables), [
      '0x0000000080000000-0x00000000c0000000    0x0000000080000000         1G PGD .   ..     ..   . A G . X . R V',
    ]);
  });

  test('joins neighbours by their bits alone, as the kernel does, and ends the last line at 0', () => {
    const tables = built();
    tables.map(0xfffffffffffff000n, 0x80005000n, R | W | A | D);
    tables.map(0xffffffffffffe000n, 0x80001000n, R | W | A | D);
    assert.deepEqual(dump(tables), [
      '0xffffffffffffe000-0x0000000000000000    0x0000000080001000         8K PTE .   ..     ..   D A . . . W R V',
    ]);
  });

  test('does not join the halves of the address space across the addresses that are not canonical', () => {
    const tables = built();
    tables.map(0x3fc0000000n, 0x40000000n, R | W, 2);
    tables.map(0x4000000000n, 0x80000000n, R | W, 2);
    assert.deepEqual(
      dump(tables).map((line) => line.slice(0, 37)),
      ['0x0000003fc0000000-0x0000004000000000', '0xffffffc000000000-0xffffffc040000000'],
    );
  });

  test('shows entries with V = 0 that still hold bits', () => {
    const tables = built();
    tables.map(0x1000n, 0x80001000n, R);
    tables.setLeaf(0x2000n, 0, pte(0x80002000n, R | W | A));
    assert.deepEqual(dump(tables)[1]?.slice(-16), '. A . . . W R .'.padStart(16));
  });

  test('names N, the memory type and RSW', () => {
    const tables = built();
    const special = (1n << 63n) | (1n << 61n) | (3n << 8n);
    tables.setLeaf(0x10000n, 0, pte(0x80008000n, V | R) | special);
    assert.deepEqual(dump(tables), [
      '0x0000000000010000-0x0000000000011000    0x0000000080000000         4K PTE N MT(NC) RSW(3) . . . . . . R V',
    ]);
  });

  test('a shadow of shared tables is one line of level PTE, at once', () => {
    const tables = built();
    const [last, middle] = [tables.newTable(), tables.newTable()];
    for (let index = 0; index < 512; index += 1) {
      tables.set(last, index, pte(0x80005000n, V | R | A | D));
      tables.set(middle, index, pte(last, V));
      if (index >= 256 && index < 400) tables.set(tables.root, index, pte(middle, V));
    }
    assert.deepEqual(dump(tables), [
      '0xffffffc000000000-0xffffffe400000000    0x0000000080005000       144G PTE .   ..     ..   D A . . . . R V',
    ]);
  });

  test('prints 32-bit addresses under Sv32', () => {
    const tables = new PageTables(new TestMemory(8 * 4096), Sv32);
    tables.map(0xc0000000n, 0x80400000n, R | X, 1, 2);
    assert.deepEqual(
      [...ptdump(tables.memory, Sv32, phys(tables.root), plainPtdump)],
      ['0xc0000000-0xc0800000    0x80400000         8M PGD   ..   . . . . X . R V'],
    );
  });
});
