import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hex, type PhysAddr, plus, type VirtAddr, virt } from '../../emulator/address.ts';
import {
  canonical,
  entriesOf,
  type PagingMode,
  pagingModes,
  Sv32,
  Sv39,
  Sv57,
  spanOf,
} from '../../emulator/mmu/modes.ts';
import { walk } from '../../emulator/mmu/walk.ts';
import { leafRuns, type MapRun, mappings, mergeRuns } from '../../kernel/index.ts';
import {
  A,
  anyLoad,
  D,
  G,
  PageTables,
  pte,
  R,
  randomFrom,
  TestMemory,
  U,
  V,
  W,
  walkMemory,
  X,
} from '../support/page-tables.ts';

const tables = (mode: PagingMode, count = 32) => new PageTables(new TestMemory(count * 4096), mode);
const line = (run: MapRun) =>
  `${hex(run.va)} ${hex(run.pa)} ${hex(run.size)} ${hex(run.pageSize)} ${run.r ? 'R' : '-'}${run.w ? 'W' : '-'}${run.x ? 'X' : '-'}${run.u ? 'U' : ''}${run.g ? 'G' : ''} A:${run.accessed} D:${run.dirty}`;
const lines = (built: PageTables, features = {}) => [...mappings(built.memory, built.space(features))].map(line);

