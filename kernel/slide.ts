// How far a relocatable kernel (KASLR) runs from where it was linked, told by the machine alone: an address at which it
// is about to run is mapped to memory of its image.

import { type PhysAddr, plus, type VirtAddr } from '../emulator/address.ts';
import { imageAddress, type KernelImage } from './symbols.ts';

/** How much of the image must have moved as one: more than the page or two of a trampoline. */
const MOVED_TOGETHER = 0x10000n;

/**
 * The slide (run address − link address) that `running` shows, an address that pc or stvec holds. undefined where it
 * shows none: it is not mapped to the image, or means itself as before paging, or is an alias of a few pages only.
 * `images` are the parts of the kernel where it was linked and loaded.
 */
export function slideShownBy(
  running: VirtAddr,
  images: readonly KernelImage[],
  translate: (va: VirtAddr) => PhysAddr | undefined,
): bigint | undefined {
  const pa = translate(running);
  if (pa === undefined || BigInt(pa) === BigInt(running)) return undefined;
  const image = images.find((part) => imageAddress(part, pa) !== undefined);
  if (!image) return undefined;
  const slide = running - (image.va + (pa - image.pa));
  const last = image.size < MOVED_TOGETHER ? image.size - 1n : MOVED_TOGETHER;
  for (const offset of [0n, last]) {
    if (translate(plus(image.va, slide + offset)) !== plus(image.pa, offset)) return undefined;
  }
  return slide;
}
