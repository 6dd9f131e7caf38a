// Which part of a source line is an expression that the debug adapter can evaluate.

/** A word of a line: columns from `start` (inclusive) to `end` (exclusive), and what to evaluate for it. */
export interface Word {
  readonly start: number;
  readonly end: number;
  readonly expression: string;
}

/** Addresses in the adapter's grammar, numbers, and names with what may be added to a symbol. */
const words = /(?:[pv]a:)?0x[0-9a-f_]+(?:@0x[0-9a-f]+(?::sv\d\d)?)?|[a-z_.$][\w.$]*(?:\+0x[0-9a-f]+)?/gi;

/** The word of `line` at `column`. */
export function wordAt(line: string, column: number): Word | undefined {
  for (const match of line.matchAll(words)) {
    const start = match.index;
    const end = start + match[0].length;
    if (start <= column && column < end) return { start, end, expression: expressionOf(match[0]) };
  }
  return undefined;
}

/** C sources name CSRs as macros: `CSR_SATP` is `satp`. Digit groups are dropped from numbers. */
export function expressionOf(text: string): string {
  const csr = /^CSR_([A-Z][A-Z0-9]*)$/.exec(text)?.[1];
  if (csr) return csr.toLowerCase();
  return /^0x/i.test(text) ? text.replaceAll('_', '') : text;
}
