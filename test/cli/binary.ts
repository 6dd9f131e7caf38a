// The command-line tool as users run it: a process of its own.

import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const folder = mkdtempSync(path.join(tmpdir(), 'pagewalk-cli-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
copyFileSync('package.json', path.join(folder, 'package.json'));
export const program = path.join(folder, 'dist', 'pagewalk.mjs');
const { buildProgram } = await import(pathToFileURL('scripts/build.mjs').href);
await buildProgram({ entry: 'cli/main.ts', start: program });
/** Nothing is left in the user's cache folder. */
const env = { ...process.env, NODE_DISABLE_COMPILE_CACHE: '1' };

export const sample = path.resolve('samples/first-light/first-light.elf');

/** Runs `pagewalk …`; standard input is empty unless given. */
export function pagewalk(args: readonly string[], input = ''): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, [program, ...args], {
    encoding: 'utf8',
    env,
    input,
    maxBuffer: 1 << 28,
    timeout: 600_000,
  });
}

/** The lines of its standard output, each as JSON; throws with its standard error when it fails. */
export function jsonLines(args: readonly string[]): Record<string, unknown>[] {
  const { status, stdout, stderr } = pagewalk([...args, '--format', 'json']);
  if (status !== 0) throw new Error(`exit code ${status}: ${stderr}`);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}
