// Watched bytes that others than the guest's own stores write: the machine stops behind the instruction that they do it for, and
// tells who it was.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type MachineControl, phys, virt, type WatchHit, type Watchpoint } from '../../emulator/index.ts';
import { hasGcc, needsGcc } from '../support/riscv-gcc.ts';
import {
  ASK,
  aim,
  disk,
  FIRST,
  FIRST_BUFFER,
  LOW,
  MIDDLE,
  machineWith,
  NEXT_QUEUE,
  notifyOf,
  number,
  page,
  pageTable,
  ROOT,
  request,
  SECOND,
  sector,
  start,
  USED,
  warm,
} from './writers.ts';

const watch = (machine: MachineControl, ...points: Omit<Watchpoint, 'id'>[]) =>
  machine.setWatchpoints(points.map((point, id) => ({ id, ...point })));

const physical = (address: bigint, size: bigint, on: Watchpoint['on'] = 'write') =>
  ({ space: 'physical', address: phys(address), size, on }) as const;
const virtual = (address: bigint, size: bigint, on: Watchpoint['on'] = 'write') =>
  ({ space: 'virtual', address: virt(address), size, on }) as const;

/** The hits of the next stop, within so many instructions. */
function hitsIn(machine: MachineControl, limit = 400): readonly WatchHit[] {
  const outcome = machine.run(limit);
  if (outcome.reason === 'watchpoint') return outcome.hits;
  assert.equal(outcome.reason, 'limit');
  return [];
}

const textOf = ({ watchpoint, by, va, pa, size, before, after }: WatchHit) =>
  `${watchpoint.id} ${by}: ${size} at ${va.toString(16)} = ${pa.toString(16)}, ${before.toString(16)} to ${after.toString(16)}`;

const repeated = (byte: number, count: number) =>
  [...number(0, 8)].slice(0, count).reduce((all) => (all << 8n) | BigInt(byte), 0n);
const hexOf = (number_: bigint) => number_.toString(16);

