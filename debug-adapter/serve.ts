// The debug adapter on a port, for clients that connect: loopback only, one session a connection.

import { createServer, type Server } from 'node:net';
import { UserError } from '../emulator/user-error.ts';
import { nodeHost } from './node-host.ts';
import { serveStreams } from './streams.ts';

/** Listens; port 0 takes a free one (see `server.address()`). A UserError when the port cannot be had. */
export function serve(port: number): Promise<Server> {
  const server = createServer((socket) => void serveStreams(nodeHost, socket, socket));
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(new UserError(`Port ${port} cannot be listened on (${error.code}): choose another one.`));
    });
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}
