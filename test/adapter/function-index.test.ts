// Function breakpoints on names whose copies may be anywhere in a kernel's debug information.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { guestFile } from '../support/guests.ts';
import { type Body, DapClient } from './dap-client.ts';

const program = guestFile('linux-5.10-rv64/Image');
const symbols = guestFile('linux-5.10-rv64/vmlinux');
const missing = program && symbols ? false : 'needs the guest linux-5.10-rv64: set PAGEWALK_GUESTS';
const configuration = { program, symbols, append: 'console=ttyS0', memory: '64M', stopOnSatp: false };

/** Functions that are inlined only, one with code of its own besides, and one that is nowhere. */
const breakpoints = ['list_add_tail', 'memblock_free', 'no_such_function'].map((name) => ({ name }));

/** What the answer says, what the events say that follow, and the first three arrivals. */
async function arrivals(client: DapClient, settled: () => Promise<void>) {
  let answer: Body[] = [];
  await client.launch(configuration, async () => {
    ({ breakpoints: answer } = await client.request('setFunctionBreakpoints', { breakpoints }));
  });
  await settled();
  const stops: string[] = [];
  for (let stop = 0; stop < 3; stop++) {
    const { hitBreakpointIds } = await client.run('continue');
    stops.push(`${hitBreakpointIds} ${await client.value('pc')} ${(await client.top()).name}`);
  }
  const changes = client.events('breakpoint').map(({ breakpoint }) => breakpoint);
  const last = answer.map((point) => changes.filter(({ id }: Body) => id === point.id).at(-1) ?? point);
  await client.close();
  return { answer, last, stops };
}

test('a breakpoint answers before the debug information is gone through, and nothing runs past a copy all the same', {
  skip: missing,
}, async () => {
  const hasty = new DapClient();
  const { answer, last, stops } = await arrivals(hasty, async () => {});
  assert.deepEqual(
    answer.map(({ verified, reason }) => [verified, reason]),
    [
      [false, 'pending'],
      [true, undefined],
      [false, 'pending'],
    ],
  );
  assert.match(answer[0].message, /being looked for/);
  assert.deepEqual(
    last.map(({ verified, reason, message }) => [verified, reason, message]),
    [
      [true, undefined, undefined],
      [true, undefined, undefined],
      [false, 'failed', 'No symbol is called "no_such_function".'],
    ],
  );
  assert.match(stops[0] ?? '', /list_add_tail/);

  // A client that waits until the index is complete, which an idle session makes by itself.
  const patient = new DapClient();
  const same = await arrivals(patient, async () => {
    while (patient.events('breakpoint').filter(({ breakpoint }) => breakpoint.reason === 'failed').length === 0)
      await patient.event('breakpoint');
  });
  assert.deepEqual(same.stops, stops);
  assert.deepEqual(same.last, last);
});
