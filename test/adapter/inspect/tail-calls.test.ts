// Functions that have jumped to the next one: off the stack, but known where one way alone leads there. The stacks are
// those that gdb 13.1 shows of the same program on QEMU.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { build, hasGcc, needsGcc } from '../../support/riscv-gcc.ts';
import { childrenOf } from './caller.ts';
import { Client } from './client.ts';
import { start } from './start.ts';

const main = `
volatile int sink;
int (*volatile any)(int);
__attribute__((noinline)) void leaf(void) { asm volatile("nop"); }
__attribute__((noinline)) int g(int x) { leaf(); return sink + x; }
__attribute__((noinline)) int f(int x) { sink = x; return g(x + 1); }
/* By f or at once. */
__attribute__((noinline)) int either(int x) { if (x > 3) return f(x * 2); return g(x); }
__attribute__((noinline)) int once(int x) { sink++; return f(x); }
/* Nobody knows where it jumps. */
__attribute__((noinline)) int anywhere(int x) { sink++; return any(x); }
int main(void) {
  int sum = f(1);
  sum += either(2) + 1;
  sum += either(5) + 1;
  sum += once(3) + 1;
  any = f;
  sum += anywhere(4) + 1;
  return sum;
}
`;

describe('functions that have jumped on', { skip: hasGcc ? false : needsGcc }, () => {
  let client: Client;
  let frames: DebugProtocol.StackFrame[] = [];
  before(async () => {
    const flags = ['-mcmodel=medany', '-Wl,-Ttext=0x80000000', '-O2', '-g'];
    client = await Client.atEntry(build({ 'start.S': start, 'main.c': main }, flags));
  });
  after(() => client.end());

  const names = async (): Promise<string[]> => {
    const args = { threadId: 1 };
    frames = (await client.request<DebugProtocol.StackTraceResponse['body']>('stackTrace', args)).stackFrames;
    return frames.map(({ name }) => name.replace(/\+.*/, ''));
  };
  const next = async (): Promise<string[]> => {
    await client.runTo('leaf');
    return await names();
  };
  const argument = async (level: number): Promise<string | undefined> => {
    const frameId = frames[level]?.id;
    const { scopes } = await client.request<DebugProtocol.ScopesResponse['body']>('scopes', { frameId });
    const rows = await childrenOf(
      client,
      scopes.find(({ name }) => name === 'Locals'),
    );
    return rows.find(({ name }) => name === 'x')?.value;
  };

  test('are in the stack where they must have been, with what they were passed', async () => {
    assert.deepEqual(await next(), ['leaf', 'g', 'f', 'main', '_start']);
    assert.equal(await argument(1), '2');
    assert.equal(await argument(2), '1');
    assert.equal(frames[2]?.line, 6);
  });

  test('are left out where there are several ways', async () => {
    assert.deepEqual(await next(), ['leaf', 'g', 'main', '_start']);
    assert.deepEqual(await next(), ['leaf', 'g', 'main', '_start']);
  });

  test('may be several', async () => {
    assert.deepEqual(await next(), ['leaf', 'g', 'f', 'once', 'main', '_start']);
    assert.equal(await argument(3), '3');
  });

  test('are not what a step out of the next one leads to', async () => {
    for (const expected of ['g', 'main']) {
      client.events.length = 0;
      await client.request('stepOut', { threadId: 1 });
      await client.until('stopped');
      assert.equal((await names())[0], expected);
    }
  });

  test('are left out where a jump leads nobody knows where', async () => {
    assert.deepEqual(await next(), ['leaf', 'g', 'main', '_start']);
  });
});
