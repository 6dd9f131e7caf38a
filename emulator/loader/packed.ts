// Kernels as boot loaders get them: packed by gzip, or as an EFI application that unpacks itself (Linux, CONFIG_EFI_ZBOOT).

import { UserError } from '../user-error.ts';
import { type ByteSource, bytesSource } from './byte-source.ts';

/** Unpacks gzip and zlib streams; throws what it likes when they are damaged. */
export type Inflate = (bytes: Uint8Array) => Uint8Array;

/** A stretch of a file that holds a packed kernel. */
interface Payload {
  readonly offset: number;
  readonly size: number;
  /** Such as `gzip`, `zstd`. */
  readonly packing: string;
}

/** First bytes of what files are packed in, and what unpacks it. */
const packings: readonly (readonly [first: readonly number[], name: string, unpack: string])[] = [
  [[0x1f, 0x8b], 'gzip', 'gunzip'],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a], 'xz', 'unxz'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'zstd', 'unzstd'],
  [[0x42, 0x5a, 0x68], 'bzip2', 'bunzip2'],
  [[0x04, 0x22, 0x4d, 0x18], 'LZ4', 'unlz4'],
  [[0x02, 0x21, 0x4c, 0x18], 'LZ4', 'unlz4'],
  [[0x5d, 0x00, 0x00], 'lzma', 'unlzma'],
  [[0x89, 0x4c, 0x5a, 0x4f], 'LZO', 'lzop -d'],
];

/** The kernel in a packed file; any other file as it is. A UserError where the packing is not understood, or damaged. */
export function unpacked(source: ByteSource, inflate: Inflate): ByteSource {
  const payload = zbootPayload(source) ?? packedWhole(source);
  if (!payload) return source;
  const { offset, size, packing } = payload;
  if (packing !== 'gzip') {
    throw new UserError(
      `${source.name} is an EFI image that unpacks itself, packed with ${packing}; only gzip is understood here: ` +
        'give the Image or vmlinux of the same build',
    );
  }
  const packed = source.read(offset, size);
  if (packed.length < size) throw damaged(source);
  try {
    return bytesSource(source.name, inflate(packed));
  } catch {
    throw damaged(source);
  }
}

function damaged(source: ByteSource): UserError {
  return new UserError(
    `${source.name} is packed with gzip, but damaged or truncated: copy or build it again, or give the unpacked kernel`,
  );
}

/** The payload that the header of a self-unpacking EFI image names (Linux, drivers/firmware/efi/libstub/zboot-header.S). */
function zbootPayload(source: ByteSource): Payload | undefined {
  const bytes = source.read(0, 56);
  const magic = [0x4d, 0x5a, undefined, undefined, 0x7a, 0x69, 0x6d, 0x67];
  if (bytes.length < 56 || !magic.every((byte, i) => byte === undefined || byte === bytes[i])) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const name = bytes.subarray(24);
  const method = String.fromCharCode(...name.subarray(0, Math.max(0, name.indexOf(0))));
  // `xzkern` and `zstd22` are the build's settings of xz and zstd.
  const packing = method.replace(/^(xz|zstd).*/, '$1');
  return { offset: view.getUint32(8, true), size: view.getUint32(12, true), packing };
}

function packedWhole(source: ByteSource): Payload | undefined {
  return packingOf(source)?.[1] === 'gzip' ? { offset: 0, size: source.size, packing: 'gzip' } : undefined;
}

function packingOf(source: ByteSource) {
  const bytes = source.read(0, 8);
  return packings.find(([first]) => first.every((byte, i) => bytes[i] === byte));
}

/** What to do about a file that is neither ELF nor Image: unpack it when it is packed. */
export function packingHint(source: ByteSource): string | undefined {
  const packing = packingOf(source);
  return packing && `it is packed with ${packing[1]}: unpack it first with ${packing[2]}`;
}
