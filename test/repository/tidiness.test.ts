// What every file of the repository has to hold to.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';

const files = execFileSync('git', ['ls-files', '-z'], { encoding: 'utf8' })
  .split('\0')
  .filter((file) => file && existsSync(file));
const sources = files.filter((file) => /\.(ts|mjs|c|h|S|ld|css|sh)$/.test(file));
const texts = files.filter((file) => !/\.(png|elf|vsix|woff2?|bin|dtb)$/.test(file) && file !== 'package-lock.json');

/** Lines of `among` in which `pattern` is found, as `file:line: text`. */
function occurrences(among: readonly string[], pattern: RegExp): string[] {
  return among.flatMap((file) =>
    readFileSync(file, 'latin1')
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1}: ${line.trim().slice(0, 120)}`] : [])),
  );
}

describe('the repository', () => {
  test('no source file is longer than 500 lines', () => {
    const long = sources.filter((file) => readFileSync(file, 'utf8').split('\n').length > 501);
    assert.deepEqual(long, []);
  });

  test('file names are kebab-case', () => {
    const odd = sources.filter(
      (file) => !/^[a-z0-9.]+(-[a-z0-9.]+)*$/.test((file.split('/').at(-1) as string).replace(/\.S$/, '.s')),
    );
    assert.deepEqual(odd, []);
  });

  test('no text names a folder of the machine it was written on', () => {
    // Written in pieces, so that this file passes its own test.
    const places = ['home/(?!me/)[a-z]', 'work/', 'root/', 'tmp/guests', 'Users/[A-Za-z]'].map(
      (name) => `(^|[\\s"'\`(=:])/${name}`,
    );
    assert.deepEqual(occurrences(texts, new RegExp(places.join('|'))), []);
  });

  test('no text names a package registry or mirror', () => {
    const hosts = [
      'registry\\.npm' + 'js',
      'npm' + 'js\\.(org|com)/',
      'deb\\.deb' + 'ian',
      'snapshot\\.deb' + 'ian',
      'node' + 'source',
    ];
    assert.deepEqual(occurrences([...texts], new RegExp(hosts.join('|'))), []);
  });

  test('committed binaries hold no path of the machine that built them', () => {
    const binaries = files.filter((file) => file.endsWith('.elf'));
    assert.notEqual(binaries.length, 0);
    for (const file of binaries) {
      const strings = readFileSync(file, 'latin1').match(/[\x20-\x7e]{4,}/g) ?? [];
      assert.deepEqual(
        strings.filter((text) => /^\/|\/(home|usr|tmp|work|root)\//.test(text)),
        [],
        file,
      );
    }
  });

  test('ARCHITECTURE.md tells how large the rooms are, to a tenth', () => {
    const rows = readFileSync('ARCHITECTURE.md', 'utf8').matchAll(/^\| \[(.+\/)\].*\| ([\d.]+) k \|$/gm);
    const told = [...rows].map(([, room = '', thousands]) => ({ room, told: Number(thousands) * 1000 }));
    assert.equal(told.length, 7);
    const off = told.flatMap((row) => {
      const inRoom = files.filter((file) => file.startsWith(row.room) && file.endsWith('.ts'));
      const lines = inRoom.reduce((sum, file) => sum + readFileSync(file, 'utf8').split('\n').length - 1, 0);
      return Math.abs(lines - row.told) > lines / 10 ? [{ ...row, lines }] : [];
    });
    assert.deepEqual(off, []);
  });

  test('sources have no loose ends', () => {
    assert.deepEqual(
      occurrences(sources, new RegExp(['\\bTO' + 'DO\\b', '\\bFIX' + 'ME\\b', '\\bXX' + 'X\\b'].join('|'))),
      [],
    );
  });
});
