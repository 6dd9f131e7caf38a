import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type PhysAddr, phys, virt } from '../../emulator/address.ts';
import type { Access } from '../../emulator/inspection.ts';
import { Sv39, Sv57 } from '../../emulator/mmu/modes.ts';
import { type Regime, type WalkMemory, walk } from '../../emulator/mmu/walk.ts';
import { explain, regimeText } from '../../kernel/index.ts';
import { A, anyLoad, D, PageTables, pte, R, TestMemory, U, V, W, walkMemory, X } from '../support/page-tables.ts';

const built = () => new PageTables(new TestMemory(16 * 4096), Sv39);
const strict = { sum: false, mxr: false, hardwareAD: false } as const;

function explained(
  tables: PageTables,
  va: bigint,
  access: Access = 'load',
  regime: Partial<Regime> = {},
  memory: WalkMemory = walkMemory(tables.memory),
) {
  return explain(walk(memory, { ...anyLoad(tables.space()), ...strict, ...regime }, virt(va), access));
}

describe('a walk in words', () => {
  test('names every level, its PTE and where it leads', () => {
    const tables = built();
    tables.map(0x80400000n, 0x80600000n, R | X | A | D, 1);
    const result = explained(tables, 0x80412345n, 'fetch');
    assert.deepEqual(
      result.steps.map(({ level, index, pteAddress, text }) => [level, index, pteAddress, text]),
      [
        [2, 2, phys(0x80000010n), 'pointer → pa:0x80001000'],
        [1, 2, phys(0x80001010n), 'leaf 2 MiB → pa:0x80600000 DA..X.RV'],
      ],
    );
    assert.ok(result.ok);
    assert.equal(result.pa, 0x80612345n);
    assert.equal(result.pageSize, 0x200000n);
    assert.equal(result.permissions, 'R-X');
    assert.equal(result.text, '0x80412345 → pa:0x80612345, in a 2 MiB page, R-X.');
    assert.equal(result.regime, 'Sv39, root pa:0x80000000, S-mode, SUM=0 MXR=0');
  });

  test('says what the hardware sets on this access, the memory type and the owner', () => {
    const tables = built();
    tables.setLeaf(0x1000n, 0, pte(0x80005000n, V | R | W | U) | (2n << 61n));
    const result = explained(tables, 0x1008n, 'store', { privilege: 0, hardwareAD: true, pbmt: true });
    assert.ok(result.ok);
    assert.equal(
      result.text,
      '0x1008 → pa:0x80005008, in a 4 KiB page, RW-, user, memory type IO; the hardware sets A and D.',
    );
    assert.equal(result.memoryType, 'IO');
  });

  test('Bare and M-mode do not translate', () => {
    const tables = built();
    const bare = explained(tables, 0x80001000n, 'load', { mode: undefined });
    assert.deepEqual(
      [bare.ok, bare.steps.length, bare.text],
      [true, 0, '0x80001000 is pa:0x80001000: Bare does not translate.'],
    );
    const machine = explained(tables, 0x80001000n, 'load', { mode: undefined, privilege: 3 });
    assert.equal(machine.regime, 'M-mode: no translation');
    assert.equal(
      regimeText({ ...anyLoad(tables.space()), privilege: 0 }),
      'Sv39, root pa:0x80000000, U-mode, SUM=1 MXR=1',
    );
  });

  test('asks for the names of the address', () => {
    const tables = built();
    tables.map(0x1000n, 0x80005000n, R | A | U);
    const regime = { ...anyLoad(tables.space()) };
    const asked: [bigint, PhysAddr | undefined, boolean | undefined][] = [];
    const result = explain(walk(walkMemory(tables.memory), regime, virt(0x1010n), 'load'), {
      regionOf(va, pa, user) {
        asked.push([va, pa, user]);
        return 'user';
      },
      symbolOf: (va) => `main+0x${va.toString(16)}`,
    });
    assert.deepEqual(asked, [[0x1010n, 0x80005010n, true]]);
    assert.deepEqual([result.region, result.symbol], ['user', 'main+0x1010']);
  });
});

