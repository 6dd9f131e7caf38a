import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { phys } from '../../emulator/address.ts';
import { Bus } from '../../emulator/bus/bus.ts';
import { Aclint } from '../../emulator/devices/aclint.ts';
import { AclintSswi } from '../../emulator/devices/aclint-sswi.ts';
import type { AccessSize } from '../../emulator/devices/device.ts';
import { Disk } from '../../emulator/devices/disk.ts';
import { GoldfishRtc } from '../../emulator/devices/goldfish-rtc.ts';
import { Ns16550a } from '../../emulator/devices/ns16550a.ts';
import { Plic } from '../../emulator/devices/plic.ts';
import { VirtioBlock } from '../../emulator/devices/virtio/block.ts';
import { VirtioMmio } from '../../emulator/devices/virtio/mmio.ts';
import { bytesSource } from '../../emulator/loader/index.ts';
import { Pins, slotParts, TestClock } from './support.ts';

/** A load (without value), a store, or a look at mip (address 0). */
interface Access {
  readonly address: number;
  readonly size: AccessSize;
  readonly value?: bigint;
}

const diskSize = 0x1_2345 * 512;

const mip: Access = { address: 0, size: 8 };
const load = (address: number, size: AccessSize): Access => ({ address, size });
const store = (address: number, size: AccessSize, value: bigint | number): Access => ({
  address,
  size,
  value: BigInt(value),
});

const uart = (register: number, value?: number): Access =>
  value === undefined ? load(0x1000_0000 + register, 1) : store(0x1000_0000 + register, 1, value);
const plic = (offset: number, value?: number): Access =>
  value === undefined ? load(0x0c00_0000 + offset, 4) : store(0x0c00_0000 + offset, 4, value);
const aclint = (offset: number, size: AccessSize, value?: bigint): Access =>
  value === undefined ? load(0x0200_0000 + offset, size) : store(0x0200_0000 + offset, size, value);

const virtio = (slot: number, offset: number, value?: number): Access => {
  const address = 0x1000_1000 + 0x1000 * slot + offset;
  return value === undefined ? load(address, 4) : store(address, 4, value);
};
const rtc = (offset: number, value?: number): Access =>
  value === undefined ? load(0x10_1000 + offset, 4) : store(0x10_1000 + offset, 4, value);

const [IER, IIR, LCR, MCR, LSR, MSR, SCR] = [1, 2, 3, 4, 5, 6, 7] as const;
const machineClaim = 0x20_0004;
const supervisorClaim = 0x20_1004;

