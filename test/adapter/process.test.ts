import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { AddressInfo, Socket } from 'node:net';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import * as zlib from 'node:zlib';
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

test('the adapter as a process serves stdin and stdout, and ends with its client, whatever was kept for its start', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'pagewalk-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const start = path.join(folder, 'debug-adapter.cjs');
  const { buildProgram } = await import(pathToFileURL('scripts/build.mjs').href);
  await buildProgram({ entry: 'debug-adapter/main.ts', start });
  /** What is kept after a session. */
  const session = async (home: string, more = {}) => {
    const env = { ...process.env, XDG_CACHE_HOME: home, LOCALAPPDATA: home, HOME: home, ...more };
    const child = spawn(process.execPath, [start], { stdio: ['pipe', 'pipe', 'pipe'], env });
    let said = '';
    child.stderr.on('data', (chunk) => (said += chunk));
    const answers = await converse(child.stdout, (bytes) => child.stdin.write(bytes), greeting);
    assert.ok(answers.every(({ success }) => success));
    const code = child.exitCode ?? (await new Promise((resolve) => child.on('exit', resolve)));
    assert.equal(code, 0);
    assert.equal(said, '');
    const names = existsSync(home) && statSync(home).isDirectory() ? readdirSync(home, { recursive: true }) : [];
    const files = names.map((name) => path.join(home, String(name))).filter((file) => statSync(file).isFile());
    return files.map((file) => ({
      file,
      bytes: readFileSync(file),
      written: statSync(file, { bigint: true }).mtimeNs,
    }));
  };
  const home = path.join(folder, 'cache');
  assert.deepEqual(await session(home, { NODE_DISABLE_COMPILE_CACHE: '1' }), []);
  const kept = await session(home);
  if (!('crc32' in zlib)) return assert.deepEqual(kept, []);
  assert.equal(kept.length, 1);
  assert.deepEqual(await session(home), kept, 'it was written again');
  const [{ file, bytes } = assert.fail()] = kept;
  const half = bytes.length >> 1;
  const foreign = Buffer.alloc(bytes.length, 7);
  foreign.writeUInt32LE(
    (zlib as unknown as { crc32(of: Buffer): number }).crc32(foreign.subarray(0, -4)),
    foreign.length - 4,
  );
  for (const damaged of [bytes.subarray(0, half), Buffer.concat([bytes.subarray(0, half), bytes]), foreign]) {
    writeFileSync(file, damaged);
    const [mended] = await session(home);
    assert.equal(mended?.file, file);
    assert.notDeepEqual(mended?.bytes, damaged, 'what is damaged was not replaced');
  }
  assert.deepEqual(await session(start), [], 'a folder that cannot be made');
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
