// Sources: those that are here, and what is shown for those that are not.

import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { type Body, DapClient } from './dap-client.ts';
import { lineOf, sample } from './sample.ts';

describe('a source that is here', () => {
  test('is told of when a stack leads there, and is in the list of all', async () => {
    const client = new DapClient();
    await client.launch({ program: sample.program });
    await client.request('stackTrace', { threadId: 1 });
    await client.request('stackTrace', { threadId: 1 });
    assert.deepEqual(
      client.events('loadedSource').map(({ reason, source }) => [reason, source.path]),
      [['new', sample.source('start.S')]],
    );
    const { sources } = await client.request('loadedSources');
    const files = sources.filter((source: Body) => source.path);
    const names = files.map(({ path: file }: Body) => path.relative(sample.folder, file));
    for (const name of ['start.S', 'main.c', 'user.c']) assert.ok(names.includes(name), names.join(' '));
    await client.close();
  });

  test('is led to by the registers that hold code addresses: pc, trap vectors, the interrupted pc', async () => {
    const client = new DapClient();
    await client.launch({ program: sample.program }, () =>
      client.request('setFunctionBreakpoints', { breakpoints: [{ name: 'kernel_main' }] }),
    );
    await client.request('setExceptionBreakpoints', { filters: [] });
    await client.run('continue');
    const [frame] = (await client.request('stackTrace', { threadId: 1 })).stackFrames;
    const { scopes } = await client.request('scopes', { frameId: frame.id });
    const rowsOf = async (variablesReference: number): Promise<Body[]> =>
      (await client.request('variables', { variablesReference })).variables;
    const scope = (name: string) => rowsOf(scopes.find((each: Body) => each.name === name).variablesReference);
    const groups = await scope('CSRs');
    const supervisor = await rowsOf(groups.find(({ name }) => name === 'Supervisor').variablesReference);
    const placeOf = async ({ valueLocationReference }: Body) => {
      const { source, line } = await client.request('locations', { locationReference: valueLocationReference });
      return `${path.basename(source.path)}:${line}`;
    };
    const [stvec] = supervisor.filter(({ name }) => name === 'stvec');
    assert.match(await placeOf(stvec), /^trap\.S:\d+$/);
    assert.match(stvec.value, /<trap_entry>/);
    const [pc] = (await scope('Integer registers')).filter(({ name }) => name === 'pc');
    assert.equal(await placeOf(pc), `main.c:${frame.line}`);
    await client.close();
  });

  test('may be the device tree, as text', async () => {
    const client = new DapClient();
    await client.launch({ program: sample.program, memory: '64M' });
    const { sources } = await client.request('loadedSources');
    const source = sources.find(({ name }: Body) => name.endsWith('.dts'));
    const { content } = await client.request('source', { source, sourceReference: source.sourceReference });
    assert.match(content, /^\/\/ At pa:0x[0-9a-f]+, \d+ bytes\.\n\n\/dts-v1\/;\n/);
    assert.match(
      content,
      /\tmemory@80000000 \{\n\t\tdevice_type = "memory";\n\t\treg = <0x0 0x80000000 0x0 0x4000000>;\n\t\};/,
    );
    await client.close();
  });

  test('tells the lines and columns where statements begin', async () => {
    const client = new DapClient();
    await client.launch({ program: sample.program });
    const line = lineOf('main.c', 'seen < count;');
    const { breakpoints } = await client.request('breakpointLocations', {
      source: { path: sample.source('main.c') },
      line,
    });
    assert.ok(breakpoints.length >= 2, 'the loop starts, compares and counts in one line');
    assert.ok(breakpoints.every((each: Body) => each.line === line && each.column > 0));
    await client.close();
  });

  test('can be stopped at in one of its columns', async () => {
    const client = new DapClient();
    const line = lineOf('main.c', 'seen < count;');
    await client.launch({ program: sample.program }, () => client.request('setExceptionBreakpoints', { filters: [] }));
    const source = { path: sample.source('main.c') };
    const { breakpoints: places } = await client.request('breakpointLocations', { source, line });
    const { column } = places.at(-1);
    const answer = await client.request('setBreakpoints', { source, breakpoints: [{ line, column }] });
    assert.deepEqual([answer.breakpoints[0].line, answer.breakpoints[0].column], [line, column]);
    await client.run('continue');
    const top = await client.top();
    assert.deepEqual([top.line, top.column], [line, column]);
    await client.close();
  });

  test('can be stopped at by its virtual or its physical address alone', async () => {
    for (const [mode, early] of [
      ['physical', true],
      ['virtual', false],
    ] as const) {
      const client = new DapClient();
      await client.launch({ program: sample.program }, async () => {
        await client.request('setExceptionBreakpoints', { filters: [] });
        await client.request('setBreakpoints', {
          source: { path: sample.source('console.c') },
          breakpoints: [{ line: lineOf('console.c', 'va_start'), mode }],
        });
      });
      await client.run('continue');
      assert.equal(BigInt(await client.value('pc')) >> 32n === 0n, early, mode);
      await client.close();
    }
  });
});

describe('a source that is not here', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'pagewalk-sources-'));
  after(() => rmSync(folder, { recursive: true }));
  const program = path.join(folder, 'alone.elf');
  copyFileSync(sample.program, program);

  test('is shown as the instructions of its function, with a hint; breakpoints hold there', async () => {
    const client = new DapClient();
    await client.launch({ program }, async () => {
      await client.request('setExceptionBreakpoints', { filters: [] });
      await client.request('setFunctionBreakpoints', { breakpoints: [{ name: 'run_process' }] });
    });
    await client.run('continue');
    const top = await client.top();
    assert.equal(top.source.path, undefined);
    assert.match(top.source.origin, /process\.c is not here/);
    const { content } = await client.request('source', {
      source: top.source,
      sourceReference: top.source.sourceReference,
    });
    const lines: string[] = content.split('\n');
    assert.match(content, /^\/\/ .*process\.c is not here\.\n/);
    assert.match(content, /"sourceMap": \{ "\.?[^"]*": /);
    assert.match(lines[top.line - 1] ?? '', /^ {2}ffffffff80000[0-9a-f]{3} .*\/\/ process\.c:\d+$/);
    assert.equal(BigInt(`0x${(lines[top.line - 1] ?? '').trim().slice(0, 16)}`), BigInt(await client.value('pc')));
    assert.ok(lines.some((line) => /\bcall|jal.*<map_page/.test(line)) || /<[a-z_]+>/.test(content), 'symbols');

    const { breakpoints } = await client.request('setBreakpoints', {
      source: top.source,
      breakpoints: [{ line: top.line + 2 }],
    });
    assert.deepEqual([breakpoints[0].verified, breakpoints[0].line], [true, top.line + 2]);
    await client.run('continue');
    assert.equal((await client.top()).line, top.line + 2);
    await assert.rejects(client.request('source', { sourceReference: 99 }), /There is no source numbered 99/);
    await client.close();
  });
});
