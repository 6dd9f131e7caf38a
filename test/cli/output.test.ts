import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { loudBytes, loudGuest } from '../support/loud-guest.ts';
import { hasGcc, needsGcc } from '../support/riscv-gcc.ts';
import { program } from './binary.ts';

test('two megabytes that a guest prints at once come out byte by byte', { skip: hasGcc ? false : needsGcc }, () => {
  const args = [program, 'run', loudGuest(), '--firmware', 'none', '--limit', '20000000'];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    env: { ...process.env, NODE_DISABLE_COMPILE_CACHE: '1' },
    maxBuffer: 1 << 26,
  });
  assert.equal(status, 0, stderr.toString());
  assert.ok(Buffer.compare(stdout, loudBytes) === 0, `${stdout.length} bytes`);
});
