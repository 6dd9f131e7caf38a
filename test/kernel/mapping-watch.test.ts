import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hex, type PhysAddr, phys, type VirtAddr, virt } from '../../emulator/address.ts';
import type { TableWriteEvent } from '../../emulator/events.ts';
import type { HartView, Inspection } from '../../emulator/inspection.ts';
import { type PagingMode, Sv32, Sv39, Sv48, Sv57 } from '../../emulator/mmu/modes.ts';
import { walk } from '../../emulator/mmu/walk.ts';
import { changeText, type MappingFinding, type MappingsWanted, MappingWatch } from '../../kernel/index.ts';
import {
  A,
  anyLoad,
  D,
  PageTables,
  pte,
  R,
  randomFrom,
  stillMachine,
  TestMemory,
  U,
  V,
  W,
  walkMemory,
  X,
} from '../support/page-tables.ts';

const nothing: MappingsWanted = {
  ranges: [],
  frames: [],
  writes: false,
  writableAndExecutable: false,
  malformed: false,
};
const satpOf = (mode: PagingMode | undefined, root: bigint) =>
  mode === Sv32 ? (1n << 31n) | (root >> 12n) : (BigInt(mode?.code ?? 0) << 60n) | (mode ? root >> 12n : 0n);

/** A still machine whose memory and satp the test changes; stores reach the watch only where it asked for them. */
class Bench {
  readonly memory: TestMemory;
  readonly watched = new Set<bigint>();
  readonly watch: MappingWatch;
  readonly #satps: bigint[];
  readonly machine: Inspection;

