// The folder in which V8's code is kept between runs: never large, never in the way.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import * as zlib from 'node:zlib';
import { cacheFolder, MOST, readKept, writeKept } from '../../debug-adapter/kept-code.ts';

const needed = 'crc32' in zlib ? false : 'nothing is kept before Node 20.15';
const folder = mkdtempSync(path.join(tmpdir(), 'pagewalk-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
let homes = 0;

/** A cache folder that is not there yet, and its files by name. */
function cache() {
  const home = path.join(folder, String(homes++));
  const file = (name: string) => path.join(home, name);
  const put = (name: string, size: number, days: number) => {
    mkdirSync(home, { recursive: true });
    writeFileSync(file(name), new Uint8Array(size));
    const used = new Date(Date.now() - days * 86_400_000);
    utimesSync(file(name), used, used);
  };
  const total = () => readdirSync(home).reduce((sum, name) => sum + statSync(file(name)).size, 0);
  return { home, file, put, total };
}

const MiB = 1 << 20;
const code = (size: number, value = 1) => Buffer.alloc(size, value);

describe('kept code', { skip: needed }, () => {
  test("lies in the user's own folder, and nowhere where there is none", () => {
    assert.equal(cacheFolder('/me', {}, 'linux'), '/me/.cache/pagewalk');
    assert.equal(cacheFolder('/me', { XDG_CACHE_HOME: '/var/u' }, 'linux'), '/var/u/pagewalk');
    assert.equal(cacheFolder('/me', { XDG_CACHE_HOME: 'cache' }, 'linux'), '/me/.cache/pagewalk');
    assert.equal(cacheFolder('/me', {}, 'darwin'), '/me/Library/Caches/pagewalk');
    assert.equal(cacheFolder('/u', { LOCALAPPDATA: '/u/local' }, 'win32'), '/u/local/pagewalk/cache');
    assert.equal(cacheFolder('/u', {}, 'win32'), '/u/pagewalk/cache');
    for (const platform of ['linux', 'darwin', 'win32'] as const)
      assert.equal(cacheFolder('', {}, platform), undefined);
  });

  test('is read back as it was written', () => {
    const { file } = cache();
    writeKept(file('map.1a.2b'), code(1000));
    assert.deepEqual(readKept(file('map.1a.2b')), code(1000));
  });

  test('is never more than the bound, and what was not used for longest goes first', () => {
    const { file, put, total } = cache();
    for (let days = 1; days < 20; days += 1) put(`run.${days}0.2b`, 4 * MiB, days);
    writeKept(file('map.1a.2b'), code(3 * MiB));
    assert.ok(total() <= MOST, `${total()} bytes`);
    for (let days = 1; days < 20; days += 1)
      assert.equal(existsSync(file(`run.${days}0.2b`)), days <= 7, `${days} days`);
    for (let build = 0; build < 20; build += 1) {
      writeKept(file(`lint.${build}0.2b`), code(4 * MiB));
      assert.ok(total() <= MOST, `${total()} bytes`);
      assert.ok(readKept(file(`lint.${build}0.2b`)), 'what was just written is there');
    }
  });

  test('that is used stays, and what was not for a month goes', () => {
    const { home, file, put } = cache();
    writeKept(file('run.1a.2b'), code(10));
    const before = new Date(Date.now() - 40 * 86_400_000);
    utimesSync(file('run.1a.2b'), before, before);
    put('run.3a.2b', 10, 40);
    put('run.4a.2b', 10, 20);
    put('run.5a.2b.4711', 10, 40);
    assert.ok(readKept(file('run.1a.2b')));
    writeKept(file('map.1a.2b'), code(10));
    assert.deepEqual(readdirSync(home).sort(), ['map.1a.2b', 'run.1a.2b', 'run.4a.2b']);
  });

  test('leaves alone what others have put there', () => {
    const { home, file, put } = cache();
    put('notes.txt', 40 * MiB, 400);
    mkdirSync(file('run.1a.2b'));
    for (let build = 0; build < 9; build += 1) put(`run.${build}a0.2b`, 4 * MiB, 50);
    writeKept(file('map.1a.2b'), code(10));
    assert.deepEqual(readdirSync(home).sort(), ['map.1a.2b', 'notes.txt', 'run.1a.2b']);
    assert.ok(readKept(file('map.1a.2b')));
  });

  test('is nothing where the file is cut off, damaged, empty, another, or a folder', () => {
    const { home, file } = cache();
    const name = file('map.1a.2b');
    writeKept(name, code(1000));
    const whole = Buffer.concat([code(1000), Buffer.alloc(4)]);
    for (const bytes of [whole.subarray(0, 500), whole, whole.subarray(0, 3), whole.subarray(0, 0)]) {
      writeFileSync(name, bytes);
      assert.equal(readKept(name), undefined);
    }
    rmSync(name);
    assert.equal(readKept(name), undefined);
    mkdirSync(name);
    assert.equal(readKept(name), undefined);
    writeKept(name, code(1000));
    assert.deepEqual(readdirSync(home), ['map.1a.2b'], 'no part is left where it cannot be written');
    rmSync(name, { recursive: true });
    writeKept(name, code(1000));
    assert.ok(readKept(name));
  });

  test('is whole at any time for several processes that write and read it', async () => {
    const { home, file } = cache();
    const source = path.resolve('debug-adapter/kept-code.ts');
    const program = path.join(folder, 'writer.mjs');
    const { build } = await import('esbuild');
    await build({
      entryPoints: [source],
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile: path.join(folder, 'kept-code.mjs'),
    });
    writeFileSync(
      program,
      `import { readKept, writeKept } from './kept-code.mjs';
      const [, , folder, value] = process.argv;
      let read = 0;
      for (let round = 0; round < 30; round += 1) {
        writeKept(folder + '/map.1a.2b', Buffer.alloc(100_000 + round, Number(value)));
        writeKept(folder + '/run.' + (round % 10) + value + '.2b', Buffer.alloc(1 << 22, 1));
        const found = readKept(folder + '/map.1a.2b');
        if (!found) continue;
        read += 1;
        if (!found.equals(Buffer.alloc(found.length, found[0]))) throw new Error('a mixture of two');
      }
      if (read < 30) throw new Error('there was nothing ' + (30 - read) + ' times');`,
    );
    const ends = [1, 2, 3].map((value) => {
      const child = spawn(process.execPath, [program, home, String(value)], { stdio: ['ignore', 'ignore', 'pipe'] });
      let said = '';
      child.stderr.on('data', (chunk) => (said += chunk));
      return new Promise((resolve) => child.on('close', (exit) => resolve({ exit, said })));
    });
    assert.deepEqual(await Promise.all(ends), new Array(3).fill({ exit: 0, said: '' }));
    assert.ok(readKept(file('map.1a.2b')));
    assert.ok(
      !readdirSync(home).some((name) => /\.\d+$/.test(name.replace(/^[^.]+\.[^.]+\.[^.]+/, ''))),
      'a part is left',
    );
  });
});
