// Back to a function's entry without a history: exact, or an error that says what stands against it.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { build, hasGcc, needsGcc } from '../support/riscv-gcc.ts';
import { type Body, DapClient } from './dap-client.ts';

const source = `
__asm__(".globl _start; _start: la sp, stack_top; call main; j .; .bss; .balign 16; .space 1024; stack_top: .space 8; .text");
volatile long sink;
long words[8] = {3, 1, 4, 1, 5, 9, 2, 6};
__attribute__((noinline)) long pick(long *from, long at) { return from[at & 7] + at; }
__attribute__((noinline)) long sum(long *from, long count) {
  long all = 0;
  for (long i = 0; i < count; i++) all += pick(from, i);
  sink = all;
  return all;
}
__attribute__((naked)) long worth(const long *from, long count) {
  __asm__("  li a5, 0\\n  li a4, 0\\n"
          "1: bge a4, a1, 3f\\n  ld a3, 0(a0)\\n  add a3, a3, a4\\n  bge a5, a3, 2f\\n  mv a5, a3\\n"
          "2: nop\\nlooked: nop\\n  addi a4, a4, 1\\n  j 1b\\n"
          "3: mv a0, a5\\ncounted: ret");
}
__attribute__((noinline)) long put(long value) {
  sink = value;
  __asm__ volatile("stored: nop");
  return value;
}
int main(void) {
  for (;;) put(sum(words, 8) + worth(words, 3));
}
`;

describe('restartFrame', { skip: hasGcc ? false : needsGcc }, () => {
  let client: DapClient;

  before(async () => {
    const flags = ['-march=rv64imac', '-mabi=lp64', '-mcmodel=medany', '-ffreestanding', '-g', '-O1', '-fno-inline'];
    const program = build({ 'main.c': source }, [...flags, '-Wl,-Ttext=0x80000000', '-Wl,-e,_start', '-Wl,--no-relax']);
    client = new DapClient();
    client.patience = 8_000;
    await client.launch({ program });
  });
  after(() => client.close());

  const breakAt = (name: string) => client.request('setFunctionBreakpoints', { breakpoints: [{ name }] });
  const restart = async (level = 0) => {
    const { stackFrames } = await client.request('stackTrace', { threadId: 1 });
    await client.request('restartFrame', { frameId: stackFrames[level].id });
    return client.event('stopped');
  };
  /** Every register that a function may ask for when it is called with so many arguments. */
  const registers = async (given: number) => {
    const { stackFrames } = await client.request('stackTrace', { threadId: 1, levels: 1 });
    const { scopes } = await client.request('scopes', { frameId: stackFrames[0].id });
    const { variablesReference } = scopes.find(({ name }: Body) => name === 'Integer registers');
    const rows: Body[] = (await client.request('variables', { variablesReference })).variables;
    const dead = new RegExp(`t[0-6]|a[${given}-7]`);
    return rows.filter(({ name }) => !dead.test(name)).map(({ name, value }) => `${name} ${value}`);
  };

  test('undoes the prologue: every register that counts is as it was on entry', async () => {
    await breakAt('sum+0');
    await client.run('continue');
    const entry = await client.value('pc');
    const before = await registers(2);
    for (let steps = 0; steps < 5; steps++) await client.run('next', { threadId: 1, granularity: 'instruction' });
    assert.notDeepEqual(await registers(2), before);
    const { reason, description } = await restart();
    assert.equal(reason, 'restart');
    assert.match(description, /^Back at the entry of sum$/);
    assert.equal(await client.value('pc'), entry);
    assert.deepEqual(await registers(2), before);
  });

  test('is refused behind a call, with the call', async () => {
    await breakAt('pick');
    await client.run('continue');
    await client.run('stepOut');
    await assert.rejects(restart(), /cannot be restarted exactly: .*a call\. .*goto/);
  });

  test('is refused for the callers of a frame', async () => {
    await breakAt('pick');
    await client.run('continue');
    await assert.rejects(restart(1), /it has called another function/);
  });

  test('goes back over loops that only read memory and compute, and the result is the same', async () => {
    await breakAt('worth+0');
    await client.run('continue');
    const before = await registers(2);
    await breakAt('looked');
    for (const _ of [1, 2]) await client.run('continue');
    await restart();
    assert.deepEqual(await registers(2), before);
    await breakAt('counted');
    await client.run('continue');
    assert.equal(await client.value('a0 == words[0] + 2'), '1');
  });

  test('is refused where something has been stored beyond the stack of the function, or an argument is lost', async () => {
    await breakAt('stored');
    await client.run('continue');
    await assert.rejects(restart(), /it may have executed sd .* at 0x[0-9a-f]+, beyond its own stack/);
    await breakAt('counted');
    await client.run('continue');
    await assert.rejects(restart(), /ld a3,0\(a0\) at 0x[0-9a-f]+, which may have been a device/);
  });
});
