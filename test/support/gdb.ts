// gdb-multiarch as a reader of debug information: what our own reading is held against.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export const needsGdb = 'needs gdb-multiarch: apt-get install gdb-multiarch';

export const hasGdb = spawnSync('gdb-multiarch', ['--version']).status === 0;

/**
 * Runs Python in gdb on a program. The script has `request`, which is `request` here, and leaves its answer in `answer`;
 * both travel as JSON.
 */
export function askGdb<T>(elf: string, script: string, request: unknown): T {
  const folder = mkdtempSync(path.join(tmpdir(), 'pagewalk-gdb-'));
  try {
    const file = (name: string) => path.join(folder, name);
    writeFileSync(file('request.json'), JSON.stringify(request));
    writeFileSync(
      file('script.py'),
      `import gdb, json\nrequest = json.load(open(${JSON.stringify(file('request.json'))}))\nanswer = None\n${script}
json.dump(answer, open(${JSON.stringify(file('answer.json'))}, 'w'))\n`,
    );
    const run = spawnSync('gdb-multiarch', ['-nx', '-batch', '-x', file('script.py'), elf], { encoding: 'utf8' });
    if (run.status !== 0)
      throw new Error(`gdb-multiarch: ${run.signal} ${run.error} ${run.stderr.slice(-2000)} ${run.stdout.slice(-500)}`);
    return JSON.parse(readFileSync(file('answer.json'), 'utf8')) as T;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
