// Names of Rust as their source has them: the compiler's legacy mangling (`_ZN…17h<hash>E`) and v0 (`_R…`, RFC 2603).

import { Demangler } from './rust-v0.ts';

/** Whether a symbol may be Rust's, by its first letters: cheap, for whoever looks at a great many. */
export function mayBeRust(name: string): boolean {
  return name.startsWith('_R') || name.startsWith('_ZN');
}

/**
 * The path of a mangled Rust name, without hashes and disambiguators: `core::option::Option<u8>::unwrap`. Undefined for
 * what is no such name, C++'s among them. What the compiler adds behind it (`.llvm.123`) is left out.
 */
export function rustName(symbol: string): string | undefined {
  if (symbol.length > longestSymbol) return undefined;
  if (symbol.startsWith('_R')) return new Demangler(symbol.slice(2)).name();
  return symbol.startsWith('_ZN') ? legacyName(symbol) : undefined;
}

/** Longer than any that compilers write. */
const longestSymbol = 1 << 16;

/** Its parts, each behind its length; the last one is a hash, which tells it from C++'s. */
function legacyName(symbol: string): string | undefined {
  const parts: string[] = [];
  let at = 3;
  while (symbol[at] !== 'E') {
    const [digits] = /^[1-9]\d{0,5}/.exec(symbol.slice(at, at + 6)) ?? [];
    const start = at + (digits?.length ?? 0);
    at = start + Number(digits);
    if (!digits || at >= symbol.length) return undefined;
    parts.push(symbol.slice(start, at));
  }
  if (!/^h[0-9a-f]{16}$/.test(parts.pop() ?? '') || parts.length === 0) return undefined;
  return parts.map(unescaped).join('::');
}

const escapes: Readonly<Record<string, string>> = {
  BP: '*',
  C: ',',
  GT: '>',
  LP: '(',
  LT: '<',
  RF: '&',
  RP: ')',
  SP: '@',
};

/** One part of a legacy name: `$LT$` for `<`, `$u20$` for a code point, `..` for `::`, `.` for `-`. */
function unescaped(part: string): string {
  // What would begin with `$` has a `_` before it.
  return part.replace(/^_\$/, '$').replace(/\$(\w{1,6})\$|\.\.?/g, (whole, code: string | undefined) => {
    if (code === undefined) return whole === '..' ? '::' : '.';
    const point = /^u[0-9a-f]{1,5}$/.test(code) ? Number.parseInt(code.slice(1), 16) : -1;
    return escapes[code] ?? (point >= 0x20 && point !== 0x7f ? String.fromCodePoint(point) : whole);
  });
}
