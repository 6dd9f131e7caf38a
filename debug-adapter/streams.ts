// A session over a pair of byte streams.

import type { Readable, Writable } from 'node:stream';
import type { Host } from './host.ts';
import { Session } from './session.ts';
import { encodeMessage, MessageReader } from './wire.ts';

/** Serves one session; resolves when the client has left or the stream has ended. */
export function serveStreams(host: Host, input: Readable, output: Writable): Promise<void> {
  return new Promise((resolve) => {
    let open = true;
    const close = () => {
      if (!open) return;
      open = false;
      output.end(resolve);
    };
    const session = new Session(host, (message) => open && output.write(encodeMessage(message)), close);
    const reader = new MessageReader();
    input.on('data', (chunk: Uint8Array) => {
      for (const incoming of reader.push(chunk)) {
        if (incoming.kind === 'message') session.receive(incoming.message).catch((error) => host.log(error.stack));
        else session.problem(incoming.text);
        if (incoming.kind === 'problem' && incoming.fatal) {
          input.destroy();
          void session.end();
        }
      }
    });
    input.on('end', () => void session.end());
    input.on('error', (error) => {
      session.problem(error.message);
      void session.end();
    });
    output.on('error', (error) => {
      open = false;
      host.log(`connection: ${error.message}`);
      void session.end();
      resolve();
    });
  });
}
