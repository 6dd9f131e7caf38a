// Which Linux this is, from its symbols and its memory. Nothing is guessed that can be read: PAGE_OFFSET comes from
// kernel_map, the fixmap's size from where the device tree is mapped; the version decides only what is left.

import { virt } from '../../emulator/address.ts';
import type { PagingMode } from '../../emulator/mmu/modes.ts';
import { littleEndian } from '../../emulator/mmu/regime.ts';
import type { ReadVirtual } from '../read-virtual.ts';
import type { KernelSymbols } from '../symbols.ts';
import { fixmapSizeOf, hasFixmapDeviceTree, type LinuxFacts, linuxRegions, pageOffsetOf } from './linux.ts';
import { type LinuxVersion, versionIn } from './linux-version.ts';

/** The facts of the Linux whose symbols these are, under `mode`; undefined when it is no Linux (or not in memory yet). */
export function detectLinux(symbols: KernelSymbols, mode: PagingMode, read: ReadVirtual): LinuxFacts | undefined {
  const version = versionOf(symbols, read);
  if (!version) return undefined;
  const start = symbols.valueOf('_start');
  const end = symbols.valueOf('_end');
  const facts: LinuxFacts = {
    version,
    mode,
    pageOffset: readPageOffset(symbols, mode, read) ?? pageOffsetOf(version, mode),
    fixmapSize: fixmapSizeOf(mode, hasFixmapDeviceTree(version)),
    structPageShift: 6,
    ...(start !== undefined && end !== undefined && { image: { start, end } }),
    kasan: symbols.valueOf('kasan_early_shadow_page') !== undefined,
    vmemmap: symbols.valueOf('vmemmap_populate') !== undefined,
  };
  return withDeviceTree(facts, deviceTreeAddress(symbols, mode, read));
}

function versionOf(symbols: KernelSymbols, read: ReadVirtual): LinuxVersion | undefined {
  const banner = symbols.valueOf('linux_banner');
  return banner === undefined ? undefined : versionIn(new TextDecoder('latin1').decode(read(virt(banner), 64)));
}

/** The one word of `struct kernel_mapping` that is a PAGE_OFFSET of this mode; its place differs between versions. */
function readPageOffset(symbols: KernelSymbols, mode: PagingMode, read: ReadVirtual): bigint | undefined {
  const address = symbols.valueOf('kernel_map');
  if (address === undefined) return undefined;
  const size = mode.pteSize;
  const bytes = read(virt(address), 7 * size);
  const known = new Set(versionsWithOwnPageOffset.map((version) => pageOffsetOf(version, mode)));
  for (let at = 0; at + size <= bytes.length; at += size) {
    const word = littleEndian(bytes.subarray(at, at + size));
    if (known.has(word)) return word;
  }
  return undefined;
}

const versionsWithOwnPageOffset: readonly LinuxVersion[] = [
  { major: 5, minor: 7, patch: 0 },
  { major: 5, minor: 17, patch: 0 },
  { major: 6, minor: 11, patch: 0 },
];

/** Where the kernel has its device tree mapped, 0 before it knows. */
function deviceTreeAddress(symbols: KernelSymbols, mode: PagingMode, read: ReadVirtual): bigint {
  for (const name of ['initial_boot_params', '_dtb_early_va']) {
    const address = symbols.valueOf(name);
    const value = address === undefined ? 0n : littleEndian(read(virt(address), mode.pteSize));
    if (value !== 0n) return value;
  }
  return 0n;
}

/** Corrects the fixmap's size and the shift by a device tree that is mapped in the last 4 MiB of one of the fixmaps. */
function withDeviceTree(facts: LinuxFacts, deviceTree: bigint): LinuxFacts {
  for (const structPageShift of facts.mode.name === 'Sv32' ? [6, 5] : [6]) {
    const candidate = { ...facts, structPageShift, fixmapSize: fixmapSizeOf(facts.mode, true) };
    const fixmap = linuxRegions(candidate).find(({ name }) => name === 'fixmap');
    if (!fixmap) continue;
    const end = fixmap.start + fixmap.size;
    if (deviceTree >= end - 0x400000n && deviceTree < end) return candidate;
  }
  return facts;
}
