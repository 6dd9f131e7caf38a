// The scope of devices: each with its registers, as a peek finds them, and what they say.

import { hex, type PhysAddr, paText, phys } from '../../emulator/address.ts';
import { plic, rtc, timebaseFrequency, uart, virtioMmio } from '../../emulator/devices/memory-map.ts';
import type { PhysicalRegion } from '../../emulator/inspection.ts';
import { physical, referenceTo } from '../memory/space.ts';
import type { Row, View } from './row.ts';

interface Register {
  readonly name: string;
  readonly offset: number;
  /** In bytes. */
  readonly size: 1 | 4 | 8;
  /** What the value says; absent = nothing but itself. */
  readonly says?: (value: bigint) => string;
}

/** Names of the bits that are set, from bit 0 on; empty names are no bits. */
const bits =
  (...names: readonly string[]) =>
  (value: bigint): string =>
    names.filter((name, bit) => name !== '' && (value >> BigInt(bit)) & 1n).join(' ');

/** PC16550D data sheet, "Registers". */
const uartRegisters: readonly Register[] = [
  { name: 'RBR', offset: 0, size: 1, says: () => 'the next received byte, or the divisor’s low byte (LCR.DLAB)' },
  { name: 'IER', offset: 1, size: 1, says: bits('received', 'transmitter-empty', 'line', 'modem') },
  { name: 'IIR', offset: 2, size: 1, says: (value) => (value & 1n ? 'nothing pending' : 'pending') },
  { name: 'LCR', offset: 3, size: 1, says: bits('', '', 'STB', 'PEN', 'EPS', '', 'break', 'DLAB') },
  { name: 'MCR', offset: 4, size: 1, says: bits('DTR', 'RTS', 'OUT1', 'OUT2', 'loop') },
  { name: 'LSR', offset: 5, size: 1, says: bits('DR', 'OE', 'PE', 'FE', 'BI', 'THRE', 'TEMT') },
  { name: 'MSR', offset: 6, size: 1, says: bits('', '', '', '', 'CTS', 'DSR', 'RI', 'DCD') },
  { name: 'SCR', offset: 7, size: 1 },
];

/** VIRTIO 1.2, "MMIO Device Register Layout" and "Device Status Field". */
const virtioDevices = ['empty slot', 'network card', 'block device', 'console', 'entropy source'];
const virtioStatus = bits('ACKNOWLEDGE', 'DRIVER', 'DRIVER_OK', 'FEATURES_OK', '', '', 'NEEDS_RESET', 'FAILED');
const virtioRegisters: readonly Register[] = [
  { name: 'DeviceID', offset: 0x08, size: 4, says: (value) => virtioDevices[Number(value)] ?? '' },
  { name: 'QueueNumMax', offset: 0x34, size: 4 },
  { name: 'QueueReady', offset: 0x44, size: 4 },
  { name: 'InterruptStatus', offset: 0x60, size: 4, says: bits('used-buffer', 'configuration') },
  { name: 'Status', offset: 0x70, size: 4, says: virtioStatus },
];

/** Goldfish RTC: nanoseconds since 1970; a read of the lower half keeps the upper one for the next read of that. */
const rtcRegisters: readonly Register[] = [
  { name: 'TIME_LOW', offset: 0x00, size: 4 },
  { name: 'TIME_HIGH', offset: 0x04, size: 4, says: () => 'as of the last read of TIME_LOW' },
  { name: 'ALARM_LOW', offset: 0x08, size: 4 },
  { name: 'ALARM_HIGH', offset: 0x0c, size: 4 },
  { name: 'IRQ_ENABLED', offset: 0x10, size: 4 },
  { name: 'ALARM_STATUS', offset: 0x18, size: 4 },
];

function aclintRegisters(harts: number): Register[] {
  const each = (name: string, make: (hart: number) => Omit<Register, 'name'>) =>
    Array.from({ length: harts }, (_, hart) => ({ name: `${name}[${hart}]`, ...make(hart) }));
  const seconds = (value: bigint) => `${(Number(value) / timebaseFrequency).toFixed(6)} s`;
  return [
    { name: 'mtime', offset: 0xbff8, size: 8, says: seconds },
    ...each('mtimecmp', (hart) => ({
      offset: 0x4000 + hart * 8,
      size: 8,
      says: (value) => (value === 0xffff_ffff_ffff_ffffn ? 'never' : seconds(value)),
    })),
    ...each('msip', (hart) => ({ offset: hart * 4, size: 4 })),
  ];
}

