import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Body, DapClient } from './dap-client.ts';
import { lineOf, sample } from './sample.ts';

/** A session at the first arrival at a function, with no exception filter on. */
async function at(name: string, more: object = {}): Promise<DapClient> {
  const client = new DapClient();
  await client.launch({ program: sample.program, ...more }, async () => {
    await client.request('setExceptionBreakpoints', { filters: [] });
    await client.request('setFunctionBreakpoints', { breakpoints: [{ name }] });
  });
  await client.run('continue');
  await client.request('setFunctionBreakpoints', { breakpoints: [] });
  return client;
}

async function stack(client: DapClient): Promise<string[]> {
  const { stackFrames } = await client.request('stackTrace', { threadId: 1 });
  return stackFrames.map((frame: Body) => `${frame.name}${frame.source ? ` ${frame.source.name}:${frame.line}` : ''}`);
}

describe('stepping by line', () => {
  test('next runs through a call, recursion included', async () => {
    const client = await at('user_start');
    const line = lineOf('user.c', 'runs++');
    while ((await client.top()).line < line - 1) await client.run('next');
    await client.run('next');
    assert.equal((await client.top()).line, line, 'write(), with its ecall and its trap, is one line');
    await client.run('next');
    assert.equal((await client.top()).line, line + 1);
    const depth = (await stack(client)).length;
    await client.run('next');
    assert.equal((await client.top()).line, line + 2, 'fibonacci(12) calls itself 465 times');
    assert.equal((await stack(client)).length, depth);
    await client.close();
  });

  test('next over a recursive call comes back to the same frame, not to a deeper one', async () => {
    const client = await at('fibonacci');
    const before = (await stack(client)).length;
    for (;;) {
      await client.run('next');
      if ((await client.top()).line !== lineOf('user.c', 'return n < 2')) break;
      assert.equal((await stack(client)).length, before);
    }
    await client.close();
  });

  test('stepIn goes to the first line of a called function', async () => {
    const client = await at('kernel_main');
    while ((await client.top()).line < lineOf('main.c', 'say("Hello')) await client.run('next');
    await client.run('stepIn');
    assert.match((await stack(client)).join('\n'), /^say console\.c:\d+\nkernel_main\+0x[0-9a-f]+ main\.c:\d+$/);
    await client.close();
  });

  test('stepOut goes to the instruction behind the call', async () => {
    const client = await at('put');
    const [, caller] = await stack(client);
    await client.run('stepOut');
    const [now] = await stack(client);
    assert.equal(now?.split(' ')[0], caller?.split(' ')[0]);
    await client.close();
  });
});

describe('stepping by instruction', () => {
  const instruction = { threadId: 1, granularity: 'instruction' };

  test('stepIn retires one instruction', async () => {
    const client = new DapClient();
    await client.launch({ program: sample.program });
    await client.run('stepIn', instruction);
    assert.equal(await client.value('pc'), '0x80000002');
    await client.close();
  });

  test('stepIn on an ecall leads to the first instruction of the handler, and stepOut back behind it', async () => {
    const client = await at('write');
    const isEcall = async () => (await client.value('*(u32*)pc')) === '0x73';
    while (!(await isEcall())) await client.run('stepIn', instruction);
    const ecall = BigInt(await client.value('pc'));
    await client.run('stepIn', instruction);
    assert.deepEqual(
      (await stack(client)).map((frame) => frame.replace(/\+0x[0-9a-f]+/, '+…')),
      [
        `trap_entry trap.S:${lineOf('trap.S', 'csrrw sp, sscratch, sp')}`,
        'trap from U: environment call from U-mode (8)',
        `ecall [inlined] user.c:${lineOf('user.c', 'volatile("ecall"')}`,
        `write+… user.c:${lineOf('user.c', 'ecall(64, 1')}`,
        `user_start+… user.c:${lineOf('user.c', 'write("  Hello')}`,
      ],
    );
    await client.run('stepOut');
    assert.equal(BigInt(await client.value('pc')), ecall + 4n);
    await client.close();
  });

  test('next on an ecall stops behind it, in U-mode', async () => {
    const client = await at('write');
    while ((await client.value('*(u32*)pc')) !== '0x73') await client.run('next', instruction);
    const ecall = BigInt(await client.value('pc'));
    await client.run('next', instruction);
    assert.equal(BigInt(await client.value('pc')), ecall + 4n);
    assert.match((await client.request('threads')).threads[0].name, /^hart 0 · U · Sv39 root pa:0x80006000$/);
    assert.match(client.console, /Hello from U-mode/);
    await client.close();
  });

  test('next on a satp write whose next fetch faults as planned stops at the link address of the next instruction', async () => {
    const client = await at('build_kernel_map');
    const satp = lineOf('start.S', 'csrw satp, s0');
    await client.run('stepOut');
    while ((await client.top()).line !== satp) await client.run('next');
    await client.run('next', instruction);
    assert.equal(BigInt(await client.value('pc')) >> 32n, 0n, 'the write itself');
    await client.run('next', instruction);
    assert.equal((await client.top()).name, 'high');
    assert.equal(BigInt(await client.value('pc')) >> 32n, 0xffffffffn, 'the planned fault');
    await client.close();
  });

  test('the planned fault is known for one without symbols too', async () => {
    const client = new DapClient();
    await client.launch({ program: sample.program, symbols: [] });
    await client.run('continue');
    await client.run('continue');
    assert.equal(await client.value('pc'), '0x800000bc');
    await client.run('next');
    assert.equal(await client.value('pc'), '0xffffffff800000bc');
    await client.close();
  });

  test('next on an instruction that faults stops behind it once the fault has been mended', async () => {
    const client = await at('user_start');
    const behind = async () => BigInt(await client.value('pc'));
    let previous = await behind();
    // Runs of `addi sp` and the store that needs the lazily mapped stack.
    while (!/page fault/.test(client.console)) {
      previous = await behind();
      await client.run('next', instruction);
    }
    const now = await behind();
    assert.ok(now - previous === 2n || now - previous === 4n, `from ${previous.toString(16)} to ${now.toString(16)}`);
    await client.close();
  });
});

