// Which Linux this is, from its symbols and its memory. Nothing is guessed that can be read: PAGE_OFFSET comes from
// kernel_map, the fixmap's size from where the device tree is mapped; the version decides only what is left.

import { virt } from '../../emulator/address.ts';
import type { PagingMode } from '../../emulator/mmu/modes.ts';
import { littleEndian } from '../../emulator/mmu/regime.ts';
import type { ReadVirtual } from '../read-virtual.ts';
import type { KernelSymbols } from '../symbols.ts';
import {
  fixmapSizeOf,
  hasFixmapDeviceTree,
  LINK_ADDRESS,
  type LinuxFacts,
  linuxRegions,
  pageOffsetOf,
} from './linux.ts';
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
  return banner === undefined ? undefined : versionIn(String.fromCharCode(...read(virt(banner), 64)));
}

/**
 * How far a 64-bit kernel has moved itself from where it was linked (KASLR), by the virt_addr that it keeps in kernel_map.
 * `linked` are the symbols as the file has them, and `read` must find the image at those addresses. 0 as long as the
 * kernel has not said otherwise.
 */
export function kernelSlide(linked: KernelSymbols, read: ReadVirtual): bigint {
  const start = linked.valueOf('_start');
  const virtAddr = kernelMap(linked, 8, read).find((word) => word >= LINK_ADDRESS && word < LINK_ADDRESS + GiB);
  return start === undefined || virtAddr === undefined || start < LINK_ADDRESS ? 0n : virtAddr - start;
}

const GiB = 1n << 30n;

/** The words of `struct kernel_mapping`; which is which differs between versions, so that they are known by their values. */
function kernelMap(symbols: KernelSymbols, wordSize: 4 | 8, read: ReadVirtual): bigint[] {
  const address = symbols.valueOf('kernel_map');
  const bytes = address === undefined ? new Uint8Array(0) : read(virt(address), 7 * wordSize);
  const words: bigint[] = [];
  for (let at = 0; at + wordSize <= bytes.length; at += wordSize) {
    words.push(littleEndian(bytes.subarray(at, at + wordSize)));
  }
  return words;
}

/** The word that is a PAGE_OFFSET of this mode. */
function readPageOffset(symbols: KernelSymbols, mode: PagingMode, read: ReadVirtual): bigint | undefined {
  const known = new Set(versionsWithOwnPageOffset.map((version) => pageOffsetOf(version, mode)));
  return kernelMap(symbols, mode.pteSize, read).find((word) => known.has(word));
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
