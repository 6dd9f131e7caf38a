// Where things are in the physical address space: QEMU's `virt` machine, so that kernels built for it run here unchanged.

import { type PhysAddr, phys } from '../address.ts';

export const ramBase: PhysAddr = phys(0x8000_0000);

export const testFinisher = { base: phys(0x10_0000), size: 0x1000 } as const;
export const rtc = { base: phys(0x10_1000), size: 0x1000, source: 11 } as const;
export const aclint = { base: phys(0x200_0000), size: 0x1_0000 } as const;
export const sswi = { base: phys(0x2f0_0000), size: 0x4000 } as const;
/** `sources`: the highest interrupt source number; source 0 means none. */
export const plic = { base: phys(0xc00_0000), size: 0x60_0000, sources: 95 } as const;
export const uart = { base: phys(0x1000_0000), size: 0x100, source: 10, clockFrequency: 3_686_400 } as const;
/** Slot i is at base + i × size and drives PLIC source firstSource + i. */
export const virtioMmio = { base: phys(0x1000_1000), size: 0x1000, slots: 8, firstSource: 1 } as const;

/** Ticks of mtime a second. */
export const timebaseFrequency = 10_000_000;
