// The header of Linux's raw RISC-V `Image` (Linux, Documentation/arch/riscv/boot-image-header.rst).

import type { ByteSource } from './byte-source.ts';

export interface ImageHeader {
  /** Bytes from the RAM's base to the image. */
  readonly textOffset: bigint;
  /** Bytes of memory that the kernel needs from its load address on, .bss included. */
  readonly imageSize: bigint;
  /** As Linux's text_offset tells it, 2 MiB on RV64 and 4 MiB on RV32 (arch/riscv/kernel/head.S); else undefined. */
  readonly xlen: 32 | 64 | undefined;
}

const widths = new Map<bigint, 32 | 64>([
  [0x200000n, 64],
  [0x400000n, 32],
]);

/** The header, or undefined when the file is not a raw RISC-V Image. */
export function readImageHeader(source: ByteSource): ImageHeader | undefined {
  const bytes = source.read(0, 64);
  if (bytes.length < 64) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, 64);
  // "RSC\x05" identifies it; "RISCV" (deprecated since header version 0.2) is accepted for the older ones.
  const magic2 = view.getUint32(0x38, true) === 0x05435352;
  const magic = view.getBigUint64(0x30, true) === 0x5643534952n;
  if (!magic && !magic2) return undefined;
  const textOffset = view.getBigUint64(8, true);
  return { textOffset, imageSize: view.getBigUint64(16, true), xlen: widths.get(textOffset) };
}
