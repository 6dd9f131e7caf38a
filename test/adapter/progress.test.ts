// The progress of a request that takes long.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DapClient } from './dap-client.ts';
import { sample } from './sample.ts';

/** A host on which loading takes long. */
const slow = { breathe: () => new Promise<void>((resolve) => setTimeout(resolve, 400)) };

test('is shown, step by step, to clients that ask for it', async () => {
  const client = new DapClient(slow);
  await client.request('initialize', { adapterID: 'pagewalk', supportsProgressReporting: true });
  await client.request('launch', { program: sample.program, symbols: [{ path: sample.program }] });
  const [start] = client.events('progressStart');
  assert.equal(start.cancellable, true);
  assert.match(start.title, /Loading the kernel/);
  assert.deepEqual(
    client.events('progressUpdate').map(({ progressId, message }) => [progressId, message]),
    [[start.progressId, `symbols of ${sample.program}`]],
  );
  assert.deepEqual(client.events('progressEnd'), [{ progressId: start.progressId }]);
  await client.close();
});

test('can be cancelled, and is not shown to clients that do not ask', async () => {
  const client = new DapClient(slow);
  await client.request('initialize', { adapterID: 'pagewalk' });
  const launched = assert.rejects(client.request('launch', { program: sample.program }), /was cancelled/);
  await client.request('cancel', { requestId: 2 });
  await launched;
  assert.deepEqual(client.events('progressStart'), []);
  await client.close();
});
