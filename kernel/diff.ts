// What changed between two stops.

/** A keyed picture of a view: key → everything that counts as its content, as one text. */
export type Picture = ReadonlyMap<string, string>;

/** Takes the picture of rows. */
export function pictureOf<Row>(
  rows: Iterable<Row>,
  keyOf: (row: Row) => string,
  contentOf: (row: Row) => string,
): Picture {
  const picture = new Map<string, string>();
  for (const row of rows) picture.set(keyOf(row), contentOf(row));
  return picture;
}

/** Whether a row with this key is new or differs from the earlier picture; nothing has changed when there is none. */
export function hasChanged(before: Picture | undefined, key: string, content: string): boolean {
  return before !== undefined && before.get(key) !== content;
}

export interface Difference {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

/** The keys by what happened to them, in the pictures' order. */
export function difference(before: Picture, after: Picture): Difference {
  const added: string[] = [];
  const changed: string[] = [];
  for (const [key, content] of after) {
    const earlier = before.get(key);
    if (earlier === undefined) added.push(key);
    else if (earlier !== content) changed.push(key);
  }
  return { added, changed, removed: [...before.keys()].filter((key) => !after.has(key)) };
}
