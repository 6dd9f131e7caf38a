// A kernel in the way of xv6 and its program, in files of their own: other page tables on either side, a trampoline between.

import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, test } from 'node:test';
import { hasGcc, needsGcc } from '../support/riscv-gcc.ts';
import { buildTrampolineKernel } from '../support/trampoline-kernel.ts';
import { type Body, DapClient } from './dap-client.ts';

const instruction = { threadId: 1, granularity: 'instruction' };

async function stack(client: DapClient): Promise<string[]> {
  const { stackFrames } = await client.request('stackTrace', { threadId: 1 });
  return stackFrames.map(({ name }: Body) => name.replace(/\+0x[0-9a-f]+$/, ''));
}

describe('a kernel with a trampoline, and its program', { skip: hasGcc ? false : needsGcc }, () => {
  test('are stepped through from the ecall into the kernel and back, with one stack', async () => {
    const { program, user } = buildTrampolineKernel();
    const client = new DapClient();
    await client.launch({ program, symbols: [user], memory: '16M' }, async () => {
      await client.request('setExceptionBreakpoints', { filters: [] });
      await client.request('setFunctionBreakpoints', { breakpoints: [{ name: 'twice' }] });
    });
    const { modules } = await client.request('modules', {});
    assert.deepEqual(
      modules.map(({ name, space }: Body) => [name, space]),
      [
        ['kernel.elf', 'kernel'],
        ['user.elf', 'user'],
      ],
    );
    await client.run('continue');
    assert.deepEqual(await stack(client), ['call [inlined]', 'twice', '_start']);
    assert.equal(BigInt(await client.value('pc')) >> 12n, 0n, 'in the page at address 0');

    // Into the trampoline: the kernel's code, at an address that is in no file.
    while ((await client.value('*(u32*)pc')) !== '0x73') await client.run('next', instruction);
    const ecall = BigInt(await client.value('pc'));
    await client.run('stepIn', instruction);
    const top = await client.top();
    assert.equal(top.name, 'trampoline');
    assert.equal(top.source.path, path.join(path.dirname(program), 'entry.S'));
    assert.equal(BigInt(top.instructionPointerReference) >> 12n, 0x3ffffffn);
    assert.deepEqual((await stack(client)).slice(1), [
      'trap from U: environment call from U-mode (8)',
      'call [inlined]',
      'twice',
      '_start',
    ]);

    // Across the change of page tables, in the kernel, the stack still leads to the program.
    await client.request('setFunctionBreakpoints', { breakpoints: [{ name: 'syscall' }] });
    await client.run('continue');
    const deep = await stack(client);
    assert.deepEqual(deep.slice(0, 2), ['syscall', 'usertrap']);
    assert.deepEqual(deep.slice(-4), [
      'trap from U: environment call from U-mode (8)',
      'call [inlined]',
      'twice',
      '_start',
    ]);
    await client.request('setFunctionBreakpoints', { breakpoints: [] });
    await client.run('stepOut');
    assert.equal((await stack(client))[0], 'usertrap');
    await client.run('stepOut');
    assert.equal(BigInt(await client.value('pc')), ecall + 4n, 'out of the trap, behind the ecall');

    // The next one as a single step.
    while ((await client.value('*(u32*)pc')) !== '0x73') await client.run('stepIn', instruction);
    await client.run('next', instruction);
    assert.equal(BigInt(await client.value('pc')), ecall + 4n);
    await client.close();
  });
});
