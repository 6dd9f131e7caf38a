// The .debug_* sections of an ELF as byte sources, decompressed where they were compressed.

import { type ByteSource, bytesSource, type Elf, partOf, SectionFlag, stringAt } from '../../emulator/loader/index.ts';
import { DwarfError, within } from './cursor.ts';

/** Decompresses zlib data of which the result has `size` bytes. */
export type Inflate = (compressed: Uint8Array, size: number) => Uint8Array;

/** ch_type (System V ABI, "Section Compression"). */
const zlib = 1;
const zstd = 2;
/** zlib's best case is 1032 to 1: what claims more lies. */
const zlibRatio = 1032;

export class DebugSections {
  readonly #elf: Elf;
  readonly #inflate: Inflate | undefined;
  readonly #opened = new Map<string, ByteSource>();
  readonly #whole = new Map<string, Uint8Array>();
  readonly #strings = { '.debug_str': new Map<number, string>(), '.debug_line_str': new Map<number, string>() };

  constructor(elf: Elf, inflate: Inflate | undefined) {
    this.#elf = elf;
    this.#inflate = inflate;
  }

  /** The section's bytes; empty when there is no such section. */
  open(name: string): ByteSource {
    const known = this.#opened.get(name);
    if (known) return known;
    // What cannot be decompressed is empty from the second time on.
    this.#opened.set(name, bytesSource(name, new Uint8Array()));
    const section = this.#elf.sections.find((candidate) => candidate.name === name);
    if (section) {
      const stored = partOf(this.#elf.source, section.offset, section.size);
      const compressed = (section.flags & SectionFlag.compressed) !== 0;
      this.#opened.set(name, compressed ? within(name, () => this.#decompress(name, stored)) : stored);
    }
    return this.open(name);
  }

  /** The section's link address; 0 where it takes no memory. */
  addressOf(name: string): bigint {
    return this.#elf.sections.find((candidate) => candidate.name === name)?.va ?? 0n;
  }

  /** The whole section, kept: for those that are read everywhere. */
  bytes(name: string): Uint8Array {
    let bytes = this.#whole.get(name);
    if (!bytes) {
      const source = this.open(name);
      bytes = source.read(0, source.size);
      this.#whole.set(name, bytes);
    }
    return bytes;
  }

  /** The string at an offset of .debug_str or .debug_line_str. */
  string(name: '.debug_str' | '.debug_line_str', offset: number): string {
    const known = this.#strings[name];
    let text = known.get(offset);
    if (text === undefined) {
      text = stringAt(this.bytes(name), offset);
      known.set(offset, text);
    }
    return text;
  }

  #decompress(name: string, source: ByteSource): ByteSource {
    const header = source.read(0, this.#elf.xlen === 64 ? 24 : 12);
    if (header.length < (this.#elf.xlen === 64 ? 24 : 12)) throw new DwarfError(`${name} is truncated`);
    const view = new DataView(header.buffer, header.byteOffset, header.length);
    const type = view.getUint32(0, true);
    const size = this.#elf.xlen === 64 ? Number(view.getBigUint64(8, true)) : view.getUint32(4, true);
    if (type === zstd)
      throw new DwarfError(`${name} is compressed with zstd: link with --compress-debug-sections=zlib`);
    if (type !== zlib || !this.#inflate) throw new DwarfError(`${name} is compressed in a way that cannot be read`);
    const compressed = source.read(header.length, source.size - header.length);
    if (size > compressed.length * zlibRatio + 64) throw new DwarfError(`the compressed ${name} is damaged`);
    try {
      return bytesSource(name, this.#inflate(compressed, size));
    } catch {
      throw new DwarfError(`the compressed ${name} is damaged`);
    }
  }
}
