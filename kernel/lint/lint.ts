// Holds a map against the manual, the kernel's own sections, the devices and the device tree.

import { phys, plus, type VirtAddr, virt } from '../../emulator/address.ts';
import type { HartView, Inspection } from '../../emulator/inspection.ts';
import { sizeText } from '../../emulator/mmu/modes.ts';
import { regimeUnder, walkMemoryOf } from '../../emulator/mmu/regime.ts';
import { walk } from '../../emulator/mmu/walk.ts';
import { type DetectedLayout, detectLayout } from '../layouts/index.ts';
import { mappings } from '../map.ts';
import type { KernelProgram } from '../objects/object.ts';
import { deviceTreeOf } from '../reservations.ts';
import type { AddressSpace } from '../space.ts';
import { type KernelImage, type KernelSymbols, symbolText } from '../symbols.ts';
import { inspectTables } from './entries.ts';
import type { Finding, RawFinding } from './finding.ts';
import { judgeImage, judgeStacks } from './image.ts';
import { explainedByLinux, type LinuxProfile, linuxProfile } from './linux-profile.ts';
import { aliasFindings, judgeRun, type RunFacts } from './runs.ts';
import { judgeVmalloc } from './vmalloc.ts';

export interface LintSubject {
  readonly machine: Inspection;
  /** Whose switches count (A and D, memory types). */
  readonly hart: HartView;
  readonly space: AddressSpace;
  readonly symbols: KernelSymbols;
  readonly images: readonly KernelImage[];
  /** The kernel's types and memory, where there are types: its vmalloc areas are judged, too. */
  readonly program?: KernelProgram;
}

export interface Lint {
  /** What the kernel is known to do by design: `Linux 6.12.107, final map`, or `generic`. */
  readonly profile: string;
  /** Errors first, then by address. */
  readonly findings: readonly Finding[];
}

export function lint(given: LintSubject): Lint {
  const { machine, hart, space, symbols, images, program } = given;
  const detected = detectLayout(machine, space, symbols, images);
  const subject = { ...given, detected };
  const { hardwareAD, pbmt } = regimeUnder(machine, hart, space.mode, space.root, 1);
  const tables = inspectTables(machine, space);
  const runs = [...mappings(machine, space)];
  const reservations = deviceTreeOf(machine)?.reservations ?? [];
  const facts: RunFacts = { machine, hardwareAD, pbmt, tables: tables.pages, images, reservations };
  const raw = [
    ...tables.findings,
    ...runs.flatMap((run) => [...judgeRun(run, facts)]),
    ...aliasFindings(runs),
    ...judgeImage(runs, symbols, images),
    ...judgeStacks(runs, symbols, machine.harts),
    ...(program && detected.linux ? judgeVmalloc(runs, program, symbols) : []),
  ];
  const linux = detected.linux && linuxProfile(machine, space, detected.linux, symbols, images);
  const findings = join(raw, subject, linux);
  return { profile: linux?.title ?? detected.layout.title, findings: findings.sort(byWeight) };
}

interface Judged extends LintSubject {
  readonly detected: DetectedLayout;
}

/** Whether somebody should look: an error or a warning that no profile explains. */
export function isUnexplained({ severity }: Finding): boolean {
  return severity !== 'note';
}

const weight = { error: 0, warning: 1, note: 2 } as const;
const byWeight = (a: Finding, b: Finding) => weight[a.severity] - weight[b.severity] || (a.va < b.va ? -1 : 1);

/** Findings of one rule in one region are one finding, however many runs and entries it has. */
function join(raw: readonly RawFinding[], subject: Judged, linux: LinuxProfile | undefined): Finding[] {
  const groups = new Map<string, { readonly region: string; readonly members: RawFinding[] }>();
  for (const finding of raw) {
    const region = regionOf(finding, subject);
    const key = `${finding.rule}\n${region}\n${finding.what.replace(/0x[0-9a-f]+/g, '')}`;
    const group = groups.get(key) ?? { region, members: [] };
    groups.set(key, group);
    group.members.push(finding);
  }
  return [...groups.values()].map(({ region, members }) => joined(members, region, subject, linux));
}

function joined(
  members: readonly RawFinding[],
  region: string,
  subject: Judged,
  linux: LinuxProfile | undefined,
): Finding {
  const ordered = [...members].sort((a, b) => (a.va < b.va ? -1 : 1));
  const [first, last] = [ordered[0] as RawFinding, ordered.at(-1) as RawFinding];
  const size = members.reduce((sum, member) => sum + member.size, 0n);
  const va = virt(BigInt.asUintN(64, first.va));
  const vaEnd = plus(virt(BigInt.asUintN(64, last.va)), last.size - 1n);
  const explained = linux && explainedByLinux(first, linux, region);
  const symbol = symbolOf(first, subject);
  const pte = first.pte ?? pteOf(va, subject);
  return {
    rule: first.rule,
    severity: explained === undefined ? first.severity : 'note',
    text: sentence(first, members.length, size, va, vaEnd, region),
    ...(explained !== undefined && { explained }),
    va,
    vaEnd,
    ...(first.pa !== undefined && { pa: phys(first.pa) }),
    size,
    count: members.length,
    ...(pte && { pte }),
    region,
    symbol,
  };
}

function sentence(
  { what }: RawFinding,
  count: number,
  size: bigint,
  va: VirtAddr,
  vaEnd: VirtAddr,
  region: string,
): string {
  const range = `0x${va.toString(16)}–0x${vaEnd.toString(16)}`;
  const name = region && ` (${region})`;
  const many = count > 1 ? `; ${count} alike here, ${sizeText(size)} in all` : '';
  return `${range}${name} ${what}${many}.`;
}

function regionOf({ va, pa, size }: RawFinding, { detected, space, machine, hart }: Judged): string {
  const at = virt(BigInt.asUintN(64, va));
  if (pa === undefined) return detected.layout.regionAt(at);
  const leaf = leafOf(at, { space, machine, hart });
  return detected.layout.nameOf({ va: at, pa: phys(pa), size, u: leaf?.u ?? false });
}

function stepOf(va: VirtAddr, { machine, hart, space }: Pick<LintSubject, 'machine' | 'hart' | 'space'>) {
  const anyone = { ...space, privilege: 1, sum: true, mxr: true, hardwareAD: true } as const;
  return walk({ ...walkMemoryOf(machine, hart.id), refusal: () => undefined }, anyone, va, 'load').steps.at(-1);
}

const leafOf = (va: VirtAddr, subject: Pick<LintSubject, 'machine' | 'hart' | 'space'>) => stepOf(va, subject)?.pte;

function pteOf(va: VirtAddr, subject: LintSubject): Finding['pte'] {
  const step = stepOf(va, subject);
  return step?.pte?.valid ? { address: step.address, raw: step.pte.raw } : undefined;
}

/** The object of the image that is concerned, by where it is loaded; else by its address. */
function symbolOf({ va, pa }: RawFinding, { symbols, images }: LintSubject): string {
  const image = pa === undefined ? undefined : images.find((one) => pa >= one.pa && pa < one.pa + one.size);
  const at = image && pa !== undefined ? pa - image.pa + image.va : va;
  const symbol = symbols.symbolAt(virt(BigInt.asUintN(64, at)));
  return symbol ? symbolText(symbol) : '';
}
