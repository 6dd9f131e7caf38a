// What a row of a tree shows, as plain data: made from answers of the adapter, turned into tree items by tree.ts.

export type Tint = 'green' | 'amber' | 'red' | 'blue';

export interface Row<More = unknown> {
  /** From the data, so that expansion and selection survive every step. Unique in its tree. */
  readonly id: string;
  readonly label: string;
  readonly description?: string;
  /** Markdown with all facts. */
  readonly tooltip: string;
  /** Codicon. */
  readonly icon?: string;
  /** `danger` = W+X or malformed; `changed` = differs from the last stop. */
  readonly mark?: 'danger' | 'changed' | undefined;
  /** Colour of the icon of a verdict. */
  readonly tint?: Tint | undefined;
  /** A checkbox in front of the row. */
  readonly checked?: boolean;
  /** What a click does: go to `code` or to `memory`, or run the command of that id. Without it a click only expands. */
  readonly click?: 'code' | 'memory' | 'source' | (string & {});
  /** Memory reference of what the disassembly can show. */
  readonly code?: string;
  /** Memory reference of what the memory document can show. */
  readonly memory?: string;
  /** Memory reference of the PTE. */
  readonly entry?: string;
  readonly value?: string;
  readonly virtual?: string;
  readonly physical?: string;
  readonly root?: { readonly root: string; readonly mode: string };
  /** Virtual addresses whose mapping can be watched: `0xffffffff80000000+0x1000`. */
  readonly mapping?: string;
  /** A line of a source file. */
  readonly source?: { readonly path: string; readonly line: number };
  /** An MMU breakpoint of the list of events, or one that was added. */
  readonly event?: string;
  readonly added?: string;
  /** What to ask for when the row is expanded, or its children themselves. */
  readonly more?: More;
  readonly children?: readonly Row<More>[];
  readonly expanded?: boolean;
}

/** Words for the `when` clauses of menus: the facts that the row has. */
export function facts(row: Row): string {
  const names = [
    ...(['code', 'memory', 'entry', 'value', 'virtual', 'physical', 'root', 'mapping', 'source'] as const),
    ...(['event', 'added'] as const),
  ];
  return names.filter((name) => row[name] !== undefined).join(' ');
}

/** A Markdown table of facts without a heading; empty values are left out. */
export function factTable(rows: readonly (readonly [name: string, value: string | undefined])[]): string {
  const lines = rows.filter(([, value]) => value).map(([name, value]) => `| ${name} | ${value} |`);
  return ['| | |', '|---|---|', ...lines].join('\n');
}

/** Inline code, safe within a table. */
export function code(text: string): string {
  return `\`${text.replaceAll('|', '\\|').replaceAll('`', "'")}\``;
}