describe('the stack', () => {
  test('leads from the handler of an interrupt through the trap to the interrupted code', async () => {
    const client = new DapClient();
    const line = lineOf('main.c', 'ticks++');
    await client.launch({ program: sample.program }, async () => {
      await client.request('setExceptionBreakpoints', { filters: [] });
      await client.request('setBreakpoints', {
        source: { path: sample.source('main.c') },
        breakpoints: [{ line }],
      });
    });
    await client.run('continue');
    const names = (await stack(client)).map((frame) => frame.replace(/\+0x[0-9a-f]+/, '+…'));
    assert.deepEqual(names, [
      `handle_trap+… main.c:${line}`,
      `trap_entry+… trap.S:${lineOf('trap.S', 'call handle_trap')}`,
      'interrupt from S: supervisor timer interrupt (5)',
      `wait_for_ticks [inlined] main.c:${lineOf('main.c', 'if (ticks == seen)')}`,
      `kernel_main+… main.c:${lineOf('main.c', 'wait_for_ticks(3)')}`,
    ]);
    await client.close();
  });

  test('is given page by page', async () => {
    const client = await at('put');
    const whole = await client.request('stackTrace', { threadId: 1 });
    const second = await client.request('stackTrace', { threadId: 1, startFrame: 1, levels: 1 });
    assert.equal(second.totalFrames, whole.stackFrames.length);
    assert.deepEqual(second.stackFrames, [whole.stackFrames[1]]);
    await client.close();
  });

  test('is the same by name and line before paging as after it', async () => {
    const client = await at('say');
    const before = await client.top();
    assert.equal(BigInt(before.instructionPointerReference) >> 32n, 0n);
    await client.request('setFunctionBreakpoints', {
      breakpoints: [{ name: 'say', condition: 'pc > 0xffffffff00000000' }],
    });
    await client.run('continue');
    const after = await client.top();
    assert.equal(BigInt(after.instructionPointerReference) >> 32n, 0xffffffffn);
    assert.deepEqual([after.name, after.source, after.line], [before.name, before.source, before.line]);
    await client.close();
  });
});

describe('an inlined function', () => {
  const call = () => lineOf('main.c', 'wait_for_ticks(3)');

  /** A session that has stepped to the call of wait_for_ticks in kernel_main. */
  async function atCall(): Promise<DapClient> {
    const client = await at('kernel_main');
    while ((await client.top()).line < call()) await client.run('next');
    const top = await client.top();
    assert.match(top.name, /^kernel_main/);
    assert.equal(top.line, call(), 'the call is a line of the caller, though its first instruction is the function’s');
    return client;
  }

  test('is entered by stepIn without an instruction being done, and left by stepOut', async () => {
    const client = await atCall();
    const pc = await client.value('pc');
    await client.run('stepIn');
    const [top, caller] = (await client.request('stackTrace', { threadId: 1 })).stackFrames;
    assert.equal(top.name, 'wait_for_ticks [inlined]');
    assert.match(caller.name, /^kernel_main/);
    assert.equal(caller.line, call());
    assert.equal(await client.value('pc'), pc);
    await client.run('next');
    assert.equal((await client.top()).name, 'wait_for_ticks [inlined]');
    await client.run('stepOut');
    assert.match((await client.top()).name, /^kernel_main/);
    await client.close();
  });

  test('is run through by next, with all that it does', async () => {
    const client = await atCall();
    await client.run('next');
    const top = await client.top();
    assert.match(top.name, /^kernel_main/);
    assert.ok(top.line > call());
    assert.match(client.console, /tick 3/);
    await client.close();
  });
});
