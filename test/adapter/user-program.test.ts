// A kernel and a program of its user space in one session.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { guestFile } from '../support/guests.ts';
import { type Body, DapClient } from './dap-client.ts';

const guest = (name: string) => guestFile(`linux-5.10-rv64/${name}`);
const [program, vmlinux, init, initrd] = ['Image', 'vmlinux', 'init.elf', 'initramfs.cpio'].map(guest);
const missing = program && vmlinux && init && initrd ? false : 'needs the guest linux-5.10-rv64: set PAGEWALK_GUESTS';
const instruction = { threadId: 1, granularity: 'instruction' };

async function stack(client: DapClient): Promise<string[]> {
  const { stackFrames } = await client.request('stackTrace', { threadId: 1 });
  return stackFrames.map(({ name }: Body) => name.replace(/\+0x[0-9a-f]+$/, ''));
}

/** The name that the disassembly gives to an address. */
async function nameAt(client: DapClient, address: string): Promise<string | undefined> {
  const { instructions } = await client.request('disassemble', { memoryReference: address, instructionCount: 1 });
  return instructions[0].symbol;
}

describe('Linux and its init', { skip: missing }, () => {
  test('share a session: breakpoints, stacks and steps lead from one into the other and back', async () => {
    const client = new DapClient();
    const symbols = [vmlinux, { path: init, space: 'user' }];
    await client.launch({ program, symbols, initrd, append: 'console=ttyS0', stopOnSatp: false }, async () => {
      await client.request('setExceptionBreakpoints', { filters: [] });
      await client.request('setFunctionBreakpoints', { breakpoints: [{ name: 'start_kernel' }, { name: 'put' }] });
    });
    const { modules } = await client.request('modules', {});
    assert.deepEqual(
      modules.map(({ name, space }: Body) => [name, space]),
      [
        ['vmlinux', 'kernel'],
        ['init.elf', 'user'],
      ],
    );
    await client.run('continue');
    assert.equal(await nameAt(client, '0x10120'), undefined, 'no program is mapped there yet');

    await client.run('continue');
    assert.deepEqual(await stack(client), ['put', 'cmain', '_start']);
    assert.match((await client.request('threads')).threads[0].name, / U · Sv39/);
    assert.equal(await nameAt(client, '0x10120'), 'cmain');

    // By instruction over the rest of put, up to its ecall and into it.
    await client.request('setFunctionBreakpoints', { breakpoints: [{ name: 'ksys_write' }] });
    while ((await client.value('*(u32*)pc')) !== '0x73') await client.run('next', instruction);
    const ecall = BigInt(await client.value('pc'));
    await client.run('stepIn', instruction);
    const [handler, label, ...interrupted] = await stack(client);
    assert.equal(handler, 'handle_exception');
    assert.equal(label, 'trap from U: environment call from U-mode (8)');
    assert.deepEqual(interrupted.slice(-3), ['put', 'cmain', '_start']);

    // Deep in the kernel the stack leads through the trap to the program.
    await client.run('continue');
    const deep = await stack(client);
    assert.equal(deep[0], 'ksys_write');
    const boundary = deep.indexOf('trap from U: environment call from U-mode (8)');
    assert.ok(boundary > 1 && deep.includes('cmain'), deep.join(' < '));
    assert.equal(deep[boundary - 1], 'check_syscall_nr', 'a label in the entry code');

    // Out of the kernel again, function by function.
    await client.request('setFunctionBreakpoints', { breakpoints: [] });
    for (let steps = 0; BigInt(await client.value('pc')) >> 63n === 1n; steps += 1) {
      assert.ok(steps < 10, (await stack(client)).join(' < '));
      await client.run('stepOut');
    }
    assert.equal(BigInt(await client.value('pc')), ecall + 4n);
    assert.deepEqual((await stack(client)).slice(-3), ['put', 'cmain', '_start']);
    await client.close();
  });
});
