import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { withArms } from '../../emulator/core/translator/arms.ts';
import { blocksOf } from '../../emulator/core/translator/blocks.ts';
import { phys, virt } from '../../emulator/index.ts';
import { decoderFor } from '../../emulator/isa/decode.ts';
import { parseIsa } from '../../emulator/isa/isa-string.ts';
import type { Instruction } from '../../emulator/isa/row.ts';
import { bytesSource } from '../../emulator/loader/index.ts';
import { Random, seed } from '../oracle/random.ts';
import { hasGcc, needsGcc } from '../support/riscv-gcc.ts';
import { stateHash } from './sample.ts';
import { ADDI, adding, type Place, places, Straddling } from './straddle.ts';

const nameOf = ({ xlen, privilege }: Place) => `RV${xlen} in ${privilege}-mode`;
/** Instructions of a round of the loop. */
const ROUND = 7;
const [A0, A1] = [10, 11];
const [MEPC, MCAUSE, MTVAL] = [0x341, 0x342, 0x343];
/** fence.i and CSRs are for the interpreter. */
const isForRegions = (first: number) => first !== 0x100f && (first & 0x7f) !== 0x73;

/** Of each sector the first bytes are another second half, and then what follows in the next pages. */
const SECTORS = 4;
const sectors = new Uint8Array(512 * SECTORS);
const disk = { mode: 'ro', source: bytesSource('disk', sectors) } as const;

/** A machine that interprets and one that translates, which are to be in the same state. */
class Both {
  readonly interpreted: Straddling;
  readonly translated: Straddling;

  constructor(place: Place, harts = 1) {
    const options = { harts, ...(harts > 1 && { quantum: 50 }), disks: [disk] };
    this.interpreted = new Straddling(place, { ...options, translateAfter: 'never' });
    this.translated = new Straddling(place, { ...options, translateAfter: 3 });
  }

  each(act: (of: Straddling) => void): void {
    act(this.interpreted);
    act(this.translated);
  }

  /** From reset on, until the loop is translated. */
  warm(first = ADDI, second = adding(1)): void {
    this.translated.machine.setBreakpoints({ virtual: [], physical: [] });
    this.each((of) => of.begin(first, second));
    this.settle();
  }

  /** Until the loop as it is now is translated. */
  settle(): void {
    for (let slice = 0; slice < 14; slice += 1) this.each(({ machine }) => machine.run(100));
  }

  /** So many instructions and traps, the translator in slices. */
  run(count: number, slice = count): void {
    const { interpreted, translated } = this;
    interpreted.machine.run(count);
    for (let left = count; left > 0; left -= slice) translated.machine.run(Math.min(slice, left));
    this.compare();
  }

  /** The same where breakpoints stop the translator on its way. */
  runThrough(count: number, slice: number): void {
    const { machine } = this.translated;
    this.interpreted.machine.run(count);
    const end = this.interpreted.machine.time;
    while (machine.time < end) machine.run(Math.min(slice, Number(end - machine.time)));
    this.compare();
  }

  private compare(): void {
    const { interpreted, translated } = this;
    assert.equal(stateHash(translated.machine), stateHash(interpreted.machine), `at ${interpreted.machine.time}`);
  }

  /** What so many rounds add to a0. */
  sum(rounds: number): bigint {
    const before = this.x(A0);
    this.run(rounds * ROUND);
    return this.x(A0) - before;
  }

  get inRegions(): number {
    return this.translated.machine.counts.regionInstructions ?? 0;
  }

  x(index: number): bigint {
    return this.translated.machine.harts[0]?.x(index) ?? 0n;
  }

  csr(number: number): bigint {
    return this.translated.machine.harts[0]?.csr(number) ?? 0n;
  }
}

