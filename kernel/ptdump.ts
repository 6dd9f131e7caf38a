// The text of Linux's /sys/kernel/debug/kernel_page_tables, line by line, from memory alone. It shows entries as Linux
// sees them: runs of one level and one set of bits, whatever their physical addresses; also entries with V = 0 that
// still hold bits.

import type { PhysAddr } from '../emulator/address.ts';
import type { PhysicalMemory } from '../emulator/inspection.ts';
import { canonical, type PagingMode, spanOf } from '../emulator/mmu/modes.ts';
import { PteBit } from '../emulator/mmu/pte.ts';
import { kernelStart, type LinuxFacts, linuxRegions } from './layouts/linux.ts';
import { isBefore } from './layouts/linux-version.ts';
import { rawEntries, targetOf } from './space.ts';

export interface PtdumpMarker {
  readonly start: bigint;
  readonly name: string;
}

export interface PtdumpForm {
  /** The first address that is looked at. */
  readonly from: bigint;
  /** `---[ name ]---` is printed where the dump passes `start`; ascending. The first one opens the dump. */
  readonly markers: readonly PtdumpMarker[];
  /** Since 6.7: columns for N and the memory type (64 bits only), and RSW with its value. */
  readonly wideColumns: boolean;
}

/** Every address, no marker, all columns: for kernels other than Linux. */
export const plainPtdump: PtdumpForm = { from: 0n, markers: [], wideColumns: true };

/** The form that this Linux itself prints. */
export function linuxPtdump(facts: LinuxFacts): PtdumpForm {
  const { version, mode } = facts;
  const regions = linuxRegions(facts);
  const markers: PtdumpMarker[] = [];
  const mark = (region: string, start: string, end?: string) => {
    const found = regions.find(({ name }) => name === region);
    if (!found) return;
    markers.push({ start: found.start, name: start });
    if (end !== undefined) markers.push({ start: found.start + found.size - inclusive, name: end });
  };
  let inclusive = 0n;
  if (isBefore(version, 5, 17)) mark('KASAN shadow', 'Kasan shadow start', 'Kasan shadow end');
  mark('fixmap', 'Fixmap start', 'Fixmap end');
  mark('PCI I/O', 'PCI I/O start', 'PCI I/O end');
  if (isBefore(version, 5, 17)) inclusive = 1n;
  if (facts.vmemmap) mark('vmemmap', 'vmemmap start', 'vmemmap end');
  mark('vmalloc', 'vmalloc() area', 'vmalloc() end');
  mark('direct map', 'Linear mapping');
  if (!isBefore(version, 5, 17)) mark('KASAN shadow', 'Kasan shadow start', 'Kasan shadow end');
  if (mode.name !== 'Sv32' && !isBefore(version, 5, 13)) {
    mark('modules', 'Modules/BPF mapping');
    mark('kernel image', 'Kernel mapping');
  }
  return { from: kernelStart(facts), markers, wideColumns: !isBefore(version, 6, 7) };
}

/** The lines, without their newlines. */
export function* ptdump(memory: PhysicalMemory, mode: PagingMode, root: PhysAddr, form: PtdumpForm): Generator<string> {
  const columns = columnsOf(mode, form);
  const mask = columns.reduce((all, column) => all | column.mask, 0n);
  const digits = mode.pteSize * 2;
  const address = (value: bigint) =>
    `0x${BigInt.asUintN(digits * 4, value)
      .toString(16)
      .padStart(digits, '0')}`;
  const nextMarker = () => form.markers[marker + 1]?.start ?? (1n << BigInt(digits * 4)) - 1n;
  let marker = 0;
  let run: { start: bigint; pa: bigint; level: number; bits: bigint } | undefined;

  const line = ({ start, pa, level, bits }: NonNullable<typeof run>, end: bigint): string => {
    const size = sizeColumn(BigInt.asUintN(digits * 4, end - start));
    const text = columns.map((column) => ` ${bits & column.mask ? column.set(bits & column.mask) : column.clear}`);
    return `${address(start)}-${address(end)}    ${address(pa)} ${size} ${levelName(mode, level)}${text.join('')}`;
  };

  const first = form.markers[0];
  if (first) yield `---[ ${first.name} ]---`;
  let end = 0n;
  for (const { va, size, level, raw } of entriesFrom(memory, mode, root, form.from)) {
    const bits = raw & mask;
    const goesOn = run && bits === run.bits && level === run.level && va === end && va < nextMarker();
    const runEnd = end;
    end = va + size;
    if (goesOn) continue;
    if (run?.bits) yield line(run, runEnd);
    while (run && va >= nextMarker()) {
      marker += 1;
      const passed = form.markers[marker];
      if (!passed) break;
      yield `---[ ${passed.name} ]---`;
    }
    run = { start: va, pa: pageOf(raw, mode), level, bits };
  }
  if (run?.bits) yield line(run, end);
}

