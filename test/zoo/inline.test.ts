// Where VS Code draws what exceptionInfo says: in the text of the frame that it opens at the stop. Its rules are
// Thread.getTopStackFrame and DebugEditorContribution.toggleExceptionWidget; test/ui sees them at work.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { type Body, DapClient } from '../adapter/dap-client.ts';
import { begin, type Fixture, fixtures, stops } from './zoo.ts';

const fixture = (id: string) => fixtures().find((one) => one.id === id) as Fixture;

async function inVsCode(configuration: object): Promise<DapClient> {
  const client = new DapClient();
  client.clientID = 'vscode';
  return begin(configuration as Fixture['bug'], undefined, client);
}

/** The frame that VS Code opens and draws the explanation at; undefined where it opens the disassembly, or nothing. */
async function explainedFrame(client: DapClient): Promise<Body | undefined> {
  if (stops(client).at(-1).reason !== 'exception') return undefined;
  const { stackFrames } = await client.request('stackTrace', { threadId: 1 });
  // A source is one object, whichever frames name it; the last of them gives the hint.
  const hints = new Map<string, string | undefined>();
  const keyOf = ({ path, sourceReference }: Body) => path ?? `${sourceReference}`;
  for (const { source } of stackFrames) if (source) hints.set(keyOf(source), source.presentationHint);
  const isOffered = ({ source }: Body) => source && hints.get(keyOf(source)) !== 'deemphasize';
  const drawn = stackFrames.find(isOffered);
  return drawn?.presentationHint === 'subtle' ? undefined : drawn;
}

/** The text of the line that the frame is in. */
async function textOf(client: DapClient, { source, line }: Body): Promise<string> {
  const { sourceReference } = source;
  const text = source.path
    ? readFileSync(source.path, 'utf8')
    : (await client.request('source', { source, sourceReference })).content;
  return text.split('\n')[line - 1] ?? '';
}

describe('VS Code', () => {
  for (const { id, bug, sentences } of fixtures()) {
    // Z13 has no bug.
    if (id === 'Z13') continue;
    test(`${id}: has a text to draw the explanation in, at the very instruction`, async () => {
      const client = await inVsCode(bug);
      const frame = await explainedFrame(client);
      assert.ok(frame, 'no frame has a text');
      assert.match(await textOf(client, frame), /\S/);
      const { description } = await client.request('exceptionInfo', { threadId: 1 });
      assert.ok(sentences.some((sentence) => description.startsWith(sentence) || sentence.startsWith(description)));
      const trap = await client.request('pagewalk/explain').catch(() => undefined);
      if (trap) {
        assert.equal(BigInt(frame.instructionPointerReference), BigInt(trap.pc));
        assert.deepEqual(trap.source, frame.source.path && { path: frame.source.path, line: frame.line });
      }
      await client.close();
    });
  }

  test('draws it in a listing where there is no debug information', async () => {
    const client = await inVsCode({ ...fixture('Z18').bug, symbols: [] });
    const frame = await explainedFrame(client);
    assert.equal(BigInt(frame.instructionPointerReference), BigInt(await client.value('sepc')));
    const address = frame.instructionPointerReference.slice(2);
    assert.match(await textOf(client, frame), new RegExp(`^ {2}0*${address} {2}[0-9a-f]+ +ld a0,8\\(a5\\)`));
    await client.close();
  });

  test('draws it at the line that trapped where the handler is in the same file', async () => {
    const client = await inVsCode(fixture('Z10').bug);
    const { stackFrames } = await client.request('stackTrace', { threadId: 1 });
    assert.match(stackFrames[0].source.name, /^trap_entry \(instructions\)$/);
    assert.match(await textOf(client, stackFrames[0]), /\/\/ trap\.S:\d+$/);
    assert.match(await textOf(client, await explainedFrame(client)), /sd ra, -8\(sp\)/);
    await client.close();
  });

  test('opens the disassembly at other stops without a source', async () => {
    const client = await inVsCode({ ...fixture('Z18').bug, symbols: [], stopOnEntry: true });
    assert.equal(stops(client).at(-1).reason, 'instruction breakpoint');
    await client.close();
  });
});