describe('the runs of an address space', () => {
  for (const mode of pagingModes) {
    test(`${mode.name}: leaves that go on in virtual and physical addresses are one run, across tables too`, () => {
      const built = tables(mode);
      const va = spanOf(mode, 1) - 0x3000n;
      built.map(va, 0x80003000n, R | W | A | D, 0, 7);
      assert.deepEqual(lines(built), [`${hex(va)} 0x80003000 0x7000 0x1000 RW- A:all D:all`]);
    });

    test(`${mode.name}: every level above 0 may hold superpages, and those of different sizes stay apart`, () => {
      const built = tables(mode);
      const expected: string[] = [];
      for (let level = 0; level < mode.levels; level += 1) {
        const size = spanOf(mode, level);
        const va = level === mode.levels - 1 ? size * 5n : size * 2n + (1n << BigInt(mode.vaBits - 2));
        built.map(va, size * 4n, R | X, level);
        expected.push(`${hex(va)} ${hex(size * 4n)} ${hex(size)} ${hex(size)} R-X A:none D:none`);
      }
      assert.deepEqual(new Set(lines(built)), new Set(expected));
    });

    test(`${mode.name}: the upper half has canonical addresses and does not continue the lower half`, () => {
      const built = tables(mode);
      const half = 1n << BigInt(mode.vaBits - 1);
      built.map(half - 0x1000n, 0x80000000n, R);
      built.map(half, 0x80001000n, R);
      const upper = hex(canonical(mode, half));
      const runs = lines(built);
      if (mode === Sv32) assert.deepEqual(runs, ['0x7ffff000 0x80000000 0x2000 0x1000 R-- A:none D:none']);
      else assert.ok(runs.length === 2 && runs[1]?.startsWith(`${upper} 0x80001000 0x1000`), runs.join('\n'));
    });
  }

  test('permissions, U, and a jump of the physical address end a run; A and D do not', () => {
    const built = tables(Sv39);
    built.map(0x1000n, 0x80001000n, R | W | A | D);
    built.map(0x2000n, 0x80002000n, R | W | A);
    built.map(0x3000n, 0x80003000n, R | A);
    built.map(0x4000n, 0x80004000n, R | U);
    built.map(0x5000n, 0x80009000n, R | U);
    assert.deepEqual(lines(built), [
      '0x1000 0x80001000 0x2000 0x1000 RW- A:all D:some',
      '0x3000 0x80003000 0x1000 0x1000 R-- A:all D:none',
      '0x4000 0x80004000 0x1000 0x1000 R--U A:none D:none',
      '0x5000 0x80009000 0x1000 0x1000 R--U A:none D:none',
    ]);
  });

  test('G in a pointer makes everything below it global', () => {
    const built = tables(Sv39);
    built.map(0x1000n, 0x80001000n, R);
    const pointer = built.entryAddress(0x1000n, 1);
    built.memory.write(pointer, built.read(pointer) | G, 8);
    assert.deepEqual(lines(built), ['0x1000 0x80001000 0x1000 0x1000 R--G A:none D:none']);
  });

  test('sixteen NAPOT entries are one page of 64 KiB, next ones continue it; without Svnapot they map nothing', () => {
    const built = tables(Sv39);
    for (let index = 0n; index < 32n; index += 1n) {
      const group = 0x80200000n + (index / 16n) * 0x10000n;
      built.setLeaf(0x10000n + index * 0x1000n, 0, pte(group + 0x8000n, V | R) | (1n << 63n));
    }
    assert.deepEqual(lines(built, { svnapot: true }), ['0x10000 0x80200000 0x20000 0x10000 R-- A:none D:none']);
    assert.deepEqual(lines(built), []);
  });

  test('memory types end runs where Svpbmt is in force; elsewhere those entries map nothing', () => {
    const built = tables(Sv39);
    built.map(0x1000n, 0x80001000n, R);
    built.setLeaf(0x2000n, 0, pte(0x80002000n, V | R) | (2n << 61n));
    const types = [...mappings(built.memory, built.space({ pbmt: true }))].map((run) => run.memoryType);
    assert.deepEqual(types, ['PMA', 'IO']);
    assert.equal(lines(built).length, 1);
  });

  test('malformed entries map nothing', () => {
    const built = tables(Sv39);
    built.map(0x1000n, 0x80001000n, W);
    built.setLeaf(0x2000n, 0, pte(0x80002000n, V | R) | (1n << 54n));
    built.setLeaf(0x3000n, 0, pte(0x80003000n, V));
    built.map(0x40000000n, 0x80001000n, R, 1);
    assert.deepEqual(lines(built), []);
  });

  test('a table all of whose entries point to itself ends at once', () => {
    const built = tables(Sv57);
    for (let index = 0; index < entriesOf(Sv57); index += 1) built.set(built.root, index, pte(built.root, V));
    assert.deepEqual(lines(built), []);
  });

  test('a shadow of tables shared by all their entries is one run that repeats its page', () => {
    const built = tables(Sv57);
    const shadow = Array.from({ length: 4 }, () => built.newTable());
    for (let level = 0; level < 4; level += 1) {
      const value = level === 0 ? pte(0x80005000n, V | R) : pte(shadow[level - 1] as bigint, V);
      for (let index = 0; index < 512; index += 1) built.set(shadow[level] as PhysAddr, index, value);
    }
    for (const index of [479, 480]) built.set(built.root, index, pte(shadow[3] as bigint, V));
    const [run, ...others] = [...mappings(built.memory, built.space())];
    assert.ok(run && others.length === 0);
    assert.equal(line(run), '0xffdf000000000000 0x80005000 0x2000000000000 0x1000 R-- A:none D:none');
    assert.equal(run.repeated, true);
    for (const va of [0xffdf000000000123n, 0xffdf123456789123n, 0xffe0ffffffffff23n]) {
      const walked = walk(walkMemory(built.memory), anyLoad(built.space()), virt(va), 'load');
      assert.equal(walked.ok && walked.pa, 0x80005000n | (va & 0xfffn));
    }
    const middle = { from: virt(0xffdf000000004000n), to: virt(0xffdf000000005fffn) };
    assert.deepEqual(
      [...mappings(built.memory, built.space(), middle)].map((part) => [part.size, part.repeated]),
      [
        [0x1000n, false],
        [0x1000n, false],
      ],
    );
  });

  test('a root that points to itself shows its own leaves at every level once more', () => {
    const built = tables(Sv39);
    built.set(built.root, 511, pte(built.root, V));
    built.set(built.root, 0, pte(0n, V | R));
    assert.deepEqual(lines(built), [
      '0x0 0x0 0x40000000 0x40000000 R-- A:none D:none',
      '0xffffffffc0000000 0x0 0x200000 0x200000 R-- A:none D:none',
      '0xffffffffffe00000 0x0 0x1000 0x1000 R-- A:none D:none',
    ]);
  });

  test('a table where there is no memory maps nothing', () => {
    const built = tables(Sv39);
    built.set(built.root, 1, pte(0x1000n, V));
    assert.deepEqual(lines(built), []);
  });
});

const seed = Number(process.env.PAGEWALK_SEED ?? 20240607);

