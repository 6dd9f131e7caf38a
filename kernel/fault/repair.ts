// The smallest change that would have let a failed access pass, as data: what failed first is put right, the access is
// tried again with the change laid over the machine, and so on until it passes.

import { type PhysAddr, phys, plus, type VirtAddr, virt } from '../../emulator/address.ts';
import type { Access } from '../../emulator/inspection.ts';
import { canonical, type PagingMode, spanOf, vpn } from '../../emulator/mmu/modes.ts';
import { PteBit } from '../../emulator/mmu/pte.ts';
import type { FaultReason, Walk, WalkFailure, WalkStep } from '../../emulator/mmu/walk.ts';
import { grantPmp } from './grant-pmp.ts';
import { type Attempt, type Change, Trial } from './trial.ts';

/** What a repair cannot know by itself. */
export interface RepairHints {
  /** Where an address that nothing maps should lead; undefined where nobody knows. */
  target?(va: VirtAddr): PhysAddr | undefined;
  /** A page of RAM that is free: for a new table, or for what is mapped where no target is known. */
  spare(): PhysAddr;
  /** The page belongs to the kernel, so that U = 1 is the mistake rather than SUM = 0. */
  ofKernel?(pa: PhysAddr): boolean;
}

export interface Repair {
  readonly attempt: Attempt;
  /** In the order in which to make them. */
  readonly changes: readonly Change[];
  /** The reasons that were put right, the first one first. */
  readonly reasons: readonly FaultReason[];
  /** The access as it passes after the changes. */
  readonly after: Extract<Walk, { ok: true }>;
  /** A new page was mapped although nobody knows which one it should be. */
  readonly guessed: boolean;
}

const MOST_STEPS = 32;
const LEAF = PteBit.R | PteBit.W | PteBit.X;
const RESERVED = 0x7fn << 54n;
const PBMT = 3n << 61n;

/** The smallest change; undefined where none can be: a physical address where nothing is, or a locked PMP entry. */
export function repairOf(attempt: Attempt, hints: RepairHints): Repair | undefined {
  const mender = new Mender(attempt, hints);
  const reasons: FaultReason[] = [];
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const walked = mender.trial.walk();
    if (walked.ok) return { attempt, changes: mender.trial.changes, reasons, after: walked, guessed: mender.guessed };
    reasons.push(walked.reason);
    if (!mender.mend(walked)) return undefined;
  }
  return undefined;
}

class Mender {
  readonly trial: Trial;
  guessed = false;
  readonly #hints: RepairHints;
  readonly #access: Access;

  constructor(attempt: Attempt, hints: RepairHints) {
    this.trial = new Trial(attempt);
    this.#hints = hints;
    this.#access = attempt.access;
  }

  /** Puts the failed rule right; false where nothing can. */
  mend(failed: WalkFailure): boolean {
    const { trial } = this;
    const { mode } = failed.regime;
    const step = failed.steps.at(-1);
    if (failed.reason === 'access-refused') return this.#admit(failed);
    if (!mode) return false;
    if (failed.reason === 'non-canonical') {
      trial.va = virt(canonical(mode, trial.va));
      return true;
    }
    if (!step) return false;
    if (failed.reason === 'pte-unreadable') return this.#readable(failed, step, mode);
    const raw = step.pte?.raw ?? 0n;
    const after = this.#mended(failed, raw, step, mode);
    if (after === undefined) return true;
    if (after === raw) return this.#map(step, mode);
    trial.setPte(step.address, mode.pteSize, step.level, after);
    return true;
  }

