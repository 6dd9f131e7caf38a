// The debug adapter as its own process: DAP on stdin and stdout, the log on stderr.

import { nodeHost } from './node-host.ts';
import { serveStreams } from './streams.ts';

void serveStreams(nodeHost, process.stdin, process.stdout).then(() => process.exit(0));
