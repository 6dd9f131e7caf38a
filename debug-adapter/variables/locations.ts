// The locations request: where a variable was declared, and where the function is that a pointer leads to.

import type { DebugProtocol } from '@vscode/debugprotocol';
import { virt } from '../../emulator/address.ts';
import { UserError } from '../../emulator/user-error.ts';
import type { SessionContext } from '../session-context.ts';
import type { Row } from './row.ts';

interface Place {
  readonly source: DebugProtocol.Source;
  readonly line: number;
  readonly column: number;
}

const MOST = 50_000;
const known = new WeakMap<SessionContext, { readonly numbers: Map<string, number>; readonly places: Place[] }>();

/** What a variable says of its declaration and of the code it leads to; nothing where the file is not here. */
export function locationReferences(
  session: SessionContext,
  { declared, code }: Row,
): Pick<DebugProtocol.Variable, 'declarationLocationReference' | 'valueLocationReference'> {
  const declaration = declared && referenceOf(session, declared.file, declared.line, declared.column);
  const line = code === undefined ? undefined : session.symbols.lineAt(virt(code));
  const value = line && referenceOf(session, line.file, line.line, line.column);
  return {
    ...(declaration !== undefined && { declarationLocationReference: declaration }),
    ...(value !== undefined && { valueLocationReference: value }),
  };
}

function referenceOf(session: SessionContext, file: string, line: number, column: number): number | undefined {
  const { numbers, places } = known.get(session) ?? { numbers: new Map<string, number>(), places: [] };
  known.set(session, { numbers, places });
  const key = `${file}:${line}:${column}`;
  const number = numbers.get(key);
  if (number !== undefined) return number;
  const module = session.symbols.modules[0];
  const source = module && session.symbols.source(file, module);
  if (!source || line < 1 || places.length >= MOST) return undefined;
  places.push({ source, line, column: Math.max(column, 1) });
  numbers.set(key, places.length);
  return places.length;
}

export function locations(
  session: SessionContext,
  { locationReference }: DebugProtocol.LocationsArguments,
): DebugProtocol.LocationsResponse['body'] {
  const place = known.get(session)?.places[locationReference - 1];
  if (!place) throw new UserError(`There is no location ${locationReference}: ask for the variables again.`);
  return place;
}
