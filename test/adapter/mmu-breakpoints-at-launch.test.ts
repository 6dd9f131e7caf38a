import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Body, DapClient } from './dap-client.ts';
import { sample } from './sample.ts';

test('MMU breakpoints that come with the launch hold from the first instruction on', async () => {
  const client = new DapClient();
  const none = () => client.request('setExceptionBreakpoints', { filters: [] });
  const breakpoints = [{ id: 'sfence' }, { id: 'csr:stvec', condition: '$new != 0' }, { id: 'csr:stap' }];
  await client.launch({ program: sample.program, stopOnEntry: false, __mmuBreakpoints: breakpoints }, none);
  assert.match((await client.event('stopped')).description, /^sfence\.vma/);
  const { breakpoints: rows } = await client.request('pagewalk/mmuBreakpoints');
  const row = (id: string) => rows.find((one: Body) => one.id === id);
  assert.deepEqual([row('sfence').enabled, row('sfence').hits], [true, 1]);
  assert.equal(row('csr:stvec').condition, '$new != 0');
  assert.match(row('csr:stap').problem, /stap/);
  await client.close();
});
