// Symbol files as modules: where each runs, and a kernel that moves itself.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { guestFile } from '../support/guests.ts';
import { hasGcc, needsGcc } from '../support/riscv-gcc.ts';
import { type Body, DapClient } from './dap-client.ts';
import { sample } from './sample.ts';

const kaslr = (name: string) => guestFile(`linux-6.12-rv64-kaslr/${name}`);
const files = { program: kaslr('Image'), symbols: kaslr('vmlinux'), dtb: kaslr('virt-kaslr-seed.dtb') };
const missing = Object.values(files).every(Boolean)
  ? false
  : 'needs the guest linux-6.12-rv64-kaslr: set PAGEWALK_GUESTS';

describe('a kernel that moves itself (KASLR)', { skip: missing }, () => {
  test('is followed: its symbols, breakpoints and module move with it, and go back at a restart', async () => {
    const client = new DapClient();
    const points = [{ name: 'setup_vm' }, { name: 'start_kernel' }];
    await client.launch({ ...files, memory: '128M', append: 'console=ttyS0', stopOnSatp: false }, () =>
      client.request('setFunctionBreakpoints', { breakpoints: points }),
    );
    const [linked] = client.events('module');
    assert.match(linked.module.addressRange, /^0xffffffff80000000–/);
    assert.equal(linked.module.slide, undefined);

    await client.run('continue');
    assert.equal(BigInt(await client.value('pc')) >> 32n, 0n, 'setup_vm runs before paging');
    assert.match((await client.top()).name, /^setup_vm/);

    const stop = await client.run('continue');
    const [moved] = client.events('module').filter(({ reason }) => reason === 'changed');
    assert.equal(moved.module.slide, '+0x39a00000', 'as the seed 0123456789abcdef makes it');
    assert.match(moved.module.addressRange, /^0xffffffffb9a00000–/);
    assert.equal(stop.hitBreakpointIds.length, 1);
    const top = await client.top();
    assert.match(top.name, /^start_kernel/);
    assert.ok(BigInt(top.instructionPointerReference) >= 0xffffffffb9a00000n);
    const [changed] = client
      .events('breakpoint')
      .filter(({ breakpoint }: Body) => breakpoint.id === stop.hitBreakpointIds[0])
      .slice(-1);
    assert.equal(changed.breakpoint.instructionReference, top.instructionPointerReference);
    assert.equal(await client.value('&start_kernel'), await client.value('start_kernel'));

    await client.run('restart', {});
    const { modules } = await client.request('modules', {});
    assert.equal(modules[0].slide, undefined);
    await client.close();
  });
});

describe('modules', () => {
  test('tell where a program is linked and loaded, and in which space it is', async () => {
    const client = new DapClient();
    await client.launch({ program: sample.program });
    const { modules, totalModules } = await client.request('modules', {});
    assert.equal(totalModules, 1);
    assert.deepEqual(client.events('module'), [{ reason: 'new', module: modules[0] }]);
    assert.deepEqual(modules[0], {
      id: 1,
      name: 'first-light.elf',
      path: sample.program,
      symbolFilePath: sample.program,
      symbolStatus: 'Symbols and source lines',
      space: 'kernel',
      addressRange: '0x10000–0x11fff, 0xffffffff80000000–0xffffffff8000ffff',
      loadRange: 'pa:0x80000000–0x8000ffff',
    });
    await client.close();
  });
});

describe('a kernel that is built again', () => {
  const source = (more: string) => `volatile int count;
char stack[1024];
__asm__(".globl _start; _start: la sp, stack + 1024; j loop");
${more}
void work(void) {
  count++;
}
void loop(void) {
  for (;;) work();
}
`;

  test('is there at the next restart of the same session: breakpoints move with their lines and functions', {
    skip: hasGcc ? false : needsGcc,
  }, async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'pagewalk-rebuilt-'));
    after(() => rmSync(folder, { recursive: true }));
    const [file, program] = [path.join(folder, 'kernel.c'), path.join(folder, 'kernel.elf')];
    const make = (text: string) => {
      writeFileSync(file, text);
      const options = ['-march=rv64imac', '-mabi=lp64', '-O1', '-g', '-ffreestanding', '-nostdlib', '-mcmodel=medany'];
      const { status, stderr } = spawnSync(
        'riscv64-unknown-elf-gcc',
        [...options, '-Wl,-Ttext=0x80000000', '-Wl,--no-relax', '-e', '_start', '-o', program, file],
        { encoding: 'utf8' },
      );
      assert.equal(status, 0, stderr);
    };
    make(source(''));
    const client = new DapClient();
    await client.launch({ program }, async () => {
      await client.request('setFunctionBreakpoints', { breakpoints: [{ name: 'work' }] });
      await client.request('setBreakpoints', { source: { path: file }, breakpoints: [{ line: 9 }] });
    });
    await client.run('continue');
    const before = await client.value('pc');
    const told = client.events('breakpoint').length;

    make(source('void earlier(void) {\n  count = 7;\n  count = 8;\n}'));
    await client.run('restart', {});
    const moved = client.events('breakpoint').slice(told);
    assert.ok(moved.length > 0 && moved.every(({ breakpoint }) => breakpoint.verified));
    assert.deepEqual(
      client.events('module').map(({ reason }) => reason),
      ['new', 'removed', 'new'],
    );
    const { hitBreakpointIds } = await client.run('continue');
    assert.equal(hitBreakpointIds.length, 2, 'the line that was the loop’s is the body of work now');
    assert.equal((await client.top()).line, 9);
    assert.notEqual(await client.value('pc'), before);
    await client.close();
  });
});