describe('watched bytes stop whoever writes them', { skip: hasGcc ? false : needsGcc }, () => {
  for (const engine of ['interpreted', 'translated'] as const) {
    const notify = (machine: MachineControl, slot: number, queue = 0) => {
      machine.setX(0, 20, BigInt(queue));
      aim(machine, notifyOf(slot), page(2));
    };

    test(`a disk, with its name, of a program that is ${engine}; behind the store that notifies it`, () => {
      const machine = warm(engine, { disks: [disk] });
      start(machine, 0, [[request(0), sector, 1]]);
      const data = page(FIRST_BUFFER + 1);
      watch(machine, physical(data + 100n, 4n), virtual(data + 508n, 16n), physical(page(USED) + 2n, 2n));
      notify(machine, 0);
      const hits = hitsIn(machine);
      const by = 'virtio-mmio 0 (disk 0)';
      const [first, last, used] = [data + 100n, data + 508n, page(USED) + 2n].map(hexOf);
      assert.deepEqual(hits.map(textOf), [
        `0 ${by}: 4 at ${first} = ${first}, 0 to ${hexOf(repeated(7, 4))}`,
        `1 ${by}: 4 at ${last} = ${last}, 0 to ${hexOf(repeated(7, 4))}`,
        `2 ${by}: 2 at ${used} = ${used}, 0 to 1`,
      ]);
      const [hit] = hits;
      assert.deepEqual([hit?.hart, hit?.pc, hit?.access], [0, 0x8020_0008n, 'store']);
      assert.equal(machine.harts[0]?.pc, 0x8020_000cn, 'right behind that store');
      // What was written before is no news for a watchpoint on changes, and none is written for the other notifications.
      assert.deepEqual(hitsIn(machine), []);
    });

    test(`a device that writes more than eight bytes is told of by the first that change, of a program that is ${engine}`, () => {
      const machine = warm(engine, { disks: [disk] });
      const data = page(FIRST_BUFFER + 1);
      start(machine, 0, [[request(0), sector, 1]]);
      // All but some bytes are there already.
      machine.writePhysical(phys(data), new Uint8Array(sector).fill(7));
      machine.writePhysical(phys(data + 300n), Uint8Array.of(1));
      machine.writePhysical(phys(data + 509n), Uint8Array.of(2, 3));
      watch(
        machine,
        physical(data, 4096n, 'change'),
        physical(data + 508n, 4n, 'change'),
        physical(data, 16n, 'change'),
        physical(data, 16n),
        physical(data, 16n, 'read'),
      );
      notify(machine, 0);
      const told = hitsIn(machine).map(({ watchpoint, pa, size, before, after }) => [
        watchpoint.id,
        Number(pa - data),
        size,
        hexOf(before),
        hexOf(after),
      ]);
      assert.deepEqual(told, [
        [0, 300, 8, '707070707070701', '707070707070707'],
        [1, 509, 3, '70302', '70707'],
        [3, 0, 8, '707070707070707', '707070707070707'],
      ]);
    });

    test(`the entropy and the network device, of a program that is ${engine}`, () => {
      const machine = warm(engine, { net: 'loopback' });
      start(machine, 6, [[64]]);
      const frame = Uint8Array.of(...new Array(12).fill(0), 0x52, 0x54, 0, 0x12, 0x34, 0x56, ...new Array(48).fill(9));
      watch(machine, physical(page(FIRST_BUFFER) + 12n, 6n));
      notify(machine, 6);
      assert.deepEqual(
        hitsIn(machine).map(({ by }) => by),
        ['virtio-mmio 6 (rng)'],
      );
      machine.setWatchpoints([]);
      start(machine, 5, [[1000], [frame]]);
      watch(machine, physical(page(FIRST_BUFFER) + 12n, 6n));
      notify(machine, 5, 1);
      const hits = hitsIn(machine).map(({ by, after }) => [by, hexOf(after)]);
      assert.deepEqual(hits, [['virtio-mmio 5 (net)', '563412005452']]);
    });

    test(`the console for what is typed, at once, of a program that is ${engine}`, () => {
      const machine = warm(engine);
      start(machine, 7, [[64], [new TextEncoder().encode('login: ')]]);
      notify(machine, 7, 1);
      machine.run(400);
      aim(machine, page(1), page(2));
      watch(machine, physical(page(FIRST_BUFFER), 1n), physical(page(USED + NEXT_QUEUE), 4096n));
      const { pc, instret } = machine.harts[0] ?? {};
      machine.type(Uint8Array.of(65));
      const hits = hitsIn(machine);
      assert.deepEqual(
        hits.map(({ by, after, pc: at }) => [by, after, at]),
        [['virtio-mmio 7 (console)', 65n, pc]],
      );
      assert.equal(machine.harts[0]?.instret, instret, 'nothing was executed');
      assert.deepEqual(hitsIn(machine), []);
    });

    test(`a page-table walk that sets A and D, behind the access, of a program that is ${engine}`, () => {
      const machine = warm(engine);
      pageTable(machine);
      const entry = page(LOW) + 8n;
      const [low, high] = [hexOf(entry), (((page(SECOND) >> 12n) << 10n) | 7n) as bigint];
      watch(machine, physical(entry, 8n), physical(entry, 1n, 'change'), physical(page(LOW), 8n));
      // Loads through it set A.
      aim(machine, 0n, 0x1000n);
      const walkHits = hitsIn(machine);
      assert.deepEqual(walkHits.map(textOf), [
        `0 page-table walk: 8 at ${low} = ${low}, ${hexOf(high)} to ${hexOf(high | 0x40n)}`,
        `1 page-table walk: 1 at ${low} = ${low}, ${hexOf(high & 0xffn)} to ${hexOf((high & 0xffn) | 0x40n)}`,
      ]);
      assert.deepEqual([walkHits[0]?.pc, machine.harts[0]?.pc], [0x8020_0000n, 0x8020_0004n]);
      assert.deepEqual(hitsIn(machine), [], 'A is set once');
      // Stores set D.
      aim(machine, 0x1000n, 0n);
      const [dirty] = hitsIn(machine);
      assert.deepEqual([dirty?.by, dirty?.before, dirty?.after], ['page-table walk', high | 0x40n, high | 0xc0n]);
      assert.deepEqual([dirty?.pc, machine.harts[0]?.pc], [0x8020_0008n, 0x8020_000cn]);
      assert.deepEqual(hitsIn(machine), []);
    });

    test(`the built-in SBI, of a program that is ${engine}`, () => {
      const machine = machineWith(engine, 'builtin');
      machine.setPc(0, virt(0x8020_0000n + ASK));
      machine.setX(0, 19, page(20));
      for (let part = 0; part < 10; part += 1) machine.run(400);
      watch(machine, physical(page(20) + 1n, 1n));
      assert.deepEqual(hitsIn(machine), [], 'nothing was typed');
      machine.type(new TextEncoder().encode('hello'));
      assert.deepEqual(
        hitsIn(machine).map(({ by, after }) => [by, after]),
        [['built-in SBI', 0x65n]],
      );
    });
  }

  for (const engine of ['interpreted', 'translated'] as const) {
    test(`and are of the epoch all the same, of a program that is ${engine}`, () => {
      const machine = warm(engine, { disks: [disk] });
      start(machine, 0, [[request(0), sector, 1]]);
      const dirtyAt = (...points: Omit<Watchpoint, 'id'>[]) => {
        watch(machine, ...points);
        machine.beginEpoch();
        const hits = hitsIn(machine);
        return [hits.map(({ by }) => by), machine.dirtyPages.map((at) => Number((at - page(0)) / 4096n))];
      };
      // The loop's own stores, beside and to the watched bytes.
      assert.deepEqual(dirtyAt(physical(page(1) + 8n, 8n)), [[], [1]]);
      assert.deepEqual(dirtyAt(physical(page(1), 8n)), [[undefined], [1]]);
      machine.setX(0, 20, 0n);
      aim(machine, notifyOf(0), page(2));
      const [by, dirty] = dirtyAt(physical(page(FIRST_BUFFER + 1), 1n));
      assert.deepEqual(by, ['virtio-mmio 0 (disk 0)']);
      assert.deepEqual(dirty, [FIRST_BUFFER + 1, FIRST_BUFFER + 2, USED]);
      pageTable(machine);
      aim(machine, 0n, 0x1000n);
      assert.deepEqual(dirtyAt(physical(page(LOW) + 8n, 8n)), [['page-table walk'], [LOW]]);
      assert.deepEqual(dirtyAt(physical(page(LOW) + 8n, 8n)), [[], [FIRST]]);
      aim(machine, 0x1000n, 0n);
      assert.deepEqual(dirtyAt(physical(page(LOW) + 8n, 8n)), [['page-table walk'], [LOW, SECOND]]);
    });
  }

  describe('by virtual address', () => {
    const data = page(FIRST_BUFFER + 1);
    const table = (page_: number) => ((page(page_) >> 12n) << 10n) | 1n;
    const leaf = (to: bigint, bits: bigint) => ((to >> 12n) << 10n) | bits;
    const put = (machine: MachineControl, at: bigint, entry: bigint) =>
      machine.writePhysical(phys(at), number(entry, 8));

    /** In S-mode, with devices and RAM as they are, and user pages from 0xc0000000 on; the hits of reading a sector. */
    const hitsOf = (entries: Readonly<Record<number, bigint>>, ...points: Omit<Watchpoint, 'id'>[]) => {
      const machine = machineWith('interpreted', 'builtin', { disks: [disk] });
      machine.setPc(0, virt(0x8020_0000n));
      start(machine, 0, [[request(0), sector, 1]]);
      put(machine, page(ROOT), leaf(0n, 0xc7n));
      put(machine, page(ROOT) + 16n, leaf(page(0), 0xcfn));
      put(machine, page(ROOT) + 24n, table(MIDDLE));
      put(machine, page(MIDDLE), table(LOW));
      for (const [index, entry] of Object.entries(entries)) put(machine, page(LOW) + 8n * BigInt(index), entry);
      machine.setCsr(0, 0x180, (8n << 60n) | (page(ROOT) >> 12n));
      watch(machine, ...points);
      machine.setX(0, 20, 0n);
      aim(machine, notifyOf(0), page(2));
      return hitsIn(machine).map(({ watchpoint, va, pa, size }) => [watchpoint.id, va, pa, size]);
    };
    const user = 0xc000_0000n;

    test('they are looked for where the hart has them mapped, page by page, whoever may access them', () => {
      // For U-mode alone, and never accessed; the pages beside it are elsewhere, or nowhere.
      const entries = { 9: leaf(page(60), 0xd7n), 10: leaf(data, 0x17n), 12: leaf(data, 0xd7n) };
      const found = hitsOf(
        entries,
        virtual(user + 0x9ff0n, 64n),
        virtual(user, 0x20_0000n),
        virtual(user + 0x9000n, 0x1000n),
      );
      assert.deepEqual(found, [
        [0, user + 0xa000n, data, 8],
        [1, user + 0xa000n, data, 8],
        [1, user + 0xc000n, data, 8],
      ]);
    });

    test('ranges that wrap the hole of the addresses, or have no end, are looked through as far as may be', () => {
      const all = { space: 'virtual', address: virt(0n), size: 1n << 64n, on: 'write' } as const;
      const far = virtual(1n << 38n, 1n << 63n);
      const hits = hitsOf({ 10: leaf(data, 0x17n) }, all, far);
      assert.deepEqual(
        hits.filter(([, va]) => va === data || va === user + 0xa000n),
        [
          [0, data, data, 8],
          [0, user + 0xa000n, data, 8],
        ],
      );
      assert.ok(hits.every(([id]) => id === 0));
    });

    test('what is not mapped, or mapped to other frames, is not hit', () => {
      const entries = { 9: leaf(page(60), 0xd7n), 10: 0n };
      assert.deepEqual(hitsOf(entries, virtual(user + 0x9000n, 0x2000n), virtual(data - user, 8n)), []);
    });
  });
});
