import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import module from 'node:module';
import type { AddressInfo, Socket } from 'node:net';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { build } from 'esbuild';
import { serve } from '../../debug-adapter/serve.ts';
import { encodeMessage, MessageReader } from '../../debug-adapter/wire.ts';
import { sample } from './sample.ts';

/** Sends the requests one after the other; returns the answers. */
async function converse(
  output: NodeJS.ReadableStream,
  send: (bytes: Uint8Array) => void,
  requests: [string, object][],
): Promise<Record<string, unknown>[]> {
  const reader = new MessageReader();
  const answers: Record<string, unknown>[] = [];
  let heard = () => {};
  output.on('data', (chunk: Uint8Array) => {
    for (const incoming of reader.push(chunk)) {
      if (incoming.kind === 'message' && incoming.message.type === 'response') answers.push(incoming.message);
    }
    heard();
  });
  for (const [index, [command, args]] of requests.entries()) {
    send(encodeMessage({ seq: index + 1, type: 'request', command, arguments: args }));
    while (answers.length <= index) await new Promise<void>((resolve) => (heard = resolve));
  }
  return answers;
}

const greeting: [string, object][] = [
  ['initialize', { adapterID: 'pagewalk' }],
  ['launch', { program: sample.program }],
  ['configurationDone', {}],
  ['threads', {}],
  ['disconnect', {}],
];

test('the adapter as a process serves stdin and stdout, and ends with its client, whatever it may keep for its next start', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'pagewalk-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const outfile = path.join(folder, 'debug-adapter.mjs');
  const common = { bundle: true, platform: 'node', format: 'esm', target: 'node20', logLevel: 'error' } as const;
  await build({ ...common, entryPoints: ['debug-adapter/start.ts'], outfile });
  await build({
    ...common,
    entryPoints: ['debug-adapter/main.ts'],
    outfile: path.join(folder, 'debug-adapter-program.mjs'),
  });
  const cache = path.join(folder, 'cache');
  // A folder that is not there yet, the same again, and one that cannot be made.
  for (const home of [cache, cache, outfile]) {
    const env = { ...process.env, XDG_CACHE_HOME: home };
    const child = spawn(process.execPath, [outfile], { stdio: ['pipe', 'pipe', 'inherit'], env });
    const answers = await converse(child.stdout, (bytes) => child.stdin.write(bytes), greeting);
    assert.ok(answers.every(({ success }) => success));
    const code = child.exitCode ?? (await new Promise((resolve) => child.on('exit', resolve)));
    assert.equal(code, 0);
  }
  const keeps = 'enableCompileCache' in module;
  assert.equal(existsSync(path.join(cache, 'pagewalk')), keeps && process.platform === 'linux');
});

test('the adapter on a port serves each connection its own session, on loopback only', async () => {
  const server = await serve(0);
  const { address, port } = server.address() as AddressInfo;
  assert.equal(address, '127.0.0.1');
  const talk = async () => {
    const socket: Socket = connect(port, '127.0.0.1');
    const answers = await converse(socket, (bytes) => socket.write(bytes), greeting);
    assert.ok(answers.every(({ success }) => success));
    await new Promise((resolve) => socket.on('close', resolve).resume());
  };
  await Promise.all([talk(), talk()]);
  await assert.rejects(serve(port), /Port \d+ cannot be listened on \(EADDRINUSE\)/);
  await new Promise((resolve) => server.close(resolve));
});
