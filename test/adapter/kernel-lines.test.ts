// Line breakpoints in real kernels, before paging and after it, in sources found by sourceMap.

import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, test } from 'node:test';
import { guestFile } from '../support/guests.ts';
import { kernelSources, lineWith } from '../support/kernel-sources.ts';
import { DapClient } from './dap-client.ts';

const kernels = [
  { folder: 'linux-5.10-rv64', version: '5.10.262', compiled: '/usr/src/kern/linux-source-5.10.262' },
  { folder: 'linux-6.1-rv32', version: '6.1.192', compiled: '/usr/src/kern/linux-source-6.1' },
  { folder: 'linux-6.12-debian', version: '6.12.107', compiled: 'debian/build/build_riscv64_none_riscv64' },
  {
    folder: 'linux-6.12-rv64-kaslr',
    version: '6.12.107',
    compiled: '/usr/src/kern/linux-source-6.12',
    dtb: 'virt-kaslr-seed.dtb',
  },
] as const;

const [setup, start] = ['arch/riscv/mm/init.c', 'init/main.c'];

describe('line breakpoints hold before paging and after it', () => {
  for (const { folder, version, compiled, ...more } of kernels) {
    const [program, symbols] = [guestFile(`${folder}/Image`), guestFile(`${folder}/vmlinux`)];
    const dtb = 'dtb' in more ? guestFile(`${folder}/${more.dtb}`) : undefined;
    const sources = kernelSources(version, [setup, start]);
    const there = program && symbols && sources;
    test(`in ${folder}`, { skip: there ? false : `needs the guest ${folder}: set PAGEWALK_GUESTS` }, async () => {
      const file = (name: string) => path.join(sources as string, name);
      const client = new DapClient();
      const points: number[] = [];
      const set = async (name: string, text: string) => {
        const answer = await client.request('setBreakpoints', {
          source: { path: file(name) },
          breakpoints: [{ line: lineWith(file(name), text) }],
        });
        assert.equal(answer.breakpoints[0].verified, true, answer.breakpoints[0].message);
        points.push(answer.breakpoints[0].id);
      };
      const configuration = { program, symbols, sourceMap: { [compiled]: sources }, memory: '128M', stopOnSatp: false };
      await client.launch({ ...configuration, ...(dtb && { dtb }) }, async () => {
        await set(setup, 'void __init setup_vm(uintptr_t dtb_pa)');
        await set(start, 'set_task_stack_end_magic(&init_task);');
      });

      const before = await client.run('continue');
      assert.deepEqual(before.hitBreakpointIds, [points[0]]);
      const [early] = (await client.request('stackTrace', { threadId: 1 })).stackFrames;
      assert.match(early.name, /^setup_vm/);
      assert.equal(early.source.path, file(setup));
      assert.equal(BigInt(early.instructionPointerReference) >> 28n, 8n, 'at its physical address');

      const after = await client.run('continue');
      assert.deepEqual(after.hitBreakpointIds, [points[1]]);
      const [late, ...callers] = (await client.request('stackTrace', { threadId: 1 })).stackFrames;
      assert.match(late.name, /^start_kernel/);
      assert.equal(late.source.path, file(start));
      assert.equal(late.line, lineWith(file(start), 'set_task_stack_end_magic(&init_task);'));
      assert.ok(BigInt(late.instructionPointerReference) >= 0xc0000000n, 'at its link address');
      assert.ok(callers.length < 3, 'start_kernel is called by the first code alone');
      await client.close();
    });
  }
});
