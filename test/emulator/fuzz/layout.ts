// Where a random program lies: the pages that it sees in its window, and what is kept of them for its handlers.

import { phys } from '../../../emulator/index.ts';
import { type PagingMode, spanOf } from '../../../emulator/mmu/modes.ts';
import type { Random } from '../../oracle/random.ts';
import { A, D, PageTables, pte, R, TestMemory, U, V, W, X } from '../../support/page-tables.ts';

export const ramBase = 0x8000_0000;
export const ramBytes = 4 << 20;
export const pageBytes = 4096;

/** Physical addresses. `frames`: of each hart, `frameBytes` for M-mode's handler and as many for S-mode's. */
export const places = {
  boot: ramBase,
  handlers: ramBase + 0x1000,
  frames: ramBase + 0x4000,
  tables: ramBase + 0x4_0000,
};
export const frameBytes = 0x100;
/** The PTEs that handlers put back, by page of the window, behind the tables. */
const keptPtes = places.tables + 0x3_0000;
/** The pages of the window, and as many others that may be mapped instead. */
const pool = ramBase + 0x8_0000;

/** Pages of the window: what they hold, and how many. */
const pages = { code: 24, data: 20, device: 2, shared: 1, stack: 16 } as const;
export const codePages = pages.code;
const counts = Object.values(pages);
const firstOf = (kind: keyof typeof pages) =>
  Object.keys(pages)
    .slice(0, Object.keys(pages).indexOf(kind))
    .reduce((sum, _, index) => sum + (counts[index] as number), 0);
export const firstPage = {
  data: firstOf('data'),
  device: firstOf('device'),
  shared: firstOf('shared'),
  stack: firstOf('stack'),
};
const windowPages = counts.reduce((sum, count) => sum + count, 0);
/** Each hart has a part of the stack's pages. */
export const stackBytes = (pages.stack * pageBytes) / 4;

const aclint = 0x0200_0000;
const uart = 0x1000_0000;

export interface Layout {
  /** undefined: in M-mode, where the window is the first half of the pool. */
  readonly mode: PagingMode | undefined;
  /** The window's first address. */
  readonly window: bigint;
  readonly physicalOf: (page: number) => number;
  /** The page that may be mapped instead of this one. */
  readonly twinOf: (page: number) => number;
  /** Where the PTE of a page of the window is, what it is, and what else it may be. */
  readonly pteAt: (page: number) => number;
  readonly ptes: readonly bigint[];
  readonly root: number;
  readonly tables: Uint8Array;
  /** Data that an access may be near to, and what addresses nothing. */
  readonly data: readonly bigint[];
  readonly holes: readonly bigint[];
  /** ACLINT's first register and the UART's. */
  readonly aclint: bigint;
  readonly uart: bigint;
  readonly user: boolean;
}

/** Physical memory alone, by its own addresses. */
export function bareLayout(): Layout {
  const physicalOf = (page: number) => pool + page * pageBytes;
  const data = pages_('data', pages.data).map((page) => BigInt(physicalOf(page)));
  return {
    mode: undefined,
    window: BigInt(pool),
    physicalOf,
    twinOf: physicalOf,
    pteAt: () => 0,
    ptes: [],
    root: 0,
    tables: new Uint8Array(0),
    data: [...data, BigInt(ramBase + ramBytes), BigInt(ramBase + ramBytes)],
    holes: [0n, 0x0a00_0000n, BigInt(ramBase + ramBytes + 0x100)],
    aclint: BigInt(aclint),
    uart: BigInt(uart),
    user: false,
  };
}

const pages_ = (kind: 'data', count: number) => Array.from({ length: count }, (_, index) => firstPage[kind] + index);

/** Pages in any order, of which some are read-only, not mapped, or not accessed yet. `user`: the window is U-mode's. */
export function pagedLayout(mode: PagingMode, user: boolean, random: Random): Layout {
  const memory = new TestMemory(keptPtes + pageBytes - places.tables, BigInt(places.tables));
  const tables = new PageTables(memory, mode);
  const ramPages = spanOf(mode, 1);
  tables.map(BigInt(ramBase), BigInt(ramBase), R | W | X | A | D, 1, Math.ceil(ramBytes / Number(ramPages)));
  const high = mode.vaBits === 32 ? 0xc000_0000n : BigInt.asUintN(64, -1n << BigInt(mode.vaBits - 2));
  const window = random.of([0x4000_0000n, high]);
  const order = Array.from({ length: windowPages }, (_, index) => index);
  for (let left = order.length; left > 1; left -= 1) {
    const other = random.below(left);
    [order[left - 1], order[other]] = [order[other] as number, order[left - 1] as number];
  }
  const physicalOf = (page: number) => {
    if (page === firstPage.device) return aclint;
    if (page === firstPage.device + 1) return uart;
    if (page === firstPage.device - 1) return ramBase + ramBytes - pageBytes;
    return pool + (order[page] as number) * pageBytes;
  };
  const anyone = user ? U : 0n;
  const flagsOf = (page: number) => {
    if (page < codePages) return R | W | X | A | D;
    if (page >= firstPage.data + 3 && page < firstPage.data + 6) return R | A;
    return page < firstPage.device ? random.of([R | W, R | W | X]) | A | D : R | W | A | D;
  };
  const isHole = (page: number) => page === firstPage.data + 8;
  const ptes = order.map((_, page) => (isHole(page) ? 0n : pte(BigInt(physicalOf(page)), flagsOf(page) | anyone | V)));
  for (const [page, entry] of ptes.entries()) tables.setLeaf(window + BigInt(page * pageBytes), 0, entry);
  const pteAt = (page: number) => Number(tables.entryAddress(window + BigInt(page * pageBytes), 0));
  for (const [page, entry] of ptes.entries()) {
    memory.write(phys(BigInt(keptPtes + page * mode.pteSize)), entry, mode.pteSize);
    // The handler puts these back.
    if (page < firstPage.device && random.once(6))
      memory.write(phys(BigInt(pteAt(page))), random.of([0n, entry & ~D, entry & ~A]), mode.pteSize);
  }
  const at = (page: number) => window + BigInt(page * pageBytes);
  return {
    mode,
    window,
    physicalOf,
    twinOf: (page) => pool + (windowPages + page) * pageBytes,
    pteAt,
    ptes,
    root: Number(tables.root),
    tables: memory.bytes,
    data: pages_('data', pages.data).map(at),
    holes: [0n, at(firstPage.data + 8), at(windowPages + 3), 0x8000_0000_0000_0000n].map((hole) =>
      BigInt.asUintN(mode.pteSize * 8, hole),
    ),
    aclint: at(firstPage.device),
    uart: at(firstPage.device + 1),
    user,
  };
}

/** How far a page's PTE is from what handlers put back there. */
export const keptFrom = (layout: Layout) => keptPtes - layout.pteAt(0);
export { windowPages };
