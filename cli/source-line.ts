// Lines of the source, for findings.

import type { Guest } from './guest.ts';

/** Where the object or function of `symbol` (`name` or `name+0x10`) is declared; undefined where nobody knows. */
export function lineOf(
  { symbols }: Guest,
  symbol: string,
): { readonly path: string; readonly line: number } | undefined {
  const [name = ''] = symbol.split('+');
  const declared = name ? symbols.declarationOf(name) : undefined;
  return declared && { path: declared.source?.path ?? declared.file, line: declared.line };
}
