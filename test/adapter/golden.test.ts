import { describe, test } from 'node:test';
import { DapClient } from './dap-client.ts';
import { lineOf, sample } from './sample.ts';

describe('a session as the client sees it', () => {
  test('from launch through the satp writes to the end of the guest', async () => {
    const client = new DapClient();
    await client.launch({ program: sample.program });
    for (let writes = 0; writes < 4; writes += 1) {
      await client.run('continue');
      await client.request('threads');
      await client.request('stackTrace', { threadId: 1 });
      await client.request('exceptionInfo', { threadId: 1 });
      await client.request('pagewalk/roots');
    }
    await client.request('pagewalk/map');
    await client.request('pagewalk/walk', { address: 'kernel_main', access: 'fetch' });
    await client.request('continue', { threadId: 1 });
    await client.event('terminated');
    await client.close();
    client.transcript.check('satp-writes');
  });

  test('with breakpoints of every kind, before and after paging', async () => {
    const client = new DapClient();
    await client.request('initialize', { adapterID: 'pagewalk' });
    await client.event('initialized');
    await client.request('setExceptionBreakpoints', { filters: ['store-page-fault'] });
    await client.request('setBreakpoints', {
      source: { path: sample.source('main.c') },
      breakpoints: [{ line: lineOf('main.c', 'ticks++'), hitCondition: '2' }],
    });
    await client.request('setFunctionBreakpoints', {
      breakpoints: [{ name: 'build_identity_map' }, { name: 'kernel_main' }, { name: 'csr:sie', condition: '$new' }],
    });
    await client.request('setDataBreakpoints', {
      breakpoints: [{ dataId: 'pa:0x8000a118/8', accessType: 'write', logMessage: 'ticks {$old} → {$new}' }],
    });
    await client.request('launch', { program: sample.program, stopOnEntry: false });
    await client.request('configurationDone');
    let stop = await client.event('stopped');
    while (stop.reason !== 'exception') {
      await client.request('stackTrace', { threadId: 1 });
      stop = await client.run('continue');
    }
    await client.request('exceptionInfo', { threadId: 1 });
    await client.close();
    client.transcript.check('breakpoints');
  });

  test('with steps of every kind', async () => {
    const client = new DapClient();
    await client.launch({ program: sample.program, stopOnSatp: false }, () =>
      client.request('setFunctionBreakpoints', { breakpoints: [{ name: 'run_process' }] }),
    );
    const steps = ['next', 'next', 'stepIn', 'next', 'stepOut'];
    await client.run('continue');
    for (const step of steps) {
      await client.run(step);
      await client.request('stackTrace', { threadId: 1 });
    }
    await client.run('stepIn', { threadId: 1, granularity: 'instruction' });
    await client.run('next', { threadId: 1, granularity: 'instruction' });
    await client.request('restart');
    await client.event('stopped');
    await client.close();
    client.transcript.check('steps');
  });
});
