// The console on a real terminal (a pseudoterminal made by script(1)), and the debug adapter behind `pagewalk dap`.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { describe, test } from 'node:test';
import { build, hasGcc, needsGcc } from '../support/riscv-gcc.ts';
import { program } from './binary.ts';

const hasScript = spawnSync('script', ['--version']).status === 0;

/** Prints every byte that it gets, as long as it runs. */
const echo = `
  .globl _start
_start:
  li t0, 0x10000000
1: lbu t1, 5(t0)
  andi t1, t1, 1
  beqz t1, 1b
  lbu t2, 0(t0)
  sb t2, 0(t0)
  j 1b
`;

describe('on a terminal', { skip: hasScript ? (hasGcc ? false : needsGcc) : 'needs script(1)' }, () => {
  test('keys go to the guest at once, Ctrl-A Ctrl-A is one Ctrl-A, and Ctrl-A X leaves', async () => {
    const elf = build({ 'start.S': echo }, ['-Wl,-Ttext=0x80000000']);
    const line = [process.execPath, program, 'run', elf].join(' ');
    const terminal = spawn('script', ['-qec', line, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] });
    let shown = '';
    terminal.stdout.setEncoding('latin1').on('data', (part) => {
      shown += part;
    });
    const appears = async (text: string) => {
      while (!shown.includes(text)) await once(terminal.stdout, 'data');
    };
    // Until the tool has made the terminal raw, the terminal itself echoes: a control character shows the difference.
    const nudge = setInterval(() => terminal.stdin.write('\x02'), 200);
    await appears('\x02');
    clearInterval(nudge);
    terminal.stdin.write('abc\x01\x01d');
    await appears('abc\x01d');
    terminal.stdin.write('\x01x');
    const [code] = await once(terminal, 'exit');
    assert.equal(code, 0);
  });
});

describe('pagewalk dap', () => {
  /** Sends one request and returns the first response. */
  async function ask(input: Writable, output: Readable, command: string): Promise<Record<string, unknown>> {
    const request = JSON.stringify({ seq: 1, type: 'request', command, arguments: { adapterID: 'pagewalk' } });
    input.write(`Content-Length: ${request.length}\r\n\r\n${request}`);
    let received = '';
    for await (const part of output) {
      received += part;
      const message = /\r\n\r\n(\{.*?"type":"response".*\})/s.exec(received)?.[1];
      if (message) return JSON.parse(message.split('Content-Length')[0] as string);
    }
    throw new Error(`no response in ${received}`);
  }

  test('speaks the protocol on standard input and output, and ends with its input', async () => {
    const adapter = spawn(process.execPath, [program, 'dap'], { stdio: ['pipe', 'pipe', 'inherit'] });
    const ended = once(adapter, 'exit');
    const { success, command } = await ask(adapter.stdin, adapter.stdout, 'initialize');
    assert.deepEqual([success, command], [true, 'initialize']);
    adapter.stdin.end();
    assert.deepEqual(await ended, [0, null]);
  });

  test('listens on a loopback port of its own choice with --port 0', async () => {
    const adapter = spawn(process.execPath, [program, 'dap', '--port', '0'], { stdio: ['ignore', 'ignore', 'pipe'] });
    try {
      const [told] = await once(adapter.stderr, 'data');
      const port = Number(/^listening on 127\.0\.0\.1:(\d+)\n$/.exec(String(told))?.[1]);
      const socket = connect(port, '127.0.0.1');
      assert.equal((await ask(socket, socket, 'initialize')).success, true);
      socket.destroy();
    } finally {
      adapter.kill();
    }
  });

  test('says which port it cannot have', () => {
    const { status, stderr } = spawnSync(process.execPath, [program, 'dap', '--port', '70000'], { encoding: 'utf8' });
    assert.deepEqual([status, stderr], [2, 'pagewalk: --port 70000: it must be a whole number from 0 to 65535\n']);
  });
});
