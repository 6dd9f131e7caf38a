// Pieces of real kernels' memory: page tables, the few variables that say the layout, and the kernel's own page-table
// dump of the same moment. See test/kernel/fixtures/README.md.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { inflateSync } from 'node:zlib';
import { type PhysAddr, phys, type VirtAddr, virt } from '../../emulator/address.ts';
import type { PhysicalMemory } from '../../emulator/inspection.ts';
import { modeNamed, type PagingMode } from '../../emulator/mmu/modes.ts';
import type { AddressSpace, KernelImage, KernelSymbols } from '../../kernel/index.ts';

export interface KernelFixture {
  readonly mode: PagingMode;
  readonly space: AddressSpace;
  readonly image: KernelImage;
  readonly symbols: KernelSymbols;
  readonly memory: PhysicalMemory;
  /** The lines that the kernel printed. */
  readonly dump: readonly string[];
}

interface FixtureFile {
  readonly mode: string;
  readonly root: string;
  readonly image: { readonly va: string; readonly pa: string; readonly size: string };
  readonly symbols: Readonly<Record<string, string>>;
  readonly sections: readonly { readonly name: string; readonly va: string; readonly size: string }[];
  readonly pages: readonly string[];
  readonly bytes: string;
  readonly dump: readonly string[];
}

/** The fixture called `name`, such as `linux-6.12-sv57`. */
export function kernelFixture(name: string): KernelFixture {
  const text = readFileSync(path.join('test', 'kernel', 'fixtures', `${name}.json`), 'utf8');
  const file = JSON.parse(text) as FixtureFile;
  const mode = modeNamed(file.mode);
  if (!mode) throw new Error(`${name}: no mode ${file.mode}`);
  return {
    mode,
    space: { mode, root: phys(BigInt(file.root)), pbmt: false, svnapot: true },
    image: { va: virt(BigInt(file.image.va)), pa: phys(BigInt(file.image.pa)), size: BigInt(file.image.size) },
    symbols: symbolsOf(
      new Map(Object.entries(file.symbols).map(([symbol, value]) => [symbol, BigInt(value)])),
      file.sections.map((section) => ({ name: section.name, va: BigInt(section.va), size: BigInt(section.size) })),
    ),
    memory: pagedMemory(file.pages, inflateSync(Buffer.from(file.bytes, 'base64'))),
    dump: file.dump,
  };
}

/** Symbols from a list of names; each reaches to the next one. */
export function symbolsOf(
  values: ReadonlyMap<string, bigint>,
  sections: KernelSymbols['sections'] = [],
): KernelSymbols {
  const descending = [...values].sort((a, b) => (a[1] > b[1] ? -1 : 1));
  return {
    symbolAt(va: VirtAddr) {
      const found = descending.find(([, value]) => value <= va);
      return found && { name: found[0], offset: va - found[1] };
    },
    valueOf: (name) => values.get(name),
    sections,
  };
}

/** Memory that has only these pages; a read that leaves them fails loudly, for nothing else may be looked at. */
function pagedMemory(pages: readonly string[], bytes: Uint8Array): PhysicalMemory {
  const offsets = new Map(pages.map((page, index) => [BigInt(page), index * 4096]));
  return {
    readPhysical(address: PhysAddr, length: number) {
      const offset = offsets.get(address & ~0xfffn);
      if (offset === undefined) throw new Error(`the fixture has no page 0x${address.toString(16)}`);
      const start = offset + Number(address & 0xfffn);
      return bytes.subarray(start, Math.min(start + length, offset + 4096));
    },
  };
}
