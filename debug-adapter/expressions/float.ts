// The bits of a floating-point register as a number (unprivileged manual, "NaN Boxing of Narrower Values").

const view = new DataView(new ArrayBuffer(8));

/** A register whose upper half is all ones holds a single. */
function isSingle(bits: bigint): boolean {
  return bits >> 32n === 0xffffffffn;
}

/** `1.5`, `1.5f` for a NaN-boxed single, `inf`, `nan`. */
export function floatText(bits: bigint): string {
  view.setBigUint64(0, bits);
  const single = isSingle(bits);
  const number = single ? view.getFloat32(4) : view.getFloat64(0);
  if (Number.isNaN(number)) return single ? 'nanf' : 'nan';
  const text = Number.isFinite(number) ? (Object.is(number, -0) ? '-0' : String(number)) : number < 0 ? '-inf' : 'inf';
  return `${/[.e]|inf/.test(text) ? text : `${text}.0`}${single ? 'f' : ''}`;
}

/** The bits of `1.5`, `-2e10`, `inf`, `nan`, and with a final `f` of a NaN-boxed single; undefined when it is no such text. */
export function floatBits(text: string): bigint | undefined {
  const match = /^\s*([-+]?)(?:(inf|nan)|(\d+\.\d*(?:e[-+]?\d+)?|\.\d+(?:e[-+]?\d+)?|\d+e[-+]?\d+))(f?)\s*$/i.exec(
    text,
  );
  if (!match) return undefined;
  const [, sign, special, digits, single] = match;
  const size = special?.toLowerCase() === 'inf' ? Infinity : special ? Number.NaN : Number(digits);
  const number = sign === '-' ? -size : size;
  if (single) {
    view.setUint32(0, 0xffffffff);
    view.setFloat32(4, number);
  } else {
    view.setFloat64(0, number);
  }
  return view.getBigUint64(0);
}
