import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { hasGcc, needsGcc } from '../../support/riscv-gcc.ts';
import { Client } from './client.ts';
import { objectsProgram } from './objects-program.ts';

type Variable = DebugProtocol.Variable;
type Evaluated = DebugProtocol.EvaluateResponse['body'];

describe('variables of a C program', { skip: hasGcc ? false : needsGcc }, () => {
  let client: Client;
  let frames: DebugProtocol.StackFrame[];

  before(async () => {
    client = await Client.atEntry(objectsProgram());
    await client.runTo('leaf');
    ({ stackFrames: frames } = await client.request<DebugProtocol.StackTraceResponse['body']>('stackTrace', {
      threadId: 1,
    }));
  });
  after(() => client.end());

  const frame = (level: number) => frames[level]?.id;
  const value = async (expression: string, level = 0, context = 'watch') =>
    (await client.request<Evaluated>('evaluate', { expression, frameId: frame(level), context })).result;
  const rows = async (variablesReference: number, more: object = {}): Promise<Variable[]> =>
    (await client.request<DebugProtocol.VariablesResponse['body']>('variables', { variablesReference, ...more }))
      .variables;
  const locals = async (level = 0) => {
    const { scopes } = await client.request<DebugProtocol.ScopesResponse['body']>('scopes', { frameId: frame(level) });
    const scope = scopes.find(({ name }) => name === 'Locals');
    assert.equal(scope?.presentationHint, 'locals');
    return { reference: scope?.variablesReference ?? 0, rows: await rows(scope?.variablesReference ?? 0) };
  };
  const named = (list: readonly Variable[], name: string) => {
    const row = list.find((each) => each.name === name);
    assert.ok(row, `no ${name} among ${list.map((each) => each.name).join(', ')}`);
    return row;
  };
  const members = async () =>
    rows((await client.request<Evaluated>('evaluate', { expression: '*item', frameId: frame(0) })).variablesReference);

  test('are a scope of their own: parameters first, a static of the function among them', async () => {
    const { rows: list } = await locals();
    assert.deepEqual(
      list.slice(0, 2).map(({ name, type }) => `${name}: ${type}`),
      ['item: struct item * (argument)', 'by: int (argument)'],
    );
    assert.equal(named(list, 'by').value, '3');
    assert.match(named(list, 'calls').type ?? '', /\(static\)/);
    assert.equal(named(list, 'calls').value, '7');
  });

  test('say what they are: enumerators, flags, strings, functions, structs in a line', async () => {
    const list = await members();
    const text = (name: string) => named(list, name).value;
    assert.equal(text('count'), '1');
    assert.equal(text('colour'), 'GREEN (5)');
    assert.equal(text('flags'), 'READ | EXEC (5)');
    assert.equal(text('name'), '"ab"');
    assert.match(text('handler'), /^0x[0-9a-f]+ <handle>$/);
    assert.match(text('text'), /^0x[0-9a-f]+ .*"words"$/);
    assert.equal(text('word'), '{whole = 67305985, bytes = "\\x01\\x02\\x03\\x04"}');
    assert.equal(text('table'), '[3] {[2] {0, 11}, [2] {22, 33}, [2] {44, 55}}');
    assert.equal(text('on'), 'true');
    assert.equal(text('ratio'), '1.5');
    assert.equal(named(list, 'first').type, 'unsigned int : 3');
    assert.deepEqual(['first', 'second', 'small', 'x', 'y'].map(text), ['5', '77', '-3', '-1', '2']);
  });

  test('show a page-table entry decoded, and a physical address as one', async () => {
    const list = await members();
    assert.equal(named(list, 'entry').value, '0x200800cf leaf 4 KiB → pa:0x80200000 DA..XWRV (_start)');
    assert.match(named(list, 'memory').value, /^pa:0x80000000/);
    const bits = await rows(named(list, 'entry').variablesReference);
    assert.equal(named(bits, 'permissions').value, 'RWX');
    assert.equal(named(bits, 'target').value, 'pa:0x80200000 <_start>');
  });

  test('each have a name by which expressions find them', async () => {
    const list = await members();
    for (const row of list.filter(({ evaluateName, value: text }) => evaluateName && !text.startsWith('{'))) {
      assert.equal(await value(row.evaluateName as string), row.value, row.evaluateName);
    }
    const [table] = await rows(named(list, 'table').variablesReference, { filter: 'indexed', start: 2, count: 1 });
    const [, last] = await rows(table?.variablesReference ?? 0);
    assert.equal(last?.value, '55');
    assert.equal(await value(last?.evaluateName ?? ''), '55');
  });

  test('of a caller are read from its frame', async () => {
    const { rows: list } = await locals(1);
    assert.equal(named(list, 'on_stack').value, '1001');
    assert.equal(named(list, 'got').value, '<optimized out>', 'it has no value before the call returns');
    assert.equal(await value('on_stack + 1', 1), '1002');
  });

  test('long arrays come in pages, and in ranges for clients that do not page', async () => {
    const answer = await client.request<Evaluated>('evaluate', { expression: 'items', frameId: frame(0) });
    assert.equal(answer.indexedVariables, 300);
    const page = await rows(answer.variablesReference, { filter: 'indexed', start: 298, count: 50 });
    assert.deepEqual(
      page.map(({ name }) => name),
      ['[298]', '[299]'],
    );
    const ranges = await rows(answer.variablesReference);
    assert.deepEqual(
      ranges.map(({ name }) => name),
      ['[0..99]', '[100..199]', '[200..299]'],
    );
    const last = await rows(ranges[2]?.variablesReference ?? 0);
    assert.equal(last[99]?.name, '[299]');
  });

  test('can be edited: members, bit-fields, elements, strings, registers, those of a caller', async () => {
    const item = await client.request<Evaluated>('evaluate', { expression: '*item', frameId: frame(0) });
    const set = async (variablesReference: number, name: string, text: string) =>
      (
        await client.request<DebugProtocol.SetVariableResponse['body']>('setVariable', {
          variablesReference,
          name,
          value: text,
        })
      ).value;
    assert.equal(await set(item.variablesReference, 'second', '0x55'), '85');
    assert.equal(await value('item->first'), '5', 'its neighbours stay');
    assert.equal(await value('item->small'), '-3');
    assert.equal(await set(item.variablesReference, 'small', '-8'), '-8');
    await assert.rejects(
      set(item.variablesReference, 'second', '128'),
      /0x80 does not fit into the 7 bits of the field/,
    );
    assert.equal(await set(item.variablesReference, 'colour', 'BLUE'), 'BLUE (6)');
    assert.equal(await set(item.variablesReference, 'name', '"xyz"'), '"xyz"');
    await assert.rejects(set(item.variablesReference, 'name', '"too long a name"'), /no room for 15 letters/);
    assert.equal(await set(item.variablesReference, 'ratio', '2.25'), '2.25');
    assert.equal(await value('item->table[1][0] = -7', 0, 'repl'), '-7');
    assert.equal(await value('item->table[1][1] += 100', 0, 'repl'), '133');
    assert.equal(await value('items[3] = items[1]', 0, 'repl').then(() => value('items[3].second')), '85');
    const { reference } = await locals();
    assert.equal(await set(reference, 'by', '40'), '40');
    assert.equal(await value('by'), '40');
    const outer = await locals(1);
    assert.equal(await set(outer.reference, 'on_stack', '5'), '5');
    assert.equal(await value('on_stack', 1), '5');
  });

  test('of the file are a scope of their own, read when it is expanded: globals and statics in their order', async () => {
    const { scopes } = await client.request<DebugProtocol.ScopesResponse['body']>('scopes', { frameId: frame(0) });
    const scope = scopes.find(({ name }) => name === 'Globals');
    assert.equal(scope?.expensive, true);
    const reference = scope?.variablesReference ?? 0;
    const list = await rows(reference);
    assert.deepEqual(
      list.map(({ name, type }) => `${name}: ${type}`),
      ['local: short (static)', 'items: struct item [300] (static)', 'total: int', 'tops: long [3]'],
    );
    assert.equal(named(list, 'tops').value, '[3] {10, 20, 30}');
    const set = async (variablesReference: number, name: string, text: string) => {
      const args = { variablesReference, name, value: text };
      return (await client.request<DebugProtocol.SetVariableResponse['body']>('setVariable', args)).value;
    };
    const before = named(list, 'total').value;
    assert.equal(await set(reference, 'total', '1000'), '1000');
    assert.equal(await value('total'), '1000');
    assert.equal(await set(reference, 'total', before), before);
    assert.equal(await set(named(list, 'tops').variablesReference, '[2]', '-1'), '-1');
    assert.equal(await value('tops[2]'), '-1');
    assert.equal(await set(named(list, 'tops').variablesReference, '[2]', '30'), '30');
    assert.equal(named(list, 'local').evaluateName, undefined, 'in expressions it is the local of that name');
    assert.equal(await set(reference, 'local', '5'), '5');
    await assert.rejects(value('local'), /optimized out/, 'the local of that name is another variable');
  });

  test('that are only declared, since assembly defines them, have their type and the place of their symbol', async () => {
    assert.equal(await value('sizeof(stack_top[0])'), '1');
    assert.equal(await value('stack_top[3] = 77', 0, 'repl'), "77 'M'");
    assert.equal(await value('stack_top[3]'), "77 'M'");
    assert.equal(await value('&stack_top[1] == (unsigned char *)&stack_top + 1'), '1');
  });

  test('expressions follow C: members, casts, sizeof, container_of, elements, comparison of strings', async () => {
    assert.equal(await value('sizeof(struct item) == sizeof items / 300'), '1');
    assert.equal(await value('((struct item *)item)->word.bytes[2]'), "3 '\\x03'");
    assert.equal(await value('container_of(item->link.next, struct item, link)->count'), '2');
    assert.equal(await value('offsetof(struct item, table[1][1]) - offsetof(struct item, table)'), '24');
    assert.equal(await value('*tops@2'), '[2] {10, 20}');
    assert.equal(await value('&tops[1],2'), '[2] {20, 30}');
    assert.equal(await value('item->text == "words"'), '1');
    assert.equal(await value('/x total'), '0x29');
    assert.equal(await value('item->colour == RED ? 1 : total + tops[2]'), '71');
    assert.equal(await value('(enum colour)5'), 'GREEN (5)');
    await assert.rejects(value('item->nosuch'), /struct item has no member nosuch; it has count, first, /);
    await assert.rejects(value('total = 3'), /Assignments are for the console/);
  });

  test('are offered behind the cursor: locals, members by the type before them, types of the program', async () => {
    type Body = DebugProtocol.CompletionsResponse['body'];
    const offered = async (text: string, level = 0) => {
      const args = { text, column: text.length + 1, frameId: frame(level) };
      return (await client.request<Body>('completions', args)).targets;
    };
    const labels = async (text: string, level = 0) => (await offered(text, level)).map(({ label }) => label);
    assert.deepEqual((await labels('')).sort(), ['by', 'calls', 'item', 'local']);
    assert.deepEqual((await offered('1 + ite')).at(0), {
      label: 'item',
      detail: 'struct item * (parameter)',
      type: 'variable',
      start: 4,
      length: 3,
    });
    assert.equal((await labels('on_', 1)).at(0), 'on_stack');
    assert.ok(!(await labels('on_')).includes('on_stack'), 'it is a variable of the caller');
    const members = await labels('item->');
    for (const name of ['count', 'first', 'x', 'y', 'ratio']) assert.ok(members.includes(name), name);
    assert.deepEqual(await offered('by + (item)->wor'), [
      { label: 'word', detail: 'union word', type: 'field', start: 13, length: 3 },
    ]);
    assert.deepEqual(await labels('items[by + 1].word.'), ['whole', 'bytes']);
    assert.deepEqual(await labels('((struct item *)a0)->link.next->'), ['next']);
    assert.deepEqual(await labels('container_of(item->link.next, struct item, link)->mem'), ['memory']);
    assert.deepEqual(await labels('by.'), [], 'a number has no members');
    assert.deepEqual(await labels('nosuch->'), []);
    assert.deepEqual(await labels('(struct '), ['item', 'list']);
    assert.deepEqual(await labels('sizeof(enum c'), ['colour']);
    assert.ok((await labels('(pte')).includes('pte_t'));
    assert.equal((await labels('satp.M')).at(0), 'satp.MODE', 'the fields of CSRs stay');
  });

  test('lead to their declaration, and a pointer to a function to the function', async () => {
    const list = await members();
    const place = async (locationReference: number | undefined) => {
      const { source, line } = await client.request<NonNullable<DebugProtocol.LocationsResponse['body']>>('locations', {
        locationReference,
      });
      return `${source.path?.split('/').pop()}:${line}`;
    };
    const { declarationLocationReference, valueLocationReference } = named(list, 'handler');
    assert.match(await place(declarationLocationReference), /^main\.c:\d+$/);
    assert.match(await place(valueLocationReference), /^main\.c:\d+$/);
    assert.notEqual(await place(declarationLocationReference), await place(valueLocationReference));
  });

  test('the clipboard gets a whole struct, and bare numbers', async () => {
    assert.equal(await value('total', 0, 'clipboard'), '41');
    assert.match(await value('*item', 0, 'clipboard'), /^\{\n {2}count = 1,\n {2}first = 5,[\s\S]*table = \{\n/);
  });
});

test('conditions see locals and registers', { skip: hasGcc ? false : needsGcc }, async () => {
  const client = await Client.atEntry(objectsProgram());
  await client.request('setFunctionBreakpoints', {
    breakpoints: [{ name: 'leaf', condition: 'item->count == 1 && by == 3 && $a1 == 3 && sp != 0' }],
  });
  client.events.length = 0;
  await client.request('continue', { threadId: 1 });
  await client.until('stopped');
  const { stackFrames } = await client.request<DebugProtocol.StackTraceResponse['body']>('stackTrace', { threadId: 1 });
  assert.match(stackFrames[0]?.name ?? '', /^leaf/);
  await client.end();
});
