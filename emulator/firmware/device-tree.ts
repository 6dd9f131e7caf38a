// The device tree of the machine, compatible with QEMU's `virt` (bindings: Linux Documentation/devicetree/bindings).

import { type PhysAddr, plus } from '../address.ts';
import {
  aclint,
  plic,
  ramBase,
  rtc,
  sswi,
  testFinisher,
  timebaseFrequency,
  uart,
  virtioMmio,
} from '../devices/memory-map.ts';
import { cacheBlockBytes } from '../isa/cache-blocks.ts';
import { isaText, parseIsa } from '../isa/isa-string.ts';
import type { PagingHardware } from '../mmu/modes.ts';
import { type FdtNode, findNode, node, type PropertyValue, propertyBytes, readFdt, writeFdt } from './fdt.ts';

export interface Initrd {
  readonly start: PhysAddr;
  /** The first byte behind it. */
  readonly end: PhysAddr;
}

/** What the boot loader tells the kernel in `/chosen`. */
export interface Chosen {
  readonly bootargs?: string;
  readonly initrd?: Initrd;
}

export interface DeviceTreeOptions extends Chosen {
  readonly harts: number;
  /** ISA string, such as `rv64imafdc_zicntr_sstc`. */
  readonly isa: string;
  /** Widest paging mode of the harts. */
  readonly mmu: PagingHardware;
  /** Bytes of RAM. */
  readonly memory: bigint;
}

/** Interrupt numbers of a hart's local interrupt controller. */
const local = { ssip: 1, msip: 3, mtip: 7, seip: 9, meip: 11 };

const plicPhandle = 1;
const finisherPhandle = 2;
const cpuPhandle = (hart: number): number => 3 + 2 * hart;
const intcPhandle = (hart: number): number => 4 + 2 * hart;

export function buildDeviceTree(options: DeviceTreeOptions): Uint8Array {
  const harts = Array.from({ length: options.harts }, (_, hart) => hart);
  const serial = `/soc/serial@${uart.base.toString(16)}`;
  const root = node(
    '',
    { '#address-cells': [2], '#size-cells': [2], compatible: 'riscv-virtio', model: 'pagewalk,virt' },
    [
      node('chosen', { 'stdout-path': serial, ...chosenProperties(options) }),
      node('aliases', { serial0: serial }),
      node(`memory@${ramBase.toString(16)}`, { device_type: 'memory', reg: [ramBase, options.memory] }),
      node('cpus', { '#address-cells': [1], '#size-cells': [0], 'timebase-frequency': [timebaseFrequency] }, [
        ...harts.map((hart) => cpu(hart, options)),
        node('cpu-map', {}, [
          node(
            'cluster0',
            {},
            harts.map((hart) => node(`core${hart}`, { cpu: [cpuPhandle(hart)] })),
          ),
        ]),
      ]),
      node('poweroff', { compatible: 'syscon-poweroff', regmap: [finisherPhandle], offset: [0], value: [0x5555] }),
      node('reboot', { compatible: 'syscon-reboot', regmap: [finisherPhandle], offset: [0], value: [0x7777] }),
      node('soc', { '#address-cells': [2], '#size-cells': [2], compatible: 'simple-bus', ranges: true }, soc(harts)),
    ],
  );
  return writeFdt({ root, reservations: [], bootHart: 0 });
}

/**
 * A user's device tree with the command line and initrd of this run in `/chosen`; what is not given stays as it is, and
 * the whole tree to the byte where it says all that already.
 */
export function patchChosen(dtb: Uint8Array, chosen: Chosen, name?: string): Uint8Array {
  const tree = readFdt(dtb, name);
  let target = findNode(tree.root, '/chosen');
  const wanted = Object.entries(chosenProperties(chosen)).map(([key, value]) => [key, propertyBytes(value)] as const);
  if (target && wanted.every(([key, value]) => equalBytes(target?.properties.get(key), value))) return dtb;
  if (!target) {
    target = node('chosen', {});
    tree.root.children.push(target);
  }
  for (const [key, value] of wanted) target.properties.set(key, value);
  return writeFdt(tree);
}

function equalBytes(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && a.length === b.length && a.every((byte, index) => byte === b[index]);
}

function chosenProperties({ bootargs, initrd }: Chosen): Record<string, PropertyValue> {
  return {
    ...(bootargs === undefined ? {} : { bootargs }),
    ...(initrd ? { 'linux,initrd-start': [initrd.start], 'linux,initrd-end': [initrd.end] } : {}),
  };
}

