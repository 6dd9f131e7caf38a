// What the checks of a satp write share: the machine as it stands, the translation as it will be, and words for both.

import { hex, type PhysAddr, paText, phys, type VirtAddr, virt } from '../../emulator/address.ts';
import type { Access, HartView, Inspection } from '../../emulator/inspection.ts';
import { decodeSatp } from '../../emulator/mmu/modes.ts';
import { permissionsText } from '../../emulator/mmu/pte.ts';
import { regimeOf, regimeUnder, walkMemoryOf } from '../../emulator/mmu/regime.ts';
import { type Regime, type Walk, walk } from '../../emulator/mmu/walk.ts';
import { type ExplainedStep, explain } from '../explain.ts';
import type { TrapNames } from '../fault/explain-trap.ts';
import type { PendingSatp } from './satp-write.ts';

const STVEC = 0x105;

/** One write, and all that its checks look at. */
export class Ground {
  readonly machine: Inspection;
  readonly hart: HartView;
  readonly write: PendingSatp;
  readonly names: TrapNames;
  readonly satp: ReturnType<typeof decodeSatp>;
  /** The translation of S-mode after the write. */
  readonly regime: Regime;

  constructor(machine: Inspection, hart: HartView, write: PendingSatp, names: TrapNames) {
    this.machine = machine;
    this.hart = hart;
    this.write = write;
    this.names = names;
    this.satp = decodeSatp(write.written, machine.xlen);
    const privilege = hart.privilege === 3 ? 1 : hart.privilege;
    this.regime = regimeUnder(machine, hart, this.satp.mode, this.satp.root, privilege);
  }

  handler(): VirtAddr {
    return virt((this.hart.csr(STVEC) ?? 0n) & ~3n);
  }

  walk(va: VirtAddr, access: Access, size: number): Walk {
    const room = 4096 - Number(va & 0xfffn);
    return walk(walkMemoryOf(this.machine, this.hart.id), this.regime, va, access, Math.min(size, room));
  }

  /** Where the code is in physical memory before the write. */
  physicalNow(va: VirtAddr): PhysAddr | undefined {
    const before = decodeSatp(this.write.before, this.machine.xlen);
    const now = regimeOf(this.machine, this.hart, 'fetch');
    const regime = { ...now, mode: now.privilege === 3 ? undefined : before.mode, root: before.root };
    const walked = walk(walkMemoryOf(this.machine, this.hart.id), regime, va, 'fetch', 2);
    return walked.ok ? walked.pa : undefined;
  }

  /** `0x80201044 <relocate_enable_mmu+0x44>`. */
  at(va: VirtAddr): string {
    const name = this.names.symbolOf(va);
    return `${hex(va)}${name && ` <${name}>`}`;
  }

  found(walked: Extract<Walk, { ok: true }>): string {
    const what = this.names.nameOfPhysical(phys(walked.pa));
    const rights = walked.leaf ? `, ${permissionsText(walked.leaf)}` : '';
    return `${walked.leaf ? 'mapped to ' : ''}${paText(walked.pa)}${rights}${what && ` (${what})`}`;
  }

  fails(walked: Extract<Walk, { ok: false }>): string {
    return walked.reason === 'not-valid' ? 'is not mapped' : `faults: ${this.why(walked)}`;
  }

  why(walked: Extract<Walk, { ok: false }>): string {
    return explain(walked)
      .text.replace(/^[^:]*: /, '')
      .replace(/\.$/, '');
  }

  steps(walked: Walk): { readonly steps: readonly ExplainedStep[] } {
    return { steps: explain(walked).steps };
  }
}
