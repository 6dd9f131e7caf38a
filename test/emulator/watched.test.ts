import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { type MachineControl, type MachineOptions, phys, virt, type WatchHit } from '../../emulator/index.ts';
import { symbolValues } from '../../emulator/loader/elf-symbols.ts';
import { bytesSource, openElf } from '../../emulator/loader/index.ts';
import { Random, seed } from '../oracle/random.ts';
import { build, hasGcc, needsGcc } from '../support/riscv-gcc.ts';
import { bareMachine } from './bare.ts';
import { sampleMachine, sampleSymbol, stateHash } from './sample.ts';
import { stressGuest } from './stress.ts';

const COUNT = 400;
const ROUNDS = 10;
const needed = hasGcc ? false : needsGcc;

const kinds = ['load', 'store', 'float-load', 'float-store', 'amo', 'reserved'] as const;

interface Place {
  readonly offset: number;
  readonly size: number;
  readonly kind: (typeof kinds)[number];
}

/** What an access does to memory, in turn; over the end of a page in two parts. */
function partsOf({ offset, size, kind }: Place): { at: number; size: number; access: 'load' | 'store' }[] {
  const accesses = {
    load: ['load'],
    'float-load': ['load'],
    store: ['store'],
    'float-store': ['store'],
    amo: ['store'],
    reserved: ['load', 'store'],
  } as const;
  const room = 4096 - (offset % 4096);
  return accesses[kind].flatMap((access) =>
    size <= room
      ? [{ at: offset, size, access }]
      : [
          { at: offset, size: room, access },
          { at: offset + room, size: size - room, access },
        ],
  );
}

describe(`watched bytes in a busy page (SEED=${seed})`, { skip: needed }, () => {
  const flags = ['-march=rv64gc', '-mabi=lp64', '-mcmodel=medany', '-ffreestanding', '-O2', '-static'];
  const layout = ['-Wl,-Ttext=0x80000000', '-Wl,--no-warn-rwx-segments,--no-relax'];
  const source = readFileSync('test/programs/watched/watched.c', 'utf8');
  const elf = hasGcc ? readFileSync(build({ 'watched.c': source }, [...flags, ...layout])) : new Uint8Array();
  const program = bytesSource('watched', elf);
  const symbols = hasGcc ? symbolValues(openElf(program), ['places', 'page', 'finished', 'rounds']) : new Map();
  const at = (name: string) => symbols.get(name) as bigint;

  const machineWith = (places: readonly Place[], rounds: number, options: Partial<MachineOptions>) => {
    const machine = bareMachine(elf, options);
    const words = places.flatMap(({ offset, size, kind }) => [offset, size, kinds.indexOf(kind)]);
    machine.writePhysical(phys(at('places')), new Uint8Array(Uint32Array.from(words).buffer));
    machine.writePhysical(phys(at('rounds')), Uint8Array.of(rounds));
    return machine;
  };

  const placesIn = (random: Random): Place[] =>
    Array.from({ length: COUNT }, () => {
      const kind = random.of(kinds);
      const size = kind === 'load' || kind === 'store' ? random.of([1, 2, 4, 8]) : random.of([4, 8]);
      const offset = random.once(4) ? 4086 + random.below(16) : 2000 + random.below(160);
      const aligned = kind === 'amo' || kind === 'reserved' ? offset - (offset % size) : offset;
      return { offset: aligned, size, kind };
    });

  const modes = [
    ['virtual', 'read-write'],
    ['physical', 'read-write'],
    ['virtual', 'write'],
    ['physical', 'write'],
  ] as const;
  for (const [space, on] of modes) {
    for (const where of ['within the page', 'at its end'] as const) {
      test(`stop exactly the accesses that touch them, by ${space} address (${on}), ${where}`, () => {
        const random = new Random(seed);
        const places = placesIn(random);
        const machine = machineWith(places, ROUNDS, { translateAfter: 20 });
        const first = where === 'at its end' ? 4088 + random.below(12) : 2048 + random.below(64);
        const watched = { first, size: 1 + random.below(16) };
        const address = at('page') + BigInt(first);
        const point = { id: 1, size: BigInt(watched.size), on } as const;
        machine.setWatchpoints([
          space === 'virtual'
            ? { ...point, space, address: virt(address) }
            : { ...point, space, address: phys(address) },
        ]);
        const hits: string[] = [];
        for (;;) {
          const outcome = machine.run(1_000_000);
          if (outcome.reason !== 'watchpoint') break;
          hits.push(...outcome.hits.map((hit) => `${hit.va - at('page')} ${hit.size} ${hit.access}`));
        }
        assert.equal(machine.readPhysical(phys(at('finished')), 1)[0], 1, 'the program has not come to its end');
        const expected = places
          .flatMap(partsOf)
          .filter((part) => part.at + part.size > first && part.at < first + watched.size)
          .filter(({ access }) => access === 'store' || on === 'read-write')
          .map((part) => `${part.at} ${part.size} ${part.access}`);
        assert.ok(expected.length > 0);
        assert.deepEqual(hits, Array.from({ length: ROUNDS }, () => expected).flat());
      });
    }
  }

  for (const on of ['read-write', 'write'] as const) {
    test(`leave the others to translated code (${on})`, () => {
      const places = placesIn(new Random(seed)).map((place) => ({ ...place, offset: place.offset & 0x7ff8 }));
      const plain = machineWith(places, 250, { translateAfter: 20 });
      const machine = machineWith(places, 250, { translateAfter: 20 });
      machine.setWatchpoints([{ id: 1, space: 'virtual', address: virt(at('page')), size: 64n, on }]);
      for (const each of [plain, machine]) for (let slice = 0; slice < 200; slice += 1) each.run(10_000);
      assert.equal(stateHash(machine), stateHash(plain));
      const exits = (each: MachineControl) =>
        (each.counts['exits: loads and stores'] ?? 0) + (each.counts['exits: atomics'] ?? 0);
      assert.ok(
        (machine.counts.besideWatchedInRegions ?? 0) > 20_000,
        `${machine.counts.besideWatchedInRegions} asked`,
      );
      assert.ok(exits(machine) < 10_000, `${exits(machine)} exits, ${exits(plain)} without`);
      assert.ok((machine.counts.regionInstructions ?? 0) > 0.9 * (plain.counts.regionInstructions ?? 0));
    });
  }
});

