// A DAP client for tests: the real adapter over a pair of streams, and a transcript of what went over the wire.

import { PassThrough } from 'node:stream';
import { after } from 'node:test';
import type { Host } from '../../debug-adapter/host.ts';
import { nodeHost } from '../../debug-adapter/node-host.ts';
import { serveStreams } from '../../debug-adapter/streams.ts';
import { encodeMessage, MessageReader } from '../../debug-adapter/wire.ts';
import { Transcript } from './transcript.ts';

/** Bodies are read without ceremony in tests. */
// biome-ignore lint/suspicious/noExplicitAny: a test says what it expects of a body by asserting on it
export type Body = any;

export interface Packet {
  readonly type: string;
  readonly event?: string;
  readonly command?: string;
  readonly request_seq?: number;
  readonly success?: boolean;
  readonly message?: string;
  readonly body?: Body;
}

/** Sessions that a failed test has left behind. */
const open = new Set<DapClient>();
after(() => Promise.all([...open].map((client) => client.leave())));

export class DapClient {
  /** What the client saw, in order. */
  readonly packets: Packet[] = [];
  /** Everything that went over the wire, a line each, as it can be compared. */
  readonly transcript = new Transcript();
  /** The adapter's log. */
  readonly log: string[] = [];
  /** What the guest printed, as DAP output. */
  console = '';
  /** Whom the client says it is; undefined = it does not say. */
  clientID: string | undefined;
  /** Milliseconds to wait for an answer or event. */
  patience = 30_000;
  readonly closed: Promise<void>;
  readonly #toAdapter = new PassThrough();
  readonly #waiting = new Set<() => void>();
  readonly #read = new Map<string, number>();
  #seq = 0;

  /** `more` replaces parts of the adapter's host. */
  constructor(more: Partial<Host> = {}) {
    const fromAdapter = new PassThrough();
    const reader = new MessageReader();
    fromAdapter.on('data', (chunk: Uint8Array) => {
      for (const incoming of reader.push(chunk)) {
        if (incoming.kind === 'message') this.#take(incoming.message as unknown as Packet);
        else throw new Error(incoming.text);
      }
    });
    const host = { ...nodeHost, log: (text: string) => void this.log.push(text), ...more };
    this.closed = serveStreams(host, this.#toAdapter, fromAdapter);
    open.add(this);
    void this.closed.then(() => open.delete(this));
  }

  /** The body of the answer; rejects with the adapter's message when it fails. */
  async request(command: string, args: object = {}): Promise<Body> {
    this.#seq += 1;
    const seq = this.#seq;
    this.transcript.request(command, args);
    this.raw(encodeMessage({ seq, type: 'request', command, arguments: args }));
    const answer = await this.#when(() => this.packets.find((packet) => packet.request_seq === seq));
    if (answer.success) return answer.body;
    throw new Error(answer.message);
  }

  /** Bytes as they are. */
  raw(bytes: Uint8Array | string): void {
    this.#toAdapter.write(bytes);
  }

  /** The next event of that name that no one has waited for yet. */
  async event(name: string): Promise<Body> {
    const seen = this.#read.get(name) ?? 0;
    this.#read.set(name, seen + 1);
    const packet = await this.#when(
      () => this.packets.filter((candidate) => candidate.event === name)[seen],
      `event ${name}`,
    );
    return packet.body;
  }

  events(name: string): Body[] {
    return this.packets.filter((packet) => packet.event === name).map((packet) => packet.body);
  }

  /** initialize, launch, what `configure` sends, configurationDone; returns the first stop. */
  async launch(configuration: object, configure: () => Promise<unknown> = async () => {}): Promise<Body> {
    const identity = { adapterID: 'pagewalk', ...(this.clientID && { clientID: this.clientID }) };
    await this.request('initialize', { ...identity, supportsInvalidatedEvent: true });
    await this.event('initialized');
    await this.request('launch', configuration);
    await configure();
    await this.request('configurationDone');
    return (configuration as { stopOnEntry?: boolean }).stopOnEntry === false ? undefined : this.event('stopped');
  }

  /** A request that runs the machine, and the stop it ends in. */
  async run(command: string, args: object = { threadId: 1 }): Promise<Body> {
    await this.request(command, args);
    return this.event('stopped');
  }

  /** Resolves at the stop after `before` stops, or at the guest's end. */
  async settled(before: number): Promise<void> {
    await this.#when(() => this.events('stopped').length > before || this.events('terminated').length > 0 || undefined);
  }

  async top(threadId = 1): Promise<Body> {
    return (await this.request('stackTrace', { threadId, levels: 1 })).stackFrames[0];
  }

  async value(expression: string): Promise<string> {
    return (await this.request('evaluate', { expression, context: 'clipboard' })).result;
  }

  /** Goes without a word. */
  leave(): Promise<void> {
    this.#toAdapter.end();
    return this.closed;
  }

  async close(): Promise<void> {
    await this.request('disconnect');
    await this.closed;
  }

  #take(packet: Packet): void {
    this.packets.push(packet);
    this.transcript.packet(packet);
    if (packet.event === 'output' && packet.body.category === 'stdout') this.console += packet.body.output;
    for (const look of this.#waiting) look();
  }

  #when<T>(find: () => T | undefined, what = 'an answer'): Promise<T> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = find();
        if (found === undefined) return;
        this.#waiting.delete(look);
        clearTimeout(timer);
        resolve(found);
      };
      const timer = setTimeout(() => reject(new Error(`${what} did not come`)), this.patience);
      this.#waiting.add(look);
      look();
    });
  }
}
