// Names as people type them: paths with `::`, keywords of C, the words of its integer types in any order.

/** The last part of a path and what is before it, with its `::`; what is in `<…>` is part of a name. */
export function splitPath(name: string): { path: string; last: string } {
  let depth = 0;
  for (let i = name.length - 1; i > 0; i--) {
    if (name[i] === '>' && name[i - 1] !== '-') depth++;
    else if (name[i] === '<') depth--;
    else if (depth === 0 && name[i] === ':' && name[i - 1] === ':') {
      return { path: name.slice(0, i + 1), last: name.slice(i + 1) };
    }
  }
  return { path: '', last: name };
}

const integerWords: ReadonlySet<string> = new Set(['unsigned', 'signed', 'long', 'short', 'int', 'char']);

/** The names that compilers give the integer type of these words: GCC's and Clang's; the name itself when it is none. */
export function integerNames(name: string): string[] {
  const words = name.split(/\s+/).filter((word) => word !== '');
  if (words.length === 0 || !words.every((word) => integerWords.has(word))) return [name.trim()];
  const has = (word: string) => words.includes(word);
  const count = words.filter((word) => word === 'long').length;
  if (has('char')) return [has('unsigned') ? 'unsigned char' : has('signed') ? 'signed char' : 'char'];
  const sizes = has('short') ? ['short'] : Array.from({ length: count }, () => 'long');
  const gcc = [...sizes, ...(has('unsigned') ? ['unsigned'] : []), 'int'].join(' ');
  const clang = [...(has('unsigned') ? ['unsigned'] : []), ...sizes, ...(sizes.length === 0 ? ['int'] : [])].join(' ');
  return gcc === clang ? [gcc] : [gcc, clang];
}

/** An integer type's name in the order in which people write it: `unsigned long` for `long unsigned int`. */
export function plainName(name: string): string {
  return integerNames(name).at(-1) ?? name;
}
