// Ranges of addresses as event expressions write them: ADDRESS[+BYTES][@ROOT:MODE], BYTES with K, M or G.

import { type PhysAddr, plus, type VirtAddr, virt } from '../../../emulator/address.ts';
import type { PagingMode } from '../../../emulator/mmu/modes.ts';
import { UserError } from '../../../emulator/user-error.ts';
import { looksLikePlace, parsePlace } from '../../../kernel/index.ts';
import type { EventNames } from '../expression.ts';

let lastId = 0;

/** Tells points apart in what is found for several of them at once. */
export function nextPointId(): number {
  lastId += 1;
  return lastId;
}

export interface VirtualRange {
  readonly from: VirtAddr;
  /** Inclusive. */
  readonly to: VirtAddr;
  readonly root?: { readonly mode: PagingMode; readonly address: PhysAddr };
}

const units = { '': 1n, k: 1n << 10n, m: 1n << 20n, g: 1n << 30n } as const;

/** Bytes such as `4096`, `0x1000`, `4K`, `2M`, `1G`. */
function bytesOf(text: string): bigint {
  const [, digits, unit = ''] = /^(0x[0-9a-f]+|\d+)([kmg]?)$/i.exec(text) ?? [];
  const bytes = digits === undefined ? 0n : BigInt(digits) * (units[unit.toLowerCase() as keyof typeof units] ?? 1n);
  if (bytes === 0n) throw new UserError(`"${text}" is no number of bytes: write 4096, 0x1000, 4K, 2M or 1G.`);
  return bytes;
}

/** `0x1000`, `0x1000+2M`, `_stext+4K`, `0x1000+2M@0x80210000:sv39`; without BYTES, `size` of them. */
export function virtualRange(text: string, size: bigint, names: EventNames): VirtualRange {
  const [, base = '', bytes, root] = /^([^+@]+)(?:\+([^@]+))?(?:@(.+))?$/.exec(text.replaceAll(' ', '')) ?? [];
  const length = bytes === undefined ? size : bytesOf(bytes);
  const named = looksLikePlace(base) ? undefined : names.valueOf(base);
  if (!looksLikePlace(base) && named === undefined) {
    throw new UserError(
      `"${text}" is no range: "${base}" is neither an address nor a symbol. Write 0xffffffff80000000+2M.`,
    );
  }
  const address = named === undefined ? base.replace(/^va:/i, '') : `0x${named.toString(16)}`;
  const place = parsePlace(root === undefined ? address : `va:${address}@${root}`);
  if (place.space === 'physical')
    throw new UserError(`"${text}": mappings are watched by virtual address; for a physical one write maps:${text}.`);
  if (place.root !== undefined && place.mode === undefined) {
    throw new UserError(`"${text}": the root's paging mode is missing: write @${root}:sv39.`);
  }
  const to = place.address + length - 1n;
  const end = virt(names.xlen === 32 ? BigInt.asUintN(32, to) : BigInt.asUintN(64, to));
  return {
    from: place.address,
    to: end < place.address ? virt(-1) : end,
    ...(place.root !== undefined && place.mode && { root: { mode: place.mode, address: place.root } }),
  };
}

/** `pa:0x10000000`, `pa:0x80200000+2M`; without BYTES, `size` of them. Both ends inclusive. */
export function physicalRange(text: string, size: bigint): { readonly from: PhysAddr; readonly to: PhysAddr } {
  const [, base = '', bytes] = /^([^+]+)(?:\+(.+))?$/.exec(text.replaceAll(' ', '')) ?? [];
  const place = parsePlace(base);
  if (place.space !== 'physical') throw new UserError(`"${text}" is no physical range: write pa:0x80200000+2M.`);
  return { from: place.address, to: plus(place.address, (bytes === undefined ? size : bytesOf(bytes)) - 1n) };
}
