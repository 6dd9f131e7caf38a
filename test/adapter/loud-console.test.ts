import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loudBytes, loudGuest } from '../support/loud-guest.ts';
import { hasGcc, needsGcc } from '../support/riscv-gcc.ts';
import { DapClient } from './dap-client.ts';

test('what a guest prints in many pieces is one text, whatever letters lie across their borders', {
  skip: hasGcc ? false : needsGcc,
}, async () => {
  const client = new DapClient();
  await client.launch({ program: loudGuest(), stopOnEntry: false, firmware: 'none' });
  await client.event('terminated');
  const expected = new TextDecoder().decode(loudBytes);
  assert.equal(expected.slice(-4), 'éx\ufffdA');
  assert.equal(client.console.length, expected.length);
  assert.ok(client.console === expected);
  await client.close();
});
