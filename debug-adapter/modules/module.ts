// A symbol file and where its program runs. Its own addresses are link addresses; a kernel that has moved (KASLR), a
// firmware that was loaded elsewhere and a position-independent program run `slide` bytes further.

import { type PhysAddr, phys, plus, type VirtAddr, virt } from '../../emulator/address.ts';
import type { KernelImage, KernelSection } from '../../kernel/index.ts';
import type { SymbolFile } from '../../symbols/index.ts';
import type { Sight } from './sight.ts';

/**
 * Where the addresses of a file hold:
 * `kernel`: in every address space, and at the load addresses while paging is off;
 * `user`: only where this very program is mapped, as others have the same addresses;
 * `physical`: in physical memory, as a firmware's do.
 */
export const moduleSpaces = ['kernel', 'user', 'physical'] as const;
export type ModuleSpace = (typeof moduleSpaces)[number];

/** Bytes of code by which a program is told from another one at the same address. */
const SAMPLE = 16;

export class Module {
  /** From 1, in the order of the configuration. */
  readonly id: number;
  readonly file: SymbolFile;
  /** Folder of the file: relative source paths are seen from there. */
  readonly folder: string;
  readonly space: ModuleSpace;
  readonly #given: bigint | undefined;
  #found: bigint | undefined;

  constructor(id: number, file: SymbolFile, folder: string, space: ModuleSpace, slide?: bigint) {
    this.id = id;
    this.file = file;
    this.folder = folder;
    this.space = space;
    this.#given = slide;
  }

  /** Run address − link address. */
  get slide(): bigint {
    return this.#given ?? this.#found ?? 0n;
  }

  /** Whether the slide is known for good: given by the user, or found. */
  get settled(): boolean {
    return (this.#given ?? this.#found) !== undefined;
  }

  /** Takes note of a slide that was found; true when addresses are other ones now. */
  settle(slide: bigint): boolean {
    const before = this.slide;
    this.#found = slide;
    return this.slide !== before;
  }

  /** The machine was reset: nothing has moved yet. */
  reset(): void {
    this.#found = undefined;
  }

  runAddress(link: bigint): VirtAddr {
    return plus(virt(link), this.slide);
  }

  /** The link address of what runs at `address`, whether or not the file has anything there. */
  linkAddress(address: bigint): VirtAddr {
    return plus(virt(address), -this.slide);
  }

  /** Where the instruction or object with this link address is loaded; undefined for what the kernel loads where it likes. */
  loadAddress(link: VirtAddr): PhysAddr | undefined {
    // Kernels allocate memory for their modules.
    if (this.space === 'user' || this.file.object) return undefined;
    if (this.space === 'physical') return this.#holds(link) ? phys(this.runAddress(link)) : undefined;
    return this.file.physicalOf(link);
  }

  /** The link address of what is loaded at `pa`. */
  linkOfLoaded(pa: PhysAddr): VirtAddr | undefined {
    if (this.file.object) return undefined;
    if (this.space === 'kernel') return this.file.linkAddressOf(pa);
    const link = this.linkAddress(pa);
    return this.space === 'physical' && this.#holds(link) ? link : undefined;
  }

  /** Whether it is this program that is mapped at the link address, as far as `sight` can tell. */
  isSeen(link: VirtAddr, sight: Sight): boolean {
    const { file } = this;
    if (!this.#holds(link)) return false;
    const sample = file.sectionAt(link)?.execute ? link : file.entry;
    const here = sight.read(this.runAddress(sample), SAMPLE);
    const own = file.bytesAt(sample, here.length);
    return own.length > 0 && own.every((byte, at) => byte === here[at]);
  }

  /** The parts of the file in the terms of where it runs. */
  get images(): KernelImage[] {
    return this.file.segments.map(({ va, pa, size }) => ({ va: this.runAddress(va), pa, size }));
  }

  get sections(): KernelSection[] {
    return this.file.sections.map(({ name, va, size, write, execute }) => ({
      name,
      va: this.runAddress(va),
      size: BigInt(size),
      write,
      execute,
    }));
  }

  #holds(link: VirtAddr): boolean {
    return this.file.segments.some(({ va, size }) => link >= va && link - va < size);
  }
}
