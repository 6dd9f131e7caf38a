// Punycode (RFC 3492) as Rust's v0 mangling has it: `_` in place of the last `-`.

const [base, tMin, tMax, skew, damp] = [36, 1, 26, 38, 700];

/** The text; undefined where it is damaged. */
export function fromPunycode(encoded: string): string | undefined {
  const split = encoded.lastIndexOf('_');
  const letters = [...encoded.slice(0, Math.max(0, split))];
  let [point, index, bias] = [128, 0, 72];
  for (let at = split + 1; at < encoded.length; ) {
    const before = index;
    for (let [weight, k] = [1, base]; ; k += base) {
      const digit = 'abcdefghijklmnopqrstuvwxyz0123456789'.indexOf(encoded[at++] ?? ' ');
      if (digit < 0) return undefined;
      index += digit * weight;
      const limit = Math.min(tMax, Math.max(tMin, k - bias));
      if (digit < limit) break;
      weight *= base - limit;
      if (weight > 2 ** 40) return undefined;
    }
    const count = letters.length + 1;
    bias = adapted(index - before, count, before === 0);
    point += Math.floor(index / count);
    index %= count;
    if (point > 0x10ffff) return undefined;
    letters.splice(index++, 0, String.fromCodePoint(point));
  }
  return letters.join('');
}

function adapted(moved: number, count: number, first: boolean): number {
  let delta = Math.floor(moved / (first ? damp : 2));
  delta += Math.floor(delta / count);
  let k = 0;
  for (; delta > ((base - tMin) * tMax) / 2; k += base) delta = Math.floor(delta / (base - tMin));
  return k + Math.floor(((base - tMin + 1) * delta) / (delta + skew));
}
