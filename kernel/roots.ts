// Every page-table root that satp has held since reset, and who holds it now.

import { type PhysAddr, paText } from '../emulator/address.ts';
import type { CsrWriteEvent } from '../emulator/events.ts';
import type { Inspection } from '../emulator/inspection.ts';
import { decodeSatp, type PagingMode } from '../emulator/mmu/modes.ts';
import { rootId } from './space.ts';

const SATP = 0x180;

export interface Root {
  /** `Sv39@0x0000000080210000`. */
  readonly id: string;
  readonly mode: PagingMode;
  readonly root: PhysAddr;
  /** The symbol whose object begins there (`swapper_pg_dir`), else `pa:0x80210000`. */
  readonly name: string;
  /** Ascending. */
  readonly asids: readonly number[];
  /** The harts whose satp holds it now. */
  readonly harts: readonly number[];
  /** Instructions that the writing hart had retired before the first and the last write of it. */
  readonly firstSeen: bigint;
  readonly lastSeen: bigint;
}

/** What a write to satp did: an unsupported mode makes the whole write have no effect. */
export type SatpWrite = Pick<CsrWriteEvent, 'written' | 'before' | 'after'>;

/** Whether the hardware did not take the write (rule satp_mode_op_unsupported). */
export function isIgnored({ written, before, after }: SatpWrite): boolean {
  return after === before && written !== before;
}

interface Seen {
  readonly mode: PagingMode;
  readonly root: PhysAddr;
  readonly asids: Set<number>;
  readonly firstSeen: bigint;
  lastSeen: bigint;
}

/** Fed with the machine's csr-write events; forgets nothing until `clear`. */
export class RootHistory {
  readonly #seen = new Map<string, Seen>();
  /** By the value of satp, whose ASID is in `asids` already. */
  readonly #byValue = new Map<bigint, Seen>();

  /** Takes note of a write to satp; other CSRs, ignored writes and Bare leave the collection as it is. */
  record(event: CsrWriteEvent, xlen: 32 | 64): void {
    if (event.csr === SATP && !isIgnored(event)) this.#note(event.after, xlen, event.instret);
  }

  /** Forgets everything: the machine was reset. */
  clear(): void {
    this.#seen.clear();
    this.#byValue.clear();
  }

  /** The roots in the order in which they were first seen, those that harts hold now among them. */
  list(machine: Inspection, nameOfPhysical: (pa: PhysAddr) => string | undefined): Root[] {
    const holders = new Map<string, number[]>();
    for (const hart of machine.harts) {
      const value = hart.csr(SATP) ?? 0n;
      const { mode, root } = decodeSatp(value, machine.xlen);
      if (!mode) continue;
      const id = rootId(mode, root);
      if (!this.#seen.has(id)) this.#note(value, machine.xlen, hart.instret);
      holders.set(id, [...(holders.get(id) ?? []), hart.id]);
    }
    return [...this.#seen].map(([id, { mode, root, asids, firstSeen, lastSeen }]) => ({
      id,
      mode,
      root,
      name: nameOfPhysical(root) ?? paText(root),
      asids: [...asids].sort((a, b) => a - b),
      harts: holders.get(id) ?? [],
      firstSeen,
      lastSeen,
    }));
  }

  #note(value: bigint, xlen: 32 | 64, instret: bigint): void {
    const seen = this.#byValue.get(value) ?? this.#find(value, xlen, instret);
    if (seen) seen.lastSeen = instret;
  }

  #find(value: bigint, xlen: 32 | 64, instret: bigint): Seen | undefined {
    const { mode, root, asid } = decodeSatp(value, xlen);
    if (!mode) return undefined;
    const id = rootId(mode, root);
    const seen = this.#seen.get(id) ?? { mode, root, asids: new Set<number>(), firstSeen: instret, lastSeen: instret };
    seen.asids.add(asid);
    this.#seen.set(id, seen);
    this.#byValue.set(value, seen);
    return seen;
  }
}
