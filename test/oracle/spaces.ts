// Random address spaces: a few tables, filled at the places that the addresses of the accesses lead to. Every physical
// address that a leaf gives is data, or nothing at all.

import { phys, virt } from '../../emulator/address.ts';
import type { AccessRefusal } from '../../emulator/inspection.ts';
import { canonical, decodeSatp, type PagingMode, Sv32, Sv39, Sv48, Sv57, spanOf } from '../../emulator/mmu/modes.ts';
import { littleEndian } from '../../emulator/mmu/regime.ts';
import { type WalkMemory, walk } from '../../emulator/mmu/walk.ts';
import type { Piece } from '../support/qemu.ts';
import { ramBase, ramBytes } from './machines.ts';
import type { Random } from './random.ts';

/** Data, as large as a superpage of every kind can show it. */
export const data = { address: ramBase + 0x80_0000, length: 0x80_0000 } as const;
/** Pages of it that leaves of the last level map. */
export const hotPages = 24;
const tablesAt = ramBase + 0x100_0000;
export const tablesEach = 8;
const PAGE = 4096;
/** Nothing answers there. */
const holes = [0xc000_0000n, 0x7f_8000_0000n, 0xff_ffff_ffff_f000n];
const holesOfSv32 = [0xc000_0000n, 0x1_2345_6000n, 0x2_ffff_f000n];
const holeIn = (mode: PagingMode, random: Random) => random.of(mode === Sv32 ? holesOfSv32 : holes) >> 12n;

/** Indices used at each level, from the last one up: with a superpage above, they still lead into data. */
const indices: readonly (readonly number[])[] = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 15, 16, 511],
  [4, 5, 6, 7],
  [2, 3, 510],
  [0, 255, 511],
  [0, 1, 256, 511],
];
const indicesOfSv32: typeof indices = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 15, 16, 1023],
  [2, 3, 514, 1023],
];

const indicesOf = (mode: PagingMode, level: number) =>
  (mode === Sv32 ? indicesOfSv32 : indices)[level] as readonly number[];

export const modesOf = (xlen: 32 | 64): readonly PagingMode[] => (xlen === 32 ? [Sv32] : [Sv39, Sv48, Sv57]);

export interface Space {
  readonly mode: PagingMode;
  readonly root: number;
  readonly satp: bigint;
  readonly piece: Piece;
}

/** The tables of space number `slot`. */
export function spaceOf(mode: PagingMode, slot: number, random: Random): Space {
  const root = tablesAt + slot * tablesEach * PAGE;
  const bytes = new Uint8Array(tablesEach * PAGE);
  const view = new DataView(bytes.buffer);
  // Table 0 is the root; each other one serves at one level, though any entry may lead to it from a higher one.
  const levelOf = (table: number) => Math.max(0, mode.levels - 1 - table);
  for (let table = 0; table < tablesEach; table += 1) {
    for (const level of table < mode.levels ? [levelOf(table)] : [0, 1]) {
      for (const index of indicesOf(mode, Math.min(level, mode.levels - 1))) {
        const entry = entryOf(mode, level, root, table, random);
        if (mode.pteSize === 8) view.setBigUint64(table * PAGE + index * 8, entry, true);
        else view.setUint32(table * PAGE + index * 4, Number(BigInt.asUintN(32, entry)), true);
      }
    }
  }
  const asid = BigInt(random.below(4));
  const satp =
    mode === Sv32
      ? (1n << 31n) | (asid << 22n) | BigInt(root / PAGE)
      : (BigInt(mode.code) << 60n) | (asid << 44n) | BigInt(root / PAGE);
  return { mode, root, satp, piece: { address: root, bytes } };
}

function entryOf(mode: PagingMode, level: number, root: number, table: number, random: Random): bigint {
  if (random.once(40)) return random.bits64() & ~V;
  const pointer = level > 0 && random.below(4) !== 0;
  return pointer ? pointerEntry(level, root, table, mode, random) : leafEntry(mode, level, random);
}

const V = 1n;
const [R, W, X, U, G, A, D, N] = [2n, 4n, 8n, 16n, 32n, 64n, 128n, 1n << 63n] as const;

function pointerEntry(level: number, root: number, table: number, mode: PagingMode, random: Random): bigint {
  const spare = random.once(4) ? tablesEach - 1 - random.below(tablesEach - mode.levels) : mode.levels - level;
  const next = random.once(30)
    ? holeIn(mode, random)
    : BigInt(root / PAGE + (table === spare ? mode.levels - 1 : spare));
  const odd = random.once(25) ? random.of([U, A, D, A | D, U | A]) : 0n;
  return (next << 10n) | V | (random.once(4) ? G : 0n) | odd | high(mode, random, 60);
}

