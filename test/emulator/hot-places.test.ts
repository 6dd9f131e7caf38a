// Which places are translated, and when: by visits, by how far they are from each other, and together.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { HotPlaces, visitsCounted } from '../../emulator/core/translator/hot-places.ts';

const AFTER = 8000;
const COUNTED = visitsCounted(AFTER);
const PAGE = 0x10000;
const [FIRST, SECOND] = [PAGE, PAGE + 800];
/** Visits that make a hot place worth a module of its own. */
const ALONE = 8 * AFTER;

/** A guest of which nothing is known but visits of places. */
class Guest {
  readonly places = new HotPlaces(AFTER);
  private run = 0;

  take(): readonly number[] {
    return this.places.take(this.run);
  }

  /** Visits of some places in turn, each so often, so many instructions apart, until there is a batch; how many it took of each. */
  visit(records: readonly number[], most: number, { distance = 100, straight = 8 } = {}) {
    for (let visits = COUNTED; visits <= most; visits += COUNTED) {
      for (const record of records) {
        this.run += (distance * COUNTED) / records.length;
        this.places.visited({ record, page: PAGE, run: this.run, straight: (limit) => Math.min(straight, limit) });
      }
      const batch = this.take();
      if (batch.length) return { visits, batch };
    }
    return undefined;
  }
}

describe('a place is translated', () => {
  test('after so many visits, and not before it has waited for others', () => {
    const found = new Guest().visit([FIRST], 10 * ALONE);
    assert.deepEqual(found?.batch, [FIRST]);
    // Those after which it is hot are the last of them that count.
    assert.equal(found?.visits, AFTER + ALONE - COUNTED);
  });

  test('sooner with others, in one batch', () => {
    const records = Array.from({ length: 32 }, (_, index) => PAGE + 8 * index);
    const found = new Guest().visit(records, 10 * ALONE);
    assert.deepEqual(found?.batch, records);
    assert.equal(found?.visits, AFTER + ALONE / 32 - COUNTED);
  });

  test('sooner where it is far to the next jump, but not before it is known how far it is from visit to visit', () => {
    const visitsOf = (straight: number) => new Guest().visit([FIRST], 10 * ALONE, { straight })?.visits ?? 0;
    assert.equal(visitsOf(16), (AFTER + ALONE) / 2 - COUNTED);
    assert.equal(visitsOf(64), 2 * COUNTED + ALONE / 8 - COUNTED);
    assert.equal(visitsOf(10_000), 3 * COUNTED, 'so much each visit is worth 32 at most');
  });

  test('later where it is far from visit to visit, in proportion', () => {
    const visitsOf = (distance: number) => new Guest().visit([FIRST], 100 * ALONE, { distance })?.visits ?? 0;
    const hotAt = (distance: number) => visitsOf(distance) - ALONE + COUNTED;
    assert.equal(hotAt(20_000), AFTER);
    assert.equal(hotAt(40_000), 2 * AFTER);
    assert.equal(hotAt(400_000), 20 * AFTER);
  });

  test('as if it had not been visited long ago', () => {
    const late = new Guest();
    late.visit([SECOND], AFTER - COUNTED, { distance: 1e6 });
    const found = late.visit([FIRST], 10 * ALONE);
    assert.equal(found?.visits, AFTER + ALONE - COUNTED);
  });

  test('again, should it still be visited, each time after eight times as many', () => {
    const guest = new Guest();
    const visitsOf = () => guest.visit([FIRST], 1000 * ALONE)?.visits ?? 0;
    assert.equal(visitsOf(), AFTER + ALONE - COUNTED);
    assert.equal(visitsOf(), 8 * AFTER + ALONE - COUNTED);
    assert.equal(visitsOf(), 64 * AFTER + ALONE - COUNTED);
  });

  test('as if it were new where its page has changed, or its own module was not to be had', () => {
    for (const cool of ['coolPage', 'cool'] as const) {
      const guest = new Guest();
      assert.ok(guest.visit([FIRST], 10 * ALONE));
      guest.places[cool](PAGE, FIRST);
      assert.equal(guest.visit([FIRST], 10 * ALONE)?.visits, AFTER + ALONE - COUNTED);
    }
  });

  test('at once when it is translated and is to be so anew, with what waits', () => {
    const guest = new Guest();
    assert.equal(guest.visit([FIRST], 2 * AFTER), undefined);
    guest.places.again([SECOND]);
    assert.deepEqual(guest.take(), [FIRST, SECOND]);
    assert.deepEqual(guest.take(), []);
  });

  test('in batches that are not too large, one behind the other', () => {
    const guest = new Guest();
    const records = Array.from({ length: 600 }, (_, index) => PAGE + 8 * index);
    guest.places.again(records);
    const batches = [1, 2, 3, 4].map(() => guest.take());
    assert.deepEqual(batches.flat(), records);
    assert.deepEqual(
      batches.map(({ length }) => length),
      [256, 256, 88, 0],
    );
  });
});
