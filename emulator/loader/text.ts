// Strings in files: UTF-8, ended by a NUL or by the table's end.

/** The string of the bytes [start, end). Bytes that are not UTF-8 are read as Latin-1. */
export function textOf(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  let escaped = '';
  let plain = true;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0;
    text += String.fromCharCode(byte);
    if (byte >= 0x80) plain = false;
  }
  if (plain) return text;
  for (const letter of text) {
    const byte = letter.charCodeAt(0);
    escaped += byte < 0x80 && letter !== '%' ? letter : `%${byte.toString(16).padStart(2, '0')}`;
  }
  try {
    return decodeURIComponent(escaped);
  } catch {
    return text;
  }
}

/** The NUL-terminated string at `start`; cut after `limit` bytes, and at the table's end. Empty outside of the table. */
export function stringAt(bytes: Uint8Array, start: number, limit = 4096): string {
  if (start < 0 || start >= bytes.length) return '';
  const stop = Math.min(bytes.length, start + limit);
  let end = start;
  while (end < stop && bytes[end] !== 0) end++;
  return textOf(bytes, start, end);
}
