// A guest that writes new code for ever, as a just-in-time compiler does.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  type Batch,
  type Compiled,
  CompilerForOthers,
  CompilerHere,
  type MachineOptions,
  type RegionCompiler,
} from '../../emulator/index.ts';
import { build, hasGcc, needsGcc } from '../support/riscv-gcc.ts';
import { bareMachine } from './bare.ts';
import { stateHash } from './sample.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Remembers the modules that were made, as long as somebody else does. */
class Remembering implements RegionCompiler {
  readonly modules: WeakRef<object>[] = [];
  private readonly compile: (batch: Batch) => Compiled;
  private made: Compiled | undefined;

  constructor(compile: (batch: Batch) => Compiled) {
    this.compile = compile;
  }

  submit(batch: Batch): void {
    this.made = this.compile(batch);
    this.modules.push(new WeakRef(this.made.module));
  }

  take(): Compiled | undefined {
    const { made } = this;
    this.made = undefined;
    return made;
  }

  get alive(): number {
    return this.modules.filter((module) => module.deref()).length;
  }
}

const compilers = {
  'this thread': () => {
    const compiler = new CompilerHere();
    return (batch: Batch) => {
      compiler.submit(batch);
      return compiler.take() as Compiled;
    };
  },
  'another one': () => {
    const compiler = new CompilerForOthers();
    return (batch: Batch) => compiler.compile(batch);
  },
};

describe('code that is new for ever', { skip: hasGcc ? false : needsGcc }, () => {
  const sources = { 'new-code.S': readFileSync('test/programs/new-code/new-code.S', 'utf8') };
  const flags = ['-march=rv64gc', '-mabi=lp64', '-static', '-Wl,-Ttext=0x80000000,--no-warn-rwx-segments'];

  const machineWith = (options: Partial<MachineOptions>) =>
    bareMachine(build(sources, flags), { memory: 16n << 20n, counts: false, ...options });

  // Each module has one function of four instructions.
  const limits = {
    modules: { most: 100, codeCache: { modules: 100 } },
    instructions: { most: 25, codeCache: { instructions: 100 } },
  };

  for (const [name, compilerOf] of Object.entries(compilers)) {
    for (const [limit, { most, codeCache }] of Object.entries(limits)) {
      test(`keeps no more ${limit} of ${name} than the cache holds, and runs as it is`, async () => {
        const compiler = new Remembering(compilerOf());
        const translated = machineWith({ translateAfter: 20, codeCache, compiler });
        const interpreted = machineWith({ translateAfter: 'never' });
        for (let slice = 0; slice < 10; slice += 1) {
          // Modules are made between runs.
          for (let run = 0; run < 50; run += 1) translated.run(3000);
          interpreted.run(150_000);
          assert.equal(stateHash(translated), stateHash(interpreted));
          await setImmediate();
        }
        assert.ok(compiler.modules.length > 400, `${compiler.modules.length} modules were made`);
        collect();
        await setImmediate();
        collect();
        assert.ok(compiler.alive <= most + 64, `${compiler.alive} modules of ${compiler.modules.length} are kept`);
      });
    }
  }
});
