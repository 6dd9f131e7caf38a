// The header of Linux's raw RISC-V `Image` (Linux, Documentation/arch/riscv/boot-image-header.rst).

import type { ByteSource } from './byte-source.ts';

export interface ImageHeader {
  /** Bytes from the RAM's base to the image. */
  readonly textOffset: bigint;
  /** Bytes of memory that the kernel needs from its load address on, .bss included. */
  readonly imageSize: bigint;
}

/** The header, or undefined when the file is not a raw RISC-V Image. */
export function readImageHeader(source: ByteSource): ImageHeader | undefined {
  const bytes = source.read(0, 64);
  if (bytes.length < 64) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, 64);
  // "RSC\x05" identifies it; "RISCV" (deprecated since header version 0.2) is accepted for the older ones.
  const magic2 = view.getUint32(0x38, true) === 0x05435352;
  const magic = view.getBigUint64(0x30, true) === 0x5643534952n;
  if (!magic && !magic2) return undefined;
  return { textOffset: view.getBigUint64(8, true), imageSize: view.getBigUint64(16, true) };
}

/** First bytes of what kernels are packed in, and what unpacks it. */
const packings: readonly (readonly [first: readonly number[], name: string, unpack: string])[] = [
  [[0x1f, 0x8b], 'gzip', 'gunzip'],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a], 'xz', 'unxz'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'zstd', 'unzstd'],
  [[0x42, 0x5a, 0x68], 'bzip2', 'bunzip2'],
  [[0x04, 0x22, 0x4d, 0x18], 'LZ4', 'unlz4'],
];

/** What to do about a file that is neither ELF nor Image: unpack it when it is packed. */
export function packingHint(source: ByteSource): string | undefined {
  const bytes = source.read(0, 8);
  if (bytes[4] === 0x7a && bytes[5] === 0x69 && bytes[6] === 0x6d && bytes[7] === 0x67) {
    return 'it is a self-decompressing EFI image: give the Image or vmlinux of the same build';
  }
  const packing = packings.find(([first]) => first.every((byte, i) => bytes[i] === byte));
  return packing && `it is packed with ${packing[1]}: unpack it first with ${packing[2]}`;
}
