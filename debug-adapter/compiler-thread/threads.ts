// The thread that makes WebAssembly of hot code: one for the process, started when the first machine needs it. Each
// machine speaks to it through a port of its own.

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { Batch, Compiled, RegionCompiler } from '../../emulator/index.ts';

/** The thread's answer to a batch. */
export type Answer = Compiled | { readonly error: string };

/** A program of its own beside this one: see scripts/build.mjs. */
const program = fileURLToPath(new URL('compiler-thread.mjs', import.meta.url));

const threads = new Map<string, Worker>();

/** Ports of machines that are no longer used. */
const ports = new FinalizationRegistry<MessagePort>((port) => port.close());

function connect(file: string): MessagePort {
  const thread = threads.get(file) ?? new Worker(file);
  threads.set(file, thread);
  // What ends the process does not wait for it.
  thread.unref();
  const { port1, port2 } = new MessageChannel();
  thread.postMessage(port2, [port2]);
  port1.unref();
  return port1;
}

class CompilerThread implements RegionCompiler {
  private readonly file: string;
  private port: MessagePort | undefined;

  constructor(file: string) {
    this.file = file;
  }

  submit(batch: Batch): void {
    if (!this.port) {
      this.port = connect(this.file);
      ports.register(this, this.port);
    }
    this.port.postMessage(batch);
  }

  take(): Compiled | undefined {
    const received = this.port && (receiveMessageOnPort(this.port) as { readonly message: Answer } | undefined);
    if (!received) return undefined;
    const { message } = received;
    if ('error' in message) throw new Error(message.error);
    return message;
  }
}

/** A machine's way to the thread; undefined where its program is missing, as in a bundle that holds the adapter alone. */
export function compilerThread(file = program): RegionCompiler | undefined {
  return existsSync(file) ? new CompilerThread(file) : undefined;
}
