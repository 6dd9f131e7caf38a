// The thread's own program: modules of batches, one after the other, for all machines of the process.

import { type MessagePort, parentPort } from 'node:worker_threads';
import { type Batch, CompilerForOthers } from '../../emulator/index.ts';
import { fusesWhenAllowed } from './relaxed-simd.ts';
import type { Answer } from './threads.ts';

const compiler = new CompilerForOthers(fusesWhenAllowed);

function answer(batch: Batch): Answer {
  try {
    return compiler.compile(batch);
  } catch (error) {
    return { error: `translating: ${(error as Error).stack}` };
  }
}

parentPort?.on('message', (port: MessagePort) => {
  port.on('message', (batch: Batch) => port.postMessage(answer(batch)));
  port.postMessage('ready' satisfies Answer);
});
