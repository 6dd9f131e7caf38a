// DAP's framing: a `Content-Length` header, an empty line, that many bytes of JSON. Malformed packets are reported and
// skipped where the next packet can still be found; where it cannot, the connection ends.

/** A packet taken off the stream, or what was wrong with it. */
export type Incoming =
  | { readonly kind: 'message'; readonly message: Record<string, unknown> }
  | { readonly kind: 'problem'; readonly text: string; readonly fatal: boolean };

const MAX_HEADER = 4096;
const MAX_BODY = 64 * 1024 * 1024;
const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** The bytes of one packet. */
export function encodeMessage(message: object): Uint8Array {
  const body = encoder.encode(JSON.stringify(message));
  const header = encoder.encode(`Content-Length: ${body.length}\r\n\r\n`);
  const packet = new Uint8Array(header.length + body.length);
  packet.set(header);
  packet.set(body, header.length);
  return packet;
}

/** Cuts a stream of bytes into packets. */
export class MessageReader {
  #pending: Uint8Array = new Uint8Array(0);
  /** Bytes of the body that the last header announced; undefined while a header is awaited. */
  #length: number | undefined;

  push(bytes: Uint8Array): Incoming[] {
    const joined = new Uint8Array(this.#pending.length + bytes.length);
    joined.set(this.#pending);
    joined.set(bytes, this.#pending.length);
    this.#pending = joined;
    const incoming: Incoming[] = [];
    for (let next = this.#next(); next; next = this.#next()) {
      incoming.push(next);
      if (next.kind === 'problem' && next.fatal) break;
    }
    return incoming;
  }

  #next(): Incoming | undefined {
    if (this.#length === undefined) {
      const end = endOfHeader(this.#pending);
      if (end < 0) {
        if (this.#pending.length <= MAX_HEADER) return undefined;
        return { kind: 'problem', text: `no end of header within ${MAX_HEADER} bytes`, fatal: true };
      }
      const header = this.#take(end);
      const length = /^Content-Length: *(\d{1,10})\s*$/im.exec(header)?.[1];
      if (length === undefined) {
        return {
          kind: 'problem',
          text: `header without Content-Length: ${JSON.stringify(header.trim())}`,
          fatal: false,
        };
      }
      if (Number(length) > MAX_BODY) return { kind: 'problem', text: `packet of ${length} bytes`, fatal: true };
      this.#length = Number(length);
    }
    if (this.#pending.length < this.#length) return undefined;
    const body = this.#take(this.#length);
    this.#length = undefined;
    return parse(body);
  }

  #take(length: number): string {
    const text = decoder.decode(this.#pending.subarray(0, length));
    this.#pending = this.#pending.slice(length);
    return text;
  }
}

/** Where the body begins, or -1. */
function endOfHeader(bytes: Uint8Array): number {
  for (let at = 3; at < bytes.length; at += 1) {
    if (bytes[at] === 10 && bytes[at - 1] === 13 && bytes[at - 2] === 10 && bytes[at - 3] === 13) return at + 1;
  }
  return -1;
}

function parse(body: string): Incoming {
  try {
    const message: unknown = JSON.parse(body);
    if (typeof message === 'object' && message !== null && !Array.isArray(message)) {
      return { kind: 'message', message: message as Record<string, unknown> };
    }
    return { kind: 'problem', text: 'packet is not a JSON object', fatal: false };
  } catch (error) {
    return { kind: 'problem', text: `packet is not JSON: ${(error as Error).message}`, fatal: false };
  }
}
