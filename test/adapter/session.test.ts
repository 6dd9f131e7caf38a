import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { type Body, DapClient } from './dap-client.ts';
import { lineOf, sample } from './sample.ts';

function scratch(t: { after: (fn: () => void) => void }): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'pagewalk-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

describe('launch', () => {
  test('stops at the first instruction, in its source, before anything has run', async () => {
    const client = new DapClient();
    const stop = await client.launch({ program: sample.program });
    assert.deepEqual([stop.reason, stop.threadId, stop.allThreadsStopped], ['entry', 1, true]);
    const top = await client.top();
    assert.deepEqual([top.source.path, top.line], [sample.source('start.S'), lineOf('start.S', 'bnez a0, park')]);
    assert.equal(await client.value('instret'), '0x0');
    assert.equal((await client.request('threads')).threads[0].name, 'hart 0 · M · Bare');
    await client.close();
  });

  test('nothing runs before configurationDone', async () => {
    const client = new DapClient();
    await client.request('initialize');
    await client.request('launch', { program: sample.program, stopOnEntry: false });
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(client.console, '');
    await client.request('configurationDone');
    await client.event('stopped');
    assert.notEqual(client.console, '');
    await client.close();
  });

  test('runs to the end without a stop with noDebug, and tells the exit code', async () => {
    const client = new DapClient();
    await client.launch({ program: sample.program, noDebug: true, stopOnEntry: false }, () =>
      client.request('setFunctionBreakpoints', { breakpoints: [{ name: 'kernel_main' }] }),
    );
    assert.deepEqual(await client.event('exited'), { exitCode: 0 });
    await client.event('terminated');
    assert.deepEqual(client.events('stopped'), []);
    assert.match(client.console, /Lights out\.\n$/);
    await client.close();
  });

  test("the guest's console goes to our own client as bytes alone", async () => {
    const client = new DapClient();
    await client.launch({ program: sample.program, noDebug: true, stopOnEntry: false, __terminal: true });
    await client.event('exited');
    assert.equal(client.console, '');
    const bytes = client.events('pagewalk/console').map(({ data }: Body) => Buffer.from(data, 'base64').toString());
    assert.match(bytes.join(''), /^S-mode, paging is off.*Lights out\.\n$/s);
    await client.close();
  });

  test('harts are threads', async () => {
    const client = new DapClient();
    await client.launch({ program: sample.program, harts: 3 });
    const { threads } = await client.request('threads');
    assert.deepEqual(threads, [
      { id: 1, name: 'hart 0 · M · Bare' },
      { id: 2, name: 'hart 1 · M · Bare' },
      { id: 3, name: 'hart 2 · M · Bare' },
    ]);
    await assert.rejects(client.request('stackTrace', { threadId: 4 }), /no thread 4: the machine has 3 harts/);
    await client.close();
  });

  const wrong: [string, object, RegExp][] = [
    ['a program that is not there', { program: '/no/kernel' }, /\/no\/kernel: no such file/],
    ['a folder as program', { program: sample.folder }, /is not a file/],
    ['an initrd that is not there', { program: sample.program, initrd: '/no/initrd' }, /\/no\/initrd: no such file/],
    ['firmware that is nothing', { program: sample.program, firmware: 'opensbi' }, /firmware: opensbi is neither/],
    ['too little memory', { program: sample.program, memory: '4K' }, /4K|memory/i],
    ['nonsense in harts', { program: sample.program, harts: 'many' }, /"harts" is "many"/],
    ['an ISA that is none', { program: sample.program, isa: 'x86' }, /x86/],
    ['symbols of another machine', { program: sample.program, symbols: process.execPath }, /x86-64|machine|RISC-V/],
  ];
  for (const [what, configuration, message] of wrong) {
    test(`${what} is one clear error`, async () => {
      const client = new DapClient();
      await client.request('initialize');
      await assert.rejects(client.request('launch', configuration), (error: Error) => {
        assert.match(error.message, message);
        assert.doesNotMatch(error.message, /\n/);
        return true;
      });
      assert.deepEqual(client.log, [], 'a mistake of the user is no bug');
      await client.close();
    });
  }

  test('is ended by cancel, and may be tried again', async () => {
    const client = new DapClient();
    await client.request('initialize');
    const launch = client.request('launch', { program: sample.program });
    const refused = assert.rejects(launch, /Loading the kernel was cancelled/);
    await client.request('cancel', { requestId: 2 });
    await refused;
    await client.request('launch', { program: sample.program });
    await assert.rejects(client.request('launch', { program: sample.program }), /use restart/);
    await client.close();
  });

  test('an error is shown to the user', async () => {
    const client = new DapClient();
    await client.request('launch', { program: '/no/kernel' }).catch(() => {});
    const { body } = client.packets.at(-1) as Body;
    assert.deepEqual([body.error.showUser, body.error.format], [true, '/no/kernel: no such file.']);
    await client.close();
  });
});

