// What the reports behind Z13 to Z18 say of debuggers: where each of them went wrong, ours does not.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import type { Body } from '../adapter/dap-client.ts';
import { begin, breakAt, type Fixture, fixtures, next, stops } from './zoo.ts';

const fixture = (id: string) => fixtures().find((one) => one.id === id) as Fixture;

describe('the bug zoo', () => {
  test('Z13: a breakpoint that is set before paging is hit once, at its virtual address, after the satp write', async () => {
    const client = await begin(fixture('Z13').bug, breakAt('start_kernel'));
    const [stop] = stops(client);
    assert.equal(stop.reason, 'function breakpoint');
    const { name, instructionPointerReference } = await client.top();
    assert.equal(name, 'start_kernel');
    assert.ok(BigInt(instructionPointerReference) >= 0xffffffff80000000n);
    assert.match(await client.value('satp'), /^0x8/);
    assert.equal(await next(client), undefined);
    await client.close();
  });

  test('Z13: code with a breakpoint in it reads as it is, at both its addresses', async () => {
    const client = await begin(fixture('Z13').repaired, breakAt('start_kernel'));
    assert.deepEqual([stops(client), client.events('exited')], [[], [{ exitCode: 0 }]]);
    await client.close();
  });

  test('Z14: a step into ecall lands in the trampoline, which has the names of the kernel', async () => {
    const client = await begin(fixture('Z14').repaired, breakAt('user_program'));
    assert.equal((await client.top()).name, 'user_program');
    // li, then ecall
    for (let step = 0; step < 2; step++) await next(client, 'stepIn', { granularity: 'instruction' });
    const { name, instructionPointerReference, source } = await client.top();
    assert.deepEqual([name, instructionPointerReference, source.name], ['uservec', '0x3ffffff000', 'trampoline.S']);
    await client.close();
  });

  test('Z15: memory at 0x80000000 and at 0xffffffff80000000 is shown, saved and loaded byte for byte', async () => {
    const { repaired } = fixture('Z15');
    const client = await begin(repaired, breakAt('power_off'));
    const file = readFileSync(repaired.program);
    const text = firstSegment(file);
    const read = async (memoryReference: string) => {
      const { address, data } = await client.request('readMemory', { memoryReference, count: text.length });
      return { address, bytes: Buffer.from(data, 'base64') };
    };
    for (const reference of ['0x80000000', '0xffffffff80000000', 'pa:0x80000000']) {
      const { address, bytes } = await read(reference);
      assert.equal(BigInt(address), BigInt(reference.replace('pa:', '')));
      assert.ok(bytes.equals(text), reference);
    }
    const data = Buffer.from([0x80, 0x00, 0xff, 0x7f]).toString('base64');
    await client.request('writeMemory', { memoryReference: '0xffffffff80000000', data });
    assert.equal((await read('pa:0x80000000')).bytes.readUInt32BE(), 0x8000ff7f);
    await client.close();
  });

  test('Z16: a breakpoint and a data breakpoint at one instruction are both told, and none is skipped', async () => {
    const client = await begin(fixture('Z16').bug, breakAt('count'));
    const count = BigInt((await client.top()).instructionPointerReference);
    const at = (offset: bigint) => ({ instructionReference: `0x${(count + offset).toString(16)}` });
    const { breakpoints: code } = await client.request('setInstructionBreakpoints', { breakpoints: [at(6n)] });
    const { dataId } = await client.request('dataBreakpointInfo', { name: 'witness' });
    const { breakpoints: data } = await client.request('setDataBreakpoints', {
      breakpoints: [{ dataId, accessType: 'write' }],
    });
    // The store is done, and the ebreak behind it has a breakpoint: one stop, both reasons.
    const both = await next(client);
    assert.equal((await client.top()).instructionPointerReference, at(6n).instructionReference);
    assert.deepEqual([...both.hitBreakpointIds].sort(), [code[0].id, data[0].id].sort());
    // The ebreak itself is neither skipped nor taken for a breakpoint of ours.
    const trap = await next(client);
    assert.equal(trap?.reason, 'exception');
    assert.equal(BigInt(await client.value('sepc')), count + 6n);
    assert.equal((count + 6n) & 0xfffn, 0xffen);
    await client.close();
  });

  test('Z17: a NAPOT range is one run of 64 KiB with its right address, and NC memory says so', async () => {
    const client = await begin(fixture('Z17').repaired, breakAt('power_off'));
    const { rows } = await client.request('pagewalk/map');
    const row = (va: string) => rows.find((one: Body) => BigInt(one.va) === BigInt(va));
    const { pa, size, pageSize, memoryType } = row('0x40000000');
    assert.deepEqual([pa, size, pageSize, memoryType], [hex64(0x80200000), hex64(0x10000), hex64(0x10000), 'PMA']);
    assert.deepEqual([row('0x40200000').pa, row('0x40200000').memoryType], [hex64(0x80210000), 'NC']);
    const walk = await client.request('pagewalk/walk', { address: '0x40005678' });
    assert.equal(walk.pa, hex64(0x80205678));
    await client.close();
  });

  test('Z18: at an unhandled fault the frame that an editor shows is the one that faulted, at its very instruction', async () => {
    const client = await begin(fixture('Z18').bug);
    const { stackFrames } = await client.request('stackTrace', { threadId: 1 });
    const shown = stackFrames.find(({ source }: Body) => source && source.presentationHint !== 'deemphasize');
    assert.match(shown.name, /^current_id/);
    assert.equal(BigInt(shown.instructionPointerReference), BigInt(await client.value('sepc')));
    assert.match(readFileSync(shown.source.path, 'utf8').split('\n')[shown.line - 1] ?? '', /task->id/);
    await client.close();
  });
});

const hex64 = (value: number) => `0x${value.toString(16).padStart(16, '0')}`;

/** The bytes of an ELF's first loaded segment. */
function firstSegment(file: Buffer): Buffer {
  const table = Number(file.readBigUInt64LE(32));
  for (let at = table; ; at += file.readUInt16LE(54)) {
    if (file.readUInt32LE(at) !== 1) continue;
    const offset = Number(file.readBigUInt64LE(at + 8));
    return file.subarray(offset, offset + Number(file.readBigUInt64LE(at + 32)));
  }
}
