// Numbers of the wire as people read them.

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** `0x0000000080210000` → `0x80210000`. */
export function short(address: string): string {
  return `0x${BigInt(address).toString(16)}`;
}

/** `0x200000` → `2 MiB`, `0x3000` → `12 KiB`: exact where a unit divides it, else one decimal. */
export function sizeText(size: string | bigint): string {
  const bytes = BigInt(size);
  let unit = 0;
  while (unit < units.length - 1 && bytes >> BigInt(10 * (unit + 1)) > 0n) unit++;
  const whole = bytes >> BigInt(10 * unit);
  const rest = bytes - (whole << BigInt(10 * unit));
  const tenths = (rest * 10n) >> BigInt(10 * unit);
  return `${whole}${rest === 0n || unit === 0 ? '' : `.${tenths}`} ${units[unit]}`;
}

/** Counts with thin groups: `12 345 678`. */
export function countText(count: string | number): string {
  return BigInt(count)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ' ');
}

/** First and last byte, the last without the digits that it shares: `0xffffffff80000000–801fffff`. */
export function rangeText(first: string, last: string): string {
  const a = BigInt(first).toString(16).padStart(16, '0');
  const b = BigInt(last).toString(16).padStart(16, '0');
  return a.slice(0, 8) === b.slice(0, 8) ? `${short(first)}–${b.slice(8)}` : `${short(first)}–${short(last)}`;
}

/** A virtual address in the address space of a root, in the adapter's address grammar. */
export function inSpace(va: string, space: { readonly root: string; readonly mode: string }): string {
  return `va:${short(va)}@${short(space.root)}:${space.mode.toLowerCase()}`;
}
