import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Body, DapClient } from './dap-client.ts';
import { lineOf, sample } from './sample.ts';

/** Runs to the guest's end; returns the stops on the way. */
async function stopsOf(client: DapClient): Promise<Body[]> {
  const stops: Body[] = [];
  for (;;) {
    const before = client.events('stopped').length;
    await client.request('continue', { threadId: 1 });
    await client.settled(before);
    const stop = client.events('stopped')[before];
    if (!stop) return stops;
    stops.push({ ...stop, pc: BigInt(await client.value('pc')) });
  }
}

async function session(configure: (client: DapClient) => Promise<unknown>, more: object = {}): Promise<DapClient> {
  const client = new DapClient();
  await client.launch({ program: sample.program, ...more }, async () => {
    await client.request('setExceptionBreakpoints', { filters: [] });
    await configure(client);
  });
  return client;
}

const functions = (client: DapClient, ...breakpoints: object[]) =>
  client.request('setFunctionBreakpoints', { breakpoints });

describe('a breakpoint on a symbol', () => {
  test('is hit once at each arrival, at its load address before paging and at its link address after it', async () => {
    const client = await session((c) => functions(c, { name: 'say' }));
    const stops = await stopsOf(client);
    const upper = stops.filter(({ pc }) => pc >> 32n === 0xffffffffn).length;
    assert.equal(stops.length - upper, 2, 'before paging, and under the identity map');
    assert.equal(
      upper,
      (client.console.match(/\n/g)?.length ?? 0) - 2 - 2,
      'each line but the two before and the two of the program',
    );
    assert.ok(stops.every(({ hitBreakpointIds }) => hitBreakpointIds.length === 1));
    await client.close();
  });

  test('may lie across the satp write: at the instruction whose first fetch faults as planned', async () => {
    const client = await session((c) => functions(c, { name: 'high' }));
    const pcs = (await stopsOf(client)).map(({ pc }) => pc);
    // Once where the fetch fails (the hart stands there), once where the kernel wanted to go.
    assert.equal(pcs.at(-1), 0xffffffff800000bcn);
    assert.ok(pcs.length <= 2, `${pcs.length} arrivals`);
    await client.close();
  });

  test('takes an offset', async () => {
    const client = await session((c) => functions(c, { name: 'kernel_main+0x6' }));
    const [stop, ...more] = await stopsOf(client);
    assert.equal(more.length, 0);
    assert.match(stop.description, /<kernel_main\+0x6>/);
    await client.close();
  });

  test('that is unknown is not verified, and says so', async () => {
    const client = await session(async () => {});
    const { breakpoints } = await functions(client, { name: 'no_such_function' }, { name: 'csr:nope' });
    assert.deepEqual(
      breakpoints.map(({ verified, message }: Body) => [verified, message]),
      [
        [false, 'No symbol is called "no_such_function".'],
        [false, 'No CSR is called "nope".'],
      ],
    );
    await client.close();
  });
});

describe('a function breakpoint on an address', () => {
  for (const name of ['*0xffffffff800009ee', '0xffffffff800009ee', 'pa:0x800009ee', 'va:0xffffffff800009ee']) {
    test(`${name} stops at kernel_main`, async () => {
      const client = await session((c) => functions(c, { name }));
      const stops = await stopsOf(client);
      assert.deepEqual(
        stops.map(({ description }) => description),
        ['Breakpoint at 0xffffffff800009ee <kernel_main>'],
      );
      await client.close();
    });
  }

  test('in another address space stops only under that root', async () => {
    const client = await session((c) => functions(c, { name: 'va:0xffffffff800009ee@0x80009000:sv39' }));
    assert.deepEqual(await stopsOf(client), [], 'kernel_main runs under the root 0x80007000');
    await client.close();
  });
});

