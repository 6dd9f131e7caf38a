import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CompilerHere, createMachine, type MachineOptions, phys, type RegionCompiler } from '../../emulator/index.ts';
import { bytesSource } from '../../emulator/loader/index.ts';
import { stateHash } from './sample.ts';

const ram = 0x8000_0000n;
const PAGES = 80;

/** On each of some pages a loop of 256 rounds, and over again: it never waits. */
function code(pages: number): Uint8Array<ArrayBuffer> {
  const loop = [
    0x10000593, // li a1, 256
    0x00b50533, // add a0, a0, a1
    0xfff58593, // addi a1, a1, -1
    0xfe059ce3, // bnez a1, -8
    0x00a62023, // sw a0, 0(a2)
  ];
  const words = new Uint32Array(pages * 1024);
  for (let page = 0; page < pages; page += 1) {
    words.set(loop, page * 1024);
    // lui a3, to the next page; jr a3
    const next = (0x80000 + ((page + 1) % pages)) << 12;
    words.set([next | 0x6b7, 0x00068067], page * 1024 + loop.length);
  }
  return new Uint8Array(words.buffer);
}

function machineWith(options: Partial<MachineOptions>, pages = PAGES) {
  const full = { memory: 1n << 20n, harts: 1, isa: 'rv32ima_zicntr', mmu: 'bare', counts: true, ...options } as const;
  const machine = createMachine(full, {
    xlen: 32,
    isa: full.isa,
    mmu: full.mmu,
    firmware: 'none',
    privilege: 3,
    entry: phys(ram),
    segments: [{ address: phys(ram), source: bytesSource('code', code(pages)), what: 'code' }],
    dtb: phys(0),
    kernel: { start: phys(ram), end: phys(ram) },
  });
  machine.setX(0, 12, ram + 0xc0000n);
  return machine;
}

/** What of translating fails. */
type Step = 'submit' | 'take' | 'link';

/** A module that asks for `env.nothing`, so that it can be linked with no machine. */
const wantsNothing = new WebAssembly.Module(
  Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 2, 15, 1, 3, ...Buffer.from('env\x07nothing'), 0, 0),
);

/** Fails with some batches: as they are given, when it is asked for what it made, as a thread does, or when that is linked. */
class Failing implements RegionCompiler {
  private readonly here = new CompilerHere();
  private readonly at: Step;
  private readonly fails: (batch: number) => boolean;
  private batches = 0;
  private owed = false;

  constructor(at: Step, fails: (batch: number) => boolean) {
    this.at = at;
    this.fails = fails;
  }

  submit(batch: Parameters<RegionCompiler['submit']>[0]): void {
    this.batches += 1;
    this.owed = this.fails(this.batches);
    if (this.owed && this.at === 'submit') throw new Error('no memory');
    if (!this.owed || this.at === 'link') this.here.submit(batch);
  }

  take(): ReturnType<RegionCompiler['take']> {
    const made = this.here.take();
    if (!this.owed || this.at === 'submit') return made;
    if (this.at === 'link' && !made) return undefined;
    this.owed = false;
    if (this.at === 'take') throw new Error('no memory');
    return { module: wantsNothing, regions: made?.regions ?? [] };
  }

  get asked(): number {
    return this.batches;
  }
}

const wanted: Record<Step, RegExp> = { submit: /^no memory$/, take: /^no memory$/, link: /nothing/ };

for (const at of ['submit', 'take', 'link'] as const) {
  test(`what ran is counted when translating fails (${at}), and other pages are translated from there on`, () => {
    const compiler = new Failing(at, (batch) => batch === 3);
    const failing = machineWith({ translateAfter: 20, compiler });
    const interpreted = machineWith({ translateAfter: 'never' });
    const failures: string[] = [];
    const end = 160_000n;
    const retired = () => failing.harts[0]?.instret ?? 0n;
    while (retired() < end) {
      try {
        failing.run(Math.min(700, Number(end - retired())));
      } catch (error) {
        failures.push((error as Error).message);
        // At once, not only at the end: an instruction that is not counted now is counted never.
        const ahead = retired() - (interpreted.harts[0]?.instret ?? 0n);
        interpreted.run(Number(ahead));
        assert.equal(stateHash(failing), stateHash(interpreted));
      }
    }
    assert.equal(failures.length, 1);
    assert.match(failures[0] as string, wanted[at]);
    assert.ok(compiler.asked > 5, `only ${compiler.asked} batches were translated`);
    interpreted.run(Number(end - (interpreted.harts[0]?.instret ?? 0n)));
    assert.equal(retired(), interpreted.harts[0]?.instret);
    assert.equal(stateHash(failing), stateHash(interpreted));
    const { regionInstructions = 0 } = failing.counts;
    assert.ok(regionInstructions > 30_000, `only ${regionInstructions} were translated`);
  });

  test(`a guest of which nothing can be translated (${at}) runs interpreted, with one notice`, () => {
    const notices: string[] = [];
    const compiler = new Failing(at, () => true);
    const failing = machineWith({ translateAfter: 20, compiler, warn: (line) => notices.push(line) });
    const interpreted = machineWith({ translateAfter: 'never' });
    for (let run = 0; run < 100; run += 1) failing.run(997);
    interpreted.run(99_700);
    assert.equal(stateHash(failing), stateHash(interpreted));
    assert.equal(failing.counts.regionInstructions, 0);
    assert.equal(notices.length, 1);
    assert.match(notices[0] as string, /^Code could not be translated and is interpreted: /);
    assert.ok(compiler.asked > 5 && compiler.asked <= PAGES, `${compiler.asked} batches of ${PAGES} pages`);
  });
}

for (const what of ['Table', 'Instance'] as const) {
  test(`no new table of functions (WebAssembly.${what} fails) is a notice, and the old one does`, () => {
    const notices: string[] = [];
    const codeCache = { modules: 64 };
    // More pages than one table has modules, also where two come to be in one.
    const pages = 120;
    const failing = machineWith({ translateAfter: 5, codeCache, warn: (line) => notices.push(line) }, pages);
    const interpreted = machineWith({ translateAfter: 'never' }, pages);
    const { Table, Instance } = WebAssembly;
    let tables = 0;
    try {
      // The interpreter is linked anew with a new table; what is linked otherwise is a region's.
      WebAssembly.Table = class extends Table {
        constructor(limits: WebAssembly.TableDescriptor) {
          super(limits);
          tables += 1;
          if (tables > 2) return;
          if (what === 'Table') throw new RangeError('no memory');
          WebAssembly.Instance = class {
            constructor() {
              WebAssembly.Instance = Instance;
              throw new RangeError('no memory');
            }
          } as never;
        }
      } as never;
      for (let run = 0; run < 500; run += 1) failing.run(997);
    } finally {
      WebAssembly.Table = Table;
      WebAssembly.Instance = Instance;
    }
    interpreted.run(498_500);
    assert.ok(tables > 2, 'one was made in the end');
    assert.equal(stateHash(failing), stateHash(interpreted));
    assert.deepEqual(notices, ['Code could not be translated and is interpreted: no memory']);
    const { regionInstructions = 0 } = failing.counts;
    assert.ok(regionInstructions > 150_000, `only ${regionInstructions} were translated`);
  });
}
