// What Linux does to its map by design, and when: such findings are told as notes, with the reason.

import { virt } from '../../emulator/address.ts';
import type { Inspection } from '../../emulator/inspection.ts';
import { littleEndian } from '../../emulator/mmu/regime.ts';
import type { LinuxFacts } from '../layouts/linux.ts';
import { isBefore, versionText } from '../layouts/linux-version.ts';
import { virtualReader } from '../read-virtual.ts';
import type { AddressSpace } from '../space.ts';
import { type KernelImage, type KernelSymbols, physicalNamer } from '../symbols.ts';
import type { RawFinding } from './finding.ts';

/** How far a Linux is: its first tables; its own ones before the kernel seals them; all done. */
export type LinuxStage = 'early map' | 'map before mark_rodata_ro' | 'final map';

export interface LinuxProfile {
  readonly facts: LinuxFacts;
  readonly stage: LinuxStage;
  /** `Linux 6.12.107, final map`. */
  readonly title: string;
}

/** enum system_states: from here on the kernel has sealed its sections. */
const SYSTEM_RUNNING = 3n;
const earlyRoots = ['early_pg_dir', 'trampoline_pg_dir'];

export function linuxProfile(
  machine: Inspection,
  space: AddressSpace,
  facts: LinuxFacts,
  symbols: KernelSymbols,
  images: readonly KernelImage[],
): LinuxProfile {
  const root = images.map((image) => physicalNamer(symbols, image)(space.root)).find((name) => name !== undefined);
  const stage = root !== undefined && earlyRoots.includes(root) ? 'early map' : stageOf(machine, symbols, images);
  return { facts, stage, title: `Linux ${versionText(facts.version)}, ${stage}` };
}

function stageOf(machine: Inspection, symbols: KernelSymbols, images: readonly KernelImage[]): LinuxStage {
  const address = symbols.valueOf('system_state');
  const bytes = address === undefined ? undefined : virtualReader(machine, undefined, images)(virt(address), 4);
  const running = bytes?.length === 4 && littleEndian(bytes) >= SYSTEM_RUNNING;
  return running ? 'final map' : 'map before mark_rodata_ro';
}

/** Why Linux has this by design; undefined = it should not be so. `region` names what is there. */
export function explainedByLinux(
  { rule, what }: RawFinding,
  { stage, facts }: LinuxProfile,
  region: string,
): string | undefined {
  switch (rule) {
    case 'writable-and-executable':
    case 'text-writable':
    case 'rodata-writable':
      return protection(stage, facts, region);
    case 'no-guard-page':
      if (!/init_thread_union|init_stack/.test(what)) return undefined;
      return 'the stack of the first task is part of the image; the stacks of all others are vmalloc areas with guard pages (CONFIG_VMAP_STACK)';
    case 'page-outside-memory':
      if (!/fixmap|early device tree/.test(region)) return undefined;
      return 'Linux maps the device tree in two whole superpages, and it lies at the end of RAM';
    case 'memory-uncached':
    case 'alias-types':
      if (!region.includes('vmalloc')) return undefined;
      return 'memory for the DMA of devices without dma-coherent is mapped uncached a second time (dma_alloc_coherent); the direct map keeps the cached one, which Linux does not use meanwhile';
    default:
      return undefined;
  }
}

function protection(stage: LinuxStage, { version }: LinuxFacts, region: string): string | undefined {
  if (stage === 'early map')
    return 'the first tables map the whole image RWX: Linux moves on to swapper_pg_dir, with rights by section';
  if (stage === 'map before mark_rodata_ro')
    return 'Linux seals its sections with mark_rodata_ro, at the end of the boot';
  if (isBefore(version, 5, 11) && /^\.(head|init)/.test(region))
    return 'mark_rodata_ro of Linux up to 5.10 seals .text, .rodata and .data, and leaves the head and init sections before them as they were';
  return undefined;
}