const permissions = [R, R | W, R | X, X, W, W | X, ...Array.from({ length: 8 }, () => R | W | X)];

function leafEntry(mode: PagingMode, level: number, random: Random): bigint {
  const flags = random.of(permissions) | (random.once(2) ? U : 0n) | (random.once(4) ? G : 0n);
  const accessed = (random.once(5) ? 0n : A) | (random.once(5) ? 0n : D);
  const software = BigInt(random.below(4)) << 8n;
  const valid = random.once(40) ? 0n : V;
  const frame = frameOf(mode, level, random);
  const above = high(mode, random, 20);
  // QEMU sets A and D before it finds that a NAPOT encoding is reserved (docs/oracle.md, napot-reserved).
  const reserved = (above & N) !== 0n && (level > 0 || (frame & 15n) !== 8n);
  return (frame << 10n) | flags | accessed | software | valid | above | (reserved ? A | D : 0n);
}

/** Bits 54 and above: reserved ones, PBMT (but not 3, see docs/oracle.md, pbmt-reserved) and N; 0 most of the time. */
function high(mode: PagingMode, random: Random, seldom: number): bigint {
  if (mode === Sv32 || !random.once(seldom)) return 0n;
  return random.of([1n << 54n, 1n << 58n, 1n << 60n, 1n << 61n, 2n << 61n, 1n << 63n, 1n << 63n]);
}

/** A leaf's PPN. */
function frameOf(mode: PagingMode, level: number, random: Random): bigint {
  if (random.once(20)) return holeIn(mode, random);
  const span = spanOf(mode, level);
  const base =
    level === 0
      ? BigInt(data.address + random.below(hotPages) * PAGE)
      : BigInt(data.address) + BigInt(random.below(4)) * 0x20_0000n;
  if (level === 0) return random.once(8) ? (base & ~0xffffn) / 4096n + 8n : base / 4096n;
  const aligned = base - (base % span);
  return (aligned + (random.once(12) ? 4096n << BigInt(random.below(9)) : 0n)) / 4096n;
}

/** An address that the tables say something of, mostly; bits above the mode's width are now and then not its sign. */
export function addressIn(mode: PagingMode, offset: number, random: Random): bigint {
  let va = BigInt(offset);
  for (let level = 0; level < mode.levels; level += 1) {
    va |= BigInt(random.of(indicesOf(mode, level))) << BigInt(12 + mode.vpnBits * level);
  }
  if (mode === Sv32) return va;
  return random.once(50) ? va ^ (1n << BigInt(mode.vaBits + random.below(64 - mode.vaBits))) : canonical(mode, va);
}

/** Whether the walk of an address comes to a PTE where nothing is, as the tables were at first. */
export function leadsIntoHole(spaces: readonly Space[], satp: bigint, va: bigint, xlen: 32 | 64): boolean {
  const { mode, root } = decodeSatp(satp, xlen);
  const space = spaces.find((each) => phys(each.root) === root);
  if (!mode || !space) return false;
  const nothing: AccessRefusal = { by: 'PMA', text: 'nothing at this address' };
  const memory: WalkMemory = {
    refusal: () => undefined,
    readPte(address, size) {
      const at = Number(address) - space.root;
      if (at >= 0 && at < space.piece.bytes.length) return littleEndian(space.piece.bytes.subarray(at, at + size));
      return address >= ramBase && address < ramBase + ramBytes ? 0n : nothing;
    },
  };
  const switches = { sum: true, mxr: true, hardwareAD: true, pbmt: true, svnapot: true };
  const found = walk(memory, { mode, root, privilege: 1, ...switches }, virt(va), 'load');
  return !found.ok && found.reason === 'pte-unreadable';
}

/**
 * What data holds at first: everywhere `li a0, page; ebreak`, so that a jump tells where it arrives, and across each
 * page's end an `li` of 4 bytes.
 */
export function dataPiece(): Piece {
  const bytes = new Uint16Array((hotPages * PAGE) / 2);
  for (let page = 0; page < hotPages; page += 1) {
    const at = (page * PAGE) / 2;
    for (let half = 0; half < PAGE / 2; half += 2) {
      bytes[at + half] = 0x4501 | ((page % 31) << 2);
      bytes[at + half + 1] = 0x9002;
    }
    bytes[at] = page << 4;
    bytes[at + 1] = 0x9002;
    bytes[at + PAGE / 2 - 1] = 0x0513;
  }
  return { address: data.address, bytes: new Uint8Array(bytes.buffer) };
}

/** Everything that stores can change: the hot pages with what superpages show around them, and the tables. */
export function touched(spaces: number): { address: number; length: number }[] {
  return [data, { address: tablesAt, length: spaces * tablesEach * PAGE }];
}
