// Holds expectations against a map.

import { hex, type PhysAddr, paText, phys, plus, type VirtAddr, virt } from '../../emulator/address.ts';
import type { Inspection } from '../../emulator/inspection.ts';
import { sizeText } from '../../emulator/mmu/modes.ts';
import { permissionsText } from '../../emulator/mmu/pte.ts';
import { isUnexplained, type Lint, type LintSubject, lint } from '../lint/lint.ts';
import { mappings } from '../map.ts';
import { mappedText } from '../map-diff.ts';
import { reverse } from '../reverse.ts';
import type { MapRun } from '../run.ts';
import type { AddressSpace } from '../space.ts';
import type { KernelImage, KernelSymbols } from '../symbols.ts';
import type { Attributes, CheckResult, Demand, Expectation, Extent, Spot } from './expectation.ts';

export interface CheckSubject {
  readonly machine: Inspection;
  /** undefined = Bare. */
  readonly space: AddressSpace | undefined;
  readonly symbols: KernelSymbols;
  readonly images: readonly KernelImage[];
  /** Made when a line asks for it. */
  lint(): Lint;
}

/** What a check is held against: a map, with the lint of it. */
export function checkSubject({
  space,
  ...about
}: Omit<LintSubject, 'space'> & Pick<CheckSubject, 'space'>): CheckSubject {
  return { ...about, space, lint: () => (space ? lint({ ...about, space }) : { profile: 'Bare', findings: [] }) };
}

const passed: CheckResult = { state: 'passed' };
const failed = (message: string, expected?: string, actual?: string): CheckResult => ({
  state: 'failed',
  message,
  ...(expected !== undefined && { expected }),
  ...(actual !== undefined && { actual }),
});

/** `same in every mode` is skipped here: `translationText` of each mode tells. */
export function judgeExpectation({ demand }: Expectation, subject: CheckSubject): CheckResult {
  switch (demand.kind) {
    case 'mode': {
      const actual = subject.space?.mode.name ?? 'Bare';
      return actual === demand.mode ? passed : failed(`the mode is ${actual}`, demand.mode, actual);
    }
    case 'no':
      return judgeNone(demand.what, subject);
    case 'same':
      return { state: 'skipped', message: 'only one paging mode was tried: name several, as in --mmu sv39,sv48' };
    default:
      return judgePlaces(demand, subject);
  }
}

function judgeNone(what: string, subject: CheckSubject): CheckResult {
  if (what === 'W+X') {
    const found = [...runsOf(subject)].find(({ w, x }) => w && x);
    return found
      ? failed(`${rangeText(found)} is both writable and executable`, 'no W+X', permissionsText(found))
      : passed;
  }
  const findings = subject
    .lint()
    .findings.filter((one) => isUnexplained(one) && (what === 'findings' || one.rule === what));
  const [first, ...others] = findings;
  if (!first) return passed;
  return failed(
    `${first.text}${others.length ? ` And ${others.length} more.` : ''}`,
    `no ${what}`,
    `${findings.length} findings`,
  );
}

function judgePlaces(demand: Extract<Demand, { extent: Extent }>, subject: CheckSubject): CheckResult {
  const from = resolve(demand.extent.from, demand.extent.space, subject);
  if (typeof from === 'string') return failed(from);
  const { size } = demand.extent;
  if (demand.kind === 'not mapped') {
    return demand.extent.space === 'va'
      ? judgeUnmapped(from, size, subject)
      : judgePhysicalUnmapped(from, size, subject);
  }
  if (demand.kind !== 'mapped') return passed;
  const to = demand.to && resolve(demand.to, 'pa', subject);
  if (typeof to === 'string') return failed(to);
  return judgeMapped(from, size, to, demand.attributes, subject);
}

function judgeMapped(
  from: bigint,
  size: bigint,
  to: bigint | undefined,
  attributes: Attributes,
  subject: CheckSubject,
): CheckResult {
  let at = from;
  const end = from + size;
  const expectedAt = (va: bigint) =>
    [to === undefined ? '' : paText(phys(to + (va - from))), attributesText(attributes)].filter(Boolean).join(' ');
  for (const run of runsOf(subject, from, end)) {
    if (run.va > at) break;
    const pa = run.repeated ? run.pa : run.pa + (at - run.va);
    const actual = mappedText({ run, pa: phys(pa) });
    if (to !== undefined && pa !== to + (at - from)) {
      return failed(
        `${hex(at)} is mapped to ${paText(phys(pa))}, not to ${paText(phys(to + (at - from)))}`,
        expectedAt(at),
        actual,
      );
    }
    const wrong = wrongAttribute(run, attributes);
    if (wrong) return failed(`${hex(at)} ${wrong}`, expectedAt(at), actual);
    at = run.va + run.size;
    if (at >= end) return passed;
  }
  return failed(`${hex(at)} is not mapped`, expectedAt(at), 'not mapped');
}

