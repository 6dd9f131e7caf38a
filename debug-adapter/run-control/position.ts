// Where a hart stands in the source, as stepping sees it: the function, the functions inlined there, and a line in each.

import type { VirtAddr } from '../../emulator/address.ts';
import type { Symbols } from '../symbols.ts';

/** A function that pc is in. */
export interface Level {
  /** The same for all addresses of the same copy of the function. */
  readonly copy: string;
  /** The line being executed: of all but the innermost, the call of the next one. `undefined` where it is not known. */
  readonly line: string | undefined;
  /** pc is where this copy is entered. */
  readonly entered: boolean;
}

export interface Position {
  /** Outermost first: the function that has the code, then those inlined. At least one. */
  readonly levels: readonly Level[];
  /** A statement begins here. */
  readonly statement: boolean;
}

/** undefined where no line is known. */
export function positionAt(symbols: Symbols, pc: VirtAddr): Position | undefined {
  const located = symbols.locate(pc);
  if (!located) return undefined;
  const { module, link } = located;
  const { file } = module;
  const innermost = file.lineAt(link);
  if (!innermost) return undefined;
  // Line 0 is code that the compiler says belongs to no line.
  const here = innermost.line === 0 ? undefined : lineText(innermost);
  const statement = here !== undefined && file.beginsStatement(link);
  const scopes = file.debug.scopesAt(link);
  if (scopes.length === 0) {
    const symbol = file.symbolAt(link);
    return { levels: [{ copy: `${module.id}:${symbol?.value}`, line: here, entered: false }], statement };
  }
  const levels = scopes.map(({ function: { name }, inlined, entry, ranges }, index): Level => {
    const call = scopes[index - 1]?.call;
    const line = index === 0 ? here : call && lineText(call);
    const entered = inlined && (entry === link || ranges.some(({ start }) => start === link));
    return { copy: `${module.id}:${name}:${entry}:${ranges[0]?.start}`, line, entered };
  });
  return { levels: levels.reverse(), statement };
}

function lineText({ file, line }: { readonly file: string; readonly line: number }): string {
  return `${file}:${line}`;
}

/** As the user sees it who has not entered the `hidden` innermost functions yet. */
export function outside(position: Position, hidden: number): Position {
  const count = Math.max(1, position.levels.length - hidden);
  return { ...position, levels: position.levels.slice(0, count) };
}

export function innermostOf({ levels }: Position): Level {
  return levels.at(-1) as Level;
}

/** How many of the outer levels are the same copies. */
export function shared(a: Position, b: Position): number {
  const differs = a.levels.findIndex(({ copy }, index) => copy !== b.levels[index]?.copy);
  return differs < 0 ? a.levels.length : differs;
}

/** How many of the levels from `depth` on are entered just here, counted from the innermost out. */
export function enteredBeyond({ levels }: Position, depth: number): number {
  const inner = levels.slice(depth);
  return inner.every(({ entered }) => entered) ? inner.length : 0;
}
