// What a machine can be told to be, and what hardware that makes.

import type { BoardOptions } from './board.ts';
import type { RegionCompiler } from './core/translator/compiler.ts';
import type { CsrFacts } from './csr/legalise.ts';
import type { PagingFeatures } from './inspection.ts';
import { type Isa, misaOf, parseIsa } from './isa/isa-string.ts';
import type { BootPlan } from './loader/index.ts';
import { Sv32, Sv39, Sv48, Sv57 } from './mmu/modes.ts';
import { UserError } from './user-error.ts';

export interface MachineOptions extends BoardOptions {
  /** Bytes of RAM, a multiple of 4 KiB. */
  readonly memory: bigint;
  /** 1 to 8. */
  readonly harts: number;
  readonly isa: string;
  /** Widest paging mode of the hardware. */
  readonly mmu: 'bare' | 'sv32' | 'sv39' | 'sv48' | 'sv57';
  /** Instructions a hart runs before the next one's turn. Default: 10 000 with several harts. */
  readonly quantum?: number;
  /** Misaligned loads and stores: done (default) or an exception. */
  readonly misaligned?: 'supported' | 'trap';
  /** Jumps to an instruction after which it is translated (default 8000, at most 65 535); `never`: interpret everything. */
  readonly translateAfter?: number | 'never';
  /** Who makes WebAssembly of hot code. Default: this thread, at once. That another one does changes nothing but time. */
  readonly compiler?: RegionCompiler;
  /** The interpreter of this name (see core/prepared.ts) if it is at hand; else it is generated. */
  readonly interpreter?: (name: string) => Uint8Array<ArrayBuffer> | undefined;
  /** Most pages of decoded code, regions of translated code, modules of them and instructions in these; what is over them makes all
   * be forgotten. */
  readonly codeCache?: Readonly<Partial<Record<'pages' | 'regions' | 'modules' | 'instructions', number>>>;
  /** For profiles: count what costs time; see `counts`. */
  readonly counts?: boolean;
  /** PMP entries: 0, 16 (default) or 64. */
  readonly pmpEntries?: 0 | 16 | 64;
}

const modesOf = { bare: [], sv32: [Sv32], sv39: [Sv39], sv48: [Sv39, Sv48], sv57: [Sv39, Sv48, Sv57] } as const;
const PMP_ENTRIES = 16;

export interface Hardware {
  readonly isa: Isa;
  readonly paging: PagingFeatures;
  readonly facts: CsrFacts;
}

/** The hardware for a program; a UserError where the options contradict it or each other. */
export function hardwareOf(options: MachineOptions, plan: BootPlan): Hardware {
  const isa = parseIsa(options.isa);
  if (isa.xlen !== plan.xlen) {
    throw new UserError(
      `isa: the program is for RV${plan.xlen}, the ISA string says rv${isa.xlen}: use rv${plan.xlen}`,
    );
  }
  if (!Number.isInteger(options.harts) || options.harts < 1 || options.harts > 8) {
    throw new UserError(`harts: ${options.harts} is not possible: use 1 to 8`);
  }
  const modes = modesOf[options.mmu];
  if (modes.some(({ pteSize }) => (pteSize === 4) !== (isa.xlen === 32))) {
    throw new UserError(`mmu: ${options.mmu} does not go with RV${isa.xlen}`);
  }
  const paging = {
    modes: modes.map(({ name }) => name),
    svnapot: isa.extensions.has('svnapot'),
    svpbmt: isa.extensions.has('svpbmt'),
    svadu: isa.extensions.has('svadu') || !isa.extensions.has('svade'),
  };
  const facts: CsrFacts = {
    xlen: isa.xlen,
    modes: modes.map(({ code }) => code),
    svadu: paging.svadu,
    svpbmt: paging.svpbmt,
    sstc: isa.extensions.has('sstc'),
    pmpEntries: options.pmpEntries ?? PMP_ENTRIES,
    misa: misaOf(isa),
    extensions: isa.extensions,
  };
  return { isa, paging, facts };
}
