// What is told of accesses: of those to devices, and of stores into page tables that somebody watches.

import { type PhysAddr, virt } from '../address.ts';
import type { Bus } from '../bus/bus.ts';
import type { GuestMemory } from '../core/guest-memory.ts';
import type { MachineEvent } from '../events.ts';
import type { AccessNote } from '../hart/access.ts';
import type { Hart } from '../hart/hart.ts';
import { littleEndian } from '../mmu/regime.ts';
import type { Listeners } from './listeners.ts';
import type { TablePages } from './table-pages.ts';

interface Parts {
  readonly guest: GuestMemory;
  readonly bus: Bus;
  readonly listeners: Listeners;
  readonly tables: TablePages;
  /** True = a listener wants to stop. */
  readonly emit: (event: MachineEvent) => boolean;
}

export class Notices {
  private readonly parts: Parts;

  constructor(parts: Parts) {
    this.parts = parts;
  }

  /** Tells of an access to a device or of a store into a watched table. */
  tell({ hart, access, va, pa, size, before, after }: AccessNote): void {
    const { guest, bus, listeners, tables, emit } = this.parts;
    const isDevice = guest.pageOf(pa) === undefined;
    const kind = isDevice ? 'device-access' : 'table-write';
    if (!isDevice && (access !== 'store' || !tables.stored(pa))) return;
    if (!listeners.hears(kind)) return;
    const { id, pc, instret } = hart;
    const place = { hart: id, pc, instret, va, pa, size };
    const device = isDevice ? (bus.deviceAt(pa)?.name ?? '') : '';
    const event: MachineEvent =
      kind === 'table-write'
        ? { kind, ...place, before, after }
        : { kind, ...place, device, access: access === 'load' ? 'load' : 'store', value: after };
    if (emit(event)) hart.attend();
  }

  /** Tells of what `write` writes, as a device or the built-in firmware on behalf of the hart. */
  around(hart: Hart, address: PhysAddr, length: number, write: () => void): void {
    const { guest, listeners, tables } = this.parts;
    const pieces = listeners.hears('table-write') ? tables.within(address, length) : [];
    const before = pieces.map(({ pa, size }) => littleEndian(guest.read(pa, size)));
    write();
    for (const [index, { pa, size }] of pieces.entries()) {
      const after = littleEndian(guest.read(pa, size));
      this.tell({ hart, access: 'store', va: virt(pa), pa, size, before: before[index] as bigint, after });
    }
  }
}
