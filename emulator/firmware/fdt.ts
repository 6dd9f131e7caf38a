// Flattened device trees: read and written whole (Devicetree Specification v0.4, "Flattened Devicetree (DTB) Format",
// version 17).

import { UserError } from '../user-error.ts';

export interface FdtNode {
  /** With its unit address: `cpu@0`; empty for the root. */
  readonly name: string;
  readonly properties: Map<string, Uint8Array>;
  readonly children: FdtNode[];
}

export interface Fdt {
  readonly root: FdtNode;
  /** Memory that the kernel must leave alone. */
  readonly reservations: readonly { readonly address: bigint; readonly size: bigint }[];
  /** boot_cpuid_phys: the reg of the hart that boots. */
  readonly bootHart: number;
}

/** A property as people write it: strings, cells of 32 bits, a 64-bit pair of cells among them as bigint, raw bytes, or just there. */
export type PropertyValue = string | readonly string[] | readonly (number | bigint)[] | Uint8Array | true;

const magic = 0xd00dfeed;
const headerSize = 40;
const [beginNode, endNode, property, nop, end] = [1, 2, 3, 4, 9] as const;

export function propertyBytes(value: PropertyValue): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (value === true) return new Uint8Array();
  const out = new Writer();
  for (const part of typeof value === 'string' ? [value] : value) {
    if (typeof part === 'string') out.text(part);
    else if (typeof part === 'bigint') out.word64(part);
    else out.word(part);
  }
  return out.take();
}

export function node(
  name: string,
  properties: Readonly<Record<string, PropertyValue>>,
  children: FdtNode[] = [],
): FdtNode {
  const bytes = Object.entries(properties).map(([key, value]) => [key, propertyBytes(value)] as const);
  return { name, properties: new Map(bytes), children };
}

/** A device tree of these nodes as the bytes that firmware hands to a kernel. */
export function writeFdt(tree: Fdt): Uint8Array {
  const structure = new Writer();
  const strings = new Writer();
  const offsets = new Map<string, number>();
  const nameOffset = (name: string): number => {
    const known = offsets.get(name);
    if (known !== undefined) return known;
    const offset = strings.length;
    offsets.set(name, offset);
    strings.text(name);
    return offset;
  };
  const writeNode = (item: FdtNode): void => {
    structure.word(beginNode);
    structure.text(item.name);
    structure.align(4);
    for (const [name, bytes] of item.properties) {
      structure.word(property);
      structure.word(bytes.length);
      structure.word(nameOffset(name));
      structure.bytes(bytes);
      structure.align(4);
    }
    for (const child of item.children) writeNode(child);
    structure.word(endNode);
  };
  writeNode(tree.root);
  structure.word(end);

  const structureAt = headerSize + 16 * (tree.reservations.length + 1);
  const stringsAt = structureAt + structure.length;
  const out = new Writer();
  const total = stringsAt + strings.length;
  const header = [magic, total, structureAt, stringsAt, headerSize, 17, 16, tree.bootHart];
  for (const word of [...header, strings.length, structure.length]) out.word(word);
  for (const { address, size } of [...tree.reservations, { address: 0n, size: 0n }]) {
    out.word64(address);
    out.word64(size);
  }
  out.bytes(structure.take());
  out.bytes(strings.take());
  return out.take();
}