describe('a line breakpoint', () => {
  const set = (client: DapClient, file: string, ...breakpoints: object[]) =>
    client.request('setBreakpoints', { source: { path: sample.source(file) }, breakpoints });

  test('that was set before launch is pending, then verified by an event', async () => {
    const client = new DapClient();
    await client.request('initialize');
    const line = lineOf('main.c', 'ticks++');
    const [point] = (await set(client, 'main.c', { line })).breakpoints;
    assert.deepEqual([point.verified, point.reason], [false, 'pending']);
    await client.request('launch', { program: sample.program, stopOnSatp: false });
    const { reason, breakpoint } = await client.event('breakpoint');
    assert.deepEqual([reason, breakpoint.id, breakpoint.verified, breakpoint.line], ['changed', point.id, true, line]);
    await client.request('configurationDone');
    await client.event('stopped');
    assert.deepEqual((await client.run('continue')).hitBreakpointIds, [point.id]);
    await client.close();
  });

  test('moves to the next line that has code', async () => {
    const client = await session(async () => {});
    const line = lineOf('main.c', '// Called by trap_entry');
    const [point] = (await set(client, 'main.c', { line })).breakpoints;
    assert.equal(point.verified, true);
    assert.equal(point.line, lineOf('main.c', 'void handle_trap'));
    await client.close();
  });

  test('in a file that the kernel was not made from is refused with what to look at', async () => {
    const client = await session(async () => {});
    const [point] = (
      await client.request('setBreakpoints', { source: { path: '/x/other.c' }, breakpoints: [{ line: 1 }] })
    ).breakpoints;
    assert.equal(point.verified, false);
    assert.match(point.message, /sourceMap/);
    await client.close();
  });

  test('breakpointLocations gives the lines that have code', async () => {
    const client = await session(async () => {});
    const { breakpoints } = await client.request('breakpointLocations', {
      source: { path: sample.source('main.c') },
      line: 1,
      endLine: lineOf('main.c', 'static void panic'),
    });
    const first = lineOf('main.c', 'static void set_timer');
    assert.equal(breakpoints[0].line, first);
    assert.ok(breakpoints.every(({ line }: Body) => line >= first));
    await client.close();
  });
});

describe('an instruction breakpoint', () => {
  test('is an address and an offset', async () => {
    const client = await session((c) =>
      c.request('setInstructionBreakpoints', {
        breakpoints: [{ instructionReference: '0xffffffff800009f0', offset: -2 }],
      }),
    );
    const stops = await stopsOf(client);
    assert.deepEqual(
      stops.map(({ reason, pc }) => [reason, pc]),
      [['instruction breakpoint', 0xffffffff800009een]],
    );
    await client.close();
  });
});

describe('conditions', () => {
  test('a breakpoint stops only where its condition holds', async () => {
    const client = await session((c) => functions(c, { name: 'put', condition: 'a0 == 0x21' }));
    assert.equal((await stopsOf(client)).length, 0, 'no ! is printed');
    await client.close();
  });

  test('a condition that cannot be evaluated stops and says why', async () => {
    const client = await session((c) => functions(c, { name: 'kernel_main', condition: 'nonsense == 1' }));
    assert.equal((await stopsOf(client)).length, 1);
    const said = client.events('output').map(({ output }) => output);
    assert.match(said.join(''), /Condition "nonsense == 1": .*nonsense/);
    await client.close();
  });

  test('hit counts count the arrivals at which the condition holds', async () => {
    const client = await session((c) =>
      functions(c, { name: 'fibonacci', condition: 'a0 == 1', hitCondition: '% 50' }),
    );
    // fibonacci(12) asks for fibonacci(1) 144 times.
    assert.equal((await stopsOf(client)).length, 2);
    await client.close();
  });

  test('a wrong hit condition is an error that shows what is right', async () => {
    const client = await session(async () => {});
    await assert.rejects(functions(client, { name: 'put', hitCondition: 'often' }), /"often" is not understood/);
    await client.close();
  });

  test('a log point prints and does not stop', async () => {
    const client = await session((c) => functions(c, { name: 'grow_stack', logMessage: 'stack at {a0}, {1 + 1}' }));
    assert.equal((await stopsOf(client)).length, 0);
    const said = client.events('output').map(({ output }) => output);
    assert.ok(said.includes('stack at 0x3ffefffff8, 2\n'), said.join(''));
    await client.close();
  });

  test('ids and hit counts survive that a client sends the whole list again', async () => {
    const client = await session((c) => functions(c, { name: 'put', hitCondition: '>= 3' }));
    const send = () => functions(client, { name: 'put', hitCondition: '>= 3' }, { name: 'kernel_main' });
    const [first] = (await send()).breakpoints;
    await client.run('continue');
    const [again] = (await send()).breakpoints;
    assert.equal(again.id, first.id);
    await client.run('continue');
    assert.equal(client.console.length, 3);
    await client.close();
  });
});