/** What the drivers of Linux and xv6 do, and odd accesses. Nothing here is printed: data is sent in loop mode alone. */
const script: readonly Access[] = [
  // QEMU's timer interrupt is pending at power-on, the manual leaves that open.
  aclint(0x4000, 8, -1n),
  // ns16550a: power-on state, scratch, divisor, modem status in loop mode.
  ...[IER, IIR, LCR, MCR, LSR, MSR, SCR].map((register) => uart(register)),
  ...[uart(SCR, 0xa5), uart(SCR), uart(IER, 0xff), uart(IER), uart(IER, 0)],
  ...[
    uart(LCR, 0x83),
    uart(0, 0x34),
    uart(1, 0x12),
    uart(0),
    uart(1),
    load(0x1000_0000, 8),
    uart(LCR, 3),
    uart(LCR),
    uart(IER),
  ],
  ...[0x1a, 0x15, 0x10, 0x1f].flatMap((mcr) => [uart(MCR, mcr), uart(MCR), uart(MSR)]),
  // Data comes back; the FIFOs are found, emptied and turned off again.
  ...[uart(0, 0x55), uart(LSR), uart(0), uart(LSR)],
  ...[uart(IIR, 1), uart(IIR), uart(0, 1), uart(0, 2), uart(0, 3), uart(0), uart(LSR), uart(IIR, 3), uart(LSR)],
  ...[uart(0, 4), uart(IIR, 0), uart(LSR), uart(IIR)],
  // Interrupts: transmitter empty by enabling and by sending, received data before it.
  ...[uart(IER, 2), uart(IIR), uart(IIR), uart(IER, 0), uart(IER, 2), uart(IIR)],
  ...[uart(0, 5), uart(IIR), uart(IIR), uart(IER, 3), uart(IIR), uart(0), uart(IIR), uart(IER, 0), uart(IIR)],
  // Sizes and holes.
  ...[load(0x1000_0005, 1), load(0x1000_0004, 2), load(0x1000_0004, 4)],
  ...[load(0x1000_0008, 1), store(0x1000_0008, 1, 0)],

  // PLIC: registers, then the UART's interrupt on its way to M-mode and S-mode. (QEMU looks at a new enable bit only when
  // a wire moves or a threshold is written.)
  ...[plic(4, 0xff), plic(4), plic(4, 0), plic(0, 1), plic(0), plic(4 * 95, 3), plic(4 * 95), plic(0x1000)],
  ...[plic(0x2000, 0xffff_fffe), plic(0x2000), plic(0x2008), plic(0x2000, 0), plic(0x20_0000, 9), plic(0x20_0000)],
  ...[load(0x0c00_0000, 8), load(0x0c00_0004, 1), store(0x0c00_0004, 2, 1)],
  ...[plic(0x20_0000, 0), plic(4 * 10, 1), plic(0x2080, 1 << 10), plic(0x2000, 1 << 10), uart(IER, 2)],
  ...[plic(0x1000), mip, plic(0x20_1000, 1), mip, plic(0x20_1000, 0), mip],
  ...[plic(machineClaim), mip, plic(0x1000), plic(supervisorClaim), plic(machineClaim), plic(supervisorClaim)],
  ...[
    uart(IIR),
    plic(machineClaim, 10),
    mip,
    plic(0x1000),
    uart(IER, 0),
    uart(IER, 2),
    mip,
    plic(supervisorClaim),
    mip,
  ],
  ...[uart(IER, 0), plic(supervisorClaim, 10), mip, plic(supervisorClaim), plic(0x2000, 0), plic(0x2080, 0)],

  // ACLINT.
  ...[aclint(0, 4, 1n), mip, aclint(0, 4), aclint(0, 4, 0xfffffffen), mip, aclint(0, 4), aclint(0, 8), aclint(0, 1)],
  ...[aclint(0x4000, 8, -1n), mip, aclint(0x4000, 4), aclint(0x4004, 4, 0x1234n), aclint(0x4000, 8), aclint(0x4000, 2)],
  ...[aclint(0x4000, 8, 0n), mip, aclint(0x4000, 8, -1n), mip, aclint(0xbffc, 4), aclint(0x4100, 4)],

  // virtio-mmio: an empty slot, then the block device up to its queue. (Where QEMU has longer queues, features of its own
  // and feature words without a number, we differ.)
  ...[0, 4, 8, 0xc, 0x10, 0x34, 0x70, 0x100].map((offset) => virtio(1, offset)),
  ...[virtio(1, 0x70, 1), virtio(1, 0x70)],
  ...[0, 4, 8, 0xc, 0x44, 0x60, 0x70, 0xfc, 0x100, 0x104].map((offset) => virtio(0, offset)),
  ...[load(0x1000_1000, 2)],
  ...[load(0x1000_1100, 1), load(0x1000_1102, 2), store(0x1000_1070, 2, 1), virtio(0, 0x70)],
  ...[virtio(0, 0x30, 9), virtio(0, 0x34), virtio(0, 0x44), virtio(0, 0x30, 0), virtio(0, 0xb0)],
  ...[virtio(0, 0x70, 1), virtio(0, 0x70, 3), virtio(0, 0x24, 1), virtio(0, 0x20, 1), virtio(0, 0x70, 0xb)],
  ...[virtio(0, 0x70), virtio(0, 0x38, 8), virtio(0, 0x80, 0x8000_8000), virtio(0, 0x90, 0x8000_9000)],
  ...[virtio(0, 0xa0, 0x8000_a000), virtio(0, 0x44, 1), virtio(0, 0x44), virtio(0, 0x80), virtio(0, 0x38)],
  ...[virtio(0, 0x70, 0xf), virtio(0, 0x70), virtio(0, 0x60), virtio(0, 0x70, 0), virtio(0, 0x70), virtio(0, 0x44)],

  // Goldfish RTC: an alarm in the past rings and asks for source 11.
  ...[rtc(0x08), rtc(0x0c), rtc(0x10), rtc(0x18), rtc(0x1c), rtc(0x20), load(0x10_1008, 8), store(0x10_1010, 1, 1)],
  ...[rtc(0x0c, 0xffff_ffff), rtc(0x0c), rtc(0x18), rtc(0x10, 3), rtc(0x10), plic(4 * 11, 1), plic(0x2000, 1 << 11)],
  ...[rtc(0x0c, 0), rtc(0x08, 5), rtc(0x08), rtc(0x18), plic(0x1000), mip, rtc(0x1c, 1), plic(machineClaim)],
  ...[plic(machineClaim, 11), plic(0x1000), mip, rtc(0x0c, 0x7fff_ffff), rtc(0x08, 0), rtc(0x18), rtc(0x14, 1)],
  ...[rtc(0x18), rtc(0x00, 0), rtc(0x10, 0), plic(0x2000, 0)],

  // ACLINT SSWI.
  ...[load(0x2f0_0000, 4), store(0x2f0_0000, 4, 2), mip, store(0x2f0_0000, 4, 1), mip, load(0x2f0_0000, 4)],
];

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