interface Column {
  readonly mask: bigint;
  set(value: bigint): string;
  readonly clear: string;
}

function columnsOf(mode: PagingMode, { wideColumns }: PtdumpForm): Column[] {
  const columns: Column[] = [];
  if (wideColumns && mode.pteSize === 8) {
    columns.push({ mask: PteBit.N, set: () => 'N', clear: '.' });
    const types: Record<string, string> = { 1: 'NC', 2: 'IO' };
    columns.push({ mask: 3n << 61n, set: (bits) => `MT(${types[String(bits >> 61n)] ?? '??'})`, clear: '  ..  ' });
  }
  if (wideColumns) columns.push({ mask: 3n << 8n, set: (bits) => `RSW(${bits >> 8n})`, clear: '  ..  ' });
  else columns.push({ mask: 1n << 8n, set: () => 'RSW', clear: '   ' });
  for (const letter of ['D', 'A', 'G', 'U', 'X', 'W', 'R', 'V'] as const) {
    columns.push({ mask: PteBit[letter], set: () => letter, clear: '.' });
  }
  return columns;
}

/** `      1664K`: kibibytes, or the largest unit that divides the size. */
function sizeColumn(bytes: bigint): string {
  const units = 'KMGTPE';
  let size = bytes >> 10n;
  let unit = 0;
  while (size % 1024n === 0n && unit < units.length - 1) {
    size >>= 10n;
    unit += 1;
  }
  return `${String(size).padStart(9)}${units.charAt(unit)}`;
}

/** Linux's names for the levels: the root is always the PGD. */
function levelName(mode: PagingMode, level: number): string {
  if (level === mode.levels - 1) return 'PGD';
  return ['PTE', 'PMD', 'PUD', 'P4D'][level] ?? 'PGD';
}

/** The page that an entry names; the lowest set bit of a NAPOT entry's PPN only says its size. */
function pageOf(raw: bigint, mode: PagingMode): bigint {
  const target = targetOf(raw, mode);
  const napot = mode.pteSize === 8 && (raw & PteBit.N) !== 0n;
  return napot ? target & (target - 1n) : target;
}

const LEAF = PteBit.R | PteBit.W | PteBit.X;

interface Entry {
  readonly va: bigint;
  /** In bytes. */
  readonly size: bigint;
  readonly level: number;
  readonly raw: bigint;
}

/** All that Linux looks at: leaves and empty entries of every level, each with the address that it begins at. */
function* entriesFrom(memory: PhysicalMemory, mode: PagingMode, root: PhysAddr, from: bigint): Generator<Entry> {
  const only = onlyLeaf(memory, mode);
  function* visit(table: PhysAddr, level: number, base: bigint): Generator<Entry> {
    const span = spanOf(mode, level);
    let va = base;
    for (const raw of rawEntries(memory, mode, table)) {
      const start = canonical(mode, va);
      if (start + span > from) {
        const pointer = level > 0 && isPointer(raw);
        const shared = pointer ? only(targetOf(raw, mode), level - 1) : undefined;
        if (shared !== undefined) yield { va: start, size: span, level: 0, raw: shared };
        else if (pointer) yield* visit(targetOf(raw, mode), level - 1, va);
        else yield { va: start, size: span, level, raw: level > 0 && (raw & LEAF) === 0n ? 0n : raw };
      }
      va += span;
    }
  }
  yield* visit(root, mode.levels - 1, 0n);
}

function isPointer(raw: bigint): boolean {
  return (raw & LEAF) === 0n && (raw & PteBit.V) !== 0n;
}

/**
 * Finds the one level-0 entry of which all below a table consists: KASAN's shadow shares such tables by the thousand, and
 * the kernel's own dump does not walk them either.
 */
function onlyLeaf(memory: PhysicalMemory, mode: PagingMode): (table: PhysAddr, level: number) => bigint | undefined {
  const known = new Map<string, bigint | undefined>();
  const find = (table: PhysAddr, level: number): bigint | undefined => {
    const entries = rawEntries(memory, mode, table);
    const raw = entries[0];
    if (raw === undefined || !entries.every((entry) => entry === raw)) return undefined;
    if (level === 0) return raw;
    return isPointer(raw) ? lookUp(targetOf(raw, mode), level - 1) : undefined;
  };
  const lookUp = (table: PhysAddr, level: number): bigint | undefined => {
    const key = `${level}:${table}`;
    if (!known.has(key)) known.set(key, find(table, level));
    return known.get(key);
  };
  return lookUp;
}
