// The .debug_* sections of an ELF as byte sources, decompressed where they were compressed.

import {
  type ByteSource,
  bytesSource,
  type Elf,
  type ElfSection,
  partOf,
  SectionFlag,
  stringAt,
} from '../../emulator/loader/index.ts';
import { DwarfError, within } from './cursor.ts';

/** Decompresses zlib or zstd data, told apart by how it begins, of which the result has `size` bytes. */
export type Inflate = (compressed: Uint8Array, size: number) => Uint8Array;

/** ch_type (System V ABI, "Section Compression"), and how much smaller than its data each can get at most: what claims more lies. */
const compressions: Readonly<Record<number, { readonly name: string; readonly ratio: number }>> = {
  1: { name: 'zlib', ratio: 1032 },
  2: { name: 'zstd', ratio: 32768 },
};

export interface SectionOptions {
  /** Without it compressed sections are a problem. */
  readonly inflate?: Inflate | undefined;
  /** `.dwo` in a file of split debug information. */
  readonly suffix?: '.dwo';
  /** Of a package of split files: where each section's part for one unit is. */
  readonly parts?: ReadonlyMap<string, { readonly offset: number; readonly size: number }>;
  /** Applies the relocations of an object file to a section's bytes. */
  readonly relocate?: (section: ElfSection, bytes: Uint8Array) => Uint8Array;
}

export class DebugSections {
  readonly #elf: Elf;
  readonly #options: SectionOptions;
  readonly #opened = new Map<string, ByteSource>();
  readonly #ahead = new Map<string, ByteSource>();
  readonly #whole = new Map<string, Uint8Array>();
  readonly #strings = { '.debug_str': new Map<number, string>(), '.debug_line_str': new Map<number, string>() };

  constructor(elf: Elf, options: SectionOptions = {}) {
    this.#elf = elf;
    this.#options = options;
  }

  /** The section's bytes; empty when there is no such section. */
  open(name: string): ByteSource {
    const known = this.#opened.get(name);
    if (known) return known;
    // What cannot be decompressed is empty from the second time on.
    this.#opened.set(name, bytesSource(name, new Uint8Array()));
    const source = within(name, () => this.#read(name));
    this.#opened.set(name, source);
    return source;
  }

  /** The same for many small reads that lie near each other, mostly ascending. */
  ahead(name: string): ByteSource {
    let source = this.#ahead.get(name);
    if (!source) {
      source = readAhead(this.open(name));
      this.#ahead.set(name, source);
    }
    return source;
  }

  #read(name: string): ByteSource {
    const { suffix = '', parts } = this.#options;
    const full = `${name}${suffix}`;
    const found = this.#elf.sections.filter((section) => section.name === full || section.name === zName(full));
    // An object file has a section for each of its type units.
    const sources = (this.#elf.object ? found : found.slice(0, 1)).map((section) => this.#stored(name, section));
    const [first = bytesSource(name, new Uint8Array())] = sources;
    const source = sources.length > 1 ? bytesSource(name, joined(sources)) : first;
    const part = parts?.get(name);
    return part ? partOf(source, part.offset, part.size) : source;
  }

  #stored(name: string, section: ElfSection): ByteSource {
    const { relocate } = this.#options;
    const stored = partOf(this.#elf.source, section.offset, section.size);
    const compressed = (section.flags & SectionFlag.compressed) !== 0;
    let source = stored;
    if (section.name.startsWith('.z')) source = this.#inflateOld(name, stored);
    else if (compressed) source = this.#decompress(name, stored);
    return relocate ? bytesSource(name, relocate(section, source.read(0, source.size))) : source;
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

  /** SHF_COMPRESSED: a header that tells how, and the size. */
  #decompress(name: string, source: ByteSource): ByteSource {
    const size = this.#elf.xlen === 64 ? 24 : 12;
    const header = source.read(0, size);
    if (header.length < size) throw new DwarfError('it is truncated');
    const view = new DataView(header.buffer, header.byteOffset, header.length);
    const whole = this.#elf.xlen === 64 ? Number(view.getBigUint64(8, true)) : view.getUint32(4, true);
    return this.#inflated(name, view.getUint32(0, true), source.read(size, source.size - size), whole);
  }

  /** GNU's way before that: a section `.zdebug_…` that begins with `ZLIB` and the size, big-endian. */
  #inflateOld(name: string, source: ByteSource): ByteSource {
    const header = source.read(0, 12);
    if (header.length < 12) throw new DwarfError('it is truncated');
    const view = new DataView(header.buffer, header.byteOffset, header.length);
    return this.#inflated(name, 1, source.read(12, source.size - 12), Number(view.getBigUint64(4)));
  }

  #inflated(name: string, type: number, compressed: Uint8Array, size: number): ByteSource {
    const compression = compressions[type];
    if (!compression || !this.#options.inflate) {
      throw new DwarfError('it is compressed in a way that cannot be read: link with --compress-debug-sections=zlib');
    }
    const damaged = `its ${compression.name} data is damaged`;
    if (size > compressed.length * compression.ratio + 64) throw new DwarfError(damaged);
    let bytes: Uint8Array;
    try {
      bytes = this.#options.inflate(compressed, size);
    } catch {
      throw new DwarfError(damaged);
    }
    if (bytes.length !== size) throw new DwarfError(damaged);
    return bytesSource(name, bytes);
  }
}

/** Keeps some bytes behind those that were read last. */
function readAhead(source: ByteSource): ByteSource {
  let [start, block]: [number, Uint8Array] = [0, new Uint8Array()];
  return {
    ...source,
    read(offset, length) {
      const isHere = offset >= start && offset + length <= start + block.length;
      if (!isHere) [start, block] = [offset, source.read(offset, Math.max(length, aheadBytes))];
      return block.subarray(offset - start, offset - start + length);
    },
  };
}

const aheadBytes = 1 << 15;

function zName(name: string): string {
  return `.z${name.slice(1)}`;
}

function joined(sources: readonly ByteSource[]): Uint8Array {
  const bytes = new Uint8Array(sources.reduce((sum, { size }) => sum + size, 0));
  let at = 0;
  for (const source of sources) {
    bytes.set(source.read(0, source.size), at);
    at += source.size;
  }
  return bytes;
}