function cpu(hart: number, { isa, mmu }: DeviceTreeOptions): FdtNode {
  const { base, extensions } = isaParts(isa);
  const letters = extensions.filter((name) => name.length === 1).join('');
  const words = extensions.filter((name) => name.length > 1);
  return node(
    `cpu@${hart.toString(16)}`,
    {
      device_type: 'cpu',
      reg: [hart],
      status: 'okay',
      compatible: 'riscv',
      'riscv,isa': [base + letters, ...words].join('_'),
      'riscv,isa-base': `${base}i`,
      'riscv,isa-extensions': extensions,
      ...blockSizes(extensions),
      'mmu-type': `riscv,${mmu === 'bare' ? 'none' : mmu}`,
      phandle: [cpuPhandle(hart)],
    },
    [
      node('interrupt-controller', {
        '#address-cells': [0],
        '#interrupt-cells': [1],
        'interrupt-controller': true,
        compatible: 'riscv,cpu-intc',
        phandle: [intcPhandle(hart)],
      }),
    ],
  );
}

/** `rv64gc_zicntr` → base `rv64` and `i m a f d c zicsr zifencei zicntr`. Paging modes are told by mmu-type instead. */
function isaParts(isa: string): { base: string; extensions: string[] } {
  const [letters = '', ...words] = isaText(parseIsa(isa)).split('_');
  const names = [...letters.slice(4), ...words];
  return { base: letters.slice(0, 4), extensions: names.filter((name) => !/^sv\d/.test(name)) };
}

/** The size of cache blocks, for each extension that operates on them. */
function blockSizes(extensions: readonly string[]): Record<string, PropertyValue> {
  const present = ['cbom', 'cbop', 'cboz'].filter((name) => extensions.includes(`zi${name}`));
  return Object.fromEntries(present.map((name) => [`riscv,${name}-block-size`, [cacheBlockBytes]]));
}

function soc(harts: readonly number[]): FdtNode[] {
  const at = (device: { base: PhysAddr; size: number }): PropertyValue => [device.base, BigInt(device.size)];
  const wires = (...interrupts: number[]): number[] =>
    harts.flatMap((hart) => interrupts.flatMap((interrupt) => [intcPhandle(hart), interrupt]));
  const slots = Array.from({ length: virtioMmio.slots }, (_, slot) => {
    const base = plus(virtioMmio.base, slot * virtioMmio.size);
    return node(`virtio_mmio@${base.toString(16)}`, {
      compatible: 'virtio,mmio',
      reg: at({ base, size: virtioMmio.size }),
      interrupts: [virtioMmio.firstSource + slot],
      'interrupt-parent': [plicPhandle],
    });
  });
  return [
    node(`test@${testFinisher.base.toString(16)}`, {
      compatible: ['sifive,test1', 'sifive,test0', 'syscon'],
      reg: at(testFinisher),
      phandle: [finisherPhandle],
    }),
    node(`rtc@${rtc.base.toString(16)}`, {
      compatible: 'google,goldfish-rtc',
      reg: at(rtc),
      interrupts: [rtc.source],
      'interrupt-parent': [plicPhandle],
    }),
    node(`clint@${aclint.base.toString(16)}`, {
      compatible: ['sifive,clint0', 'riscv,clint0'],
      reg: at(aclint),
      'interrupts-extended': wires(local.msip, local.mtip),
    }),
    node(`sswi@${sswi.base.toString(16)}`, {
      compatible: 'riscv,aclint-sswi',
      reg: at(sswi),
      'interrupts-extended': wires(local.ssip),
      '#address-cells': [0],
      '#interrupt-cells': [0],
      'interrupt-controller': true,
    }),
    node(`plic@${plic.base.toString(16)}`, {
      compatible: ['sifive,plic-1.0.0', 'riscv,plic0'],
      reg: at(plic),
      'interrupts-extended': wires(local.meip, local.seip),
      'riscv,ndev': [plic.sources],
      '#address-cells': [0],
      '#interrupt-cells': [1],
      'interrupt-controller': true,
      phandle: [plicPhandle],
    }),
    node(`serial@${uart.base.toString(16)}`, {
      compatible: 'ns16550a',
      reg: at(uart),
      'clock-frequency': [uart.clockFrequency],
      interrupts: [uart.source],
      'interrupt-parent': [plicPhandle],
    }),
    ...slots,
  ];
}
