// The records that lead into regions. Each has a number, in the place of the heat that other records have, by which generated
// code finds the region and the block that begins there, and the instruction itself (layout.ts, entryField).

import { type CodeCache, heatOf } from '../code-cache.ts';
import type { GuestMemory } from '../guest-memory.ts';
import { entriesAt, entryBytes, entryField, maxEntries, recordBytes } from '../layout.ts';
import { Special } from '../operations.ts';

export class Entries {
  private readonly guest: GuestMemory;
  private readonly code: CodeCache;
  private freeNumbers: number[] = [];
  private nextNumber = 1;

  constructor(guest: GuestMemory, code: CodeCache) {
    this.guest = guest;
    this.code = code;
  }

  /** Whether there are numbers for so many more, even if none is given back. */
  hasRoomFor(count: number): boolean {
    return this.nextNumber + count <= maxEntries;
  }

  /** Makes the record at an offset of a decoded page lead into the region; returns its number. */
  add(decoded: number, offset: number, slot: number, block: number): number {
    const record = recordAt(decoded, offset);
    const { words } = this.guest;
    const number = this.freeNumbers.pop() ?? this.nextNumber++;
    const entry = entriesAt + number * entryBytes;
    words[(entry + entryField.slot) / 4] = slot;
    words[(entry + entryField.block) / 4] = block;
    this.code.writeEntry(entry + entryField.alone, record);
    words[record / 4] = Special.region;
    this.setHeat(record, number);
    return number;
  }

  /** Gives the number back. The record may have changed, or another region may have taken it over. */
  remove(decoded: number, offset: number, number: number): void {
    const record = recordAt(decoded, offset);
    this.freeNumbers.push(number);
    if (this.leads(record) && this.heat(record) === number) this.guest.words[record / 4] = Special.undecoded;
  }

  private heat(record: number): number {
    return this.guest.halves[this.heatIndex(record)] as number;
  }

  /** As if it had never been jumped to; it does not lead into a region. */
  cool(record: number): void {
    this.setHeat(record, 0);
  }

  /** All records are gone. */
  forget(): void {
    this.freeNumbers = [];
    this.nextNumber = 1;
  }

  private leads(record: number): boolean {
    return this.guest.words[record / 4] === Special.region;
  }

  private setHeat(record: number, value: number): void {
    this.guest.halves[this.heatIndex(record)] = value;
  }

  private heatIndex(record: number): number {
    return heatOf(this.code.pageStart(record), record);
  }
}

/** The record at a page offset. */
export const recordAt = (decoded: number, offset: number) => decoded + (offset >> 1) * recordBytes;