function ours(): string[] {
  const pins = new Pins();
  const plicDevice = new Plic(pins);
  const parts = { ...slotParts(), line: plicDevice.line(1) };
  const disk = new Disk({ mode: 'cow', source: bytesSource('disk.img', new Uint8Array(diskSize)) }, () => {});
  const bus = new Bus([
    plicDevice,
    new Ns16550a(plicDevice.line(10), () => {}),
    new Aclint(pins, new TestClock()),
    new AclintSswi(pins),
    new GoldfishRtc(new TestClock(), plicDevice.line(11), 10n ** 18n),
    new VirtioMmio(0, parts, new VirtioBlock(0, disk, () => {})),
    new VirtioMmio(1, parts),
  ]);
  const answer = ({ address, size, value }: Access): bigint => {
    if (address === 0) return BigInt(pins.mip[0] ?? 0);
    const fault = 0xbadn;
    if (value === undefined) return bus.read(phys(address), size) ?? fault;
    return bus.write(phys(address), size, value) ? BigInt.asUintN(64, value) : fault;
  };
  return script.map((access) => answer(access).toString(16).padStart(16, '0'));
}

test("the devices answer as those of QEMU's virt", (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'pagewalk-devices-'));
  try {
    const source = path.join(folder, 'script.c');
    const elf = path.join(folder, 'script');
    writeFileSync(source, program());
    const flags = ['-march=rv64gc', '-mabi=lp64d', '-mcmodel=medany', '-O1', '-ffreestanding', '-nostdlib', '-static'];
    const options = [...flags, '-Wl,-Ttext=0x80000000', '-Wl,--no-warn-rwx-segments', '-o', elf, source];
    const compiled = spawnSync('riscv64-unknown-elf-gcc', options, { encoding: 'utf8' });
    if (compiled.error) return t.skip('needs riscv64-unknown-elf-gcc: apt-get install gcc-riscv64-unknown-elf');
    assert.equal(compiled.status, 0, compiled.stderr);
    const disk = path.join(folder, 'disk.img');
    writeFileSync(disk, new Uint8Array(diskSize));
    const machine = [
      ...['-M', 'virt,aclint=on', '-global', 'virtio-mmio.force-legacy=false', '-bios', 'none', '-display', 'none'],
      ...['-drive', `file=${disk},if=none,format=raw,id=x0`, '-serial', 'stdio', '-monitor', 'none'],
      ...['-device', 'virtio-blk-device,drive=x0,bus=virtio-mmio-bus.0'],
    ];
    const run = spawnSync('qemu-system-riscv64', [...machine, '-kernel', elf], { encoding: 'utf8', timeout: 20_000 });
    if (run.error) return t.skip(`needs qemu-system-riscv64: apt-get install qemu-system-misc (${run.error.message})`);
    const describe = (lines: readonly string[]): string[] =>
      script.map(({ address, size, value }, index) => {
        const what =
          address === 0 ? 'mip' : `${value === undefined ? 'load' : 'store'} ${size} ${address.toString(16)}`;
        return `${index} ${what}: ${lines[index]}`;
      });
    assert.equal(describe(ours()).join('\n'), describe(run.stdout.trim().split(/\r?\n/)).join('\n'));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
