// Sorting by 64-bit addresses that come as two 32-bit halves, without an object or a bigint for any of them.

/** Below so many the tables of a radix sort cost more than they save. */
const fewIds = 2048;

/** The ids in ascending order of their addresses; of equal addresses in the order given. Radix sort, 16 bits a pass. */
export function orderByAddress(
  ids: Uint32Array,
  low: (id: number) => number,
  high: (id: number) => number,
): Uint32Array {
  if (ids.length < fewIds) return ids.slice().sort((a, b) => high(a) - high(b) || low(a) - low(b));
  // Columns that are read in a row; the passes move places in them.
  const [lows, highs] = [new Uint32Array(ids.length), new Uint32Array(ids.length)];
  let [order, spare] = [new Uint32Array(ids.length), new Uint32Array(ids.length)];
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i] ?? 0;
    lows[i] = low(id);
    highs[i] = high(id);
    order[i] = i;
  }
  for (const [half, shift] of [
    [lows, 0],
    [lows, 16],
    [highs, 0],
    [highs, 16],
  ] as const) {
    const starts = new Uint32Array(0x10001);
    let digit = 0;
    for (let i = 0; i < half.length; i++) {
      digit = (((half[i] ?? 0) >>> shift) & 0xffff) + 1;
      starts[digit] = (starts[digit] ?? 0) + 1;
    }
    if (starts[digit] === order.length) continue; // all equal, as the high halves mostly are
    for (digit = 1; digit <= 0x10000; digit++) starts[digit] = (starts[digit] ?? 0) + (starts[digit - 1] ?? 0);
    for (let i = 0; i < order.length; i++) {
      const place = order[i] ?? 0;
      digit = ((half[place] ?? 0) >>> shift) & 0xffff;
      const at = starts[digit] ?? 0;
      spare[at] = place;
      starts[digit] = at + 1;
    }
    [order, spare] = [spare, order];
  }
  return order.map((place) => ids[place] ?? 0);
}
