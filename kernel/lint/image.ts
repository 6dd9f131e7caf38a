// What is wrong with how the kernel's own image is mapped: its sections, wherever they appear, and its stacks.

import { type VirtAddr, virt } from '../../emulator/address.ts';
import type { HartView } from '../../emulator/inspection.ts';
import type { MapRun } from '../run.ts';
import type { KernelImage, KernelSection, KernelSymbols } from '../symbols.ts';
import type { RawFinding } from './finding.ts';

/** Where a section is loaded. */
interface Loaded {
  readonly section: KernelSection;
  readonly pa: bigint;
}

export function* judgeImage(
  runs: readonly MapRun[],
  symbols: KernelSymbols,
  images: readonly KernelImage[],
): Generator<RawFinding> {
  for (const { section, pa } of loadedSections(symbols, images)) {
    const kind = kindOf(section);
    if (!kind) continue;
    for (const run of runs) {
      if (run.repeated || run.u || run.pa >= pa + section.size || run.pa + run.size <= pa) continue;
      const start = run.pa > pa ? run.pa : pa;
      const end = run.pa + run.size < pa + section.size ? run.pa + run.size : pa + section.size;
      const va = run.va + (start - run.pa);
      const own = va - section.va === start - pa;
      const base = { va, pa: start, size: end - start } as const;
      if (kind === 'text' && own && !run.x)
        yield {
          ...base,
          rule: 'text-not-executable',
          severity: 'error',
          what: `is ${section.name}, and not executable`,
        };
      // Writable and executable has a rule of its own.
      if (!run.w || run.x) continue;
      if (kind === 'text')
        yield { ...base, rule: 'text-writable', severity: 'error', what: `is ${section.name}, and writable` };
      else yield { ...base, rule: 'rodata-writable', severity: 'error', what: `is ${section.name}, and writable` };
    }
  }
}

function loadedSections({ sections }: KernelSymbols, images: readonly KernelImage[]): Loaded[] {
  return sections.flatMap((section) => {
    const image = images.find(({ va, size }) => section.va >= va && section.va < va + size);
    return image && section.size > 0n ? [{ section, pa: section.va - image.va + image.pa }] : [];
  });
}

/** Code that stays, or constants; others may be anything. */
function kindOf({ name, write, execute }: KernelSection): 'text' | 'rodata' | undefined {
  if (/^\.(head\.)?text(\.|$)/.test(name) && execute !== false) return 'text';
  if (/^\.rodata(\.|$)/.test(name) && write !== true) return 'rodata';
  return undefined;
}

const SP = 2;
/** Names that kernels give to the lowest byte of their stacks. */
const stackNames = [
  'init_thread_union',
  'init_stack',
  'boot_stack',
  'boot_stack_lower_bound',
  'boot_stack_bottom',
  'stack',
  'stack0',
  'stack_bottom',
  '_stack_start',
  '__stack_start',
  'kernel_stack',
  'kernel_stacks',
  'bootstack',
];

/** Stacks below which more writable memory is mapped: those with a known name, and that which a hart is on. */
export function* judgeStacks(
  runs: readonly MapRun[],
  symbols: KernelSymbols,
  harts: readonly HartView[],
): Generator<RawFinding> {
  const bottoms = new Map<bigint, string>();
  for (const name of stackNames) {
    const va = symbols.valueOf(name);
    if (va !== undefined) bottoms.set(va, name);
  }
  for (const hart of harts) {
    const sp = hart.privilege === 0 ? 0n : hart.x(SP);
    const symbol = sp === 0n ? undefined : symbols.symbolAt(virt(sp - 1n));
    if (symbol && /stack/i.test(symbol.name)) bottoms.set(sp - 1n - symbol.offset, symbol.name);
  }
  for (const [bottom, name] of bottoms) {
    const below = runAt(runs, virt(BigInt.asUintN(64, (bottom & ~0xfffn) - 1n)));
    if (!runAt(runs, virt(bottom)) || !below?.w) continue;
    yield {
      rule: 'no-guard-page',
      severity: 'warning',
      va: (bottom & ~0xfffn) - 4096n,
      size: 4096n,
      what: `lies below ${name} and is writable: a stack that overflows goes on into other data, unnoticed`,
    };
  }
}

function runAt(runs: readonly MapRun[], va: VirtAddr): MapRun | undefined {
  return runs.find((run) => va >= run.va && va < run.va + run.size);
}
