// Linux's RISC-V memory layouts as formulas: what a version of the kernel does with each part of the virtual addresses.
// Source: arch/riscv/include/asm/{pgtable,page,fixmap,kasan}.h of 5.7 to 6.12, and the boot logs of those kernels.
// docs/layouts.md has the resulting tables.

import { type PagingMode, spanOf } from '../../emulator/mmu/modes.ts';
import type { LinuxVersion } from './linux-version.ts';
import { isBefore } from './linux-version.ts';

/** A named part of the virtual addresses. */
export interface Region {
  readonly name: string;
  readonly start: bigint;
  /** In bytes. */
  readonly size: bigint;
  /** Only a page with U = 0 belongs to it: it lies in the user half for a while. */
  readonly kernelPagesOnly?: true;
}

/** All that decides the layout of a running Linux. */
export interface LinuxFacts {
  readonly version: LinuxVersion;
  readonly mode: PagingMode;
  /** Where the linear map begins. */
  readonly pageOffset: bigint;
  /** FIXADDR_SIZE in bytes. */
  readonly fixmapSize: bigint;
  /** STRUCT_PAGE_MAX_SHIFT: ceil(log2(sizeof(struct page))); 6, or 5 on some RV32 kernels. */
  readonly structPageShift: number;
  /** `_start` and `_end`, where the symbols say them. */
  readonly image?: { readonly start: bigint; readonly end: bigint };
  /** Built with KASAN. */
  readonly kasan: boolean;
  /** Built with SPARSEMEM_VMEMMAP. */
  readonly vmemmap: boolean;
}

const KiB = 1n << 10n;
const MiB = 1n << 20n;
const GiB = 1n << 30n;
/** Where 64-bit kernels are linked since 5.13. */
export const LINK_ADDRESS = 0xffffffff80000000n;
const MODULES_FLOOR = LINK_ADDRESS - 2n * GiB;
const BPF_SIZE = 128n * MiB;

/** PAGE_OFFSET of the mode in that version. */
export function pageOffsetOf(version: LinuxVersion, mode: PagingMode): bigint {
  switch (mode.name) {
    case 'Sv32':
      return 0xc0000000n;
    case 'Sv48':
      return 0xffffaf8000000000n;
    case 'Sv57':
      return 0xff60000000000000n;
    case 'Sv39':
      if (isBefore(version, 5, 17)) return 0xffffffe000000000n;
      return isBefore(version, 6, 11) ? 0xffffffd800000000n : 0xffffffd600000000n;
  }
}

/**
 * Whether the fixmap hosts the device tree, and is larger by that: since 6.3, and in the stable
 * branches from about 6.1.26 and 6.2.13 on (the exact numbers matter only until the device tree can be asked).
 */
export function hasFixmapDeviceTree(version: LinuxVersion): boolean {
  if (version.major === 6 && version.minor === 1) return version.patch >= 26;
  if (version.major === 6 && version.minor === 2) return version.patch >= 13;
  return !isBefore(version, 6, 3);
}

/** The fixmap's own 2 MiB (RV32: 4 MiB) and, where it is hosted there, the device tree's 4 MiB. */
export function fixmapSizeOf(mode: PagingMode, deviceTree: boolean): bigint {
  return (mode.name === 'Sv32' ? 4n : 2n) * MiB + (deviceTree ? 4n * MiB : 0n);
}

/** Where the 64-bit KASAN shadow lies from 5.17 on; the linear map ends there at the latest, also without KASAN. */
function kasanSince517(mode: PagingMode): { start: bigint; end: bigint } {
  const rootSpan = spanOf(mode, mode.levels - 1);
  const start = MODULES_FLOOR - (1n << BigInt(mode.vaBits - 4));
  return { start: start - (start % rootSpan), end: MODULES_FLOOR };
}

/** The regions, ascending; the smaller one counts where two overlap (BPF in modules, the image in the linear map). */
export function linuxRegions(facts: LinuxFacts): Region[] {
  const { version, mode, pageOffset, fixmapSize, image } = facts;
  const narrow = mode.name === 'Sv32';
  const top = narrow ? 1n << 32n : 1n << 64n;
  const movedImage = !narrow && !isBefore(version, 5, 13);
  const quarter = !isBefore(version, 5, 17);
  const kernelVirtSize = quarter ? 1n << BigInt(mode.vaBits - 2) : top - pageOffset;
  const regions: Region[] = [];
  const add = (name: string, start: bigint, end: bigint) => regions.push({ name, start, size: end - start });

  const vmalloc = pageOffset - kernelVirtSize / 2n;
  const vmemmap = vmalloc - (1n << BigInt(mode.vaBits - 13 + facts.structPageShift));
  const pci = vmemmap - 16n * MiB;
  const fixmap = pci - fixmapSize;
  add('user', 0n, narrow ? fixmap : 1n << BigInt(mode.vaBits - 1));
  add('fixmap', fixmap, pci);
  add('PCI I/O', pci, vmemmap);
  add('vmemmap', vmemmap, vmalloc);
  add('vmalloc', vmalloc, pageOffset);

  if (!movedImage) add('direct map', pageOffset, top);
  else if (quarter) add('direct map', pageOffset, least(pageOffset + kernelVirtSize, kasanSince517(mode).start));
  else add('direct map', pageOffset, MODULES_FLOOR);

  if (facts.kasan && !narrow) {
    const start = top - (1n << BigInt(mode.vaBits - 1));
    if (quarter) add('KASAN shadow', kasanSince517(mode).start, MODULES_FLOOR);
    else add('KASAN shadow', start, start + (1n << BigInt(mode.vaBits - 4)));
  }

  const imageEnd = image && pageUp(image.end);
  if (movedImage) {
    const start = image?.start ?? LINK_ADDRESS;
    add('modules', imageEnd === undefined ? MODULES_FLOOR : imageEnd - 2n * GiB, start);
    add('BPF', start - BPF_SIZE, start);
    add('kernel image', start, top);
  } else {
    if (!narrow && imageEnd !== undefined) add('modules', most(imageEnd - 2n * GiB, vmalloc), pageOffset);
    add('BPF', pageOffset - BPF_SIZE, pageOffset);
    if (image && imageEnd !== undefined) add('kernel image', image.start, imageEnd);
  }

  if (!isBefore(version, 5, 10) && fixmapSize === fixmapSizeOf(mode, false)) {
    const start = spanOf(mode, mode.levels - 1);
    regions.push({ name: 'early device tree', start, size: 2n * spanOf(mode, 1), kernelPagesOnly: true });
  }
  return regions.sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0));
}

/** The first address of the kernel's half as ptdump counts it (KERN_VIRT_START). */
export function kernelStart(facts: LinuxFacts): bigint {
  const { mode } = facts;
  if (mode.name !== 'Sv32') return (1n << 64n) - (1n << BigInt(mode.vaBits - 1));
  return linuxRegions(facts).find(({ name }) => name === 'fixmap')?.start ?? 0n;
}

function pageUp(address: bigint): bigint {
  return (address + 4n * KiB - 1n) & ~(4n * KiB - 1n);
}

export function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function most(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
