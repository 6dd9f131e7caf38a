// Which places are translated, and when. A jump to a place that is interpreted is a visit.
//
// To translate costs once and saves a little at each visit, and how many are to come nobody knows. So a place is translated when it
// has been visited as often as would have paid for it: what is done in vain then costs no more than waiting did. The same holds of a
// module, which costs more than a place in it: hot places wait for others until that has cost as much.

/** Of the visits that make a place hot, so many are counted by its record, which then tells. */
export const visitsCounted = (translateAfter: number): number => Math.max(1, translateAfter >> 3);

/** Instructions from a place to the next jump as they usually are: with more, fewer visits do, up to so many. */
const USUAL = 8;
const LONG = 256;

/**
 * Instructions that run from a visit to the next, up to which a place is near: what is translated is then still in the host's
 * caches. From farther away it saves less, as machine code takes five times the memory of records: a thousand functions called at
 * random, 90 000 instructions from visit to visit, gain 2.7 ns an instruction, two thousand less than 1, where to translate one costs
 * some 65 µs. So a place twice as far must be visited twice as often.
 */
const NEAR = 20_000;

/** What waits has been visited enough for a module, which costs some milliseconds, after so many times the visits of a hot place. */
const PATIENCE = 8;

/** Most places of a batch: with more, the first of them would wait for the last. */
const BATCH = 256;

/** One that is visited though it was asked for may not be possible: each time it takes so many times the visits to be asked for again. */
const AGAIN = 8;

interface Place {
  /** Instructions run when it was first told of, or asked for. */
  since: number;
  /** Since it was last asked for. */
  visits: number;
  /** How often it was asked for. */
  asked: number;
}

/** What a record tells. */
export interface Visited {
  readonly record: number;
  /** Address of its page's records. */
  readonly page: number;
  /** Instructions that all harts have run so far. */
  readonly run: number;
  /** Instructions from there to the next jump, at most so many. */
  readonly straight: (most: number) => number;
}

export class HotPlaces {
  /** By pages, then by records. */
  private readonly places = new Map<number, Map<number, Place>>();
  /** Records that are to be translated, with their places where they are hot. */
  private readonly queue = new Map<number, Place | undefined>();
  /** Visits of those in the queue, of long ones more. */
  private waited = 0;
  private readonly translateAfter: number;
  private readonly counted: number;

  /** `translateAfter`: visits after which a place is hot. */
  constructor(translateAfter: number) {
    this.translateAfter = translateAfter;
    this.counted = visitsCounted(translateAfter);
  }

  /** A place was visited `visitsCounted` times more. */
  visited({ record, page, run, straight }: Visited): void {
    const place = this.placeAt(page, record, run);
    place.visits += this.counted;
    const weight = Math.max(1, straight(LONG) / USUAL);
    if (!this.queue.has(record)) {
      const between = place.visits - this.counted;
      if (!between) return;
      const enough = (this.translateAfter * AGAIN ** place.asked) / weight;
      const distance = (run - place.since) / between;
      if (place.visits < Math.max(enough, (this.translateAfter * distance) / NEAR)) return;
      this.queue.set(record, place);
    }
    this.waited += this.counted * weight;
  }

  /** Places that are translated are to be so anew, soon. */
  again(records: readonly number[]): void {
    for (const record of records) this.queue.set(record, this.queue.get(record));
    this.waited += PATIENCE * this.translateAfter;
  }

  /** The records of hot places, once they have waited long enough; else none. What is over a batch is ready to be taken. */
  take(run: number): readonly number[] {
    if (this.waited < PATIENCE * this.translateAfter) return [];
    const batch = [...this.queue].slice(0, BATCH);
    for (const [record, place] of batch) {
      this.queue.delete(record);
      if (place) Object.assign(place, { since: run, visits: 0, asked: place.asked + 1 } satisfies Place);
    }
    if (!this.queue.size) this.waited = 0;
    return batch.map(([record]) => record);
  }

  /** What is at the record is as if it had never been visited. */
  cool(page: number, record: number): void {
    this.places.get(page)?.delete(record);
  }

  /** The same of all records of a page. */
  coolPage(page: number): void {
    this.places.delete(page);
  }

  /** No place is hot. */
  clear(): void {
    this.places.clear();
    this.queue.clear();
    this.waited = 0;
  }

  private placeAt(page: number, record: number, run: number): Place {
    const places = this.places.get(page) ?? new Map<number, Place>();
    const place = places.get(record) ?? { since: run, visits: 0, asked: 0 };
    this.places.set(page, places.set(record, place));
    return place;
  }
}
