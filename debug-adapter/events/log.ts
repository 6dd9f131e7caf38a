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

/** A row, or a write of satp whose row has not been asked for: a guest may do a hundred thousand a second. */
type Entry = EventRow | CsrWriteEvent;

export class EventLog {
  readonly #facts: () => Omit<LogFacts, 'satp'>;
  #rows: Entry[] = [];
  #count = 0;

  /** `facts`: for writes of satp, when their rows are made. */
  constructor(facts: () => Omit<LogFacts, 'satp'>) {
    this.#facts = facts;
  }

  clear(): void {
    this.#rows = [];
    this.#count = 0;
  }

  /** The rows with this index (from 1) and later ones, as far as they are kept; of more than `latest` the newest. */
  from(index: number, latest = MOST): readonly EventRow[] {
    const first = this.#count - this.#rows.length + 1;
    const begin = Math.max(0, index - first, this.#rows.length - Math.max(0, latest));
    const { xlen, nameOf } = this.#facts();
    // Kernels write satp in few places.
    const names = new Map<bigint, string>();
    const nameOnce = (pc: Occurrence['pc']) => {
      const name = names.get(pc) ?? nameOf(pc);
      names.set(pc, name);
      return name;
    };
    return this.#rows.slice(begin).map((entry, at) => {
      if (!('csr' in entry)) return entry;
      const row = satpRow(first + begin + at, entry, { xlen, nameOf: nameOnce });
      this.#rows[begin + at] = row;
      return row;
    });
  }

  /** The last row; there must be one. */
  get newest(): EventRow {
    return this.from(this.#count)[0] as EventRow;
  }

  /** The row is made when it is asked for. */
  addSatp(event: CsrWriteEvent): void {
    this.#add(event);
  }

  add(occurrence: Occurrence, event: string, facts: LogFacts): OtherEventRow {
    const pte = pteOf(occurrence);
    return this.#add({
      ...baseOf(this.#count + 1, occurrence, facts),
      kind: 'event',
      event,
      satp: hex64(facts.satp),
      text: describe(occurrence, facts.xlen),
      ...(pte !== undefined && { pteAddress: hex64(pte) }),
      ...('va' in occurrence && { va: hex64(occurrence.va) }),
    });
  }

  #add<E extends Entry>(entry: E): E {
    this.#count += 1;
    this.#rows.push(entry);
    if (this.#rows.length > MOST * 1.25) this.#rows = this.#rows.slice(-MOST);
    return entry;
  }
}

function satpRow(index: number, event: CsrWriteEvent, facts: Omit<LogFacts, 'satp'>): SatpEventRow {
  return {
    ...baseOf(index, event, facts),
    kind: 'satp',
    ...satpFields(event, facts.xlen),
    ignored: isIgnored(event),
    text: describeSatp(event, facts.xlen),
  };
}

function baseOf(index: number, { instret, hart, pc }: Occurrence, { nameOf }: Pick<LogFacts, 'nameOf'>) {
  return { index, instret: hex64(instret), hart, pc: hex64(pc), symbol: nameOf(pc) };
}
