// A kernel that gives up: the stop, its message, the stack that led there.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { guestFile } from '../support/guests.ts';
import { type Body, DapClient } from './dap-client.ts';

const guest = (name: string) => guestFile(`linux-5.10-rv64/${name}`);
const files = { program: guest('Image'), symbols: guest('vmlinux') };
const missing = Object.values(files).every(Boolean) ? false : 'needs the guest linux-5.10-rv64: set PAGEWALK_GUESTS';

describe('a kernel panic', () => {
  test('of Linux without a root is a stop with the message it is about to print', { skip: missing }, async () => {
    const client = new DapClient();
    await client.launch({ ...files, append: 'console=ttyS0 root=/dev/none', stopOnSatp: false, stopOnEntry: false });
    const stop = await client.event('stopped');
    assert.equal(stop.reason, 'exception');
    assert.equal(stop.description, 'Kernel panic: VFS: Unable to mount root fs on unknown-block(0,0)');
    const { stackFrames } = await client.request('stackTrace', { threadId: 1 });
    const names = stackFrames.map(({ name }: Body) => name.replace(/\+.*/, ''));
    assert.deepEqual(names.slice(0, 2), ['panic', 'mount_block_root']);
    const info = await client.request('exceptionInfo', { threadId: 1 });
    assert.equal(info.exceptionId, 'Kernel panic');
    assert.doesNotMatch(client.console, /Kernel panic/);

    await client.close();
  });

  test('and an oops are told apart, with the exception behind the oops', { skip: missing }, async () => {
    const client = new DapClient();
    await client.launch({ ...files, append: 'console=ttyS0', stopOnSatp: false }, async () => {
      await client.request('setExceptionBreakpoints', { filters: ['kernel-panic'] });
      await client.request('setFunctionBreakpoints', { breakpoints: [{ name: 'rest_init' }] });
    });
    await client.run('continue');
    await client.request('setExpression', { expression: 'pc', value: '0x10' });
    const stop = await client.run('continue');
    assert.equal(stop.description, 'Kernel oops: Oops; instruction page fault (12) for 0x10 at 0x10');
    assert.equal((await client.request('exceptionInfo', { threadId: 1 })).exceptionId, 'Kernel oops');
    await client.close();
  });

  test('is passed while the filter is off', { skip: missing }, async () => {
    const client = new DapClient();
    await client.launch({ ...files, append: 'console=ttyS0 panic=-1', stopOnSatp: false }, async () => {
      await client.request('setExceptionBreakpoints', { filters: [] });
      await client.request('setFunctionBreakpoints', {
        breakpoints: [{ name: 'rest_init' }, { name: 'emergency_restart' }],
      });
    });
    await client.run('continue');
    await client.request('setExpression', { expression: 'pc', value: '0x10' });
    await client.run('continue');
    const { stackFrames } = await client.request('stackTrace', { threadId: 1 });
    const names = stackFrames.map(({ name }: Body) => name.replace(/\+.*/, ''));
    assert.deepEqual(names.slice(0, 2), ['emergency_restart', 'panic']);
    await client.close();
  });
});
