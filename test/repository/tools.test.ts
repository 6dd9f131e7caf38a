// The package source that is derived for newer tools follows the system's own.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';

const { backportsSource } = await import(path.resolve('scripts/tools.mjs'));

function derive(file: string, text: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'apt-'));
  try {
    mkdirSync(path.join(folder, 'sources.list.d'));
    writeFileSync(path.join(folder, file), text);
    return backportsSource('bookworm', folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const expected = [
  'Types: deb',
  'URIs: http://mirror.example/debian',
  'Suites: bookworm-backports',
  'Components: main',
  'Signed-By: /keys/archive.gpg',
  '',
].join('\n');

describe("the backports source has the system's own address and keyring", () => {
  test('from a deb822 source', () => {
    const other = 'Types: deb\nURIs: http://other.example/security\nSuites: bookworm-security\nComponents: main\n';
    const own =
      '# comment\nTypes: deb\nURIs: http://mirror.example/debian\nSuites: bookworm bookworm-updates\nComponents: main\nSigned-By: /keys/archive.gpg\n';
    assert.equal(derive('sources.list.d/debian.sources', `${other}\n${own}`), expected);
  });

  test('from a one-line source', () => {
    const line = 'deb [arch=amd64 signed-by=/keys/archive.gpg] http://mirror.example/debian bookworm main contrib\n';
    assert.equal(derive('sources.list', line), expected);
  });

  test('and without a source for the release it says what to do', () => {
    assert.throws(
      () => derive('sources.list', 'deb http://mirror.example/debian trixie main\n'),
      /add bookworm-backports/,
    );
  });
});
