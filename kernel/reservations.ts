// Memory that the device tree keeps from the kernel: its /reserved-memory nodes and its reservation block.

import { type PhysAddr, phys } from '../emulator/address.ts';
import { dtsText } from '../emulator/firmware/dts.ts';
import { type FdtNode, findNode, readFdt } from '../emulator/firmware/fdt.ts';
import type { Inspection } from '../emulator/inspection.ts';
import { UserError } from '../emulator/user-error.ts';

export interface Reservation {
  /** Of the node, or `reservation block`. */
  readonly name: string;
  readonly base: PhysAddr;
  /** In bytes. */
  readonly size: bigint;
  /** The kernel may not even map it. */
  readonly noMap: boolean;
}

export interface DeviceTree {
  readonly address: PhysAddr;
  /** In bytes. */
  readonly size: bigint;
  readonly reservations: readonly Reservation[];
  /** All of it, as people write device trees. */
  readonly text: string;
}

const LARGEST = 1 << 24;

/** The device tree as it stands in memory now; undefined where there is none, or no longer. */
export function deviceTreeOf(machine: Inspection): DeviceTree | undefined {
  const address = machine.deviceTree;
  if (address === undefined) return undefined;
  const header = machine.readPhysical(address, 8);
  const size = header.length === 8 ? new DataView(header.buffer, header.byteOffset).getUint32(4) : 0;
  if (size === 0 || size > LARGEST) return undefined;
  try {
    const tree = readFdt(machine.readPhysical(address, size));
    const { root, reservations } = tree;
    const block = reservations.map(({ address: base, size: bytes }) => ({
      name: 'reservation block',
      base: phys(base),
      size: bytes,
      noMap: false,
    }));
    return {
      address,
      size: BigInt(size),
      reservations: [...nodesOf(root), ...block],
      get text() {
        return dtsText(tree);
      },
    };
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

function nodesOf(root: FdtNode): Reservation[] {
  const parent = findNode(root, '/reserved-memory');
  if (!parent) return [];
  const [addressCells, sizeCells] = [cells(parent, '#address-cells') ?? 2, cells(parent, '#size-cells') ?? 1];
  return parent.children.flatMap(({ name, properties }) => {
    const reg = properties.get('reg');
    const step = (addressCells + sizeCells) * 4;
    const found: Reservation[] = [];
    for (let at = 0; reg && step > 0 && at + step <= reg.length; at += step) {
      const base = phys(number(reg.subarray(at, at + addressCells * 4)));
      const size = number(reg.subarray(at + addressCells * 4, at + step));
      found.push({ name, base, size, noMap: properties.has('no-map') });
    }
    return found;
  });
}

function cells({ properties }: FdtNode, name: string): number | undefined {
  const bytes = properties.get(name);
  return bytes?.length === 4 ? Number(number(bytes)) : undefined;
}

const number = (bytes: Uint8Array) => bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
