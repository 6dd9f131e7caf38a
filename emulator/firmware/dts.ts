// A device tree as people write it (Devicetree Specification v0.4, chapter 6 "Devicetree Source (DTS) Format").

import type { Fdt, FdtNode } from './fdt.ts';

/** Source that dtc makes the same tree of. */
export function dtsText({ root, reservations }: Fdt): string {
  const kept = reservations.map(({ address, size }) => `/memreserve/ ${hex(address)} ${hex(size)};\n`);
  return `/dts-v1/;\n${kept.join('')}\n${nodeText(root, '/', '')}`;
}

function nodeText({ properties, children }: FdtNode, name: string, indent: string): string {
  const inner = `${indent}\t`;
  const rows = [...properties].map(([key, bytes]) => `${inner}${key}${valueText(bytes)};\n`);
  const nodes = children.map((child) => nodeText(child, child.name, inner));
  return `${indent}${name} {\n${[rows.join(''), ...nodes].filter(Boolean).join('\n')}${indent}};\n`;
}

/** A property has no type: strings where it looks like them, else cells of 32 bits, else bytes. */
function valueText(bytes: Uint8Array): string {
  if (bytes.length === 0) return '';
  const strings = stringsIn(bytes);
  if (strings) return ` = ${strings.map((text) => JSON.stringify(text)).join(', ')}`;
  if (bytes.length % 4 > 0) return ` = [${[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')}]`;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const cells = Array.from({ length: bytes.length / 4 }, (_, index) => hex(BigInt(view.getUint32(index * 4))));
  return ` = <${cells.join(' ')}>`;
}

/** The strings, each ended by NUL, that printable bytes are; undefined for other bytes. */
function stringsIn(bytes: Uint8Array): readonly string[] | undefined {
  if (bytes.at(-1) !== 0 || bytes.some((byte) => byte !== 0 && (byte < 0x20 || byte > 0x7e))) return undefined;
  const letters = Array.from(bytes.subarray(0, -1), (byte) => String.fromCharCode(byte));
  const strings = letters.join('').split('\0');
  return strings.every((text) => text !== '') ? strings : undefined;
}

function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}
