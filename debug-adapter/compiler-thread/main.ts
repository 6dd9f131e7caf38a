// The thread's own program: modules of batches, one after the other, for all machines of the process.

import { type MessagePort, parentPort } from 'node:worker_threads';
import { type Batch, CompilerForOthers } from '../../emulator/index.ts';
import { collectModules } from './collect.ts';
import { fusesWhenAllowed } from './relaxed-simd.ts';
import type { Answer } from './threads.ts';

const compiler = new CompilerForOthers(fusesWhenAllowed);

/** Modules between two looks for those that are no longer needed; a boot of Linux makes fifty. */
const BETWEEN = 48;
let made = 0;

function answer(batch: Batch): Answer {
  try {
    if (made % BETWEEN === BETWEEN - 1) collectModules();
    made += 1;
    return compiler.compile(batch);
  } catch (error) {
    return { error: `translating: ${(error as Error).stack}` };
  }
}

parentPort?.on('message', (port: MessagePort) => {
  port.on('message', (batch: Batch) => port.postMessage(answer(batch)));
  port.postMessage('ready' satisfies Answer);
});
