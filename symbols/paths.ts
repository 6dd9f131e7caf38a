// Source paths as compilers write them and as people ask for them.

/** Joins and tidies: `/` between the parts, no `.` and no inner `..`; an absolute part drops what is before it. */
export function joinPath(...parts: readonly string[]): string {
  let whole = '';
  for (const part of parts) {
    const clean = part.replaceAll('\\', '/');
    whole = isAbsolute(clean) || whole === '' ? clean : `${whole}/${clean}`;
  }
  const kept: string[] = [];
  for (const step of whole.split('/')) {
    if (step === '..' && kept.length > 0 && kept.at(-1) !== '..' && kept.at(-1) !== '') kept.pop();
    else if (step !== '.' && (step !== '' || kept.length === 0)) kept.push(step);
  }
  return kept.join('/');
}

/** POSIX or Windows. */
export function isAbsolute(path: string): boolean {
  return path.startsWith('/') || /^[A-Za-z]:/.test(path);
}

/**
 * How many trailing components two tidy paths share; 0 when they name different files. One must be a suffix of the other
 * by whole components, or they must share the folder's name besides the file's: `/home/me/linux/mm/memory.c` is
 * `/build/linux-6.12/mm/memory.c`, but `/a/main.c` is not `/b/main.c`.
 */
export function sharedTail(a: string, b: string): number {
  const left = a.split('/').reverse();
  const right = b.split('/').reverse();
  const shortest = Math.min(left.length, right.length);
  let shared = 0;
  while (shared < shortest && left[shared] === right[shared]) shared++;
  return shared === shortest || shared >= 2 ? shared : 0;
}
