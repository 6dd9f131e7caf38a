// How guests end, and what the user is told: power-off codes, HTIF, panics, guests that are stuck, input that is wrong.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { guestFile } from '../support/guests.ts';
import { build, hasGcc, needsGcc } from '../support/riscv-gcc.ts';
import { pagewalk, sample } from './binary.ts';

const skip = hasGcc ? false : needsGcc;

/** A bare-metal program at the RAM's base, from assembly. `print` prints a text through the UART. */
function program(assembly: string): string {
  const text = `
    .macro print text
      la a0, 88f
      li a1, 0x10000000
    77: lbu a2, 0(a0)
      beqz a2, 99f
      sb a2, 0(a1)
      addi a0, a0, 1
      j 77b
    88: .asciz "\\text"
      .balign 4
    99:
    .endm
    .globl _start
    _start:
    ${assembly}
  `;
  return build({ 'start.S': text }, [
    '-march=rv64gc',
    '-mabi=lp64d',
    '-mcmodel=medany',
    '-Wl,-Ttext=0x80000000',
    '-Wl,-N',
  ]);
}

const finish = (word: number) => `li t0, 0x100000\nli t1, ${word}\nsw t1, 0(t0)\n1: j 1b\n`;
const htif = (value: number) => `
  la t0, tohost
  li t1, ${value}
  sd t1, 0(t0)
1: j 1b
  .data
  .globl tohost, fromhost
  .balign 64
tohost: .dword 0
fromhost: .dword 0
`;

describe('the exit code', { skip }, () => {
  const ending = (assembly: string, ...options: string[]) => {
    const { status, stdout, stderr } = pagewalk(['run', program(assembly), ...options]);
    return [status, stdout, stderr];
  };

  test("is the test finisher's", () => {
    assert.deepEqual(ending(finish(0x5555)), [0, '', '']);
    assert.deepEqual(ending(finish((42 << 16) | 0x3333)), [
      42,
      '',
      'pagewalk: the guest ended with code 42 (test finisher)\n',
    ]);
  });

  test('is 0 when a program stores 1 to tohost', () => assert.deepEqual(ending(htif(1)), [0, '', '']));

  test('is 1 when a program stores another odd value to tohost; its test number is told', () => {
    const [status, stdout, stderr] = ending(htif((7 << 1) | 1));
    assert.deepEqual([status, stdout], [1, '']);
    assert.match(String(stderr), /test 7 failed/);
  });

  test('is 1 after a kernel panic, and its last words are shown', () => {
    const words = ending(
      'print "[ 0.1] Kernel panic - not syncing: no root\\n"\nprint "---[ end Kernel panic ]---\\n"\n1: j 1b\n',
    );
    assert.deepEqual(words, [
      1,
      '[ 0.1] Kernel panic - not syncing: no root\n---[ end Kernel panic ]---\n',
      'pagewalk: the kernel panicked\n',
    ]);
  });

  test('is 1 when every hart waits and nothing can wake it', () => {
    const [status, , stderr] = ending('csrw mie, zero\n1: wfi\nj 1b\n');
    assert.equal(status, 1);
    assert.match(String(stderr), /stuck: every hart waits for an interrupt, and none can come/);
  });

  test('is 1 for a guest that jumps to nowhere', () => {
    const [status, , stderr] = ending('li t0, 0x40000000\njr t0\n');
    assert.equal(status, 1);
    assert.match(String(stderr), /stuck: hart 0 takes exceptions for ever: instruction access fault at 0x/);
  });

  test('is 1 for a guest whose handler cannot be fetched', () => {
    const [status, , stderr] = ending('li t0, 0x50000000\ncsrw mtvec, t0\necall\n');
    assert.equal(status, 1);
    assert.match(String(stderr), /instruction access fault at 0x50000000, address 0x50000000/);
  });

  test('is 1 for a guest that faults deeper and deeper', () => {
    const [status, , stderr] = ending(
      'la t0, 2f\ncsrw mtvec, t0\n.balign 4\n2: addi sp, sp, -16\nsd zero, 0(sp)\nj 2b\n',
    );
    assert.equal(status, 1);
    assert.match(String(stderr), /store access fault at 0x80000/);
  });

  test('is 1 for a guest whose handler returns to the faulting instruction', () => {
    const [status, , stderr] = ending('la t0, 2f\ncsrw mtvec, t0\nlw a0, 0(zero)\n.balign 4\n2: mret\n');
    assert.equal(status, 1);
    assert.match(String(stderr), /load access fault at 0x80000/);
  });
});

describe('standard input', { skip }, () => {
  test('reaches a program that polls its UART, from a pipe', () => {
    const echo = `
      li t0, 0x10000000
    1: lbu t1, 5(t0)
      andi t1, t1, 1
      beqz t1, 1b
      lbu t2, 0(t0)
      sb t2, 0(t0)
      li t1, '!'
      bne t1, t2, 1b
    ${finish(0x5555)}`;
    const { status, stdout } = pagewalk(['run', program(echo)], 'hello!');
    assert.deepEqual([status, stdout], [0, 'hello!']);
  });
});

describe('bad input is one line on standard error and exit code 2', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'pagewalk-bad-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const file = (name: string, bytes: Uint8Array) => {
    writeFileSync(path.join(folder, name), bytes);
    return path.join(folder, name);
  };
  const elf = readFileSync(sample);
  const refused = (why: RegExp, ...args: string[]) => {
    const { status, stdout, stderr } = pagewalk(args);
    assert.deepEqual([status, stdout], [2, '']);
    assert.match(stderr, why);
    assert.match(stderr, /^pagewalk: [^\n]+\n$/, 'one line');
  };

  test('a file that is not there', () => refused(/no-such-kernel: no such file/, 'run', 'no-such-kernel'));
  test('a folder', () => refused(/is not a file/, 'run', folder));
  test('a text', () => refused(/neither an ELF file nor a raw RISC-V Linux Image/, 'run', 'package.json'));
  test('a truncated ELF', () => refused(/cut\.elf/, 'run', file('cut.elf', elf.subarray(0, 5000))));
  test('an ELF for another architecture', () => {
    const other = Uint8Array.from(elf);
    other[18] = 62; // e_machine = EM_X86_64
    refused(/x86-64/, 'run', file('x86.elf', other));
  });
  test('an initrd that is not there', () =>
    refused(/initramfs\.cpio: no such file/, 'run', sample, '--initrd', 'initramfs.cpio'));
  test('too little memory for the kernel', (t) => {
    const image = guestFile('linux-6.12-debian/Image');
    if (!image) return t.skip('needs the Linux 6.12 guest');
    refused(/memory/i, 'run', image, '--memory', '16M');
  });
  test('firmware that is no file', () => refused(/firmware: .*neither/, 'run', sample, '--firmware', 'openbsi'));
  test('an ISA that cannot be run', () => refused(/isa|RV32/i, 'run', sample, '--isa', 'rv64gcxyz_bogus'));
  test('a symbol that is not there', () =>
    refused(/no symbol is called nowhere/, 'map', sample, '--at', 'symbol:nowhere'));
  test('a hart that is not there', () =>
    refused(/--hart 4: the machine has harts 0 to 0/, 'map', sample, '--hart', '4'));
  test('a verb that is not there', () => refused(/there is no verb "debug"/, 'debug'));
});
