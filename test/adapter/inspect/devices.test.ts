import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deviceRows } from '../../../debug-adapter/variables/devices.ts';
import type { Row, View } from '../../../debug-adapter/variables/row.ts';
import { createMachine, phys } from '../../../emulator/index.ts';
import { bytesSource } from '../../../emulator/loader/index.ts';

const ram = phys(0x8000_0000);

/** Gives the UART's interrupt source a way to hart 0 in S-mode, and the UART something to say. */
const code = [
  0x0c0002b7, // lui t0, 0xc000
  0x00300313, // li t1, 3
  0x0262a423, // sw t1, 40(t0): priority of source 10
  0x0c0023b7, // lui t2, 0xc002
  0x40000313, // li t1, 1 << 10
  0x0863a023, // sw t1, 128(t2): enables it for hart 0 S
  0x0c201e37, // lui t3, 0xc201
  0x00100313, // li t1, 1
  0x006e2023, // sw t1, 0(t3): threshold of hart 0 S
  0x10000eb7, // lui t4, 0x10000
  0x00200313, // li t1, 2
  0x006e80a3, // sb t1, 1(t4): IER, transmitter empty
  0x0000006f, // j .
];

function viewAfterCode(): View {
  const options = { memory: 4n << 20n, harts: 2, isa: 'rv64gc', mmu: 'sv39' } as const;
  const data = new Uint8Array(Uint32Array.from(code).buffer);
  const machine = createMachine(options, {
    xlen: 64,
    isa: options.isa,
    mmu: options.mmu,
    firmware: 'none',
    privilege: 3,
    entry: ram,
    segments: [{ address: ram, source: bytesSource('code', data), what: 'code' }],
    dtb: phys(0),
    kernel: { start: ram, end: ram },
  });
  machine.run(2 * code.length);
  return { scope: { machine, hart: machine.harts[0] } } as unknown as View;
}

test('the Devices scope shows each device with its registers and what they say', () => {
  const view = viewAfterCode();
  const text = (rows: readonly Row[]) => Object.fromEntries(rows.map(({ name, value }) => [name, value]));
  const registersOf = (name: string) => {
    const row = deviceRows(view).find((candidate) => candidate.name.startsWith(name));
    assert.ok(row?.children, name);
    return text(row.children.rows(view));
  };
  const plic = registersOf('PLIC');
  assert.deepEqual(plic, {
    'source 10 (ns16550a)': 'priority 3, pending, to hart 0 S',
    'hart 0 M': 'threshold 0, nothing to claim',
    'hart 0 S': 'threshold 1, would claim source 10',
    'hart 1 M': 'threshold 0, nothing to claim',
    'hart 1 S': 'threshold 0, nothing to claim',
  });
  const uart = registersOf('ns16550a');
  assert.equal(uart.IER, '0x2  transmitter-empty');
  assert.equal(uart.IIR, '0x2  pending');
  assert.equal(uart.LSR, '0x60  THRE TEMT');
  assert.deepEqual(registersOf('ns16550a'), uart, 'a look changes nothing');
  assert.match(registersOf('ACLINT')['mtimecmp[1]'] ?? '', /never/);
  assert.match(registersOf('Goldfish RTC').TIME_LOW ?? '', /^0x[0-9a-f]+$/);
  assert.notEqual(registersOf('Goldfish RTC').TIME_LOW, '0x0');
  assert.match(registersOf('virtio-mmio 6').DeviceID ?? '', /entropy source/);
});