/** Every device, in the order of their addresses. */
export function deviceRows(view: View): Row[] {
  const devices = view.scope.machine.regions.filter(({ kind }) => kind === 'device');
  return devices.map((region) => {
    const last = region.base + region.size - 1n;
    return {
      name: `${region.name} ${paText(region.base)}`,
      value:
        region.name === 'PLIC' ? `to ${hex(last)}` : [`to ${hex(last)}`, summaryOf(region)].filter(Boolean).join(', '),
      memoryReference: referenceTo(physical, region.base),
      // The test finisher and SETSSIP have nothing to read.
      ...(registerRows(view, region).length > 0 && { children: { rows: (now) => registerRows(now, region) } }),
    };
  });
}

/** What the device's place in the board says: the interrupt source that it drives. */
function summaryOf({ base }: PhysicalRegion): string {
  const source = sourceOf(base);
  return source === undefined ? '' : `interrupt source ${source}`;
}

function sourceOf(base: bigint): number | undefined {
  if (base === uart.base) return uart.source;
  if (base === rtc.base) return rtc.source;
  const slot = Number(base - virtioMmio.base) / virtioMmio.size;
  return Number.isInteger(slot) && slot >= 0 && slot < virtioMmio.slots ? virtioMmio.firstSource + slot : undefined;
}

function registerRows(view: View, region: PhysicalRegion): Row[] {
  if (region.base === plic.base) return plicRows(view, region);
  return registersOf(view, region).map((register) => registerRow(view, region, register));
}

function registersOf({ scope: { machine } }: View, { name, base }: PhysicalRegion): readonly Register[] {
  if (base === uart.base) return uartRegisters;
  if (base === rtc.base) return rtcRegisters;
  if (name === 'ACLINT') return aclintRegisters(machine.harts.length);
  return sourceOf(base) === undefined ? [] : virtioRegisters;
}

function registerRow(view: View, { base }: PhysicalRegion, { name, offset, size, says }: Register): Row {
  const address = phys(base + BigInt(offset));
  const value = peek(view, address, size);
  const meaning = says?.(value) ?? '';
  return {
    name,
    value: `${hex(value)}${meaning && `  ${meaning}`}`,
    evaluateName: `u${size * 8}[${paText(address)}]`,
    memoryReference: referenceTo(physical, address),
  };
}

function peek({ scope: { machine } }: View, address: PhysAddr, size: number): bigint {
  return machine.readPhysical(address, size).reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

/**
 * RISC-V PLIC specification 1.0.0, "Memory Map": each context's threshold and claim, and the sources that are pending or
 * enabled somewhere. A priority alone says nothing: Linux gives one to every source.
 */
function plicRows(view: View, { base }: PhysicalRegion): Row[] {
  const { machine } = view.scope;
  const word = (offset: number) => peek(view, phys(base + BigInt(offset)), 4);
  const bit = (offset: number, source: number) => (word(offset + (source >> 5) * 4) >> BigInt(source & 31)) & 1n;
  const contexts = machine.harts.flatMap(({ id }) => [`hart ${id} M`, `hart ${id} S`]);
  const sources = Array.from({ length: plic.sources }, (_, index) => index + 1).flatMap((source): Row[] => {
    const priority = word(source * 4);
    const enabled = contexts.filter((_, context) => bit(0x2000 + context * 0x80, source));
    const pending = bit(0x1000, source);
    const driver = machine.regions.find((region) => sourceOf(region.base) === source);
    if (!pending && enabled.length === 0) return [];
    const parts = [`priority ${priority}`, pending ? 'pending' : '', enabled.length ? `to ${enabled.join(', ')}` : ''];
    return [
      {
        name: `source ${source}${driver ? ` (${driver.name})` : ''}`,
        value: parts.filter(Boolean).join(', '),
        evaluateName: `u32[${paText(phys(base + BigInt(source * 4)))}]`,
      },
    ];
  });
  const claims = contexts.map((name, context): Row => {
    const at = 0x20_0000 + context * 0x1000;
    const claim = word(at + 4);
    return { name, value: `threshold ${word(at)}, ${claim ? `would claim source ${claim}` : 'nothing to claim'}` };
  });
  return [...claims, ...sources];
}
