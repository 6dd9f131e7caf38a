// pagewalk dap: the debug adapter, for any client of the Debug Adapter Protocol.

import type { AddressInfo } from 'node:net';
import { nodeHost } from '../debug-adapter/node-host.ts';
import { serve } from '../debug-adapter/serve.ts';
import { serveStreams } from '../debug-adapter/streams.ts';
import type { Verb } from './help.ts';
import { help, wholeNumber } from './options.ts';

export const dap: Verb = {
  name: 'dap',
  operands: [],
  summary: 'Serves the Debug Adapter Protocol on standard input and output, or on a loopback port.',
  notes: 'With --port each connection is a debug session of its own; it listens on 127.0.0.1 only.',
  options: { port: { value: 'N', text: 'listen on this TCP port (0: any that is free)' }, help },

  async run(_operands, given) {
    const port = given.port as string | undefined;
    if (port === undefined) {
      await serveStreams(nodeHost, process.stdin, process.stdout);
      return 0;
    }
    const server = await serve(wholeNumber('port', port, 0, 65535));
    process.stderr.write(`listening on 127.0.0.1:${(server.address() as AddressInfo).port}\n`);
    await new Promise((resolve) => server.once('close', resolve));
    return 0;
  },
};
