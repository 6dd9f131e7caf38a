// A machine's state with changes laid over it, so that an access can be tried again without touching the machine.

import { type PhysAddr, phys, type VirtAddr } from '../../emulator/address.ts';
import type { Access, AccessRefusal, HartView, Inspection, Privilege } from '../../emulator/inspection.ts';
import {
  type PmpEntry,
  type PmpRegisters,
  pmpAddressCsr,
  pmpConfigurationPlace,
  pmpEntries,
  pmpRefusal,
  pmpRegistersOf,
} from '../../emulator/mmu/pmp.ts';
import { littleEndian } from '../../emulator/mmu/regime.ts';
import { type Regime, type Walk, type WalkMemory, walk } from '../../emulator/mmu/walk.ts';

/** An access that failed, and all that decides it. */
export interface Attempt {
  readonly machine: Inspection;
  readonly hart: HartView;
  readonly regime: Regime;
  readonly va: VirtAddr;
  readonly access: Access;
  /** In bytes, within one page. */
  readonly size: number;
}

/** One change of the machine's state, or of the access. */
export type Change =
  /** The access should go to another address. */
  | { readonly kind: 'address'; readonly before: VirtAddr; readonly after: VirtAddr }
  /** `written` is the value before the hardware makes it legal. */
  | { readonly kind: 'csr'; readonly csr: number; readonly before: bigint; readonly after: bigint }
  /** A page of memory becomes an empty page table. */
  | { readonly kind: 'table'; readonly address: PhysAddr }
  | {
      readonly kind: 'pte';
      readonly address: PhysAddr;
      readonly size: 4 | 8;
      readonly level: number;
      readonly before: bigint;
      readonly after: bigint;
    };

const Csr = { satp: 0x180, mstatus: 0x300 } as const;
const bit = { SUM: 1n << 18n, MXR: 1n << 19n } as const;

export class Trial {
  readonly attempt: Attempt;
  va: VirtAddr;
  readonly #ptes = new Map<PhysAddr, Extract<Change, { kind: 'pte' }>>();
  readonly #csrs = new Map<number, Extract<Change, { kind: 'csr' }>>();
  readonly #tables = new Set<PhysAddr>();
  #root: PhysAddr;
  #sum: boolean;
  #mxr: boolean;
  #entries: readonly PmpEntry[];

  constructor(attempt: Attempt) {
    this.attempt = attempt;
    this.va = attempt.va;
    this.#root = attempt.regime.root;
    this.#sum = attempt.regime.sum;
    this.#mxr = attempt.regime.mxr;
    this.#entries = pmpEntries(this.pmp);
  }

  /** The PMP registers as they are now. */
  get pmp(): PmpRegisters[] {
    const { machine, hart } = this.attempt;
    return pmpRegistersOf(machine, { csr: (number) => this.#csrs.get(number)?.after ?? hart.csr(number) });
  }

  get regime(): Regime {
    return { ...this.attempt.regime, root: this.#root, sum: this.#sum, mxr: this.#mxr };
  }

  /** The access, made again. */
  walk(): Walk {
    const { access, size } = this.attempt;
    return walk(this.memory, this.regime, this.va, access, size);
  }

  get memory(): WalkMemory {
    return {
      readPte: (address, size) => {
        const refusal = this.refusal(address, size, 'load', 1);
        return refusal ?? this.pteAt(address, size);
      },
      refusal: (address, size, access, privilege) => this.refusal(address, size, access, privilege),
    };
  }

  /** Why the PMP, with its changes, or PMA would refuse a physical access. */
  refusal(address: PhysAddr, size: number, access: Access, privilege: Privilege): AccessRefusal | undefined {
    const { machine } = this.attempt;
    return (
      pmpRefusal(this.#entries, machine.pmpEntries, address, size, access, privilege) ??
      pmaRefusal(machine, address, access)
    );
  }

  pteAt(address: PhysAddr, size: 4 | 8): bigint {
    const changed = this.#ptes.get(address);
    if (changed) return changed.after;
    if (this.#tables.has(pageOf(address))) return 0n;
    return littleEndian(this.attempt.machine.readPhysical(address, size));
  }

  setPte(address: PhysAddr, size: 4 | 8, level: number, after: bigint): void {
    const before = this.#ptes.get(address)?.before ?? this.pteAt(address, size);
    this.#ptes.set(address, { kind: 'pte', address, size, level, before, after });
  }

  addTable(address: PhysAddr): void {
    this.#tables.add(address);
  }

  setRoot(root: PhysAddr): void {
    const { machine, hart } = this.attempt;
    const mask = machine.xlen === 64 ? 0xfffffffffffn : 0x3fffffn;
    const before = hart.csr(Csr.satp) ?? 0n;
    this.#setCsr(Csr.satp, (before & ~mask) | (root >> 12n));
    this.#root = root;
  }

  setStatus(which: 'SUM' | 'MXR'): void {
    const before = this.#csrs.get(Csr.mstatus)?.after ?? this.attempt.hart.csr(Csr.mstatus) ?? 0n;
    this.#setCsr(Csr.mstatus, before | bit[which]);
    if (which === 'SUM') this.#sum = true;
    else this.#mxr = true;
  }

  setPmp(entry: number, { address, configuration }: PmpRegisters): void {
    const { machine, hart } = this.attempt;
    if (this.pmp[entry]?.address !== address) this.#setCsr(pmpAddressCsr(entry), address);
    const { csr, shift } = pmpConfigurationPlace(entry, machine.xlen);
    const before = this.#csrs.get(csr)?.after ?? hart.csr(csr) ?? 0n;
    this.#setCsr(csr, (before & ~(0xffn << shift)) | (BigInt(configuration) << shift));
    this.#entries = pmpEntries(this.pmp);
  }

  /** What has been changed in sum, in the order in which to do it: address, CSRs, new tables, entries. */
  get changes(): Change[] {
    const { va } = this.attempt;
    return [
      ...(this.va === va ? [] : [{ kind: 'address', before: va, after: this.va } as const]),
      ...[...this.#csrs.values()].filter(({ before, after }) => before !== after),
      ...[...this.#tables].map((address) => ({ kind: 'table', address }) as const),
      ...[...this.#ptes.values()].filter(({ before, after }) => before !== after),
    ];
  }

  #setCsr(csr: number, after: bigint): void {
    const before = this.#csrs.get(csr)?.before ?? this.attempt.hart.csr(csr) ?? 0n;
    this.#csrs.set(csr, { kind: 'csr', csr, before, after });
  }
}

const pageOf = (address: PhysAddr) => phys(address & ~0xfffn);

/** The physical memory attributes alone: RAM takes everything, devices no fetches, holes nothing. */
function pmaRefusal({ regions }: Inspection, address: PhysAddr, access: Access): AccessRefusal | undefined {
  const region = regions.find(({ base, size }) => address >= base && address < base + size);
  if (!region) return { by: 'PMA', text: 'nothing at this address' };
  if (region.kind === 'ram' || access !== 'fetch') return undefined;
  return { by: 'PMA', text: `${region.name} holds no instructions` };
}
