// The dependency fences, tried with deliberately bad files: who may know whom is in ARCHITECTURE.md.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';

const binaries = path.resolve('node_modules/.bin');

/** Runs `body` in a folder that goes away afterwards. */
function inFolder<T>(under: string, body: (folder: string) => T): T {
  mkdirSync(under, { recursive: true });
  const folder = mkdtempSync(path.join(under, 'fence-'));
  try {
    return body(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The imports that the linter refuses when `imports` stand at `file` of this repository. */
function refusedBy(file: string, imports: readonly string[]): string[] {
  return inFolder(tmpdir(), (folder) => {
    const config = JSON.parse(readFileSync('biome.json', 'utf8'));
    writeFileSync(path.join(folder, 'biome.json'), JSON.stringify({ ...config, vcs: { enabled: false } }));
    mkdirSync(path.join(folder, path.dirname(file)), { recursive: true });
    writeFileSync(path.join(folder, file), imports.map((name) => `import '${name}';\n`).join(''));
    const run = spawnSync(path.join(binaries, 'biome'), ['lint', file], { cwd: folder, encoding: 'utf8' });
    assert.ifError(run.error);
    const lines = [...run.stderr.matchAll(/:(\d+):\d+ lint\/style\/noRestrictedImports/g)].map((hit) => Number(hit[1]));
    return lines.sort((a, b) => a - b).map((line) => imports[line - 1] as string);
  });
}

const refused: Record<string, readonly string[]> = {
  'emulator/devices/bad.ts': [
    'node:fs',
    'fs',
    'esbuild',
    '@vscode/debugadapter',
    'vscode',
    '../../symbols/index.ts',
    '../../kernel/index.ts',
    '../../debug-adapter/session.ts',
    '../../cli/main.ts',
    '../../extension/extension.ts',
    '../../test/support/guests.ts',
  ],
  'symbols/bad.ts': ['node:fs', 'esbuild', 'vscode', '../kernel/index.ts', '../debug-adapter/session.ts'],
  'kernel/bad.ts': ['node:fs', 'vscode', '../debug-adapter/session.ts', '../cli/main.ts', '../test/x.ts'],
  'debug-adapter/requests/bad.ts': ['vscode', '../../extension/manifest.ts', '../../cli/main.ts', '../../test/x.ts'],
  'cli/bad.ts': ['vscode', '../extension/manifest.ts', '../test/x.ts'],
  'extension/views/bad.ts': [
    '../../emulator/address.ts',
    '../../symbols/index.ts',
    '../../kernel/index.ts',
    '../../debug-adapter/session.ts',
    '../../test/x.ts',
  ],
  'extension/views/page-tables/rows.ts': ['vscode', '../../../kernel/index.ts', '../../../debug-adapter/session.ts'],
};

const allowed: Record<string, readonly string[]> = {
  'emulator/devices/good.ts': ['../address.ts', './device.ts'],
  'symbols/good.ts': ['../emulator/loader/index.ts', './index.ts'],
  'kernel/good.ts': ['../emulator/mmu/walk.ts', './place.ts'],
  'debug-adapter/requests/good.ts': ['node:net', '@vscode/debugadapter', '../../kernel/index.ts'],
  'cli/good.ts': ['node:fs', '../emulator/index.ts', '../debug-adapter/serve.ts'],
  'extension/views/good.ts': ['vscode', '../../debug-adapter/protocol/requests.ts'],
  'extension/views/page-tables/rows.ts': ['../../../debug-adapter/protocol/requests.ts'],
};

describe('imports across rooms', () => {
  for (const [file, imports] of Object.entries(refused)) {
    test(`the linter refuses what ${file} must not know`, () => {
      assert.deepEqual(refusedBy(file, imports), imports);
    });
  }
  for (const [file, imports] of Object.entries(allowed)) {
    test(`the linter lets ${file} have what it may know`, () => {
      assert.deepEqual(refusedBy(file, imports), []);
    });
  }
});

describe('globals of pure rooms', () => {
  for (const room of ['emulator', 'symbols', 'kernel']) {
    test(`the compiler knows no Node and no DOM in ${room}/`, () => {
      inFolder('.cache', (folder) => {
        const lines = ["import 'node:fs';", 'process.exit();', 'document.title;', "Buffer.from('');", "fetch('');"];
        writeFileSync(path.join(folder, 'bad.ts'), `${lines.join('\n')}\nexport {};\n`);
        const config = { extends: `../../${room}/tsconfig.json`, include: ['./bad.ts'], references: [] };
        writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify(config));
        const run = spawnSync(path.join(binaries, 'tsc'), ['-p', folder, '--noEmit'], { encoding: 'utf8' });
        assert.ifError(run.error);
        for (const [index, line] of lines.entries()) {
          assert.match(run.stdout, new RegExp(`bad\\.ts[(:]${index + 1}[,:]`), `accepted: ${line}\n${run.stdout}`);
        }
      });
    });
  }
});
