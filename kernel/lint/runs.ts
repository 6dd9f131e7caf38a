// What is wrong with what is mapped, run by run.

import type { PhysAddr } from '../../emulator/address.ts';
import type { Inspection, PhysicalRegion } from '../../emulator/inspection.ts';
import type { Reservation } from '../reservations.ts';
import type { MapRun } from '../run.ts';
import type { KernelImage } from '../symbols.ts';
import type { RawFinding } from './finding.ts';

export interface RunFacts {
  readonly machine: Inspection;
  /** A and D are set by hardware; else a clear one faults (Svade). */
  readonly hardwareAD: boolean;
  /** Memory types count. */
  readonly pbmt: boolean;
  readonly tables: ReadonlySet<PhysAddr>;
  readonly images: readonly KernelImage[];
  readonly reservations: readonly Reservation[];
}

/** Every finding of one run. */
export function* judgeRun(run: MapRun, facts: RunFacts): Generator<RawFinding> {
  const { va, pa, size, r, w, x, u } = run;
  const told = (rule: RawFinding['rule'], severity: RawFinding['severity'], what: string, part?: Part): RawFinding => ({
    rule,
    severity,
    va: part ? va + (part.start - pa) : va,
    size: part ? part.end - part.start : size,
    pa: part ? part.start : pa,
    what,
  });
  const length = run.repeated ? run.pageSize : size;
  const whole: Part = { start: pa, end: pa + length };
  if (w && x) yield told('writable-and-executable', u ? 'warning' : 'error', 'is both writable and executable');
  if (!u && va === 0n)
    yield told('null-mapped', 'warning', 'is mapped for the kernel, so that null pointers do not fault');
  if (u) {
    for (const image of facts.images) {
      const part = overlap(whole, image.pa, image.size);
      if (!part || !isKernels(image, run, part.start)) continue;
      yield told('user-kernel', 'error', "is the kernel's own memory, and user programs may use it", part);
    }
    const table = [...tablesIn(whole, facts.tables)][0];
    if (table !== undefined) {
      const part = { start: table, end: table + 4096n };
      yield told(
        'page-table-user',
        w ? 'error' : 'warning',
        `is a page table that user programs may ${w ? 'write' : 'read'}`,
        part,
      );
    }
  } else if (!facts.hardwareAD) {
    if (run.accessed !== 'all')
      yield told('accessed-clear', 'error', 'has A = 0, and the hardware does not set it (Svade)');
    if (w && run.dirty !== 'all')
      yield told('dirty-clear', 'error', 'is writable and has D = 0, and the hardware does not set it (Svade)');
  }
  let covered = 0n;
  for (const region of facts.machine.regions) {
    // A device's registers may take less than the page that maps them.
    const part = overlap(whole, region.base & ~0xfffn, pagesOf(region));
    if (!part) continue;
    covered += part.end - part.start;
    yield* typeFindings(run, region, part, facts, told);
  }
  if (covered < length && (r || w || x)) {
    const gap = firstGap(whole, facts.machine.regions);
    const some = covered === 0n ? '' : 'in part ';
    yield told(
      'page-outside-memory',
      'warning',
      `${some}leads to pa:0x${gap.start.toString(16)}, where nothing answers`,
      gap,
    );
  }
  for (const { name, base, size: bytes, noMap } of facts.reservations) {
    const part = noMap ? overlap(whole, base, bytes) : undefined;
    if (part)
      yield told(
        'reserved-memory-mapped',
        'error',
        `maps ${name}, which the device tree says must not be mapped`,
        part,
      );
  }
}

type Told = (rule: RawFinding['rule'], severity: RawFinding['severity'], what: string, part?: Part) => RawFinding;

function* typeFindings(
  run: MapRun,
  region: PhysicalRegion,
  part: Part,
  { pbmt }: RunFacts,
  told: Told,
): Generator<RawFinding> {
  const { x, memoryType } = run;
  if (region.kind === 'device') {
    if (x) yield told('device-executable', 'error', `maps ${region.name} executable`, part);
    if (pbmt && memoryType === 'NC')
      yield told('device-not-io', 'warning', `maps ${region.name} as ordinary memory (NC)`, part);
  } else if (memoryType === 'IO' || memoryType === 'NC') {
    yield told('memory-uncached', 'warning', `maps ${region.name} uncached (${memoryType})`, part);
  }
}

interface Part {
  readonly start: bigint;
  /** First byte behind. */
  readonly end: bigint;
}

function overlap(part: Part, base: bigint, size: bigint): Part | undefined {
  const start = part.start > base ? part.start : base;
  const end = part.end < base + size ? part.end : base + size;
  return start < end ? { start, end } : undefined;
}

/** Bytes of the whole pages that a region lies in. */
const pagesOf = ({ base, size }: PhysicalRegion) => ((base + size + 4095n) & ~0xfffn) - (base & ~0xfffn);

/** The first bytes of a part where no region is. */
function firstGap(part: Part, regions: readonly PhysicalRegion[]): Part {
  let start = part.start;
  for (const region of regions) {
    const base = region.base & ~0xfffn;
    const size = pagesOf(region);
    if (base > start) return { start, end: base < part.end ? base : part.end };
    if (base + size > start) start = base + size;
  }
  return { start, end: part.end };
}

/**
 * Whether a user's mapping shows the kernel itself: part of an image that runs in the upper half or where it is loaded, at
 * an address of the kernel. A user program may well lie inside the kernel's file and be mapped elsewhere.
 */
function isKernels(image: KernelImage, run: MapRun, pa: bigint): boolean {
  const high = (va: bigint) => va >> 63n === 1n;
  if (!high(image.va) && image.va !== (image.pa as bigint)) return false;
  const va = run.va + (pa - run.pa);
  return high(va) || va === pa || va - image.va === pa - image.pa;
}

function* tablesIn({ start, end }: Part, tables: ReadonlySet<PhysAddr>): Generator<bigint> {
  for (const table of tables) if (table >= start && table < end) yield table;
}

/** Physical memory that runs map with different types. */
export function aliasFindings(runs: readonly MapRun[]): RawFinding[] {
  const ordered = runs.filter(({ repeated }) => !repeated).sort((a, b) => (a.pa < b.pa ? -1 : a.pa > b.pa ? 1 : 0));
  const findings: RawFinding[] = [];
  let open: MapRun[] = [];
  for (const run of ordered) {
    open = open.filter(({ pa, size }) => pa + size > run.pa);
    const other = open.find(({ memoryType }) => memoryType !== run.memoryType);
    if (other) {
      const part = overlap({ start: run.pa, end: run.pa + run.size }, other.pa, other.size) as Part;
      findings.push({
        rule: 'alias-types',
        severity: 'error',
        va: run.va,
        pa: run.pa,
        size: part.end - part.start,
        what: `has memory type ${run.memoryType}, and 0x${(other.va + (run.pa - other.pa)).toString(16)} maps the same memory as ${other.memoryType}`,
      });
    }
    open.push(run);
  }
  return findings;
}