/** Takes a blob apart. UserError when it is none, or damaged; `name` is the file to blame. */
export function readFdt(blob: Uint8Array, name = 'device tree'): Fdt {
  const damaged = (what: string): UserError =>
    new UserError(`${name}: not a usable device tree blob (${what}). Make one with dtc -I dts -O dtb.`);
  const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
  const word = (at: number): number => {
    if (at < 0 || at + 4 > blob.length) throw damaged('it ends too early');
    return view.getUint32(at);
  };
  const word64 = (at: number): bigint => (BigInt(word(at)) << 32n) | BigInt(word(at + 4));
  const text = (at: number): string => {
    const stop = blob.indexOf(0, at);
    if (stop < 0) throw damaged('a name does not end');
    return decodeUtf8(blob.subarray(at, stop));
  };

  if (blob.length < headerSize || word(0) !== magic) throw damaged('its first word is not d00dfeed');
  if (word(24) > 17) throw damaged(`it needs format version ${word(24)}, version 17 is understood`);
  if (word(4) > blob.length) throw damaged(`its header says ${word(4)} bytes, there are ${blob.length}`);

  const reservations: { address: bigint; size: bigint }[] = [];
  for (let at = word(16); word64(at) !== 0n || word64(at + 8) !== 0n; at += 16) {
    reservations.push({ address: word64(at), size: word64(at + 8) });
  }

  const stringsAt = word(12);
  const open: FdtNode[] = [];
  let root: FdtNode | undefined;
  for (let at = word(8); ; ) {
    const token = word(at);
    at += 4;
    if (token === beginNode) {
      const item: FdtNode = { name: text(at), properties: new Map(), children: [] };
      at = aligned(blob.indexOf(0, at) + 1);
      if (open.length === 0 && root) throw damaged('it has two roots');
      root ??= item;
      open.at(-1)?.children.push(item);
      open.push(item);
    } else if (token === property) {
      const [length, nameAt] = [word(at), word(at + 4)];
      at += 8;
      if (at + length > blob.length) throw damaged('it ends too early');
      const holder = open.at(-1);
      if (!holder) throw damaged('a property stands outside of all nodes');
      holder.properties.set(text(stringsAt + nameAt), blob.slice(at, at + length));
      at = aligned(at + length);
    } else if (token === endNode) {
      if (!open.pop()) throw damaged('a node ends that never began');
    } else if (token === end) break;
    else if (token !== nop) throw damaged(`unknown token ${token}`);
  }
  if (!root || open.length > 0) throw damaged('a node does not end');
  return { root, reservations, bootHart: word(28) };
}

/** The node at `/a/b`; names match with or without their unit address. */
export function findNode(root: FdtNode, path: string): FdtNode | undefined {
  let found: FdtNode | undefined = root;
  for (const step of path.split('/').filter(Boolean)) {
    found = found?.children.find((child) => child.name === step || child.name.split('@')[0] === step);
  }
  return found;
}

function aligned(at: number): number {
  return (at + 3) & ~3;
}

/** Grows; big-endian, as everything in a device tree. */
class Writer {
  private readonly out: number[] = [];

  get length(): number {
    return this.out.length;
  }
  word(value: number): void {
    this.out.push((value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
  }
  word64(value: bigint): void {
    this.word(Number(BigInt.asUintN(32, value >> 32n)));
    this.word(Number(BigInt.asUintN(32, value)));
  }
  bytes(bytes: Uint8Array): void {
    for (const byte of bytes) this.out.push(byte);
  }
  /** UTF-8, with its closing zero. */
  text(value: string): void {
    this.bytes(encodeUtf8(value));
    this.out.push(0);
  }
  align(size: number): void {
    while (this.out.length % size) this.out.push(0);
  }
  take(): Uint8Array {
    return Uint8Array.from(this.out);
  }
}

function encodeUtf8(text: string): Uint8Array {
  const letters = Array.from(text, (letter) => letter.charCodeAt(0));
  if (letters.every((letter) => letter < 0x80)) return Uint8Array.from(letters);
  const units = encodeURIComponent(text).match(/%..|./g) ?? [];
  return Uint8Array.from(units, (unit) =>
    unit.length === 3 ? Number.parseInt(unit.slice(1), 16) : unit.charCodeAt(0),
  );
}

function decodeUtf8(bytes: Uint8Array): string {
  const escaped = Array.from(bytes, (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
  try {
    return decodeURIComponent(escaped);
  } catch {
    return String.fromCharCode(...bytes);
  }
}
