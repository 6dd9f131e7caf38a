// Finding bytes in bytes.

/** Visits every place of `wanted` in the bytes, by Horspool's search. */
export function findAll(bytes: Uint8Array, wanted: Uint8Array, visit: (at: number) => void): void {
  const last = wanted.length - 1;
  const skips = new Uint32Array(256).fill(wanted.length);
  for (let i = 0; i < last; i++) skips[wanted[i] ?? 0] = last - i;
  for (let at = last; at < bytes.length; at += skips[bytes[at] ?? 0] ?? 1) {
    let i = last;
    while (i >= 0 && bytes[at - last + i] === wanted[i]) i--;
    if (i < 0) visit(at - last);
  }
}
