// The layout of the kernel that is being debugged.

import type { Inspection } from '../../emulator/inspection.ts';
import { virtualReader } from '../read-virtual.ts';
import type { AddressSpace } from '../space.ts';
import type { KernelImage, KernelSymbols } from '../symbols.ts';
import { detectLinux } from './detect-linux.ts';
import { Layout } from './layout.ts';
import { type LinuxFacts, linuxRegions } from './linux.ts';
import { versionText } from './linux-version.ts';

export { detectLinux, kernelSlide } from './detect-linux.ts';
export { Layout, type LayoutParts, type NamedRun } from './layout.ts';
export {
  fixmapSizeOf,
  hasFixmapDeviceTree,
  kernelStart,
  type LinuxFacts,
  linuxRegions,
  pageOffsetOf,
  type Region,
} from './linux.ts';
export { isBefore, type LinuxVersion, versionIn, versionText } from './linux-version.ts';

export interface DetectedLayout {
  readonly layout: Layout;
  /** Of a Linux. */
  readonly linux?: LinuxFacts;
}

/**
 * The layout under `space` (undefined = Bare): Linux's where it is one, else what sections and devices say.
 * `image` says where the kernel's file is loaded: as a whole, or a range for each of its segments.
 */
export function detectLayout(
  machine: Inspection,
  space: AddressSpace | undefined,
  symbols: KernelSymbols,
  image: KernelImage | readonly KernelImage[] | undefined,
): DetectedLayout {
  const { sections } = symbols;
  const images = image === undefined ? [] : [image].flat();
  const parts = { sections, images, memory: machine.regions };
  const linux = space && detectLinux(symbols, space.mode, virtualReader(machine, space, images));
  if (!linux) return { layout: new Layout({ ...parts, title: 'generic', regions: [] }) };
  const title = `Linux ${versionText(linux.version)}, ${linux.mode.name}`;
  return { layout: new Layout({ ...parts, title, regions: linuxRegions(linux) }), linux };
}