describe('an instruction that goes on in the next page', { skip: hasGcc ? false : needsGcc }, () => {
  for (const place of places) {
    const name = nameOf(place);
    const isPaged = place.privilege !== 'M';
    const machines = new Both(place);
    const { translated } = machines;

    test(`${name}: is translated, whatever it does`, () => {
      for (const [first, second] of translated.kinds) {
        machines.warm(first, second);
        const [left, before] = [translated.left, machines.inRegions];
        machines.run(200 * ROUND);
        if (!isForRegions(first)) continue;
        const kind = `${second.toString(16)}${first.toString(16).padStart(4, '0')}`;
        assert.equal(translated.left, left, `${kind} leaves what is translated`);
        assert.ok(machines.inRegions - before > 190 * ROUND, `${kind} is not translated`);
      }
    });

    test(`${name}: changes by each store of the loop itself`, () => {
      machines.warm();
      machines.each((of) => of.storesTo(0n, adding(5), adding(5)));
      assert.equal(machines.sum(100), 500n);
      machines.each((of) => of.storesTo(0n, adding(7), adding(9)));
      assert.equal(machines.sum(100), 800n);
      machines.each((of) => of.storesTo(1n, adding(7), adding(7)));
      assert.ok([700n, 900n].includes(machines.sum(100)));
    });

    test(`${name}: changes when it is written from outside`, () => {
      machines.warm();
      // The page behind the loop's in memory, and another one.
      for (const page of isPaged ? [0, 2] : [0]) {
        if (isPaged) machines.each((of) => of.map(BigInt(page)));
        machines.settle();
        machines.each((of) => of.secondHalf(page, adding(20)));
        machines.each((of) => of.skip());
        assert.equal(machines.sum(100), 2000n);
      }
    });

    test(`${name}: changes when a disk is read to the next page`, () => {
      machines.warm();
      const page = isPaged ? 2 : 0;
      const bytes = translated.machine.readPhysical(phys(translated.next(BigInt(page))), 512);
      for (let sector = 0; sector < SECTORS; sector += 1) {
        sectors.set(bytes, 512 * sector);
        new DataView(sectors.buffer).setUint16(512 * sector, adding(50 + sector), true);
      }
      if (isPaged) machines.each((of) => of.map(BigInt(page)));
      machines.each((of) => of.startDisk());
      for (let sector = 0; sector < SECTORS; sector += 1) {
        machines.settle();
        machines.each((of) => of.readSector(sector, page, sector));
        if (sector % 2) machines.each((of) => of.skip());
        assert.equal(machines.sum(100), 100n * BigInt(50 + sector));
      }
    });

    test(`${name}: stops at breakpoints that come and go`, () => {
      machines.warm();
      const { machine, straddling } = translated;
      const points = { virtual: { virtual: [virt(straddling)], physical: [] } };
      const physical = { virtual: [], physical: [phys(0x8000_0ffen)] };
      for (const set of [points.virtual, physical]) {
        machines.run(50 * ROUND);
        machine.setBreakpoints(set);
        for (let stop = 0; stop < 12; stop += 1) {
          const { reason } = machine.run(10 * ROUND);
          assert.equal(reason, 'breakpoint');
          assert.equal(machine.harts[0]?.pc, straddling);
          machines.interpreted.machine.run(Number(machine.time - machines.interpreted.machine.time));
        }
        machine.setBreakpoints({ virtual: [], physical: [] });
        machines.run(50 * ROUND, 30);
        // The instruction does not begin in the next page.
        machine.setBreakpoints({ virtual: [virt(straddling + 2n)], physical: [] });
        assert.equal(machine.run(10 * ROUND).reason, 'limit');
        machine.setBreakpoints({ virtual: [], physical: [] });
        machines.interpreted.machine.run(10 * ROUND);
        machines.run(50 * ROUND);
      }
    });

    test(`${name}: is one step`, () => {
      machines.warm();
      for (let step = 0; step < 3 * ROUND; step += 1) {
        machines.each(({ machine }) => machine.step(0));
        assert.equal(translated.machine.harts[0]?.pc, machines.interpreted.machine.harts[0]?.pc);
      }
      machines.run(1);
    });

    if (!isPaged) continue;

    test(`${name}: is another one where another page is mapped`, () => {
      machines.warm();
      for (const page of [2n, 1n, 3n]) {
        machines.each((of) => of.map(page));
        if (page === 1n) machines.each((of) => of.skip());
        assert.equal(machines.sum(100), 100n * (page + 1n));
        machines.settle();
      }
      for (const skips of [true, false]) {
        machines.each((of) => of.map(0n));
        machines.settle();
        machines.each((of) => of.enterSpace(1n));
        if (skips) machines.each((of) => of.skip());
        assert.equal(machines.sum(100), 200n);
        machines.each((of) => of.enterSpace(0n));
      }
    });

    test(`${name}: is a page fault of its second half where nothing is mapped`, () => {
      machines.warm();
      machines.each((of) => of.map(undefined));
      machines.run(2 * ROUND);
      const taken = [MCAUSE, MEPC, MTVAL].map((number) => machines.csr(number));
      assert.deepEqual(taken, [12n, translated.straddling, translated.straddling + 2n]);
      machines.each((of) => of.map(0n));
      machines.run(10);
      assert.equal(machines.sum(100), 100n);
    });

    test(`${name}: is an access fault of its second half where PMP forbids the page`, () => {
      machines.warm();
      machines.each((of) => of.forbid(0n));
      machines.run(2 * ROUND);
      const taken = [MCAUSE, MEPC, MTVAL].map((number) => machines.csr(number));
      assert.deepEqual(taken, [1n, translated.straddling, translated.straddling + 2n]);
      machines.each((of) => of.forbid(undefined));
      machines.run(10);
      assert.equal(machines.sum(100), 100n);
    });
  }

  test('is in no arm of a branch, where nothing may leave what is translated', () => {
    const decode = decoderFor(parseIsa('rv64gc'));
    const armsWith = (shift: number) => {
      // 0: addi a0, a0, 2; j 1f; 1: addi a2, a2, 1; bnez a1, 0b; addi a0, a0, 1; c.nop; j 1b
      const words = [0x00250513, 0x0040006f, 0x00160613, 0xfe059ae3, 0x00150513, 0x0001, 0xff3ff06f];
      let offset = 4072 - shift;
      const placed = words.map((word) => {
        const instruction = decode(word) as Instruction;
        offset += instruction.length;
        return { offset: offset - instruction.length, instruction };
      });
      const entries = [4080 - shift];
      const blocks = withArms(blocksOf(placed, entries), entries);
      return blocks.flatMap(({ instructions }) => instructions).filter(({ arms }) => arms).length;
    };
    assert.equal(armsWith(2), 1);
    assert.equal(armsWith(0), 0);
  });

  for (const place of places) {
    test(`${nameOf(place)}: changes by stores of another hart`, () => {
      const machines = new Both(place, 2);
      const { translated } = machines;
      for (const rounds of [3, 100, 1000]) {
        machines.warm();
        machines.each((of) => of.meddle(0n, adding(3), adding(4), rounds));
        const { left } = translated;

        const before = machines.x(A0);
        const from = machines.x(A1);
        machines.run(20_000, 3000);
        const [added, done] = [machines.x(A0) - before, machines.x(A1) - from];
        assert.ok(added > 3n * done && added < 4n * done, `${added} in ${done} rounds`);
        const inTurns = translated.left - left;
        assert.ok(
          rounds < 1000 ? inTurns > 500 : inTurns < 50,
          `${inTurns} times left with ${rounds} rounds between stores`,
        );
      }
    });
  }

  for (const place of places) {
    test(`${nameOf(place)}: is the same at random counts, whatever happens to the next page (SEED=${seed})`, () => {
      const random = new Random(seed);
      const machines = new Both(place);
      const { translated } = machines;
      const half = () => (random.once(20) ? random.below(0x10000) : adding(random.below(2000)));
      const page = () => (place.privilege === 'M' ? 0n : BigInt(random.below(4)));
      const acts = {
        M: ['store', 'store', 'write', 'nothing'],
        other: ['store', 'write', 'map', 'map', 'unmap', 'space', 'forbid', 'permit', 'nothing'],
      } as const;
      for (let point = 0; point < 60; point += 1) {
        if (point % 15 === 0) machines.warm(...(random.of(translated.kinds) as [number, number]));
        const [at, one, other, space] = [page(), half(), half(), BigInt(random.below(2))];
        const second = random.once(2) ? other : one;
        switch (random.of<string>(place.privilege === 'M' ? acts.M : acts.other)) {
          case 'store':
            machines.each((of) => of.storesTo(at, one, second));
            break;
          case 'write':
            machines.each((of) => of.secondHalf(Number(at), one));
            break;
          case 'map':
            machines.each((of) => of.map(at));
            break;
          case 'unmap':
            machines.each((of) => of.map(undefined));
            break;
          case 'space':
            machines.each((of) => of.enterSpace(space));
            break;
          case 'forbid':
            machines.each((of) => of.forbid(at));
            break;
          case 'permit':
            machines.each((of) => of.forbid(undefined));
        }
        if (random.once(2)) machines.each((of) => of.skip());
        const points = random.once(4) ? [random.of([translated.straddling, translated.loop])] : [];
        translated.machine.setBreakpoints({ virtual: points.map(virt), physical: [] });
        machines.runThrough(1 + random.below(random.of([10, 300, 2000])), 1 + random.below(200));
      }
    });
  }
});