test('watched ranges may reach beyond RAM and the highest address: what there is of them is watched', () => {
  for (const space of ['physical', 'virtual'] as const) {
    for (const [address, size] of [
      [0n, 1n << 64n],
      [0x8000_0000n, 1n << 70n],
      [0x8000_0001n, (1n << 64n) - 0x8000_0001n],
    ] as const) {
      const machine = sampleMachine();
      machine.run(20_000);
      const place = space === 'physical' ? { space, address: phys(address) } : { space, address: virt(address) };
      machine.setWatchpoints([{ id: 1, size, on: 'write', ...place }]);
      const outcome = machine.run(100_000);
      assert.equal(outcome.reason, 'watchpoint', `${space} ${address.toString(16)} ${size.toString(16)}`);
      machine.setWatchpoints([]);
      assert.equal(machine.run(20_000).reason, 'limit');
    }
  }
});

/** Runs until so many instructions and traps have been; what was hit on the way. */
function hitsUntil(machine: MachineControl, time: number): string[] {
  const hits: string[] = [];
  for (let left = time - Number(machine.time); left > 0; left = time - Number(machine.time)) {
    const outcome = machine.run(left);
    if (outcome.reason === 'ended') break;
    if (outcome.reason === 'watchpoint') hits.push(...outcome.hits.map((hit) => textOf(hit, machine)));
  }
  return hits;
}

const textOf = ({ hart, pc, access, va, pa, size, before, after }: WatchHit, { time }: MachineControl) =>
  `${time} ${hart} ${pc} ${access} ${va} ${pa} ${size} ${before} ${after}`;

for (const xlen of [64, 32] as const) {
  test(`RV${xlen}: what is watched for a while is hit as when interpreted (SEED=${seed})`, { skip: needed }, () => {
    const random = new Random(seed + xlen);
    const guest = stressGuest(xlen, random.below(1 << 24));
    const machineWith = (translateAfter: number | 'never') => guest.machine({ translateAfter });
    const machines = [machineWith('never'), machineWith(20)];
    /** Runs ahead, to find bytes that are accessed. */
    const scout = machineWith('never');
    let hits = 0;
    for (let time = 0; time < 250_000 || (hits < 20 && time < 4_000_000); ) {
      const ram = { id: 1, space: 'physical', address: phys(0x8000_0000n), size: 8n << 20n, on: 'read-write' } as const;
      scout.setWatchpoints([ram]);
      const outcome = scout.run(1000);
      const near = outcome.reason === 'watchpoint' ? (outcome.hits[0]?.va ?? 0n) : 0n;
      const address = near - BigInt(random.below(8));
      const on = random.of(['read', 'write', 'read-write', 'change'] as const);
      const point = {
        id: 1,
        space: 'virtual',
        address: virt(address),
        size: BigInt(8 + random.below(8)),
        on,
      } as const;
      const isOn = !random.once(6);
      time += 1000 + random.below(20_000);
      const [expected, found] = machines.map((machine) => {
        machine.setWatchpoints(isOn ? [point] : []);
        return hitsUntil(machine, time);
      });
      scout.setWatchpoints([]);
      hitsUntil(scout, time);
      assert.deepEqual(found, expected);
      hits += expected?.length ?? 0;
    }
    assert.ok(hits >= 20, `${hits} hits`);
    assert.equal(guest.lost(machines[0] as MachineControl), undefined, guest.name);
    assert.equal(stateHash(machines[1] as MachineControl), stateHash(machines[0] as MachineControl));
  });
}

test('several harts hit watched bytes as when interpreted', () => {
  const [expected, found] = (['never', 3] as const).map((translateAfter) => {
    const machine = sampleMachine({ harts: 4, translateAfter });
    const on = 'read-write';
    machine.setWatchpoints([{ id: 1, space: 'virtual', address: virt(sampleSymbol('next_free_page')), size: 8n, on }]);
    return { hits: hitsUntil(machine, 20_000_000), state: stateHash(machine) };
  });
  assert.ok((expected?.hits.length ?? 0) > 10);
  assert.deepEqual(found, expected);
});
