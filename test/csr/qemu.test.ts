// What QEMU's virt machine holds after writes of CSRs, against `legalise`.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { type CsrFacts, legalise } from '../../emulator/csr/legalise.ts';
import { csrNamed } from '../../emulator/csr/table.ts';
import { missingTools } from '../isa/binutils.ts';

const facts: CsrFacts = {
  xlen: 64,
  modes: [8, 9],
  svadu: true,
  svpbmt: true,
  sstc: true,
  pmpEntries: 16,
  extensions: new Set(),
  misa: 0x800000000014112dn,
};

const cpu =
  'rv64,h=off,v=off,zicbom=off,zicboz=off,sv57=off,sv48=on,svadu=on,svpbmt=on,sstc=on,zicfiss=off,zicfilp=off';
const ones = 0xffffffffffffffffn;

/** Bits of QEMU that this machine has not (interrupts, switches), or that QEMU keeps against the manual. */
const otherwise = {
  uxl: 3n << 32n,
  ialign: 1n,
  interrupts: ~0xaaan,
  switches: 0xf0n | (1n << 60n),
  address: ~0n << 54n,
};

/** Registers, the values to write one after the other, and bits that are not compared. */
const writes: readonly [name: string, values: readonly bigint[], otherwise?: bigint][] = [
  // First, since mstatus.FS is cleared below.
  ['frm', [5n, 15n, 0n]],
  ['fflags', [ones, 0n]],
  ['fcsr', [ones, 0n]],
  ['satp', [0x8000000000080210n, 0xa000000000080211n, 0x9fff000000080212n, 0x1000000000000001n, 0x123n, ones, 0n]],
  ['mstatus', [0x7ffen, 0x1000n, 0x800n, 0x1000n, ones, 0x8000000000004000n, 0n], otherwise.uxl],
  ['sstatus', [ones, 0x6000n, 0n], otherwise.uxl],
  ['mtvec', [0x80001234n, 0x80001235n]],
  ['stvec', [0x80001234n, 0x80001235n, 0xffffffff80000000n]],
  ['mepc', [ones, 0x80000003n], otherwise.ialign],
  ['sepc', [ones, 0x80000003n], otherwise.ialign],
  ['mideleg', [ones], otherwise.interrupts],
  ['mie', [ones, 0n], otherwise.interrupts],
  ['sie', [ones, 0n], otherwise.interrupts],
  ['mscratch', [ones, 0x123n]],
  ['sscratch', [ones, 0x123n]],
  ['mcause', [ones, 0x8000000000000007n, 0n]],
  ['scause', [ones, 0n]],
  ['mtval', [ones, 0n]],
  ['stval', [ones, 0n]],
  ['menvcfg', [ones, 0n], otherwise.switches],
  ['senvcfg', [ones, 0n], otherwise.switches],
  ['stimecmp', [ones, 5n]],
  ['pmpcfg0', [0x0fn, 0x1f00n, 0x80n, 0x1fn]],
  ['pmpaddr1', [ones, 0x1234n], otherwise.address],
];

/** Bare-metal: each write, then what the register holds, in hexadecimal on the serial port. */
function program(): string {
  const cases = writes.flatMap(([name, values]) =>
    values.map((value) => `li t0, 0x${value.toString(16)}\ncsrw ${name}, t0\ncsrr a0, ${name}\ncall print`),
  );
  const show = writes.flatMap(([name]) => [`csrr a0, ${name}`, 'call print']);
  return `
.globl _start
_start:
  li t0, 0x6000
  csrs mstatus, t0
  ${show.join('\n  ')}
  ${cases.join('\n  ')}
  li t0, 0x100000
  li t1, 0x5555
  sw t1, 0(t0)
1: j 1b
print:
  li t1, 0x10000000
  li t2, 60
2: srl t3, a0, t2
  andi t3, t3, 15
  li t4, 10
  blt t3, t4, 3f
  addi t3, t3, 39
3: addi t3, t3, 48
  sb t3, 0(t1)
  addi t2, t2, -4
  bgez t2, 2b
  li t3, 10
  sb t3, 0(t1)
  ret
`;
}

function missing(): string | undefined {
  try {
    const version = execFileSync('qemu-system-riscv64', ['--version'], { encoding: 'utf8' });
    return /version 10\./.test(version)
      ? missingTools()
      : `needs qemu-system-riscv64 10: found ${version.split('\n')[0]}`;
  } catch {
    return 'needs qemu-system-riscv64 10: install qemu-system-riscv';
  }
}

/** What the program prints on QEMU, a number a line. */
function run(): bigint[] {
  const folder = mkdtempSync(path.join(tmpdir(), 'csr-'));
  const file = (name: string) => path.join(folder, name);
  try {
    writeFileSync(file('csr.s'), program());
    const prefix = 'riscv64-unknown-elf-';
    execFileSync(`${prefix}as`, ['-march=rv64gc_zicsr', '-mpriv-spec=1.12', '-o', file('csr.o'), file('csr.s')]);
    execFileSync(`${prefix}ld`, ['-Ttext=0x80000000', '-o', file('csr.elf'), file('csr.o')]);
    const machine = ['-machine', 'virt', '-cpu', cpu, '-bios', 'none', '-kernel', file('csr.elf'), '-m', '32M'];
    const options = ['-display', 'none', '-monitor', 'none', '-serial', `file:${file('out')}`];
    execFileSync('qemu-system-riscv64', [...machine, ...options], { timeout: 60_000 });
    const lines = readFileSync(file('out'), 'utf8').trim().split('\n');
    return lines.map((line) => BigInt(`0x${line}`));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("a write leaves in each register what it leaves on QEMU's virt machine", { skip: missing() ?? false }, () => {
  const printed = run();
  const held = new Map(writes.map(([name], index) => [name, printed[index] as bigint]));
  let next = writes.length;
  for (const [name, values, ignored = 0n] of writes) {
    const row = csrNamed(name);
    assert.ok(row);
    for (const value of values) {
      const before = held.get(name) as bigint;
      const expected = printed[next] as bigint;
      const what = `${name}: 0x${value.toString(16)} over 0x${before.toString(16)}`;
      assert.equal(
        (legalise(row, before, value, facts) & ~ignored).toString(16),
        (expected & ~ignored).toString(16),
        what,
      );
      held.set(name, expected);
      next += 1;
    }
  }
  assert.equal(next, printed.length);
});
