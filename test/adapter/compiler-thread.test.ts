import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { buildSync } from 'esbuild';
import { CompilerThread, compilerThread } from '../../debug-adapter/compiler-thread/threads.ts';
import { sampleMachine, stateHash } from '../emulator/sample.ts';

describe('the thread that makes WebAssembly of hot code', () => {
  const memory = 32n << 20n;
  const program = path.join(mkdtempSync(path.join(tmpdir(), 'pagewalk-')), 'compiler-thread.cjs');
  before(() => {
    const entryPoints = ['debug-adapter/compiler-thread/main.ts'];
    buildSync({ entryPoints, bundle: true, platform: 'node', format: 'cjs', outfile: program });
  });

  test('gives a running machine regions that change nothing but time', async () => {
    const compiler = compilerThread(program, 0);
    assert.ok(compiler);
    const machine = sampleMachine({ memory, translateAfter: 3, counts: true, compiler });
    const interpreting = sampleMachine({ memory, translateAfter: 'never' });
    let answers = 0;
    const take = () => CompilerThread.prototype.take.call(compiler);
    compiler.take = () => {
      const made = take();
      if (made && compiler.started) answers += 1;
      return made;
    };
    for (let turn = 0; turn < 6000 && !answers; turn += 1) {
      machine.run(30);
      await setTimeout(10);
    }
    assert.ok(answers > 0, 'nothing came back from the thread');
    machine.run(20_000);
    assert.ok((machine.counts.regionInstructions ?? 0) > 0, 'none of the regions was entered');
    while (interpreting.time < machine.time) interpreting.run(Number(machine.time - interpreting.time));
    assert.equal(stateHash(machine), stateHash(interpreting));
  });

  test('is done without when it fails: the machine compiles for itself', async () => {
    const broken = path.join(path.dirname(program), 'broken.mjs');
    writeFileSync(broken, 'throw new Error("no thread today");');
    const compiler = compilerThread(broken, 0);
    assert.ok(compiler);
    const machine = sampleMachine({ memory, translateAfter: 3, counts: true, compiler });
    for (let turn = 0; turn < 6000 && !machine.counts.regionInstructions; turn += 1) {
      machine.run(1000);
      await setTimeout(10);
    }
    assert.ok((machine.counts.regionInstructions ?? 0) > 0);
    assert.equal(compiler.started, false);
  });

  test('is left out where its program is not', () => {
    assert.equal(compilerThread(path.join(tmpdir(), 'no-such-program.cjs')), undefined);
  });
});
