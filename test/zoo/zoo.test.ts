// Each planted bug is named by the first stop, in the words of its README
// (PAGEWALK_UPDATE_GOLDEN=1 writes them there); each repaired twin runs to its end unheard.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import type { LintRow } from '../../debug-adapter/protocol/requests.ts';
import type { DapClient } from '../adapter/dap-client.ts';
import { begin, breakAt, type Fixture, fixtures, next, rewriteSentences, stops } from './zoo.ts';

/** What a client shows first of why the machine is stopped. */
const sentence = async (client: DapClient): Promise<string> =>
  (await client.request('exceptionInfo', { threadId: 1 })).description;

/** What the first stops say, as far as it is more than the sentence of the first one. */
const more: Record<string, (client: DapClient) => Promise<string[]>> = {
  Z8: async (client) => [(await client.request('pagewalk/inForce')).text],
  Z12: async (client) => {
    const said: string[] = [];
    for (let stop = 0; stop < 2 && (await next(client)); stop++) said.push(await sentence(client));
    return said;
  },
};

/** What the lint has to say of the map in force. */
async function findings(client: DapClient): Promise<string[]> {
  const { findings: all } = await client.request('pagewalk/lint');
  return all.filter(({ severity }: LintRow) => severity !== 'note').map(({ text }: LintRow) => text);
}

async function said({ id, bug }: Fixture): Promise<string[]> {
  // The one fixture with nothing wrong in it.
  if (id === 'Z13') {
    const client = await begin(bug, breakAt('start_kernel'));
    const [{ description }] = stops(client);
    await client.close();
    return [description];
  }
  const client = await begin(bug);
  const lines = [await sentence(client), ...((await more[id]?.(client)) ?? [])];
  await client.close();
  return lines;
}

describe('the bug zoo', () => {
  for (const fixture of fixtures()) {
    test(`${fixture.id}: the first stop names the cause`, async () => {
      const lines = await said(fixture);
      if (process.env.PAGEWALK_UPDATE_GOLDEN) rewriteSentences(fixture, lines);
      else assert.deepEqual(lines, fixture.sentences);
    });

    test(`${fixture.id}: the repaired twin stays silent`, async () => {
      const client = await begin(fixture.repaired);
      assert.deepEqual([stops(client), client.events('exited')], [[], [{ exitCode: 0 }]]);
      await client.close();
    });

    test(`${fixture.id}: the lint finds nothing in the twin's last map`, async () => {
      const client = await begin(fixture.repaired, breakAt('power_off'));
      // A page for a device is not cached, and the lint says so.
      const known = fixture.id === 'Z17' ? ['0x40200000–0x40200fff (RAM) maps RAM uncached (NC).'] : [];
      assert.deepEqual(await findings(client), known);
      await client.close();
    });
  }

  test('docs/bug-zoo.md tells of the same sentences (node scripts/bug-zoo.mjs writes it)', () => {
    const page = readFileSync('docs/bug-zoo.md', 'utf8');
    const missing = fixtures().flatMap(({ sentences }) => sentences.filter((one) => !page.includes(`> ${one}`)));
    assert.deepEqual(missing, []);
  });
});
