// Setting pc by a line of the source; and what is told of threads, the process and log points.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { guestFile } from '../support/guests.ts';
import { DapClient } from './dap-client.ts';
import { lineOf, sample } from './sample.ts';

const image = guestFile('linux-5.10-rv64/vmlinux') && guestFile('linux-5.10-rv64/Image');
const quiet = (client: DapClient) => client.request('setExceptionBreakpoints', { filters: [] });

describe('goto', () => {
  test('sets pc to a place of a line, at its load address before paging, and says where that would fault', async () => {
    const client = new DapClient();
    await client.launch({ program: sample.program }, async () => {
      await quiet(client);
      await client.request('setFunctionBreakpoints', {
        breakpoints: [{ name: 'build_kernel_map' }, { name: 'kernel_main' }],
      });
    });
    const source = { path: sample.source('main.c') };
    const line = lineOf('main.c', 'Lights out');
    await client.run('continue');
    const early = await client.request('gotoTargets', { source, line });
    assert.equal(early.targets.length, 1);
    assert.match(early.targets[0].label, /^kernel_main\+0x[0-9a-f]+ at 0x80000[0-9a-f]+$/);

    await client.run('continue');
    const late = await client.request('gotoTargets', { source, line });
    assert.match(late.targets[0].label, /^kernel_main\+0x[0-9a-f]+ at 0xffffffff80000[0-9a-f]+$/);
    const user = await client.request('gotoTargets', {
      source: { path: sample.source('user.c') },
      line: lineOf('user.c', 'runs++'),
    });
    assert.match(user.targets[0].label, /, where nothing executable is mapped now$/);

    const stopped = client.event('stopped');
    await client.request('goto', { threadId: 1, targetId: late.targets[0].id });
    assert.equal((await stopped).reason, 'goto');
    assert.equal((await client.top()).line, line);
    await client.request('continue', { threadId: 1 });
    await client.event('terminated');
    assert.doesNotMatch(client.console, /tick 1/);
    assert.match(client.console, /Lights out/);
    await assert.rejects(client.request('goto', { threadId: 1, targetId: 99 }), /no target 99/);
    await client.close();
  });
});

describe('a client is told', () => {
  test('of the process, and once of it however often it is restarted', async () => {
    const client = new DapClient();
    await client.launch({ program: sample.program });
    await client.run('restart', {});
    assert.deepEqual(client.events('process'), [
      { name: sample.program, isLocalProcess: true, startMethod: 'launch', pointerSize: 64 },
    ]);
    await client.close();
  });

  test('the line of a log point with what it prints', async () => {
    const client = new DapClient();
    const line = lineOf('main.c', 'ticks++');
    const source = { path: sample.source('main.c') };
    await client.launch({ program: sample.program }, async () => {
      await quiet(client);
      await client.request('setBreakpoints', { source, breakpoints: [{ line, logMessage: 'a tick' }] });
    });
    await client.request('continue', { threadId: 1 });
    await client.event('terminated');
    const outputs = client.events('output').filter(({ output }) => output === 'a tick\n');
    assert.equal(outputs.length, 3);
    assert.deepEqual(outputs[0], { category: 'console', output: 'a tick\n', source, line });
    await client.close();
  });

  test('in the styles that a log message asks for', async () => {
    const client = new DapClient();
    const [source, line] = [{ path: sample.source('main.c') }, lineOf('main.c', 'ticks++')];
    await client.launch({ program: sample.program }, async () => {
      await quiet(client);
      await client.request('setBreakpoints', { source, breakpoints: [{ line, logMessage: '\x1b[1mtick\x1b[0m' }] });
    });
    await client.request('continue', { threadId: 1 });
    await client.event('terminated');
    assert.equal(client.events('output').filter(({ output }) => output === '\x1b[1mtick\x1b[0m\n').length, 3);
    await client.close();
  });

  test('of a hart that firmware starts', { skip: image ? false : 'needs the guest linux-5.10-rv64' }, async () => {
    const client = new DapClient();
    client.patience = 120_000;
    await client.launch({ program: image, harts: 2, append: 'console=ttyS0', stopOnSatp: false }, async () => {
      await quiet(client);
      await client.request('setFunctionBreakpoints', { breakpoints: [{ name: 'smp_cpus_done' }] });
    });
    assert.match((await client.request('threads')).threads[1].name, /^hart 1 · stopped$/);
    await client.run('continue');
    assert.deepEqual(client.events('thread'), [{ reason: 'started', threadId: 2 }]);
    await client.close();
  });
});
