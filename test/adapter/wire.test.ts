import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { encodeMessage, MessageReader } from '../../debug-adapter/wire.ts';
import { DapClient } from './dap-client.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('the framing of packets', () => {
  test('packets are found whatever pieces they arrive in', () => {
    const stream = new Uint8Array([...encodeMessage({ seq: 1, text: 'grüß' }), ...encodeMessage({ seq: 2 })]);
    for (let size = 1; size < stream.length; size += 1) {
      const reader = new MessageReader();
      const messages = [];
      for (let at = 0; at < stream.length; at += size) messages.push(...reader.push(stream.subarray(at, at + size)));
      assert.deepEqual(messages, [
        { kind: 'message', message: { seq: 1, text: 'grüß' } },
        { kind: 'message', message: { seq: 2 } },
      ]);
    }
  });

  test('a header without Content-Length, a body that is no JSON and a body that is no object are skipped', () => {
    const reader = new MessageReader();
    const found = [
      ...reader.push(bytes('Content-Type: text\r\n\r\n')),
      ...reader.push(bytes('Content-Length: 3\r\n\r\n{"a')),
      ...reader.push(bytes('Content-Length: 2\r\n\r\n[]')),
      ...reader.push(encodeMessage({ seq: 7 })),
    ];
    assert.deepEqual(
      found.map(({ kind }) => kind),
      ['problem', 'problem', 'problem', 'message'],
    );
  });

  test('a stream without an end of header ends the connection rather than filling memory', () => {
    const [problem] = new MessageReader().push(new Uint8Array(5000).fill(65));
    assert.ok(problem?.kind === 'problem' && problem.fatal);
  });
});

describe('a session that is sent nonsense', () => {
  test('answers the next good request', async () => {
    const client = new DapClient();
    client.raw('Content-Length: 5\r\n\r\n{oops');
    client.raw(encodeMessage({ seq: 99, type: 'event', event: 'no' }));
    const capabilities = await client.request('initialize');
    assert.equal(capabilities.supportsConfigurationDoneRequest, true);
    assert.equal(client.log.length, 2, client.log.join('\n'));
    await client.close();
  });

  test('names the request that it does not serve, and the nearest that it does', async () => {
    const client = new DapClient();
    await assert.rejects(client.request('stackTraces'), /"stackTraces" is not served; did you mean "stackTrace"/);
    await assert.rejects(client.request('constructor'), /"constructor" is not served/);
    await client.close();
  });

  test('says that a kernel must be launched first', async () => {
    const client = new DapClient();
    await assert.rejects(client.request('threads'), /No kernel is loaded yet/);
    await assert.rejects(client.request('continue', { threadId: 1 }), /No kernel is loaded yet/);
    await client.close();
  });

  test('survives a failure of its own: the stack goes to the log, one sentence to the user', async () => {
    const client = new DapClient();
    // Against the protocol's types: without a source.
    await assert.rejects(client.request('setBreakpoints'), /Pagewalk failed in "setBreakpoints"/);
    assert.match(client.log.join('\n'), /^setBreakpoints: TypeError.*\n +at /);
    assert.ok(await client.request('initialize'));
    await client.close();
  });

  test('ends with its connection when the stream cannot be followed any more', async () => {
    const client = new DapClient();
    client.raw('x'.repeat(5000));
    await client.closed;
    assert.match(client.log.join('\n'), /no end of header/);
  });
});