describe('a running machine', () => {
  /** The sample's first instruction, replaced by a jump to itself. */
  function endless(t: { after: (fn: () => void) => void }): string {
    const bytes = readFileSync(sample.program);
    bytes.writeUInt32LE(0x6f, 0x1000);
    const program = path.join(scratch(t), 'endless.elf');
    writeFileSync(program, bytes);
    return program;
  }

  test('hears pause', async (t) => {
    const client = new DapClient();
    await client.launch({ program: endless(t) });
    await client.request('continue', { threadId: 1 });
    await new Promise((resolve) => setTimeout(resolve, 100));
    await assert.rejects(client.request('next', { threadId: 1 }), /running already/);
    await assert.rejects(client.request('stackTrace', { threadId: 1 }), /running/);
    const stop = await client.run('pause');
    assert.equal(stop.reason, 'pause');
    assert.ok(BigInt(await client.value('instret')) > 1000n);
    await client.close();
  });

  test('has VS Code open the disassembly where no source line is known', async (t) => {
    const client = new DapClient();
    await client.request('initialize', { adapterID: 'pagewalk', clientID: 'vscode' });
    const stopped = client.event('stopped');
    await client.request('launch', { program: endless(t), symbols: [] });
    await client.request('configurationDone');
    const { reason, description } = await stopped;
    assert.equal(reason, 'instruction breakpoint');
    assert.match(description, /^First instruction/);
    await client.close();
  });

  test('ends with the session', async (t) => {
    const client = new DapClient();
    await client.launch({ program: endless(t) });
    await client.request('continue', { threadId: 1 });
    await client.close();
  });

  test('is ended by terminate', async (t) => {
    const client = new DapClient();
    await client.launch({ program: endless(t) });
    await client.request('continue', { threadId: 1 });
    await client.request('terminate');
    await client.event('terminated');
    assert.equal(client.events('stopped').length, 1, 'only the entry');
    await client.close();
  });

  test('is stopped by the filter trap-loop when it only traps', async (t) => {
    const bytes = readFileSync(sample.program);
    bytes.writeUInt32LE(0, 0x1000);
    const program = path.join(scratch(t), 'trapping.elf');
    writeFileSync(program, bytes);
    const client = new DapClient();
    await client.launch({ program }, () => client.request('setExceptionBreakpoints', { filters: ['trap-loop'] }));
    const stop = await client.run('continue');
    assert.equal(stop.reason, 'exception');
    assert.match(stop.description, /at 0x[0-9a-f]+.*, 16 times without progress$/);
    await client.close();
  });
});

describe('restart', () => {
  test('goes back to the first instruction and keeps the breakpoints', async () => {
    const client = new DapClient();
    await client.launch({ program: sample.program, stopOnSatp: false }, () =>
      client.request('setFunctionBreakpoints', { breakpoints: [{ name: 'kernel_main' }] }),
    );
    const first = await client.run('continue');
    const count = await client.value('instret');
    const entry = await client.run('restart', {});
    assert.equal(entry.reason, 'entry');
    assert.equal(await client.value('instret'), '0x0');
    assert.deepEqual((await client.request('pagewalk/events')).events, []);
    assert.deepEqual(await client.run('continue'), first);
    assert.equal(await client.value('instret'), count);
    await client.close();
  });

  test('stops a running machine first', async () => {
    const client = new DapClient();
    await client.launch({ program: sample.program, harts: 2, stopOnSatp: false });
    await client.request('continue', { threadId: 1 });
    assert.equal((await client.run('restart', {})).reason, 'entry');
    await client.close();
  });

  test('reads a file again that has changed', async (t) => {
    const program = path.join(scratch(t), 'kernel.elf');
    copyFileSync(sample.program, program);
    const client = new DapClient();
    await client.launch({ program });
    assert.notEqual(await client.value('*(u32*)pc'), '0x13');
    const bytes = readFileSync(program);
    bytes.writeUInt32LE(0x13, 0x1000);
    writeFileSync(program, bytes);
    await client.run('restart', {});
    assert.equal(await client.value('*(u32*)pc'), '0x13');
    await client.close();
  });

  test('takes a new configuration', async () => {
    const client = new DapClient();
    await client.launch({ program: sample.program });
    await client.run('restart', { arguments: { program: sample.program, harts: 2 } });
    assert.equal((await client.request('threads')).threads.length, 2);
    await client.close();
  });
});
