// Global pages: what the manual lets a hart see of a page that was mapped elsewhere, and that fences by ASID leave them alone.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { createMachine, phys } from '../../emulator/index.ts';
import { symbolValues } from '../../emulator/loader/elf-symbols.ts';
import { bytesSource, openElf, planBoot } from '../../emulator/loader/index.ts';
import { Random, seed } from '../oracle/random.ts';
import { build, hasGcc, needsGcc } from '../support/riscv-gcc.ts';

const flags = ['-march=rv64gc', '-mabi=lp64', '-mcmodel=medany', '-ffreestanding', '-O2', '-static'];
const link = ['-Wl,-Ttext=0x80000000', '-Wl,--no-warn-rwx-segments,--no-relax'];

const pages = 12;
const small = 8;
const isGlobal = (page: number) => page % 2 === 1 || page % 4 === 2;
const asids = [1, 2] as const;
type Asid = (typeof asids)[number];

type Command =
  | { readonly does: 'map'; readonly page: number; readonly to: number }
  | { readonly does: 'fence'; readonly page?: number; readonly asid?: Asid }
  | { readonly does: 'enter'; readonly asid: Asid }
  | { readonly does: 'read'; readonly page: number; readonly part: number };

function commandOf(random: Random): Command {
  const page = random.below(pages);
  const asid = random.of(asids);
  const kind = random.below(20);
  if (kind < 3) return { does: 'map', page, to: random.below(2) };
  if (kind < 4) return { does: 'fence', ...(random.once(2) && { page }) };
  if (kind < 6) return { does: 'fence', asid, ...(random.once(2) && { page }) };
  if (kind < 9) return { does: 'enter', asid };
  return { does: 'read', page, part: page < small ? 0 : random.below(512) };
}

/** As the program reads it. */
function encoded(command: Command): [number, number, number] {
  if (command.does === 'map') return [0, command.page, command.to];
  if (command.does === 'enter') return [5, 0, command.asid];
  if (command.does === 'read') return [6, command.page, command.part];
  const { page, asid } = command;
  return [1 + (page === undefined ? 0 : 1) + (asid === undefined ? 0 : 2), page ?? 0, asid ?? 0];
}

/** Where a page may lead to, as the manual has it: all that it has led to since a fence ordered it. */
class Allowed {
  private readonly now: number[] = Array(pages).fill(0);
  private readonly sets: ReadonlyMap<Asid, Set<number>[]>;
  asid: Asid = 1;

  constructor() {
    this.sets = new Map(asids.map((asid) => [asid, Array.from({ length: pages }, () => new Set([0]))]));
  }

  private of(asid: Asid, page: number): Set<number> {
    return this.sets.get(asid)?.[page] as Set<number>;
  }

  in(page: number): Set<number> {
    return this.of(this.asid, page);
  }

  isCurrent(page: number, value: number): boolean {
    return this.now[page] === value;
  }

  do(command: Command): void {
    if (command.does === 'enter') this.asid = command.asid;
    else if (command.does === 'map') {
      this.now[command.page] = command.to;
      for (const asid of asids) this.of(asid, command.page).add(command.to);
    } else if (command.does === 'fence') {
      for (const asid of command.asid === undefined ? asids : [command.asid]) {
        for (let page = 0; page < pages; page += 1) {
          if (command.page !== undefined && command.page !== page) continue;
          if (command.asid !== undefined && isGlobal(page)) continue;
          const set = this.of(asid, page);
          set.clear();
          set.add(this.now[page] as number);
        }
      }
    }
  }
}

describe(`global pages (SEED=${seed})`, { skip: hasGcc ? false : needsGcc }, () => {
  const source = readFileSync('test/programs/global-pages/global-pages.c', 'utf8');
  let elf = '';
  const file = () => {
    elf ||= build({ 'global-pages.c': source }, [...flags, ...link]);
    return elf;
  };

  /** The results of the commands, and how many walks of the page tables they took. */
  function run(commands: readonly Command[], translateAfter: number | 'never') {
    const program = bytesSource('global-pages', readFileSync(file()));
    const at = symbolValues(openElf(program), ['count', 'commands', 'results', 'finished']);
    const options = { memory: 16n << 20n, harts: 1, isa: 'rv64gc', mmu: 'sv39', translateAfter, counts: true } as const;
    const machine = createMachine(options, planBoot({ program }, { ...options, firmware: 'none' }));
    const place = (name: string) => phys(at.get(name) as bigint);
    const write = (name: string, quads: readonly number[]) =>
      machine.writePhysical(place(name), new Uint8Array(BigUint64Array.from(quads.map(BigInt)).buffer));
    const read = (name: string, count: number) => [
      ...new BigUint64Array(machine.readPhysical(place(name), 8 * count).slice().buffer),
    ];
    write('commands', commands.flatMap(encoded));
    write('count', [commands.length]);
    for (let slice = 0; slice < 2000 && !read('finished', 1)[0]; slice += 1) machine.run(1000);
    assert.deepEqual(read('finished', 1), [1n], 'the program has not come to its end');
    return { results: read('results', commands.length).map(Number), walks: machine.counts.walks ?? 0 };
  }

  test('are seen as the manual allows, after any mappings, fences and changes of the address space', () => {
    const random = new Random(seed);
    let outlived = 0;
    for (let round = 0; round < 8; round += 1) {
      const commands = Array.from({ length: 3000 }, () => commandOf(random));
      const { results } = run(commands, random.of(['never', 1, 20]));
      const allowed = new Allowed();
      /** What each space has read last of each page, since it was fenced by its ASID. */
      const seen = new Map(asids.map((asid) => [asid, new Map<number, number>()]));
      for (const [index, command] of commands.entries()) {
        allowed.do(command);
        if (command.does === 'fence' && command.page === undefined && command.asid) seen.get(command.asid)?.clear();
        if (command.does !== 'read') continue;
        const { page } = command;
        const value = results[index] as number;
        const where = `command ${index} of round ${round}: page ${page} in space ${allowed.asid}`;
        assert.ok(allowed.in(page).has(value), `${where} shows ${value}, not ${[...allowed.in(page)]}`);
        const own = seen.get(allowed.asid);
        if (!allowed.isCurrent(page, value) && own?.get(page) !== value) outlived += 1;
        own?.set(page, value);
      }
    }
    assert.ok(
      outlived > 10,
      `${outlived} times a translation has outlived a fence by ASID, or came from another space`,
    );
  });

  test('are not walked for again after a fence by ASID, nor in another address space', () => {
    const reads = (page: number, asid: Asid): Command[] =>
      Array.from({ length: 100 }, () => [
        { does: 'enter', asid } as const,
        { does: 'fence', asid } as const,
        { does: 'read', page, part: 0 } as const,
      ]).flat();
    const walksOf = (page: number) => run([...reads(page, 1), ...reads(page, 2)], 'never').walks;
    const [own, leaf, below] = [walksOf(4), walksOf(2), walksOf(1)];
    for (const global of [leaf, below])
      assert.ok(own - global > 180, `${own} walks of an own page, ${global} of a global one`);
  });
});
