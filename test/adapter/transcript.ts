// What went over the wire, as text that is the same on every run: no sequence numbers, the sample's folder by name, and
// the guest's console in one piece between two other packets (how it is cut depends on the host's clock).

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Packet } from './dap-client.ts';
import { sample } from './sample.ts';

const golden = path.resolve('test/adapter/golden');

export class Transcript {
  readonly #lines: string[] = [];
  #console = '';
  #bytes = '';

  request(command: string, args: object): void {
    this.#add(`→ ${command} ${JSON.stringify(args)}`);
  }

  packet({ type, event, command, success, message, body }: Packet): void {
    if (event === 'pagewalk/console') {
      this.#bytes += Buffer.from(body.data, 'base64').toString('latin1');
    } else if (event === 'output' && body.category === 'stdout') {
      this.#console += body.output;
    } else if (type === 'response') {
      const answer = success ? JSON.stringify(body ?? {}) : `refused: ${message}`;
      this.#add(`← ${command} ${answer}`);
    } else {
      this.#add(`! ${event} ${JSON.stringify(body ?? {})}`);
    }
  }

  /** Compares with test/adapter/golden/NAME.txt, or writes it when PAGEWALK_UPDATE_GOLDEN is set. */
  check(name: string): void {
    this.#flush();
    const file = path.join(golden, `${name}.txt`);
    const text = `${this.#lines.join('\n')}\n`;
    if (process.env.PAGEWALK_UPDATE_GOLDEN) {
      mkdirSync(golden, { recursive: true });
      writeFileSync(file, text);
    }
    assert.ok(existsSync(file), `${file} is missing: set PAGEWALK_UPDATE_GOLDEN=1 to write it, then read it`);
    assert.equal(text, readFileSync(file, 'utf8'));
  }

  #add(line: string): void {
    this.#flush();
    this.#lines.push(line.replaceAll(sample.folder, '<sample>'));
  }

  #flush(): void {
    if (this.#bytes) this.#lines.push(`! pagewalk/console ${JSON.stringify(this.#bytes)}`);
    if (this.#console) this.#lines.push(`! output stdout ${JSON.stringify(this.#console)}`);
    this.#bytes = '';
    this.#console = '';
  }
}
