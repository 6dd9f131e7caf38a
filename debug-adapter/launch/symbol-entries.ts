// launch.json's `symbols`: files, or files with where their programs run.

import { type ModuleSpace, moduleSpaces } from '../modules/module.ts';
import type { SymbolFileEntry } from '../protocol/launch.ts';

/** A checked entry. At most one of `base` and `offset` is there; without both the slide is looked for. */
export interface SymbolEntry {
  readonly path: string;
  /** Absent: told by the addresses in the file. */
  readonly space?: ModuleSpace;
  /** Address at which the lowest byte of the file's program runs. */
  readonly base?: bigint;
  /** Bytes from each link address to the run address. */
  readonly offset?: bigint;
  /** Of an object file: where each of its sections is. */
  readonly sections?: ReadonlyMap<string, bigint>;
}

const known: readonly string[] = ['path', 'space', 'base', 'offset', 'sections'] satisfies (keyof SymbolFileEntry)[];

export const symbolEntryText =
  'a file name, an object with "path" and, where needed, "space" ("kernel", "user" or "physical") and one of "base", "offset" (such as "0x80000000") and "sections" (such as {".text": "0x80000000"}), or a list of these';

/** undefined when it is no entry. */
export function parseSymbolEntry(given: unknown): SymbolEntry | undefined {
  if (typeof given === 'string') return given === '' ? undefined : { path: given };
  if (typeof given !== 'object' || given === null) return undefined;
  const { path, space, base, offset, sections } = given as Readonly<Record<string, unknown>>;
  if (typeof path !== 'string' || path === '' || !Object.keys(given).every((name) => known.includes(name)))
    return undefined;
  const where = moduleSpaces.find((name) => name === space);
  const [start, slide] = [parseAddress(base), parseAddress(offset)];
  const places = sections === undefined ? undefined : parseSections(sections);
  const wrong =
    (sections !== undefined && (!places || base !== undefined || offset !== undefined)) ||
    (space !== undefined && !where) ||
    (base !== undefined && (start === undefined || start < 0n)) ||
    (offset !== undefined && slide === undefined) ||
    (base !== undefined && offset !== undefined);
  if (wrong) return undefined;
  return {
    path,
    ...(where && { space: where }),
    ...(start !== undefined && { base: start }),
    ...(slide !== undefined && { offset: slide }),
    ...(places && { sections: places }),
  };
}

function parseSections(given: unknown): ReadonlyMap<string, bigint> | undefined {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return undefined;
  const places = new Map<string, bigint>();
  for (const [name, place] of Object.entries(given)) {
    const address = parseAddress(place);
    if (address === undefined || address < 0n) return undefined;
    places.set(name, address);
  }
  return places;
}

/** `0x1000`, `-0x1000`, `4096` as text, or a number. */
function parseAddress(given: unknown): bigint | undefined {
  if (typeof given === 'number') return Number.isSafeInteger(given) ? BigInt(given) : undefined;
  const [, sign, digits] = (typeof given === 'string' && /^(-?)(0x[0-9a-f]{1,16}|\d{1,20})$/i.exec(given.trim())) || [];
  return digits === undefined ? undefined : sign ? -BigInt(digits) : BigInt(digits);
}
