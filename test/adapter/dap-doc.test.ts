import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

test('docs/dap.md and docs/events.md say what the adapter serves', () => {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/generate-dap-doc.mjs', '--check'], {
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
});
