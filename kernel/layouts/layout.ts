// Names for what is mapped: a section of the kernel, a region of its layout, a device, or plain RAM.

import { type PhysAddr, plus, type VirtAddr } from '../../emulator/address.ts';
import type { PhysicalRegion } from '../../emulator/inspection.ts';
import type { MapRun } from '../run.ts';
import { imageAddress, type KernelImage, type KernelSection } from '../symbols.ts';
import { least, type Region } from './linux.ts';

export interface LayoutParts {
  /** `Linux 6.12.107, Sv57`, or `generic`. */
  readonly title: string;
  readonly regions: readonly Region[];
  readonly sections: readonly KernelSection[];
  /** Where the image's parts are loaded, so that its sections can be named behind other addresses too. */
  readonly images: readonly KernelImage[];
  /** The physical address space. */
  readonly memory: readonly PhysicalRegion[];
}

export class Layout {
  readonly title: string;
  /** Ascending; empty when the kernel's layout is not known. */
  readonly regions: readonly Region[];
  readonly #parts: LayoutParts;

  constructor(parts: LayoutParts) {
    this.title = parts.title;
    this.regions = parts.regions;
    this.#parts = parts;
  }

  /** The name of one address; empty when there is none. `user` = the U bit of its page, where it is known. */
  regionAt(va: VirtAddr, pa?: PhysAddr, user?: boolean): string {
    return this.#name(va, pa, 1n, 1n, user);
  }

  /** The name of a run: all its sections, or region and, in brackets, what is physically there. */
  nameOf(run: NamedRun): string {
    return this.#name(run.va, run.pa, run.size, run.pageSize ?? 0x1000n, run.u);
  }

  #name(va: VirtAddr, pa: PhysAddr | undefined, size: bigint, leaf: bigint, user: boolean | undefined): string {
    if (user !== true || this.#isLoadedAt(va, pa)) {
      const sections = sectionsText(this.#sectionsIn(va, size).filter((section) => this.#isItself(section, va, pa)));
      const lastLeaf = this.#regionOf(plus(va, size - leaf), user);
      if (sections) return lastLeaf?.name === 'direct map' ? `${sections}, direct map` : sections;
    }
    const region = this.#regionOf(va, user)?.name;
    if (pa === undefined) return region ?? '';
    const there = this.#parts.memory.find(({ base, size }) => pa >= base && pa < base + size);
    const identity = BigInt(va) === BigInt(pa) && (region === undefined || (region === 'user' && user === false));
    if (there?.kind === 'device') return region === undefined || identity ? there.name : `${region} (${there.name})`;
    const place = identity ? 'identity map' : region;
    const sections = user === true ? '' : this.#sectionsBehind(pa, size);
    if (place && sections) return `${place} (${sections})`;
    return place ?? (sections || there?.name || '');
  }

  /** Whether the image has a part with this link address and this load address: a user program inside the kernel's file. */
  #isLoadedAt(va: VirtAddr, pa: PhysAddr | undefined): boolean {
    return pa !== undefined && this.#parts.images.some((image) => imageAddress(image, pa) === va);
  }

  /** Whether a run shows a section's own memory, rather than other memory at the section's link address. */
  #isItself(section: KernelSection, va: VirtAddr, pa: PhysAddr | undefined): boolean {
    const image = this.#parts.images.find((part) => section.va >= part.va && section.va < part.va + part.size);
    if (!image || pa === undefined) return true;
    return section.va - image.va + image.pa === section.va - va + pa;
  }

  #regionOf(va: VirtAddr, user: boolean | undefined): Region | undefined {
    let found: Region | undefined;
    for (const region of this.regions) {
      if (va < region.start || va >= region.start + region.size) continue;
      if (region.kernelPagesOnly && user !== false) continue;
      if (!found || region.size < found.size) found = region;
    }
    return found;
  }

  #sectionsIn(va: bigint, size: bigint): KernelSection[] {
    const end = va + size;
    return this.#parts.sections
      .filter((section) => section.size > 0n && section.va < end && section.va + section.size > va)
      .sort((a, b) => (a.va < b.va ? -1 : 1));
  }

  /** The sections loaded in physical memory that lies in the image from end to end. */
  #sectionsBehind(pa: PhysAddr, size: bigint): string {
    const images = [...this.#parts.images].sort((a, b) => (a.pa < b.pa ? -1 : 1));
    const [lowest, highest] = [images[0], images.at(-1)];
    if (!lowest || !highest || pa < lowest.pa || pa + size > highest.pa + highest.size) return '';
    const sections = images.flatMap((image) => {
      const from = pa > image.pa ? pa - image.pa : 0n;
      const to = least(pa + size - image.pa, image.size);
      return from < to ? this.#sectionsIn(image.va + from, to - from) : [];
    });
    return sectionsText(sections);
  }
}

/** What a name depends on; without `pageSize` the leaves are taken to be of 4 KiB. */
export type NamedRun = Pick<MapRun, 'va' | 'pa' | 'size' | 'u'> & Partial<Pick<MapRun, 'pageSize'>>;

/** `.text`; `.head.text, .text`; `.rodata … .bss`. */
function sectionsText(sections: readonly KernelSection[]): string {
  const [first, second] = sections;
  if (!first || !second) return first?.name ?? '';
  return sections.length === 2 ? `${first.name}, ${second.name}` : `${first.name} … ${sections.at(-1)?.name}`;
}
