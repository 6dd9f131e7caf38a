// The log of MMU events: every satp write, and what stops and MMU breakpoints have asked for; the latest rows.

import { hex64 } from '../../emulator/address.ts';
import type { CsrWriteEvent } from '../../emulator/events.ts';
import { describeSatp, isIgnored, satpFields } from '../../kernel/index.ts';
import type { EventRow, OtherEventRow, SatpEventRow } from '../protocol/requests.ts';
import { describe } from './describe.ts';
import { type Occurrence, pteOf } from './occurrence.ts';

const MOST = 10_000;

export interface LogFacts {
  readonly xlen: 32 | 64;
  /** The hart's satp now. */
  readonly satp: bigint;
  nameOf(pc: Occurrence['pc']): string;
}

export class EventLog {
  #rows: EventRow[] = [];
  #count = 0;

  clear(): void {
    this.#rows = [];
    this.#count = 0;
  }

  /** The rows with this index (from 1) and later ones, as far as they are kept; of more than `latest` the newest. */
  from(index: number, latest = MOST): readonly EventRow[] {
    const first = this.#count - this.#rows.length + 1;
    return this.#rows.slice(Math.max(0, index - first, this.#rows.length - Math.max(0, latest)));
  }

  addSatp(event: CsrWriteEvent, facts: LogFacts): SatpEventRow {
    return this.#add({
      ...this.#base(event, facts),
      kind: 'satp',
      ...satpFields(event, facts.xlen),
      ignored: isIgnored(event),
      text: describeSatp(event, facts.xlen),
    });
  }

  add(occurrence: Occurrence, event: string, facts: LogFacts): OtherEventRow {
    const pte = pteOf(occurrence);
    return this.#add({
      ...this.#base(occurrence, facts),
      kind: 'event',
      event,
      satp: hex64(facts.satp),
      text: describe(occurrence, facts.xlen),
      ...(pte !== undefined && { pteAddress: hex64(pte) }),
      ...('va' in occurrence && { va: hex64(occurrence.va) }),
    });
  }

  #base({ instret, hart, pc }: Occurrence, { nameOf }: LogFacts) {
    return { index: this.#count + 1, instret: hex64(instret), hart, pc: hex64(pc), symbol: nameOf(pc) };
  }

  #add<R extends EventRow>(row: R): R {
    this.#count += 1;
    this.#rows.push(row);
    if (this.#rows.length > MOST * 1.25) this.#rows = this.#rows.slice(-MOST);
    return row;
  }
}
