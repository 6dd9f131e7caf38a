// A debug session in this process, spoken to by requests as a client would.

import { nodeHost } from '../../../debug-adapter/node-host.ts';
import { Session } from '../../../debug-adapter/session.ts';

type Message = Readonly<Record<string, unknown>>;
type Body = Readonly<Record<string, unknown>>;

export class Client {
  readonly events: { readonly event: string; readonly body: Body }[] = [];
  readonly #session: Session;
  readonly #responses = new Map<number, Message>();
  #seq = 0;
  #heard: () => void = () => {};

  private constructor() {
    this.#session = new Session(
      nodeHost,
      (message) => this.#hear(JSON.parse(JSON.stringify(message))),
      () => {},
    );
  }

  /** A client whose guest stands at its first instruction. */
  static async atEntry(program: string): Promise<Client> {
    const client = new Client();
    const says = { supportsMemoryEvent: true, supportsInvalidatedEvent: true, columnsStartAt1: true };
    await client.request('initialize', { adapterID: 'pagewalk', ...says });
    const launched = client.request('launch', { program, memory: '128M', stopOnSatp: false });
    await client.until('initialized');
    await client.request('setExceptionBreakpoints', { filters: [] });
    await client.request('configurationDone');
    await launched;
    await client.until('stopped');
    return client;
  }

  /** The response's body; an Error with the response's message when it failed. */
  async request<B>(command: string, args: object = {}): Promise<B> {
    this.#seq += 1;
    const seq = this.#seq;
    await this.#session.receive({ seq, type: 'request', command, arguments: args });
    const response = this.#responses.get(seq);
    if (!response?.success) throw new Error(String(response?.message));
    return response.body as B;
  }

  /** Goes on until a function. */
  async runTo(name: string): Promise<void> {
    await this.request('setFunctionBreakpoints', { breakpoints: [{ name }] });
    this.events.length = 0;
    await this.request('continue', { threadId: 1 });
    await this.until('stopped');
  }

  async step(): Promise<void> {
    this.events.length = 0;
    await this.request('stepIn', { threadId: 1, granularity: 'instruction' });
    await this.until('stopped');
  }

  /** The body of the first event of this name that is or will be heard. */
  async until(name: string): Promise<Body> {
    for (;;) {
      const found = this.events.find(({ event }) => event === name);
      if (found) return found.body;
      await new Promise<void>((resolve) => {
        this.#heard = resolve;
      });
    }
  }

  async end(): Promise<void> {
    await this.#session.end();
  }

  #hear(message: Message): void {
    if (message.type === 'response') this.#responses.set(message.request_seq as number, message);
    else this.events.push({ event: message.event as string, body: message.body as Body });
    this.#heard();
  }
}