function judgeUnmapped(from: bigint, size: bigint, subject: CheckSubject): CheckResult {
  const [run] = runsOf(subject, from, from + size);
  if (!run) return passed;
  const at = run.va > from ? run.va : from;
  const actual = mappedText({ run, pa: phys(run.repeated ? run.pa : run.pa + (at - run.va)) });
  return failed(`${hex(at)} is mapped to ${actual}`, 'not mapped', actual);
}

function judgePhysicalUnmapped(from: bigint, size: bigint, { machine, space }: CheckSubject): CheckResult {
  if (!space) return failed(`${paText(phys(from))} is at ${hex(from)}: satp is Bare`, 'not mapped', 'Bare');
  for (const run of mappings(machine, space)) {
    const length = run.repeated ? run.pageSize : run.size;
    if (run.pa >= from + size || run.pa + length <= from) continue;
    const pa = run.pa > from ? run.pa : phys(from);
    const [place] = reverse(machine, space, pa as PhysAddr);
    return failed(
      `${paText(phys(pa))} is mapped at ${hex(place?.va ?? run.va)}, ${permissionsText(run)}`,
      'not mapped',
      permissionsText(run),
    );
  }
  return passed;
}

/** What a place translates to, as one text, for comparing modes; addresses of symbols are the symbol's own. */
export function translationText(extent: Extent, subject: CheckSubject): string {
  const from = resolve(extent.from, extent.space, subject);
  if (typeof from === 'string') return from;
  const parts: string[] = [];
  let at = from;
  for (const run of runsOf(subject, from, from + extent.size)) {
    if (run.va > at) parts.push(`+0x${(at - from).toString(16)} not mapped`);
    const start = run.va > at ? run.va : at;
    const pa = phys(run.repeated ? run.pa : run.pa + (start - run.va));
    parts.push(`+0x${(start - from).toString(16)} ${mappedText({ run, pa })}`);
    at = run.va + run.size;
  }
  if (at < from + extent.size) parts.push(`+0x${(at - from).toString(16)} not mapped`);
  return parts.join(', ');
}

/** The address of a spot, or why there is none. */
function resolve({ symbol, value }: Spot, space: 'va' | 'pa', { symbols, images }: CheckSubject): bigint | string {
  if (symbol === undefined) return value;
  const address = symbols.valueOf(symbol);
  if (address === undefined) return `no symbol is called ${symbol}: give --symbols, or check the name`;
  const va = address + value;
  if (space === 'va') return va;
  const image = images.find((one) => va >= one.va && va < one.va + one.size);
  return image
    ? va - image.va + image.pa
    : `${symbol} is not in the kernel's image, so that its physical address is not known`;
}

/** The runs that touch a range; without translation everything is where it is. */
function* runsOf({ machine, space }: CheckSubject, from?: bigint, end?: bigint): Generator<MapRun> {
  if (!space) {
    if (from !== undefined && end !== undefined) yield bare(virt(from), end - from);
    return;
  }
  const range =
    from === undefined || end === undefined ? undefined : { from: virt(from), to: virt(BigInt.asUintN(64, end - 1n)) };
  yield* mappings(machine, space, range);
}

function bare(va: VirtAddr, size: bigint): MapRun {
  const rights = { r: true, w: true, x: true, u: false, g: false } as const;
  return {
    va,
    pa: phys(va),
    size,
    repeated: false,
    pageSize: 4096n,
    level: 0,
    ...rights,
    memoryType: 'PMA',
    accessed: 'all',
    dirty: 'all',
  };
}

function wrongAttribute(run: MapRun, wanted: Attributes): string | undefined {
  const { r, w, x } = wanted;
  if (r !== undefined && (run.r !== r || run.w !== w || run.x !== x)) {
    return `is ${permissionsText(run)}, not ${permissionsText({ r, w: w ?? false, x: x ?? false })}`;
  }
  if (wanted.user !== undefined && run.u !== wanted.user)
    return run.u ? 'has U = 1: user programs may use it' : 'has U = 0: user programs may not use it';
  if (wanted.global && !run.g) return 'is not global';
  if (wanted.memoryType !== undefined && run.memoryType !== wanted.memoryType)
    return `has memory type ${run.memoryType}, not ${wanted.memoryType}`;
  if (wanted.pageSize !== undefined && run.pageSize !== wanted.pageSize)
    return `is in ${sizeText(run.pageSize)} pages, not in ${sizeText(wanted.pageSize)}`;
  return undefined;
}

function attributesText({ r, w, x, user, global, memoryType, pageSize }: Attributes): string {
  return [
    r === undefined ? '' : permissionsText({ r, w: w ?? false, x: x ?? false }),
    user === undefined ? '' : user ? 'user' : 'kernel',
    global ? 'global' : '',
    memoryType ?? '',
    pageSize === undefined ? '' : `page ${sizeText(pageSize)}`,
  ]
    .filter(Boolean)
    .join(' ');
}

const rangeText = ({ va, size }: MapRun) => `${hex(va)}–${hex(plus(va, size - 1n))}`;
