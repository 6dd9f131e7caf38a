// The thread that makes WebAssembly of hot code: one for the process, started when the first machine needs it. Each
// machine speaks to it through a port of its own.

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { type Batch, type Compiled, CompilerHere, type RegionCompiler } from '../../emulator/index.ts';
import { fusesWhenAllowed } from './relaxed-simd.ts';

/** What the thread says: that it has started, and its answer to each batch. */
export type Answer = Compiled | { readonly error: string } | 'ready';

/** A program of its own beside this one: see scripts/build.mjs. */
const program = fileURLToPath(new URL('compiler-thread.cjs', import.meta.url));

interface Thread {
  readonly worker: Worker;
  /** It has ended: what it was asked is compiled here. */
  failed: boolean;
}

const threads = new Map<string, Thread>();

/**
 * Instructions that a machine compiles for itself before it asks for the thread: what starts it costs more than these. From
 * then on batches wait for it, as compiling them meanwhile would take the guest longer than interpreting does.
 */
const BEFORE_THREAD = 400;

/** Ports of machines that are no longer used. */
const ports = new FinalizationRegistry<MessagePort>((port) => port.close());

/** What it makes is soon garbage: V8's young generation would grow to 48 MB for it. */
const resourceLimits = { maxYoungGenerationSizeMb: 6 };

function start(file: string): Thread {
  // What Node is told to load first (`--import`) is for the main thread.
  const thread = { worker: new Worker(file, { execArgv: [], resourceLimits }), failed: false };
  const fail = () => {
    thread.failed = true;
  };
  thread.worker.on('error', fail).on('exit', fail);
  // What ends the process does not wait for it.
  thread.worker.unref();
  threads.set(file, thread);
  return thread;
}

function connect({ worker }: Thread): MessagePort {
  const { port1, port2 } = new MessageChannel();
  worker.postMessage(port2, [port2]);
  port1.unref();
  return port1;
}

export class CompilerThread implements RegionCompiler {
  private readonly file: string;
  private thread: Thread | undefined;
  private port: MessagePort | undefined;
  /** What the thread is at work on. */
  private asked: Batch | undefined;
  /** Until the thread is asked for: small programs never need it. */
  private readonly here = new CompilerHere(fusesWhenAllowed);
  private readonly beforeThread: number;
  /** Instructions in what was compiled here so far. */
  private instructions = 0;
  private ready = false;

  /** Whether the thread has started, as far as was asked of it. */
  get started(): boolean {
    return this.ready;
  }

  constructor(file: string, beforeThread: number) {
    this.file = file;
    this.beforeThread = beforeThread;
  }

  submit(batch: Batch): void {
    if (!this.port && this.instructions >= this.beforeThread) {
      this.thread = threads.get(this.file) ?? start(this.file);
      this.port = connect(this.thread);
      ports.register(this, this.port);
    }
    if (this.port && !this.thread?.failed) {
      this.asked = batch;
      this.port.postMessage(batch);
    } else this.here.submit(batch);
  }

  take(): Compiled | undefined {
    if (!this.asked) return this.takeHere();
    const answer = this.receive();
    if (answer === 'ready') {
      this.ready = true;
      return undefined;
    }
    if (!answer && !this.thread?.failed) return undefined;
    const { asked } = this;
    this.asked = undefined;
    if (!answer) {
      this.here.submit(asked);
      return this.takeHere();
    }
    if ('error' in answer) throw new Error(answer.error);
    return answer;
  }

  private takeHere(): Compiled | undefined {
    const made = this.here.take();
    for (const { covers } of made?.regions ?? []) this.instructions += covers.length;
    return made;
  }

  private receive(): Answer | undefined {
    if (!this.port) return undefined;
    return (receiveMessageOnPort(this.port) as { readonly message: Answer } | undefined)?.message;
  }
}

/** A machine's way to the thread; undefined where its program is missing, as in a bundle that holds the adapter alone. */
export function compilerThread(file = program, beforeThread = BEFORE_THREAD): CompilerThread | undefined {
  return existsSync(file) ? new CompilerThread(file, beforeThread) : undefined;
}
