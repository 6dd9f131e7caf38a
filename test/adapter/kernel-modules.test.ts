// Object files whose sections somebody has put somewhere: by hand, or Linux when it loads a module.

import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
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
  for (volatile long i = 0; i < 3000000; i++);
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

const diver = `
__attribute__((noinline)) static long deeper(long depth) {
  volatile long room[32];
  room[depth & 31] = depth;
  return deeper(depth + 1) + room[0];
}
__attribute__((section(".init.text"))) int init_module(void) { return deeper(1); }
__attribute__((section(".exit.text"))) void cleanup_module(void) {}
`;

const init = `#!/bin/busybox sh
/bin/busybox insmod /hello-greeter.ko
/bin/busybox rmmod hello_greeter
/bin/busybox insmod /diver.ko
`;

describe('a module that Linux loads', { skip: missing }, () => {
  const client = new DapClient();
  client.patience = 600_000;
  let home = '';
  const bye = greeter.split('\n').findIndex((line) => line.includes('bye')) + 1;
  const breakAt = (...names: string[]) =>
    client.request('setFunctionBreakpoints', { breakpoints: names.map((name) => ({ name })) });
  const stack = async (): Promise<string[]> =>
    (await client.request('stackTrace', { threadId: 1 })).stackFrames.map(({ name }: Body) => name.replace(/\+.*/, ''));

  before(async () => {
    const { program, vmlinux = '', initrd = '' } = files;
    const kernel = new SymbolFile(fileSource(vmlinux));
    const made = (name: string, source: string, imports: readonly string[]) => {
      const object = linuxModule(kernel, name.replaceAll('-', '_'), source, imports);
      const path = object.replace(/[^/]*$/, `${name}.ko`);
      copyFileSync(object, path);
      return path;
    };
    const modules = [made('hello-greeter', greeter, ['_printk']), made('diver', diver, [])];
    home = path.dirname(modules[0] ?? '');
    const more = modules.map((file) => ({ name: path.basename(file), bytes: readFileSync(file) }));
    const root = path.join(home, 'root.cpio');
    writeFileSync(root, joined([padded(readFileSync(initrd)), archive([...more, { name: 'greet', bytes: init }])]));
    const append = 'console=ttyS0 rdinit=/greet quiet';
    const symbols = [vmlinux, ...modules];
    await client.launch({ program, symbols, initrd: root, append, memory: '256M', stopOnSatp: false }, async () => {
      await client.request('setExceptionBreakpoints', { filters: ['kernel-panic'] });
      await breakAt('greet');
      const answer = await client.request('setBreakpoints', {
        source: { path: path.join(home, 'module.c') },
        breakpoints: [{ line: bye }],
      });
      assert.equal(answer.breakpoints[0].verified, false, 'nobody knows where it will be');
    });
  });
  after(() => client.close());

  test('has its symbols, lines, variables and breakpoints before its init function runs', async () => {
    assert.equal((await client.request('modules', {})).totalModules, 1);
    await client.run('continue');
    assert.deepEqual((await stack()).slice(0, 4), ['greet', 'init_module', 'do_one_initcall', 'do_init_module']);
    assert.equal((await client.top()).source.path, path.join(home, 'module.c'));
    assert.equal(await client.value('times'), '41');
    const { modules } = await client.request('modules', {});
    assert.equal(modules[1].name, 'hello-greeter.ko');
    assert.equal(modules[1].symbolStatus, 'Symbols and source lines');
    const verified = client.events('breakpoint').filter(({ breakpoint }) => breakpoint.verified);
    assert.equal(verified.length, 2, 'both breakpoints have become true');
  });

  test('is seen from an interrupt, whose handler runs on the stack for interrupts', async () => {
    await breakAt('riscv_timer_interrupt');
    await client.run('continue');
    const names = await stack();
    const [irq, label, below] = ['call_on_irq_stack', 'interrupt from S: supervisor timer interrupt (5)', 'greet'].map(
      (name) => names.indexOf(name),
    );
    assert.ok(irq && label && below, names.join(', '));
    assert.deepEqual([names[0], irq < label, below - label], ['riscv_timer_interrupt', true, 1]);
    assert.deepEqual(names.slice(below, below + 3), ['greet', 'init_module', 'do_one_initcall']);
    assert.equal(names.filter((name) => /^trap from U: environment call/.test(name)).length, 1, 'insmod is below');
    await breakAt();
    await breakAt('greet');
  });

  test('is there until the kernel frees it', async () => {
    while ((await client.top()).line !== bye) await client.run('continue');
    await client.run('continue');
    assert.equal(await client.value('times'), '1');
    assert.equal(await client.value('greetings'), '41', 'the first call has added its times');
  });

  test('that overflows its stack is a panic, with the stack from the overflow stack down to its cause', async () => {
    await breakAt();
    const stop = await client.run('continue');
    assert.match(stop.description, /^Kernel panic: Kernel stack overflow/);
    assert.match(client.console, /GREETER: 41\r?\n(.*\n)*.*GREETER: bye 42/);
    const [removed] = client.events('module').filter(({ reason }) => reason === 'removed');
    assert.equal(removed.module.name, 'hello-greeter.ko');
    const names = await stack();
    assert.deepEqual(names.slice(0, 2), ['panic', 'handle_bad_stack']);
    assert.match(names[2] ?? '', /^trap from S: store page fault/);
    const dived = names.slice(3).findIndex((name) => name !== 'deeper');
    assert.ok(dived > 30, names.join(', '));
    assert.deepEqual(names.slice(3 + dived, 5 + dived), ['init_module', 'do_one_initcall']);
  });
});
