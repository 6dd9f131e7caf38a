// The thread that makes WebAssembly of hot code: one for the process, started when the first machine needs it. Each
// machine speaks to it through a port of its own.

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { type Batch, type Compiled, CompilerHere, type RegionCompiler } from '../../emulator/index.ts';

/** What the thread says: that it has started, and its answer to each batch. */
export type Answer = Compiled | { readonly error: string } | 'ready';

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

export class CompilerThread implements RegionCompiler {
  private readonly file: string;
  private port: MessagePort | undefined;
  /** While the thread starts, which takes longer than the first batches. */
  private readonly here = new CompilerHere();
  private ready = false;

  /** Whether the thread has started, as far as was asked of it. */
  get started(): boolean {
    return this.ready;
  }

  constructor(file: string) {
    this.file = file;
  }

  submit(batch: Batch): void {
    if (!this.port) {
      this.port = connect(this.file);
      ports.register(this, this.port);
    }
    this.ready ||= this.receive() === 'ready';
    if (this.ready) this.port.postMessage(batch);
    else this.here.submit(batch);
  }

  take(): Compiled | undefined {
    if (!this.ready) return this.here.take();
    const answer = this.receive();
    if (!answer || answer === 'ready') return undefined;
    if ('error' in answer) throw new Error(answer.error);
    return answer;
  }

  private receive(): Answer | undefined {
    if (!this.port) return undefined;
    return (receiveMessageOnPort(this.port) as { readonly message: Answer } | undefined)?.message;
  }
}

/** A machine's way to the thread; undefined where its program is missing, as in a bundle that holds the adapter alone. */
export function compilerThread(file = program): CompilerThread | undefined {
  return existsSync(file) ? new CompilerThread(file) : undefined;
}
