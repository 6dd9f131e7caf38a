// Rows of a text table with fixed columns, so that they can be printed as they come.

export interface Column {
  readonly title: string;
  /** Characters; longer texts push the rest to the right. */
  readonly width: number;
  readonly right?: true;
}

export function row(columns: readonly Column[], cells: readonly string[]): string {
  const padded = columns.map(({ width, right }, index) => {
    const cell = cells[index] ?? '';
    return right ? cell.padStart(width) : cell.padEnd(width);
  });
  return padded.join('  ').trimEnd();
}
