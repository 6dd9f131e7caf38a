// Object files whose sections somebody has put somewhere: by hand, or Linux when it loads a module.

import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { SymbolFile } from '../../symbols/index.ts';
import { archive, joined, padded } from '../support/cpio.ts';
import { fileSource } from '../support/file-source.ts';
import { guestFile } from '../support/guests.ts';
import { linuxModule } from '../support/linux-module.ts';
import { build, gnu, hasGcc, needsGcc } from '../support/riscv-gcc.ts';
import { type Body, DapClient } from './dap-client.ts';

describe('an object file of which the configuration says where its sections are', () => {
  const start = `
  .globl _start
_start:
  la sp, stack_top
  li a0, 5
  call enter
  j .
  .bss
  .balign 16
  .space 512
stack_top:
`;
  const source = `
int state = 3;
__attribute__((noinline)) static int helper(int by) { state += by; return state; }
int enter(int by) {
  int sum = helper(by);
  return sum * 2;
}
`;
  const script = `
ENTRY(_start)
SECTIONS {
  . = 0x80000000;
  .text : { *start.o(.text) }
  . = 0x80100000;
  .moved.text : { *module.o(.text) }
  . = 0x80200000;
  .moved.data : { *module.o(.sdata) }
  .bss : { *(.bss*) }
}
`;
  const flags = ['-march=rv64imac', '-mabi=lp64', '-mcmodel=medany', '-mno-relax', '-ffreestanding', '-g', '-O1'];

  test('has its symbols, lines, variables and breakpoints there, and nothing of the others', {
    skip: hasGcc ? false : needsGcc,
  }, async () => {
    const object = build({ 'module.c': source }, ['-c', ...flags]);
    const [home, begin] = [path.dirname(object), build({ 'start.S': start }, ['-c', ...flags])];
    copyFileSync(object, path.join(home, 'module.o'));
    copyFileSync(begin, path.join(home, 'start.o'));
    writeFileSync(path.join(home, 'link.ld'), script);
    const program = path.join(home, 'kernel.elf');
    const inputs = ['start.o', 'module.o'].map((name) => path.join(home, name));
    gnu('ld', ['-T', path.join(home, 'link.ld'), '--strip-all', '-o', program, ...inputs]);

    const sections = { '.text': '0x80100000', '.sdata': 0x80200000 };
    const client = new DapClient();
    await client.launch({ program, symbols: [program, { path: object, sections }] }, async () => {
      await client.request('setFunctionBreakpoints', { breakpoints: [{ name: 'enter' }] });
    });
    const { modules } = await client.request('modules', {});
    assert.equal(modules[1].addressRange, '0x80100000–0x80200003');
    assert.equal(modules[1].loadRange, undefined);
    await client.run('continue');
    const top = await client.top();
    assert.match(top.name, /^enter/);
    assert.equal(top.source.path, path.join(home, 'module.c'));
    assert.equal(await client.value('by'), '5');
    assert.equal(await client.value('state'), '3');
    await client.run('next');
    assert.equal((await client.top()).line, 5);
    await client.run('next');
    assert.equal(await client.value('state'), '8', 'the call has been made');
    await client.close();
  });

  test('is told what is missing without them, and where they are nonsense', async () => {
    const launch = async (symbols: unknown) => {
      const client = new DapClient();
      await client.request('initialize', { adapterID: 'pagewalk' });
      await assert.rejects(client.request('launch', { program: 'kernel', symbols }), (error: Error) => {
        assert.match(error.message, /"symbols" is .*"sections" \(such as/);
        return true;
      });
      await client.leave();
    };
    await launch([{ path: 'x.ko', sections: { '.text': 'there' } }]);
    await launch([{ path: 'x.ko', sections: ['.text'] }]);
    await launch([{ path: 'x.ko', base: 0, sections: { '.text': '0x1000' } }]);
  });
});

const debian = (name: string) => guestFile(`linux-6.12-debian/${name}`);
const files = { program: debian('Image'), vmlinux: debian('vmlinux'), initrd: debian('initramfs.cpio.gz') };
const missing = !hasGcc
  ? needsGcc
  : Object.values(files).every(Boolean)
    ? false
    : 'needs the guest linux-6.12-debian: set PAGEWALK_GUESTS';

const greeter = `
int _printk(const char *format, ...);
static long greetings;
__attribute__((noinline)) static long greet(long times) {
  greetings += times;
  return greetings;
}
__attribute__((section(".init.text"))) int init_module(void) {
  _printk("\\0011GREETER: %ld\\n", greet(41));
  return 0;
}
__attribute__((section(".exit.text"))) void cleanup_module(void) {
  _printk("\\0011GREETER: bye %ld\\n", greet(1));
}
`;

const init = `#!/bin/busybox sh
/bin/busybox insmod /hello-greeter.ko
/bin/busybox rmmod hello_greeter
/bin/busybox poweroff -f
`;

describe('a module that Linux loads', { skip: missing }, () => {
  test('is followed from before its init function until it is freed: breakpoints, lines, variables, stacks', async () => {
    const { program, vmlinux = '', initrd = '' } = files;
    const object = linuxModule(new SymbolFile(fileSource(vmlinux)), 'hello_greeter', greeter, ['_printk']);
    const home = path.dirname(object);
    const module = path.join(home, 'hello-greeter.ko');
    copyFileSync(object, module);
    const more = [
      { name: 'hello-greeter.ko', bytes: readFileSync(module) },
      { name: 'greet', bytes: init },
    ];
    const root = path.join(home, 'root.cpio');
    writeFileSync(root, joined([padded(readFileSync(initrd)), archive(more)]));

    const client = new DapClient();
    client.patience = 600_000;
    const lines = greeter.split('\n');
    const bye = lines.findIndex((line) => line.includes('bye')) + 1;
    const append = 'console=ttyS0 rdinit=/greet quiet';
    const launch = { program, symbols: [vmlinux, module], initrd: root, append, memory: '256M', stopOnSatp: false };
    await client.launch(launch, async () => {
      await client.request('setFunctionBreakpoints', { breakpoints: [{ name: 'greet' }] });
      const answer = await client.request('setBreakpoints', {
        source: { path: path.join(home, 'module.c') },
        breakpoints: [{ line: bye }],
      });
      assert.equal(answer.breakpoints[0].verified, false, 'nobody knows where it will be');
    });
    assert.equal((await client.request('modules', {})).totalModules, 1);

    await client.run('continue');
    const { stackFrames } = await client.request('stackTrace', { threadId: 1, levels: 6 });
    const names = stackFrames.map(({ name }: Body) => name.replace(/\+.*/, ''));
    assert.deepEqual(names.slice(0, 4), ['greet', 'init_module', 'do_one_initcall', 'do_init_module']);
    assert.equal(stackFrames[0].source.path, path.join(home, 'module.c'));
    assert.equal(await client.value('times'), '41');
    const { modules } = await client.request('modules', {});
    assert.equal(modules[1].name, 'hello-greeter.ko');
    assert.equal(modules[1].symbolStatus, 'Symbols and source lines');
    const verified = client.events('breakpoint').filter(({ breakpoint }) => breakpoint.verified);
    assert.equal(verified.length, 2, 'both breakpoints have become true');
    await client.run('stepOut');
    assert.equal(await client.value('greetings'), '41');

    await client.run('continue');
    const top = await client.top();
    assert.equal(top.line, bye, 'the breakpoint in its exit function');
    await client.run('continue');
    assert.equal(await client.value('times'), '1');
    await client.run('stepOut');
    assert.equal(await client.value('greetings'), '42');
    const before = client.events('stopped').length;
    await client.request('continue', { threadId: 1 });
    await client.settled(before);
    assert.match(client.console, /GREETER: 41\r?\n(.*\n)*.*GREETER: bye 42/);
    const { module: gone } = client.events('module').at(-1);
    assert.deepEqual([client.events('module').at(-1).reason, gone.name], ['removed', 'hello-greeter.ko']);
    await client.close();
  });
});
