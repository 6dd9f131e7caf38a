// The devices of our machine against those of QEMU's virt, register by register, by one program that runs on both.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { createMachine } from '../../emulator/index.ts';
import { bytesSource, planBoot } from '../../emulator/loader/index.ts';
import { build, hasGcc, needsGcc } from '../support/riscv-gcc.ts';
import { diskSize, script } from './qemu-script.ts';

/** A program that makes the accesses, with traps counted as faults, and prints a line for each. */
function program(): string {
  const rows = script.map(
    ({ address, size, value }) =>
      `{${address}u, ${size}, ${value !== undefined ? 1 : 0}, ${BigInt.asUintN(64, value ?? 0n)}ul}`,
  );
  return `
typedef unsigned long word;
static const struct { word address, size, store, value; } script[] = { ${rows.join(',\n')} };
static word answers[${script.length}];
volatile word faults;
asm(".globl _start\\n_start: la sp, stack_top\\n j main\\n .align 2\\n"
    "trap: csrw mscratch, t0\\n csrr t0, mepc\\n addi t0, t0, 4\\n csrw mepc, t0\\n"
    "la t0, faults\\n sd t0, 0(t0)\\n csrr t0, mscratch\\n mret\\n"
    ".bss\\n .align 4\\n .space 4096\\n stack_top:\\n .text");
extern char trap[];
#define IN(op) asm volatile(".option push\\n .option norvc\\n" op " %0, 0(%1)\\n .option pop" : "=r"(v) : "r"(a) : "memory")
#define OUT(op) asm volatile(".option push\\n .option norvc\\n" op " %0, 0(%1)\\n .option pop" : : "r"(v), "r"(a) : "memory")
static void put(char c) { while (!(*(volatile char *)0x10000005 & 0x20)); *(volatile char *)0x10000000 = c; }
void main(void) {
  asm volatile("csrw mtvec, %0" : : "r"(trap));
  for (word i = 0; i < ${script.length}; i++) {
    word a = script[i].address, v = script[i].value;
    faults = 0;
    if (a == 0) asm volatile("csrr %0, mip" : "=r"(v));
    else if (script[i].store) switch (script[i].size) {
      case 1: OUT("sb"); break; case 2: OUT("sh"); break; case 4: OUT("sw"); break; case 8: OUT("sd"); break;
    } else switch (script[i].size) {
      case 1: IN("lbu"); break; case 2: IN("lhu"); break; case 4: IN("lwu"); break; case 8: IN("ld"); break;
    }
    answers[i] = faults ? 0xbad : v;
  }
  *(volatile char *)0x10000003 = 3;
  *(volatile char *)0x10000004 = 0;
  for (word i = 0; i < ${script.length}; i++) {
    for (int s = 60; s >= 0; s -= 4) put("0123456789abcdef"[(answers[i] >> s) & 15]);
    put('\\n');
  }
  while (!(*(volatile char *)0x10000005 & 0x40));
  *(volatile int *)0x100000 = 0x5555;
}`;
}

/** What each access of the script gave, as the program has printed it. */
function answersIn(printed: string): string[] {
  const lines = printed.trim().split(/\r?\n/);
  assert.equal(lines.length, script.length, printed);
  return lines;
}

function ours(elf: string): string[] {
  const program = bytesSource(elf, readFileSync(elf));
  const disks = [{ mode: 'cow', source: bytesSource('disk.img', new Uint8Array(diskSize)) }] as const;
  const options = { memory: 8n << 20n, harts: 1, isa: 'rv64gc', mmu: 'sv39', disks } as const;
  const machine = createMachine(options, planBoot({ program }, { ...options, firmware: 'none' }));
  let printed = '';
  machine.onConsole((bytes) => {
    printed += String.fromCharCode(...bytes);
    return undefined;
  });
  machine.run(50_000_000);
  return answersIn(printed);
}

function qemus(elf: string): string[] {
  const disk = path.join(path.dirname(elf), 'disk.img');
  writeFileSync(disk, new Uint8Array(diskSize));
  const options = [
    ...['-M', 'virt,aclint=on', '-global', 'virtio-mmio.force-legacy=false', '-bios', 'none', '-display', 'none'],
    ...['-drive', `file=${disk},if=none,format=raw,id=x0`, '-serial', 'stdio', '-monitor', 'none'],
    ...['-device', 'virtio-blk-device,drive=x0,bus=virtio-mmio-bus.0', '-kernel', elf],
  ];
  return answersIn(spawnSync('qemu-system-riscv64', options, { encoding: 'utf8', timeout: 20_000 }).stdout);
}

const hasQemu = spawnSync('qemu-system-riscv64', ['--version']).status === 0;
const needsQemu = 'needs qemu-system-riscv64: apt-get install qemu-system-misc';

test("the devices answer as those of QEMU's virt", { skip: !hasGcc ? needsGcc : !hasQemu && needsQemu }, () => {
  const flags = ['-march=rv64gc', '-mabi=lp64d', '-mcmodel=medany', '-O1', '-ffreestanding', '-static'];
  const elf = build({ 'script.c': program() }, [...flags, '-Wl,-Ttext=0x80000000', '-Wl,--no-warn-rwx-segments']);
  const [found, expected] = [ours(elf), qemus(elf)];
  const differences = script.flatMap(({ address, size, value }, index) => {
    if (found[index] === expected[index]) return [];
    const what = address === 0 ? 'mip' : `${value === undefined ? 'load' : 'store'} ${size} ${address.toString(16)}`;
    return [`${index} ${what}: ${found[index]}, on QEMU ${expected[index]}`];
  });
  assert.deepEqual(differences, []);
});
