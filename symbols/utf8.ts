// Text as bytes, without the host's help.

/** UTF-8; halves of surrogate pairs are left out. */
export function utf8(text: string): Uint8Array {
  if (/^[\0-\x7f]*$/.test(text)) return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  const bytes = [...encodeURIComponent(text.replace(/[\ud800-\udfff]/gu, '')).matchAll(/%(..)|([^%])/g)];
  return Uint8Array.from(bytes, ([, code, plain]) => (code ? Number.parseInt(code, 16) : (plain ?? '').charCodeAt(0)));
}
