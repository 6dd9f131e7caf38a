import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CompilerHere, createMachine, type MachineOptions, phys, type RegionCompiler } from '../../emulator/index.ts';
import { bytesSource } from '../../emulator/loader/index.ts';
import { stateHash } from './sample.ts';

const ram = 0x8000_0000n;
const PAGES = 24;

/** On each of some pages a loop of 256 rounds, and over again: it never waits. */
function code(): Uint8Array<ArrayBuffer> {
  const loop = [
    0x10000593, // li a1, 256
    0x00b50533, // add a0, a0, a1
    0xfff58593, // addi a1, a1, -1
    0xfe059ce3, // bnez a1, -8
    0x00a62023, // sw a0, 0(a2)
  ];
  const words = new Uint32Array(PAGES * 1024);
  for (let page = 0; page < PAGES; page += 1) {
    words.set(loop, page * 1024);
    // lui a3, to the next page; jr a3
    const next = (0x80000 + ((page + 1) % PAGES)) << 12;
    words.set([next | 0x6b7, 0x00068067], page * 1024 + loop.length);
  }
  return new Uint8Array(words.buffer);
}

function machineWith(options: Partial<MachineOptions>) {
  const full = { memory: 1n << 20n, harts: 1, isa: 'rv32ima_zicntr', mmu: 'bare', counts: true, ...options } as const;
  const machine = createMachine(full, {
    xlen: 32,
    isa: full.isa,
    mmu: full.mmu,
    firmware: 'none',
    privilege: 3,
    entry: phys(ram),
    segments: [{ address: phys(ram), source: bytesSource('code', code()), what: 'code' }],
    dtb: phys(0),
    kernel: { start: phys(ram), end: phys(ram) },
  });
  machine.setX(0, 12, ram + 0x20000n);
  return machine;
}

/** Fails once, with its third batch: as it is given or, as a thread does, when it is asked for what it made. */
class Failing implements RegionCompiler {
  private readonly here = new CompilerHere();
  private readonly at: 'submit' | 'take';
  private batches = 0;
  private owed = false;

  constructor(at: 'submit' | 'take') {
    this.at = at;
  }

  submit(batch: Parameters<RegionCompiler['submit']>[0]): void {
    this.batches += 1;
    this.owed = this.batches === 3;
    if (this.owed && this.at === 'submit') throw new Error('no memory');
    if (!this.owed) this.here.submit(batch);
  }

  take(): ReturnType<RegionCompiler['take']> {
    if (!this.owed || this.at !== 'take') return this.here.take();
    this.owed = false;
    throw new Error('no memory');
  }

  get asked(): number {
    return this.batches;
  }
}

for (const at of ['submit', 'take'] as const) {
  test(`what ran is counted when the compiler fails (${at}), and other pages are translated from there on`, () => {
    const compiler = new Failing(at);
    const failing = machineWith({ translateAfter: 20, compiler });
    const interpreted = machineWith({ translateAfter: 'never' });
    const failures: string[] = [];
    const end = 60_000n;
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
    assert.deepEqual(failures, ['no memory']);
    assert.ok(compiler.asked > 5, `only ${compiler.asked} batches were translated`);
    interpreted.run(Number(end - (interpreted.harts[0]?.instret ?? 0n)));
    assert.equal(retired(), interpreted.harts[0]?.instret);
    assert.equal(stateHash(failing), stateHash(interpreted));
    const { regionInstructions = 0 } = failing.counts;
    assert.ok(regionInstructions > 30_000, `only ${regionInstructions} were translated`);
  });
}
