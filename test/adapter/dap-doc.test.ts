import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

test('docs/dap.md says what the adapter serves', () => {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/generate-dap-doc.mjs', '--check'], {
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
});