describe('a failed walk in one sentence', () => {
  const at = 'the level-0 PTE at pa:0x80002008';
  const leaves: [string, bigint, Access, Partial<Regime>, string][] = [
    ['V', 0n, 'load', {}, `Load page fault (13) for 0x1000: ${at} (0x0000000000000000) has V = 0.`],
    ['W without R', pte(0x80005000n, V | W), 'store', {}, 'has W = 1 and R = 0, which is reserved.'],
    ['reserved bits', V | R | (5n << 54n), 'load', {}, 'has reserved bits 60:54 = 0x5 set.'],
    [
      'PBMT off',
      V | R | (1n << 61n),
      'load',
      {},
      'has PBMT (bits 62:61) set, which is reserved unless menvcfg.PBMTE = 1 (Svpbmt).',
    ],
    ['PBMT 3', V | R | (3n << 61n), 'load', { pbmt: true }, 'has PBMT (bits 62:61) = 3, which is reserved.'],
    ['N off', V | R | (1n << 63n), 'load', {}, 'has N (bit 63) = 1 and PPN[3:0] other than 1000, which is reserved.'],
    ['N absent', pte(0x8000n, V | R) | (1n << 63n), 'load', {}, 'has N (bit 63) = 1 while Svnapot is not there.'],
    ['pointer', V, 'fetch', {}, 'is a pointer (R = W = X = 0) at level 0, where only leaves may be.'],
    [
      'pointer bits',
      V | A | D | U,
      'load',
      {},
      'is a pointer (R = W = X = 0) and has U, A, D set, which is reserved in pointers.',
    ],
    ['user', V | R | U | A, 'load', {}, 'has U = 1, and S-mode may not touch user pages while SUM = 0.'],
    ['user fetch', V | X | U | A, 'fetch', { sum: true }, 'has U = 1, and S-mode may never execute user pages.'],
    ['supervisor', V | R | A, 'load', { privilege: 0 }, 'has U = 0, and U-mode may only touch pages with U = 1.'],
    ['R', V | X | A, 'load', {}, 'has R = 0 (X = 1 would do if MXR were 1).'],
    ['W', V | R | A, 'store', {}, `Store/AMO page fault (15) for 0x1000: ${at} (0x0000000000000043) has W = 0.`],
    ['X', V | R | A, 'fetch', {}, `Instruction page fault (12) for 0x1000: ${at} (0x0000000000000043) has X = 0.`],
    ['A', V | R, 'load', {}, 'has A = 0, and the hardware does not set it (Svade).'],
    ['D', V | R | W | A, 'store', {}, 'has D = 0 at a store, and the hardware does not set it (Svade).'],
  ];
  for (const [name, raw, access, regime, text] of leaves) {
    test(`${name}: ${text}`, () => {
      const tables = built();
      tables.setLeaf(0x1000n, 0, raw);
      const result = explained(tables, 0x1000n, access, regime);
      assert.ok(!result.ok);
      assert.ok(result.text.endsWith(text), result.text);
      assert.ok(result.text.includes(at), result.text);
    });
  }

  test('a non-canonical address', () => {
    const result = explained(built(), 0x4000000000n, 'store');
    assert.ok(!result.ok);
    assert.equal(
      result.text,
      'Store/AMO page fault (15) for 0x4000000000: 0x4000000000 is not canonical: bits 63:39 do not all equal bit 38, as Sv39 requires.',
    );
  });

  test('a misaligned superpage', () => {
    const tables = built();
    tables.setLeaf(0x40000000n, 1, 0x200400ebn);
    const result = explained(tables, 0x40000000n, 'load');
    assert.ok(!result.ok);
    assert.match(
      result.text,
      /the level-1 PTE at pa:0x80001000 \(0x00000000200400eb\) is a misaligned superpage: the low 9 bits of its PPN are not 0, as a 2 MiB leaf needs\.$/,
    );
    assert.equal(
      result.steps.at(-1)?.text,
      'leaf 2 MiB → pa:0x80100000 DAG.X.RV: is a misaligned superpage: the low 9 bits of its PPN are not 0, as a 2 MiB leaf needs',
    );
  });

  test('a table where there is no memory is an access fault', () => {
    const tables = built();
    tables.set(tables.root, 0, pte(0x1000n, V));
    const result = explained(tables, 0x1000n, 'fetch');
    assert.ok(!result.ok);
    assert.equal(result.cause, 1);
    assert.equal(
      result.text,
      'Instruction access fault (1) for 0x1000, no page fault: the walker could not read the level-1 PTE at pa:0x1000: nothing at this address (PMA).',
    );
    assert.deepEqual(
      [result.steps.at(-1)?.pte, result.steps.at(-1)?.text],
      [undefined, 'unreadable: nothing at this address'],
    );
  });

  test('a translated access that PMP refuses is an access fault', () => {
    const tables = built();
    tables.map(0x1000n, 0x80005000n, R | A);
    const memory: WalkMemory = {
      ...walkMemory(tables.memory),
      refusal: () => ({ by: 'PMP', entry: 0, text: 'PMP entry 0 forbids it' }),
    };
    const result = explained(tables, 0x1000n, 'load', {}, memory);
    assert.ok(!result.ok);
    assert.equal(
      result.text,
      'Load access fault (5) for 0x1000: the level-0 PTE at pa:0x80002008 (0x0000000020001443) maps it to pa:0x80005000, where the S-mode load was denied: PMP entry 0 forbids it.',
    );
  });

  test('A that may not be written back is an access fault', () => {
    const tables = built();
    tables.map(0x1000n, 0x80005000n, R | W);
    const memory: WalkMemory = {
      ...walkMemory(tables.memory),
      refusal: (_address, _size, access) => (access === 'store' ? { by: 'PMP', text: 'read-only' } : undefined),
    };
    const result = explained(tables, 0x1000n, 'load', { hardwareAD: true }, memory);
    assert.ok(!result.ok);
    assert.match(result.text, /needs its A or D bit set, but may not be written: read-only \(PMP\)\.$/);
  });

  test('N above level 0', () => {
    const tables = new PageTables(new TestMemory(4096), Sv57);
    tables.set(tables.root, 0, V | R | (1n << 63n));
    const result = explained(tables, 0n, 'load', { svnapot: true });
    assert.match(result.text, /has N \(bit 63\) = 1 at level 4, where it is reserved/);
  });
});