describe('data breakpoints', () => {
  const info = (client: DapClient, args: object) => client.request('dataBreakpointInfo', args);
  const set = (client: DapClient, ...breakpoints: object[]) => client.request('setDataBreakpoints', { breakpoints });

  test('a CSR is watched for writes, with its value before and after', async () => {
    const client = await session(async () => {});
    const { dataId, accessTypes } = await info(client, { name: 'stvec' });
    assert.deepEqual([dataId, accessTypes], ['csr:stvec', ['write']]);
    await set(client, { dataId });
    const [first, second] = await stopsOf(client);
    assert.equal(first.reason, 'data breakpoint');
    assert.equal(first.description, 'stvec ← 0xffffffff800000bc (was 0x0)');
    assert.equal(second.description, 'stvec ← 0xffffffff800000f8 (was 0xffffffff800000bc)');
    await client.close();
  });

  test('csr:satp as a function breakpoint stops at every write', async () => {
    const client = await session((c) => functions(c, { name: 'csr:satp', condition: '$asid == 1' }));
    const stops = await stopsOf(client);
    assert.deepEqual(
      stops.map(({ reason, description }) => [reason, description]),
      [['function breakpoint', 'satp ← Sv39, root pa:0x80006000, ASID 1 (was Sv39, root pa:0x80007000, ASID 0)']],
    );
    await client.close();
  });

  test("a symbol's object is watched where it is loaded, for writes that change it", async () => {
    const client = await session(async () => {});
    const { dataId } = await info(client, { name: 'ticks', mode: 'change' });
    assert.equal(dataId, 'pa:0x8000a118/8/change');
    await set(client, { dataId, accessType: 'write' });
    const stops = await stopsOf(client);
    assert.deepEqual(
      stops.map(({ description }) => description.replace(/^.*: /, '')),
      ['0x0 → 0x1', '0x1 → 0x2', '0x2 → 0x3'],
    );
    assert.match(stops[0].description, /^store of 8 bytes at 0xffffffff8000a118 <ticks>: /);
    await client.close();
  });

  test('a physical range is watched whatever it is mapped at, and before paging', async () => {
    const client = await session(async () => {});
    const { dataId, description } = await info(client, { name: 'pa:0x80009000', asAddress: true, bytes: 4096 });
    assert.deepEqual([dataId, description], ['pa:0x80009000/4096', 'pa:0x80009000 (4096 bytes)']);
    await set(client, { dataId, accessType: 'write', condition: '$new != 0' });
    const stops = await stopsOf(client);
    assert.deepEqual(
      stops.map(({ pc }) => pc >> 32n),
      [0n, 0n],
      'the two gigapages of the identity root',
    );
    await client.close();
  });

  test('a row of the Variables view is watched: a CSR, a page-table entry', async () => {
    const client = await session((c) => functions(c, { name: 'kernel_main' }));
    await client.run('continue');
    const { scopes } = await client.request('scopes', { frameId: (await client.top()).id });
    const children = async (variablesReference: number) =>
      (await client.request('variables', { variablesReference })).variables as Body[];
    const named = (list: Body[], name: string) => list.find((row) => row.name === name).variablesReference;
    const supervisor = named(await children(named(scopes, 'CSRs')), 'Supervisor');
    const csr = await info(client, { variablesReference: supervisor, name: 'sscratch' });
    assert.equal(csr.dataId, 'csr:sscratch');

    const root = (await children(named(scopes, 'Page-table roots')))[0].variablesReference;
    const [entry] = await children(root);
    const pte = await info(client, { variablesReference: root, name: entry.name });
    assert.match(pte.dataId, /^pa:0x80007[0-9a-f]{3}\/8$/);
    await client.close();
  });

  test('a negative number of bytes means those before the address', async () => {
    const client = await session(async () => {});
    const { dataId } = await info(client, { name: '0x80001000', asAddress: true, bytes: -16 });
    assert.equal(dataId, 'va:0x80000ff0/16');
    await client.close();
  });

  test('reads are watched too', async () => {
    const client = await session((c) => set(c, { dataId: 'va:0x11000/4', accessType: 'read' }));
    const stops = await stopsOf(client);
    assert.ok(stops.length > 0);
    assert.ok(stops.every(({ description }) => description.startsWith('load of 4 bytes')));
    await client.close();
  });

  test('a register cannot be watched, and the answer says what can', async () => {
    const client = await session(async () => {});
    const { dataId, description } = await info(client, { name: 'a0' });
    assert.equal(dataId, null);
    assert.match(description, /only CSRs and memory can/);
    await client.close();
  });
});