describe('random tables', () => {
  for (const mode of pagingModes) {
    test(`${mode.name}: the map and the explained walk agree about every address, in both directions`, (t) => {
      t.diagnostic(`PAGEWALK_SEED=${seed}`);
      const random = randomFrom(seed + mode.code);
      let seen = 0;
      for (let round = 0; round < 6; round += 1) {
        const features = { pbmt: random(2) === 0, svnapot: random(2) === 0 };
        const { built, pool } = randomTables(mode, random);
        const space = built.space(features);
        const runs = [...mappings(built.memory, space)];
        seen += runs.length;
        const memory = walkMemory(built.memory);
        const check = (va: VirtAddr) => {
          const found = runs.find((run) => va >= run.va && va - run.va < run.size);
          const walked = walk(memory, anyLoad(space), va, 'load');
          assert.equal(walked.ok, found !== undefined, `${hex(va)}: ${walked.ok ? 'mapped' : walked.reason}`);
          if (!walked.ok || !found) return;
          assert.equal(hex(walked.pa), hex(plus(found.pa, va - found.va)), hex(va));
          const { leaf, pageSize, level } = walked;
          const facts = [leaf?.r, leaf?.w, leaf?.x, leaf?.u, leaf?.pbmt, pageSize, level];
          assert.deepEqual(facts, [found.r, found.w, found.x, found.u, found.memoryType, found.pageSize, found.level]);
        };
        for (const run of runs) {
          for (const offset of [0n, run.size - 1n, BigInt(random(0x7fffffff)) % run.size]) check(plus(run.va, offset));
        }
        for (let index = 0; index < 500; index += 1) check(likelyAddress(mode, random, pool));
        for (let index = 1; index < runs.length; index += 1) {
          const pair = [runs[index - 1] as MapRun, runs[index] as MapRun];
          assert.ok((pair[0]?.va ?? 0n) < (pair[1]?.va ?? 0n));
          assert.equal([...mergeRuns(pair)].length, 2, `${line(pair[0] as MapRun)} and ${line(pair[1] as MapRun)}`);
        }
        const from = likelyAddress(mode, random, pool);
        const to = likelyAddress(mode, random, pool);
        const whole = [...leafRuns(built.memory, space)];
        const [low, high] = from < to ? [from, to] : [to, from];
        const parts = [...mappings(built.memory, space, { from: low, to: high })];
        const size = (list: readonly MapRun[]) => list.reduce((sum, run) => sum + run.size, 0n);
        const touching = whole.reduce((sum, run) => sum + touchedBytes(run, low, high), 0n);
        assert.equal(size(parts), touching, `${hex(low)}-${hex(high)}`);
      }
      assert.ok(seen > 50, `only ${seen} runs in all rounds`);
    });
  }
});

/** Bytes of the leaves of `run` that touch the range. */
function touchedBytes(run: MapRun, from: bigint, to: bigint): bigint {
  const leaf = run.pageSize === 0x10000n && run.level === 0 ? 0x1000n : run.pageSize;
  const first = from <= run.va ? 0n : (from - run.va) / leaf;
  const last = to < run.va ? -1n : (to - run.va) / leaf;
  const count = run.size / leaf;
  const end = last < count - 1n ? last : count - 1n;
  return end < first ? 0n : (end - first + 1n) * leaf;
}

/** A pool of sparse tables that point at each other, with leaves, runs of leaves and nonsense. */
function randomTables(mode: PagingMode, random: (below: number) => number) {
  const built = tables(mode, 12);
  const pool: PhysAddr[] = [built.root, ...Array.from({ length: 11 }, () => built.newTable())];
  const entries = entriesOf(mode);
  for (const table of pool) {
    for (let count = 0; count < 7; count += 1) {
      const index = random(entries);
      const flags = BigInt(random(256)) | V;
      const level = random(mode.levels);
      switch (random(5)) {
        case 0:
        case 1:
          built.set(table, index, pte(pool[random(pool.length)] as PhysAddr, V | (random(8) === 0 ? G : 0n)));
          break;
        case 2: {
          const step = spanOf(mode, level);
          const first = BigInt(random(1 << 10)) * step;
          for (let k = 0; k < 20 && index + k < entries; k += 1) {
            built.set(table, index + k, clip(mode, pte(first + BigInt(k) * step, flags | R)));
          }
          break;
        }
        case 3:
          built.set(table, index, clip(mode, (BigInt(random(0x7fffffff)) << 33n) | BigInt(random(0x7fffffff)) | V));
          break;
        default: {
          if (mode.pteSize === 4) break;
          const first = index & ~15;
          const napot = pte(BigInt(random(1 << 20)) * 0x10000n + 0x8000n, flags | R) | (1n << 63n);
          for (let k = 0; k < 16; k += 1) built.set(table, first + k, napot);
        }
      }
    }
  }
  return { built, pool: pool.map((table) => presentIn(built, table)) };
}

function clip(mode: PagingMode, raw: bigint): bigint {
  return BigInt.asUintN(mode.pteSize * 8, raw);
}

function presentIn(built: PageTables, table: PhysAddr): number[] {
  const present: number[] = [];
  for (let index = 0; index < entriesOf(built.mode); index += 1) {
    if (built.read(plus(table, index * built.mode.pteSize)) & V) present.push(index);
  }
  return present;
}

/** An address whose indices are mostly those of entries that are there, or their neighbours. */
function likelyAddress(mode: PagingMode, random: (below: number) => number, pool: readonly number[][]): VirtAddr {
  let va = BigInt(random(4096));
  for (let level = 0; level < mode.levels; level += 1) {
    const present = pool[level === mode.levels - 1 ? 0 : random(pool.length)] ?? [];
    const index = ((present[random(present.length || 1)] ?? 0) + (random(4) === 0 ? 1 : 0)) % entriesOf(mode);
    va |= BigInt(index) << BigInt(12 + mode.vpnBits * level);
  }
  return virt(canonical(mode, va));
}