  constructor(pages: number, xlen: 32 | 64 = 64, harts = 1) {
    this.memory = new TestMemory(pages * 4096);
    this.#satps = new Array(harts).fill(0n);
    const still = stillMachine(this.memory, { xlen, satps: this.#satps });
    const views = still.harts.map(
      (hart): HartView => ({ ...hart, csr: (number) => (number === 0x180 ? this.#satps[hart.id] : 0n) }),
    );
    this.machine = { ...still, harts: views };
    this.watch = new MappingWatch(this.machine, (addresses, on) => {
      for (const address of addresses) on ? this.watched.add(address) : this.watched.delete(address);
    });
  }

  satp(value: bigint, hart = 0): MappingFinding[] {
    const before = this.#satps[hart] as bigint;
    this.#satps[hart] = value;
    const base = { hart, pc: virt(0x1000), instret: 1n, csr: 0x180, privilege: 1, written: value } as const;
    return this.watch.on({ kind: 'csr-write', ...base, before, after: value });
  }

  store(pa: bigint, value: bigint, size: 1 | 2 | 4 | 8 = this.machine.xlen === 64 ? 8 : 4): MappingFinding[] {
    const offset = Number(pa - this.memory.base);
    let before = 0n;
    for (let at = size - 1; at >= 0; at -= 1)
      before = (before << 8n) | BigInt(this.memory.bytes[offset + at] as number);
    const after = BigInt.asUintN(size * 8, value);
    for (let at = 0; at < size; at += 1) this.memory.bytes[offset + at] = Number((after >> BigInt(at * 8)) & 0xffn);
    if (!this.watched.has(pa & ~0xfffn)) return [];
    const event: TableWriteEvent = {
      kind: 'table-write',
      hart: 0,
      pc: virt(0x1000),
      instret: 1n,
      va: virt(pa),
      pa: phys(pa),
      size,
      before,
      after,
    };
    return this.watch.on(event);
  }
}

const range = (from: bigint, bytes: bigint) => ({ from: virt(from), to: virt(from + bytes - 1n) });
const any = () => true;
const line = (finding: MappingFinding) =>
  finding.kind === 'map-change'
    ? `${finding.points} ${hex(finding.va)}+${hex(finding.size)} ${changeText(finding.change.before, finding.change.after)}`
    : `${finding.kind} ${hex(finding.va)}+${hex(finding.size)}`;

describe('a watched range of virtual addresses', () => {
  function mapped() {
    const bench = new Bench(64);
    const tables = new PageTables(bench.memory, Sv39);
    tables.map(0x40000000n, 0x80200000n, R | X | A | D, 1);
    bench.watch.set({ ...nothing, ranges: [{ id: 7, range: range(0x40000000n, 0x200000n), matters: any }] });
    return { bench, tables };
  }

  test('satp that brings its mapping is a change, as is a store into its leaf', () => {
    const { bench, tables } = mapped();
    assert.deepEqual(bench.satp(satpOf(Sv39, tables.root)).map(line), [
      '7 0x40000000+0x200000 not mapped → R-X pa:0x80200000',
    ]);
    const leaf = tables.entryAddress(0x40000000n, 1);
    assert.deepEqual(bench.store(leaf, pte(0x80200000n, V | R | W | X | A | D)).map(line), [
      '7 0x40000000+0x200000 R-X → RWX',
    ]);
    const [moved] = bench.store(leaf, pte(0x80400000n, V | R | W | X | A | D));
    assert.equal(moved && line(moved), '7 0x40000000+0x200000 pa:0x80200000 → pa:0x80400000 RWX');
    assert.equal(moved?.pte, leaf);
    assert.equal(moved?.level, 1);
  });

  test('A, D, G and the bits of software change no translation', () => {
    const { bench, tables } = mapped();
    bench.satp(satpOf(Sv39, tables.root));
    const leaf = tables.entryAddress(0x40000000n, 1);
    assert.deepEqual(bench.store(leaf, pte(0x80200000n, V | R | X | 0x300n | 0x20n)), []);
  });

  test('a superpage split into the same pages is no change; one of them that becomes writable is', () => {
    const { bench, tables } = mapped();
    bench.satp(satpOf(Sv39, tables.root));
    const table = tables.newTable();
    for (let index = 0n; index < 512n; index += 1n) {
      bench.memory.write(phys(table + index * 8n), pte(0x80200000n + index * 4096n, V | R | X | A), 8);
    }
    assert.deepEqual(bench.store(tables.entryAddress(0x40000000n, 1), pte(table, V)), []);
    assert.deepEqual(bench.store(phys(table + 3n * 8n), pte(0x80203000n, V | R | W | X)).map(line), [
      '7 0x40003000+0x1000 R-X → RWX',
    ]);
  });

  test('tables that are no longer reached are watched no longer', () => {
    const { bench, tables } = mapped();
    bench.satp(satpOf(Sv39, tables.root));
    assert.equal(bench.watched.size, 2);
    const root = tables.entryAddress(0x40000000n, 2);
    assert.deepEqual(bench.store(root, 0n).map(line), ['7 0x40000000+0x200000 R-X pa:0x80200000 → not mapped']);
    assert.equal(bench.watched.size, 1);
    bench.satp(0n);
    assert.equal(bench.watched.size, 0);
  });

  test('a store of a part of an entry is seen as the whole entry', () => {
    const { bench, tables } = mapped();
    bench.satp(satpOf(Sv39, tables.root));
    const leaf = tables.entryAddress(0x40000000n, 1);
    assert.deepEqual(bench.store(leaf, V | R | W | X | A | D, 1).map(line), ['7 0x40000000+0x200000 R-X → RWX']);
    assert.equal(bench.store(phys(leaf + 4n), 0n, 4).length, 0);
  });

  test('another mode with the same meaning is no change', () => {
    const bench = new Bench(64);
    const narrow = new PageTables(bench.memory, Sv39);
    narrow.map(0x40000000n, 0x80200000n, R | A, 0);
    const wide = new PageTables(bench.memory, Sv57, phys(narrow.memory.base + 32n * 4096n));
    wide.map(0x40000000n, 0x80200000n, R | A, 0);
    bench.watch.set({ ...nothing, ranges: [{ id: 1, range: range(0x40000000n, 0x1000n), matters: any }] });
    assert.equal(bench.satp(satpOf(Sv39, narrow.root)).length, 1);
    assert.deepEqual(bench.satp(satpOf(Sv57, wide.root)), []);
    assert.equal(bench.satp(0n).length, 1);
  });

  test('under a root of its own it is watched whoever uses it, and what harts do is nothing to it', () => {
    const bench = new Bench(64);
    const tables = new PageTables(bench.memory, Sv39);
    const root = { mode: Sv39, address: tables.root };
    bench.watch.set({ ...nothing, ranges: [{ id: 1, range: range(0x40000000n, 0x1000n), root, matters: any }] });
    const leaf = tables.entryAddress(0x40000000n, 0);
    bench.watch.resync();
    assert.equal(bench.store(leaf, pte(0x80001000n, V | R)).length, 1);
    assert.deepEqual(bench.satp(satpOf(Sv39, tables.root)), []);
  });
});

describe('what else is found in tables in force', () => {
  test('each store, the leaf that becomes writable and executable, the malformed entry, the frame that is mapped', () => {
    const bench = new Bench(64);
    const tables = new PageTables(bench.memory, Sv39);
    const leaf = tables.entryAddress(0x1000n, 0);
    const places = new Set<bigint>();
    bench.watch.set({
      ranges: [],
      frames: [{ id: 3, from: phys(0x80030000n), to: phys(0x80030fffn) }],
      writes: true,
      writableAndExecutable: true,
      malformed: true,
    });
    assert.deepEqual(bench.satp(satpOf(Sv39, tables.root)), []);
    const kinds = (value: bigint) =>
      bench.store(leaf, value).map(({ kind, va }) => {
        places.add(va);
        return kind;
      });
    assert.deepEqual(kinds(pte(0x80030000n, V | R)), ['pte-write', 'map-frame']);
    assert.deepEqual(kinds(pte(0x80030000n, V | R | W)), ['pte-write']);
    assert.deepEqual(kinds(pte(0x80030000n, V | R | W | X)), ['pte-write', 'map-wx']);
    assert.deepEqual(kinds(pte(0x80030000n, V | W)), ['pte-write', 'map-malformed']);
    assert.deepEqual(kinds(0n), ['pte-write']);
    assert.deepEqual([...places], [0x1000n]);
    bench.satp(0n);
    assert.deepEqual(kinds(pte(0x80030000n, V | R | W | X)), [], 'no hart uses the table');
  });

  test('what comes with a root is told once, however often the root comes back', () => {
    const bench = new Bench(64);
    const tables = new PageTables(bench.memory, Sv39);
    tables.map(0xffffffff80000000n, 0x80000000n, R | W | X | A, 1, 3);
    bench.watch.set({ ...nothing, writableAndExecutable: true });
    assert.deepEqual(bench.satp(satpOf(Sv39, tables.root)).map(line), ['map-wx 0xffffffff80000000+0x600000']);
    bench.satp(0n);
    assert.deepEqual(bench.satp(satpOf(Sv39, tables.root)), []);
  });

  test('tables that point at themselves, or at each other, end', () => {
    const bench = new Bench(16);
    const tables = new PageTables(bench.memory, Sv57);
    tables.set(tables.root, 511, pte(tables.root, V));
    tables.set(tables.root, 0, pte(tables.root, V));
    bench.watch.set({ ...nothing, writes: true, ranges: [{ id: 1, range: range(0n, 0x1000n), matters: any }] });
    bench.satp(satpOf(Sv57, tables.root));
    assert.deepEqual([...bench.watched], [tables.root]);
    const found = bench.store(phys(tables.root), pte(0x80000000n, V | R));
    assert.ok(found.some(({ kind }) => kind === 'pte-write'));
    bench.satp(0n);
    assert.equal(bench.watched.size, 0);
  });
});

const seed = Number(process.env.PAGEWALK_SEED ?? 20240611);

describe('random stores and roots against walks of every page', () => {
  for (const mode of [Sv32, Sv39, Sv48, Sv57]) {
    test(`${mode.name}: a range is told of exactly when a page of it translates otherwise`, (t) => {
      t.diagnostic(`PAGEWALK_SEED=${seed}`);
      const random = randomFrom(seed + mode.levels);
      const pages = 12;
      const bench = new Bench(pages, mode === Sv32 ? 32 : 64);
      const { memory } = bench;
      const ranges = Array.from({ length: 4 }, (_, id) => {
        const top = mode === Sv32 ? 1 << 20 : 2 ** (mode.vaBits - 13);
        const upper = random(2) === 1 && mode !== Sv32;
        const page = BigInt(random(3)) + BigInt(Math.min(random(4) * 512, top - 8));
        const va = upper ? (1n << 64n) - (1n << BigInt(mode.vaBits - 1)) + page * 4096n : page * 4096n;
        return { id, range: range(va, BigInt(1 + random(4)) * 4096n), matters: any };
      });
      bench.watch.set({ ...nothing, ranges, writes: random(2) === 1 });
      const entries = mode === Sv32 ? 1024 : 512;
      const randomPte = () => {
        const target = memory.base + BigInt(random(pages)) * 4096n;
        const kind = random(8);
        if (kind < 4) return pte(target, V);
        if (kind < 5) return 0n;
        const flags = [R, R | W, R | X, R | W | X, R | U, W, R | A | D][random(7)] as bigint;
        return pte(random(2) ? target : target & ~0x1fffffn, V | flags);
      };
      // Entries that matter: those on the ways to the ranges, and a few others.
      const indices = [0, 1, 2, 3, entries / 2, entries / 2 + 1, entries - 1];
      let changed = 0;
      for (let round = 0; round < 2000; round += 1) {
        const before = ranges.map(({ range: { from, to } }) => translations(bench, mode, from, to));
        const found =
          random(10) === 0
            ? bench.satp(random(5) === 0 ? 0n : satpOf(mode, memory.base + BigInt(random(pages)) * 4096n))
            : bench.store(
                memory.base + BigInt(random(pages)) * 4096n + BigInt((indices[random(7)] as number) * mode.pteSize),
                randomPte(),
              );
        const points = new Set(found.flatMap((one) => (one.kind === 'map-change' ? one.points : [])));
        for (const { id, range: where } of ranges) {
          const differs = translations(bench, mode, where.from, where.to) !== before[id];
          if (differs) changed += 1;
          assert.equal(points.has(id), differs, `round ${round}, range ${id} at ${hex(where.from)}`);
        }
      }
      assert.ok(changed > 50, `${changed} changes`);
    });
  }
});

/** What every page of a range means under the hart's satp, as one text. */
function translations(bench: Bench, mode: PagingMode, from: VirtAddr, to: VirtAddr): string {
  const satp = bench.machine.harts[0]?.csr(0x180) ?? 0n;
  if (satp === 0n) return '';
  const root = phys((satp & (mode === Sv32 ? 0x3fffffn : 0xfffffffffffn)) << 12n);
  const memory = walkMemory(bench.memory);
  const regime = { ...anyLoad({ mode, root: root as PhysAddr, pbmt: false, svnapot: false }), mxr: true };
  const texts: string[] = [];
  for (let va: bigint = from; va < to; va += 4096n) {
    const result = walk(memory, regime, virt(va), 'load');
    if (result.ok && result.leaf) {
      const { r, w, x, u } = result.leaf;
      texts.push(`${va}:${result.pa}${r}${w}${x}${u}`);
    }
  }
  return texts.join(' ');
}
