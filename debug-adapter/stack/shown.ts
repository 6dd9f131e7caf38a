// Where clients show the frames of a stack: the line in the source, else the instruction in a listing. At a stop that
// exceptionInfo explains, one frame is the one that the explanation is about, and clients should open it: editors draw
// the explanation there. VS Code takes the first frame whose source is there and not marked `deemphasize`.

import type { DebugProtocol } from '@vscode/debugprotocol';
import type { StopFact } from '../run-control/stop-fact.ts';
import type { SessionContext } from '../session-context.ts';
import type { Listed } from '../sources/listings.ts';
import { type FunctionRow, type StackRow, stackOf } from './rows.ts';

export interface Shown {
  readonly source: DebugProtocol.Source;
  readonly line: number;
  readonly column: number;
}

/** Whether exceptionInfo tells more of a stop than its one line, so that the user should have it before the eyes. */
export function isExplained({ reason, event, exceptionId }: StopFact): boolean {
  return reason === 'exception' && (exceptionId !== undefined || event?.kind === 'csr-pending' || isFault(event));
}

/** A trap other than an interrupt or a call that software asked for. */
function isFault(event: StopFact['event']): boolean {
  return event?.kind === 'trap' && !event.interrupt && !(event.cause >= 8 && event.cause <= 11);
}

/** Says of the rows of a hart's stack where they are shown; `index` is the row's place among them. */
export function showing(session: SessionContext, hart: number) {
  const { lastStop } = session.runControl;
  const isIt = lastStop?.hart === hart && isExplained(lastStop);
  const rows = isIt ? stackOf(session, hart).rows(Number.POSITIVE_INFINITY) : [];
  const explained = isIt ? explainedRow(rows, isFault(lastStop.event)) : 0;
  return (row: FunctionRow, index: number): Shown | undefined => {
    const source = sourceOf(row);
    if (!source || !row.line)
      return isIt && index === explained ? asListing(session, row) : missing(session, row, index < explained);
    tellOf(session, source);
    const shown = { source, line: row.line.line, column: row.line.column };
    return index < explained ? secondary(session, row, shown, rows.slice(explained)) : shown;
  };
}

/** The row that the explanation is about: at a fault what was interrupted, or its first caller that has a source;
 * otherwise where the hart stands. */
function explainedRow(rows: readonly StackRow[], isFault: boolean): number {
  const start = isFault ? rows.findIndex((row) => 'label' in row) + 1 : 0;
  const next = rows.findIndex((row, index) => index >= start && 'label' in row);
  const own = rows.slice(start, next < 0 ? undefined : next);
  // VS Code opens no frame that is marked as guessed.
  const found = own.findIndex((row) => !('label' in row) && sourceOf(row) && !row.frame.guessed);
  return start + Math.max(0, found);
}

function sourceOf({ line }: FunctionRow): DebugProtocol.Source | undefined {
  return line && line.line > 0 ? line.source : undefined;
}

/** A row before the one to open. VS Code holds the mark with the file, and the last row in a file gives it: where the row
 * to open is in the same file, this one is shown by its instructions. */
function secondary(session: SessionContext, row: FunctionRow, shown: Shown, outer: readonly StackRow[]): Shown {
  const isShared = outer.some((other) => !('label' in other) && sourceOf(other)?.path === shown.source.path);
  const why = [`// ${shown.source.name} is shown where the trap was taken. This is the trap's handler:`];
  const listing = isShared && row.located ? session.listings.at(row.located, why) : undefined;
  return listing
    ? listed(row.name, listing)
    : { ...shown, source: { ...shown.source, presentationHint: 'deemphasize' } };
}

/** The instructions in place of a file that is not here; debug information knows the file. `passed`: another frame is the one to
 * open. Marked frames are folded away in VS Code's call stack, so that only these are. */
function missing(session: SessionContext, { line, located }: FunctionRow, passed: boolean): Shown | undefined {
  if (!line || line.line === 0 || !located) return undefined;
  const listing = session.listings.at(located, bringing(line.file));
  if (!listing) return undefined;
  const { source, ...place } = listed(baseName(line.file), listing, `${line.file} is not here`);
  return { source: { ...source, presentationHint: passed ? 'deemphasize' : 'normal' }, ...place };
}

/** The instructions in any case, for clients to open. */
function asListing(session: SessionContext, row: FunctionRow): Shown {
  const { frame, line, located } = row;
  const why = line && line.line > 0 ? bringing(line.file) : ['// No debug information tells the source of this code.'];
  const listing = (located && session.listings.at(located, why)) ?? session.listings.around(frame, why);
  const { source, ...place } = listed(line ? baseName(line.file) : row.name, listing);
  return { source: { ...source, presentationHint: 'normal' }, ...place };
}

function listed(name: string, { reference, line }: Listed, origin?: string): Shown {
  const source = { name: `${name} (instructions)`, sourceReference: reference, ...(origin && { origin }) };
  return { source: { ...source, presentationHint: 'deemphasize' }, line, column: 1 };
}

/** Says how to bring a file. */
function bringing(file: string): string[] {
  const folder = file.slice(0, Math.max(0, file.lastIndexOf('/'))) || '.';
  return [
    `// ${file} is not here.`,
    '// Say in launch.json where sources are, such as:',
    `//   "sourceMap": { ${JSON.stringify(folder)}: "\${workspaceFolder}" }`,
    '// The instructions of the function instead:',
  ];
}

const baseName = (file: string) => file.slice(file.lastIndexOf('/') + 1);

/** The sources that each client has been told of. */
const told = new WeakMap<SessionContext, Set<string>>();

/** Tells the client of a source the first time that a stack leads there. */
function tellOf(session: SessionContext, source: DebugProtocol.Source): void {
  const known = told.get(session) ?? new Set<string>();
  told.set(session, known);
  if (!source.path || known.has(source.path)) return;
  known.add(source.path);
  session.send('loadedSource', { reason: 'new', source });
}
