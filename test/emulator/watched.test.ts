import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { createMachine, phys, virt } from '../../emulator/index.ts';
import { symbolValues } from '../../emulator/loader/elf-symbols.ts';
import { bytesSource, openElf, planBoot } from '../../emulator/loader/index.ts';
import { Random, seed } from '../oracle/random.ts';
import { build, hasGcc, needsGcc } from '../support/riscv-gcc.ts';
import { sampleMachine } from './sample.ts';

const COUNT = 400;

describe(`watched bytes in a busy page (SEED=${seed})`, { skip: hasGcc ? false : needsGcc }, () => {
  const kinds = [
    ['virtual', 'read-write'],
    ['physical', 'read-write'],
    ['virtual', 'write'],
    ['physical', 'write'],
  ] as const;
  for (const [space, on] of kinds) {
    test(`stop exactly the accesses that touch them, by ${space} address (${on})`, () => {
      const flags = ['-march=rv64gc', '-mabi=lp64', '-mcmodel=medany', '-ffreestanding', '-O2', '-static'];
      const sources = { 'watched.c': readFileSync('test/programs/watched/watched.c', 'utf8') };
      const layout = ['-Wl,-Ttext=0x80000000', '-Wl,--no-warn-rwx-segments,--no-relax'];
      const program = bytesSource('watched', readFileSync(build(sources, [...flags, ...layout])));
      const options = { memory: 8n << 20n, harts: 1, isa: 'rv64gc', mmu: 'sv39' } as const;
      const machine = createMachine(options, planBoot({ program }, { ...options, firmware: 'none' }));
      const symbols = symbolValues(openElf(program), ['places', 'page', 'finished']);
      const at = (name: string) => symbols.get(name) as bigint;
      const random = new Random(seed);
      const watched = { first: 2048 + random.below(64), size: 1 + random.below(16) };
      const places = Array.from({ length: COUNT }, () => {
        const size = random.of([1, 2, 4, 8]);
        return {
          offset: random.once(4) ? 4090 + random.below(12) : 2000 + random.below(160),
          size,
          store: random.once(2),
        };
      });
      const words = places.flatMap(({ offset, size, store }) => [offset, size, store ? 1 : 0]);
      machine.writePhysical(phys(at('places')), new Uint8Array(Uint32Array.from(words).buffer));
      const address = at('page') + BigInt(watched.first);
      const point = { id: 1, size: BigInt(watched.size), on } as const;
      machine.setWatchpoints([
        space === 'virtual' ? { ...point, space, address: virt(address) } : { ...point, space, address: phys(address) },
      ]);
      const hits: string[] = [];
      for (let runs = 0; runs < 2 * COUNT; runs += 1) {
        const outcome = machine.run(100_000);
        if (outcome.reason !== 'watchpoint') break;
        hits.push(...outcome.hits.map((hit) => `${hit.va - at('page')} ${hit.size} ${hit.access}`));
      }
      assert.equal(machine.readPhysical(phys(at('finished')), 1)[0], 1, 'the program has not come to its end');
      const touching = places.filter(
        ({ offset, size, store }) =>
          offset + size > watched.first && offset < watched.first + watched.size && (store || on === 'read-write'),
      );
      const expected = touching.map(({ offset, size, store }) => `${offset} ${size} ${store ? 'store' : 'load'}`);
      assert.ok(expected.length > 0);
      assert.deepEqual(hits, expected);
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
