// Memory as text: one line for 16 bytes, as two little-endian doublewords (what PTEs are), as bytes and as characters.

const digits = (value: bigint | number, width: number) => value.toString(16).padStart(width, '0');

function line(address: bigint, bytes: Uint8Array): string {
  const words: string[] = [];
  for (let at = 0; at < bytes.length; at += 8) {
    words.push(
      [...bytes.slice(at, at + 8)]
        .reverse()
        .map((byte) => digits(byte, 2))
        .join(''),
    );
  }
  const pairs = [...bytes].map((byte) => digits(byte, 2)).join(' ');
  const characters = [...bytes].map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
  return `0x${digits(address, 16)}  ${words.join(' ').padEnd(33)}  ${pairs.padEnd(47)}  ${characters}`;
}

/** `bytes` from `address` on; `hole` bytes behind them cannot be read. Lines of zeros after the first are folded. */
export function hexLines(address: bigint, bytes: Uint8Array, hole: number): string {
  const lines: string[] = [];
  let zeros = 0;
  for (let at = 0; at < bytes.length; at += 16) {
    const part = bytes.subarray(at, at + 16);
    zeros = part.every((byte) => byte === 0) ? zeros + 1 : 0;
    if (zeros === 2) lines.push('*');
    if (zeros < 2 || at + 16 >= bytes.length) lines.push(line(address + BigInt(at), part));
  }
  const end = BigInt.asUintN(64, address + BigInt(bytes.length));
  if (hole > 0)
    lines.push(`0x${digits(end, 16)}  ${hole} bytes cannot be read: nothing is mapped or nothing answers here`);
  return `${lines.join('\n')}\n`;
}
