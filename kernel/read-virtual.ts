// Reading a kernel's memory by virtual addresses, before paging is on and after, without effect on the machine.

import { type PhysAddr, plus, type VirtAddr } from '../emulator/address.ts';
import type { Inspection } from '../emulator/inspection.ts';
import { walkMemoryOf } from '../emulator/mmu/regime.ts';
import { walk } from '../emulator/mmu/walk.ts';
import type { AddressSpace } from './space.ts';
import type { KernelImage } from './symbols.ts';

/** Bytes from `va` on, at most `length`; fewer (even none) where nothing is mapped. */
export type ReadVirtual = (va: VirtAddr, length: number) => Uint8Array;

/** Reads inside the loaded image by its load addresses, which hold at all times; elsewhere through the address space. */
export function virtualReader(
  machine: Inspection,
  space: AddressSpace | undefined,
  images: readonly KernelImage[],
): ReadVirtual {
  return (va, length) => {
    const bytes = new Uint8Array(length);
    let done = 0;
    while (done < length) {
      const at = plus(va, done);
      const pa = inImage(images, at) ?? translate(machine, space, at);
      if (pa === undefined) break;
      const part = machine.readPhysical(pa, Math.min(length - done, 4096 - Number(at & 0xfffn)));
      if (part.length === 0) break;
      bytes.set(part, done);
      done += part.length;
    }
    return bytes.subarray(0, done);
  };
}

function inImage(images: readonly KernelImage[], va: VirtAddr): PhysAddr | undefined {
  const image = images.find((candidate) => va >= candidate.va && va < candidate.va + candidate.size);
  return image && plus(image.pa, va - image.va);
}

/** Where `va` is in physical memory, whoever may touch it. */
export function translate(machine: Inspection, space: AddressSpace | undefined, va: VirtAddr): PhysAddr | undefined {
  if (!space) return undefined;
  const anyone = { ...space, privilege: 1, sum: true, mxr: true, hardwareAD: true } as const;
  const memory = walkMemoryOf(machine);
  const readable = walk({ ...memory, refusal: () => undefined }, anyone, va, 'load');
  return readable.ok ? readable.pa : undefined;
}
