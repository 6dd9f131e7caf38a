// What this room asks of a kernel's symbols. The symbols room satisfies it; so does a handful of lines in a test.

import type { PhysAddr, VirtAddr } from '../emulator/address.ts';

/** Names of a kernel, at the virtual addresses it runs at (a slid kernel's symbols come slid). */
export interface KernelSymbols {
  /** The symbol that holds `va`. */
  symbolAt(va: VirtAddr): { readonly name: string; readonly offset: bigint } | undefined;
  /** The value of the symbol called `name`. */
  valueOf(name: string): bigint | undefined;
  /** The sections that occupy memory. */
  readonly sections: readonly KernelSection[];
}

export interface KernelSection {
  readonly name: string;
  readonly va: bigint;
  /** In bytes. */
  readonly size: bigint;
  /** The ELF's flags, where it is known. */
  readonly write?: boolean;
  readonly execute?: boolean;
}

/** Where a kernel's image lies: the virtual address of its first byte, as its symbols have it, and the physical one. */
export interface KernelImage {
  readonly va: VirtAddr;
  readonly pa: PhysAddr;
  /** In bytes. */
  readonly size: bigint;
}

/** `name` or `name+0x58`. */
export function symbolText(symbol: { readonly name: string; readonly offset: bigint }): string {
  return symbol.offset === 0n ? symbol.name : `${symbol.name}+0x${symbol.offset.toString(16)}`;
}

/** The virtual address that `pa` has inside the image. */
export function imageAddress(image: KernelImage, pa: PhysAddr): VirtAddr | undefined {
  const offset = pa - image.pa;
  return offset >= 0n && offset < image.size ? ((image.va + offset) as VirtAddr) : undefined;
}

/** A function that names the object which begins at a physical address of the image: `swapper_pg_dir`. */
export function physicalNamer(symbols: KernelSymbols, image: KernelImage): (pa: PhysAddr) => string | undefined {
  return (pa) => {
    const va = imageAddress(image, pa);
    const symbol = va === undefined ? undefined : symbols.symbolAt(va);
    return symbol?.offset === 0n ? symbol.name : undefined;
  };
}