  /** The entry put right; the same value: it needs to be written anew; undefined: something else was changed. */
  #mended({ reason }: WalkFailure, raw: bigint, step: WalkStep, mode: PagingMode): bigint | undefined {
    switch (reason) {
      case 'not-valid':
        return (raw & LEAF) !== 0n && this.#isMemory(step.pte?.target) ? raw | PteBit.V : raw;
      case 'write-without-read':
        return this.#access === 'fetch' && raw & PteBit.X ? raw & ~PteBit.W : raw | PteBit.R;
      case 'reserved-bits':
        return raw & ~RESERVED;
      case 'reserved-memory-type':
        return raw & ~PBMT;
      case 'reserved-napot':
        return raw & ~PteBit.N;
      case 'pointer-with-leaf-bits':
        return raw & ~(PteBit.U | PteBit.A | PteBit.D | (mode.pteSize === 8 ? PBMT | PteBit.N : 0n));
      case 'pointer-at-last-level':
        return this.#isMemory(step.pte?.target) ? raw | this.#flags() : raw;
      case 'misaligned-superpage':
        return raw & ~(((spanOf(mode, step.level) >> 12n) - 1n) << 10n);
      case 'user-page':
        if (this.#access === 'fetch' || this.#ofKernel(step)) return raw & ~PteBit.U;
        this.trial.setStatus('SUM');
        return undefined;
      case 'not-user-page':
        return raw | PteBit.U;
      case 'not-readable':
        return raw | PteBit.R;
      case 'not-writable':
        return raw | PteBit.R | PteBit.W;
      case 'not-executable':
        return raw | PteBit.X;
      default:
        // A or D, which no hardware sets here, or may not.
        return raw | PteBit.A | (this.#access === 'store' ? PteBit.D : 0n);
    }
  }

  #ofKernel({ pte }: WalkStep): boolean {
    return pte !== undefined && (this.#hints.ofKernel?.(pte.target) ?? false);
  }

  #isMemory(pa: PhysAddr | undefined): boolean {
    const { regions } = this.trial.attempt.machine;
    return pa !== undefined && regions.some(({ base, size }) => pa >= base && pa < base + size);
  }

  /** Bits of a leaf that this access needs, and no others. */
  #flags(): bigint {
    const { privilege } = this.trial.regime;
    const rights = { load: PteBit.R, store: PteBit.R | PteBit.W | PteBit.D, fetch: PteBit.R | PteBit.X }[this.#access];
    return PteBit.V | PteBit.A | rights | (privilege === 0 ? PteBit.U : 0n);
  }

  /** The walker may not read an entry: PMP forbids it, or no memory is there. */
  #readable({ refusal, steps }: WalkFailure, step: WalkStep, mode: PagingMode): boolean {
    const { trial } = this;
    if (refusal?.by === 'PMP' && grantPmp(trial, step.address, mode.pteSize, 'load', 1)) return true;
    const above = steps.at(-2);
    if (above) return this.#map(above, mode);
    const root = this.#hints.spare();
    trial.addTable(root);
    trial.setRoot(root);
    return true;
  }

  /** A well-translated access was refused where it arrived. */
  #admit({ refusal, steps, regime }: WalkFailure): boolean {
    const { trial } = this;
    const { size, access } = trial.attempt;
    const step = steps.at(-1);
    const pa = step?.pte && regime.mode ? arrival(step, regime.mode, trial.va) : phys(trial.va);
    if (refusal?.by === 'PMP' && grantPmp(trial, pa, size, access, regime.privilege)) return true;
    return step !== undefined && regime.mode !== undefined && this.#map(step, regime.mode);
  }

  /** Writes the entry anew, so that the address leads to its target: a leaf where it fits, else tables down to a page. */
  #map(step: WalkStep, mode: PagingMode): boolean {
    const { trial } = this;
    const page = virt(trial.va & ~0xfffn);
    const known = this.#hints.target?.(page);
    const target = known ?? this.#hints.spare();
    this.guessed ||= known === undefined;
    let { address, level } = step;
    while (level > 0 && (known === undefined || !this.#fits(page, target, mode, level))) {
      const table = this.#hints.spare();
      trial.addTable(table);
      trial.setPte(address, mode.pteSize, level, ((table >> 12n) << 10n) | PteBit.V);
      level -= 1;
      address = plus(table, vpn(mode, page, level) * mode.pteSize);
    }
    const start = target & ~(spanOf(mode, level) - 1n);
    trial.setPte(address, mode.pteSize, level, ((start >> 12n) << 10n) | this.#flags());
    return true;
  }

  /** Whether a leaf of this level can lead the page to its target, with memory behind all of it. */
  #fits(page: VirtAddr, target: PhysAddr, mode: PagingMode, level: number): boolean {
    const span = spanOf(mode, level);
    const start = target & ~(span - 1n);
    const { regions } = this.trial.attempt.machine;
    const region = regions.find(({ base, size }) => start >= base && start + span <= base + size);
    return (page - target) % span === 0n && region !== undefined;
  }
}

/** Where a leaf leads an address. */
export function arrival({ pte, level }: WalkStep, mode: PagingMode, va: VirtAddr): PhysAddr {
  const size = pte?.napot ? 0x10000n : spanOf(mode, level);
  return phys(((pte?.target ?? 0n) & ~(size - 1n)) | (va & (size - 1n)));
}
