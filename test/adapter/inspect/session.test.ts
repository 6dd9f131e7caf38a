// Inspection of the sample kernel on the real machine, through the adapter's own requests.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { Client } from './client.ts';

const SAMPLE = 'samples/first-light/first-light.elf';

type Variable = DebugProtocol.Variable;

class Inspector {
  readonly client: Client;

  constructor(client: Client) {
    this.client = client;
  }

  async scope(name: string): Promise<number> {
    const { stackFrames } = await this.client.request<DebugProtocol.StackTraceResponse['body']>('stackTrace', {
      threadId: 1,
    });
    const { scopes } = await this.client.request<DebugProtocol.ScopesResponse['body']>('scopes', {
      frameId: stackFrames[0]?.id,
    });
    const found = scopes.find((scope) => scope.name === name);
    assert.ok(found, `no scope ${name}`);
    return found.variablesReference;
  }

  async rows(variablesReference: number, more: object = {}): Promise<Variable[]> {
    const body = { variablesReference, ...more };
    return (await this.client.request<DebugProtocol.VariablesResponse['body']>('variables', body)).variables;
  }

  /** The row at the end of a path of names that begins with a scope. */
  async row(scope: string, ...path: string[]): Promise<Variable & { readonly parent: number }> {
    let parent = await this.scope(scope);
    for (;;) {
      const [name, ...rest] = path;
      const rows = await this.rows(parent);
      const row = rows.find((candidate) => candidate.name === name);
      assert.ok(row, `no ${name} among ${rows.map((candidate) => candidate.name).join(', ')}`);
      if (rest.length === 0) return { ...row, parent };
      parent = row.variablesReference;
      path = rest;
    }
  }

  async evaluate(expression: string, context = 'watch') {
    return await this.client.request<DebugProtocol.EvaluateResponse['body']>('evaluate', { expression, context });
  }

  async read(memoryReference: string, count: number, offset = 0) {
    const body = { memoryReference, count, offset };
    type Body = NonNullable<DebugProtocol.ReadMemoryResponse['body']>;
    const { address, data = '', unreadableBytes } = await this.client.request<Body>('readMemory', body);
    return { address, bytes: Buffer.from(data, 'base64'), unreadableBytes };
  }

  async disassemble(memoryReference: string, instructionOffset: number, instructionCount: number) {
    const body = { memoryReference, instructionOffset, instructionCount };
    type Body = NonNullable<DebugProtocol.DisassembleResponse['body']>;
    return (await this.client.request<Body>('disassemble', body)).instructions;
  }
}

async function inspectorAtEntry(): Promise<Inspector> {
  return new Inspector(await Client.atEntry(SAMPLE));
}

describe('before paging, in M-mode', () => {
  let on: Inspector;
  before(async () => {
    on = await inspectorAtEntry();
  });
  after(() => on.client.end());

  test('pc shows the symbol that is loaded there', async () => {
    const pc = await on.row('Integer registers', 'pc');
    assert.match(pc.value, /^0x80000000 <\w*_start>$/);
    assert.equal(pc.memoryReference, 'va:0x80000000');
    assert.equal(pc.evaluateName, 'pc');
  });

  test('M-mode does not translate, and the Translation scope says so', async () => {
    const pc = await on.row('Translation', 'pc');
    assert.equal(pc.value, '0x80000000 is pa:0x80000000: M-mode does not translate.');
    const roots = await on.rows(await on.scope('Page-table roots'));
    assert.equal(roots[0]?.value, 'Bare: no page tables are in use');
  });

  test('memory at the load address is the ELF; below RAM is a hole of known length', async () => {
    const text = readFileSync(SAMPLE).subarray(0x1000, 0x1040);
    assert.deepEqual((await on.read('pa:0x80000000', 64)).bytes, text);
    const hole = await on.read('0x7ffffff0', 64);
    assert.deepEqual([hole.address, hole.bytes.length, hole.unreadableBytes], ['0x000000007ffffff0', 0, 16]);
    const beyond = await on.read('pa:0x87fffff0', 64);
    assert.deepEqual([beyond.bytes.length, beyond.unreadableBytes], [16, 48]);
  });

  test('a symbol that is not mapped yet is read where its bytes have been loaded', async () => {
    const { result } = await on.evaluate('*(u32*)kernel_main');
    assert.equal(result, (await on.evaluate('*(u32*)pa:0x800009ee')).result);
  });

  test('disassembly has exactly the rows asked for, unmapped ones before RAM', async () => {
    const rows = await on.disassemble('va:0x80000000', -3, 8);
    assert.equal(rows.length, 8);
    assert.deepEqual(
      rows.map((row) => [row.address.slice(-8), row.instruction === '??', row.presentationHint]).slice(0, 4),
      [
        ['7ffffff4', true, 'invalid'],
        ['7ffffff8', true, 'invalid'],
        ['7ffffffc', true, 'invalid'],
        ['80000000', false, undefined],
      ],
    );
    assert.match(rows[3]?.symbol ?? '', /_start$/);
    assert.equal(rows[3]?.location?.name, 'start.S');
    assert.equal(typeof rows[3]?.line, 'number');
    assert.equal(rows[3]?.instruction, 'bnez a0,0x800000d4 <park>');
  });

  test('an edit is an expression; the row, its memory and its reference follow', async () => {
    const { parent } = await on.row('Integer registers', 'a5');
    const set = { variablesReference: parent, name: 'a5', value: 'pc + 8' };
    const answer = await on.client.request<DebugProtocol.SetVariableResponse['body']>('setVariable', set);
    assert.match(answer.value, /^0x80000008 <\w*_start\+0x8>$/);
    const again = await on.row('Integer registers', 'a5');
    assert.deepEqual([again.value, again.parent], [answer.value, parent]);
    await assert.rejects(on.client.request('setVariable', { ...set, name: 'zero' }), /x0 is always 0/);
    await assert.rejects(on.client.request('setVariable', { ...set, name: 'pc', value: '1' }), /odd/);
  });

  test('a CSR keeps what the machine takes, and the console is told where that differs', async () => {
    on.client.events.length = 0;
    const before = await on.evaluate('mstatus.MPP');
    const set = { expression: 'mstatus.MPP', value: '2' };
    const answer = await on.client.request<DebugProtocol.SetExpressionResponse['body']>('setExpression', set);
    assert.equal(answer.value, before.result);
    const output = await on.client.until('output');
    assert.match(String(output.output), /mstatus\.MPP holds 0x\d now: of 0x2 the machine takes only that/);
    assert.equal((await on.evaluate('mstatus.MPP = M', 'repl')).result, 'M (3)');
    await assert.rejects(on.evaluate('mhartid = 1', 'repl'), /read-only/);
    await assert.rejects(on.evaluate('satp.ASID = 0x10000', 'repl'), /does not fit into the 16 bits/);
  });

  test('pc may be set to anything even, with a warning where nothing can be executed', async () => {
    const { result } = await on.evaluate('/x pc', 'repl');
    on.client.events.length = 0;
    await on.client.request('setExpression', { expression: 'pc', value: '0x10' });
    const output = await on.client.until('output');
    assert.match(
      String(output.output),
      /^pc is 0x0*10, where nothing executable is mapped: the next step will fault\./,
    );
    on.client.events.length = 0;
    await on.client.request('setExpression', { expression: 'pc', value: result });
    assert.deepEqual(
      on.client.events.filter(({ event }) => event === 'output'),
      [],
    );
    await assert.rejects(on.client.request('setExpression', { expression: 'pc', value: '0x11' }), /is odd/);
  });

  test('written memory is announced by the very references that were read', async () => {
    await on.read('va:0x87000000', 16);
    await on.read('pa:0x87000000', 8, 4);
    on.client.events.length = 0;
    const write = { memoryReference: 'va:0x87000000', offset: 4, data: Buffer.from([1, 2, 3]).toString('base64') };
    assert.deepEqual(await on.client.request('writeMemory', write), { bytesWritten: 3 });
    assert.deepEqual([...(await on.read('pa:0x87000000', 8)).bytes], [0, 0, 0, 0, 1, 2, 3, 0]);
    const announced = on.client.events.filter(({ event }) => event === 'memory').map(({ body }) => body);
    assert.ok(announced.some((body) => body.memoryReference === 'va:0x87000000' && body.offset === 0));
    assert.ok(announced.some((body) => body.memoryReference === 'pa:0x87000000' && body.offset === 4));
    assert.ok(on.client.events.some(({ event }) => event === 'invalidated'));
    const beyond = { memoryReference: 'pa:0x87fffffe', data: Buffer.from([1, 2, 3]).toString('base64') };
    await assert.rejects(on.client.request('writeMemory', beyond), /pa:0x88000000 is not mapped.*nothing was written/);
    const partly = await on.client.request('writeMemory', { ...beyond, allowPartial: true });
    assert.deepEqual(partly, { bytesWritten: 2 });
  });

  test('floating-point registers are numbers, singles where the upper half is all ones', async () => {
    const { parent } = await on.row('Floating point', 'fa0');
    const set = { variablesReference: parent, name: 'fa0' };
    const value = async (text: string) =>
      (await on.client.request<{ value: string }>('setVariable', { ...set, value: text })).value;
    assert.equal(await value('1.5'), '1.5 (0x3ff8000000000000)');
    assert.equal(await value('-2.0f'), '-2.0f (0xffffffffc0000000)');
    assert.equal(await value('inf'), 'inf (0x7ff0000000000000)');
  });

  test('completions offer verbs, registers, CSRs, fields and symbols', async () => {
    const labels = async (text: string) => {
      type Body = DebugProtocol.CompletionsResponse['body'];
      const { targets } = await on.client.request<Body>('completions', { text, column: text.length + 1 });
      return targets.map(({ label, start, length }) => `${label} ${start}+${length}`);
    };
    assert.ok((await labels('1 + kernel_m')).includes('kernel_main 4+8'));
    assert.deepEqual((await labels('satp.m')).at(0), 'satp.MODE 0+6');
    assert.ok((await labels('he')).includes('help 0+2'));
    assert.ok((await labels('*(u32*)$a')).includes('$a0 7+2'));
  });

  test('rows keep their numbers over a step', async () => {
    const earlier = await on.row('CSRs', 'Supervisor', 'satp');
    await on.client.step();
    const later = await on.row('CSRs', 'Supervisor', 'satp');
    assert.equal(later.variablesReference, earlier.variablesReference);
  });
});

describe('under Sv39, in kernel_main', () => {
  let on: Inspector;
  before(async () => {
    on = await inspectorAtEntry();
    await on.client.runTo('kernel_main');
  });
  after(() => on.client.end());

  test('a hover says the value, the page and the region in its first line, the walk below', async () => {
    const { result, variablesReference } = await on.evaluate('kernel_main', 'hover');
    assert.equal(result, '0xffffffff800009ee <kernel_main> → pa:0x800009ee, 4 KiB R-X .text');
    const rows = await on.rows(variablesReference);
    assert.deepEqual(
      rows.slice(0, 3).map(({ name }) => name),
      ['level 2 [510]', 'level 1 [0]', 'level 0 [0]'],
    );
    const fact = (name: string) => rows.find((row) => row.name === name)?.value;
    assert.equal(fact('physical address'), 'pa:0x800009ee');
    assert.equal(fact('page size'), '4 KiB');
    assert.equal(fact('permissions'), 'R-X');
    assert.equal(fact('symbol'), 'kernel_main');
  });

  test('a hover of what is not mapped says which entry is not valid', async () => {
    const { result } = await on.evaluate('0x4000_0000', 'hover');
    assert.match(
      result,
      /^0x40000000 → Load page fault \(13\) for 0x40000000: the level-\d PTE at pa:0x[0-9a-f]+ .* has V = 0\.$/,
    );
  });

  test('satp opens into its fields, its root into the tables of the address space', async () => {
    const satp = await on.row('CSRs', 'Supervisor', 'satp');
    const mode = await on.row('CSRs', 'Supervisor', 'satp', 'MODE');
    assert.match(satp.value, /^0x8[0-9a-f]{15} Sv39, ASID 0, root pa:0x80007000$/);
    assert.deepEqual([mode.value, mode.evaluateName], ['Sv39 (8)', 'satp.MODE']);
    const root = await on.row('Page-table roots', 'Sv39 root');
    assert.equal(root.value, 'pa:0x80007000 <kernel_root>');
    const top = await on.rows(root.variablesReference, { filter: 'indexed', start: 0, count: 512 });
    assert.equal(top.length, root.indexedVariables);
    const gigapages = await on.rows(top.find(({ name }) => name === '[510]')?.variablesReference ?? 0);
    const pages = await on.rows(gigapages[0]?.variablesReference ?? 0);
    assert.match(pages[0]?.value ?? '', /^0xffffffff80000000.* → pa:0x80000000 4 KiB [D.]A.*X\.RV <\w*_start>$/);
  });

  test('a virtual address reads what its physical address holds, above 2^63 too', async () => {
    const virtual = await on.read('0xffffffff80000000', 4096);
    assert.equal(virtual.address, '0xffffffff80000000');
    assert.deepEqual(virtual.bytes, (await on.read('pa:0x80000000', 4096)).bytes);
    const root = await on.read('va:0xffffffff80000000@0x80007000:sv39', 16);
    assert.deepEqual(root.bytes, virtual.bytes.subarray(0, 16));
  });

  test('disassembly goes back over functions to the symbol and line before', async () => {
    const rows = await on.disassemble('0xffffffff800009ee', -20, 40);
    assert.equal(rows.length, 40);
    const main = rows[20];
    assert.deepEqual(
      [main?.address, main?.symbol, main?.location?.name],
      ['0xffffffff800009ee', 'kernel_main', 'main.c'],
    );
    assert.ok(rows.every((row) => row.presentationHint !== 'invalid'));
    assert.ok(rows.slice(0, 20).some((row) => row.symbol === 'panic'));
  });

  test('CSRs and page-table entries can be watched, registers cannot', async () => {
    const info = async ({ parent, name }: { readonly parent: number; readonly name: string }) => {
      const body = { variablesReference: parent, name };
      return (await on.client.request<{ dataId: string | null }>('dataBreakpointInfo', body)).dataId;
    };
    assert.equal(await info(await on.row('CSRs', 'Supervisor', 'satp')), 'csr:satp');
    assert.equal(await info(await on.row('CSRs', 'Supervisor', 'satp', 'MODE')), 'csr:satp');
    assert.match((await info(await on.row('Page-table roots', 'Sv39 root', '[510]'))) ?? '', /^pa:0x80007ff0\/8$/);
    assert.equal(await info(await on.row('Integer registers', 'a0')), null);
  });

  test('every value can be asked for in hexadecimal', async () => {
    const supervisor = (await on.row('CSRs', 'Supervisor')).variablesReference;
    const satp = (await on.rows(supervisor, { format: { hex: true } })).find(({ name }) => name === 'satp');
    assert.match(satp?.value ?? '', /^0x8[0-9a-f]{15}$/);
    const fields = await on.rows(satp?.variablesReference ?? 0, { format: { hex: true } });
    assert.equal(fields.find(({ name }) => name === 'MODE')?.value, '0x8');
  });

  test('a trap register translates at the privilege that will use it', async () => {
    const handler = await on.row('CSRs', 'Supervisor', 'stvec', 'translation');
    assert.match(handler.type ?? '', /^fetch, Sv39, .* S-mode/);
    const machine = await on.row('CSRs', 'Machine', 'mtvec', 'translation');
    assert.equal(machine.type, 'fetch, M-mode: no translation');
  });

  test('an entry cleared in its table unmaps the page until it is set again', async () => {
    const before = await on.evaluate('pte(kernel_main, 0)');
    assert.match(before.result, /^0x[0-9a-f]+ leaf 4 KiB → pa:0x80000000/);
    await on.evaluate('pte(kernel_main, 0) = 0', 'repl');
    assert.equal((await on.evaluate('mapped(kernel_main)')).result, '0');
    assert.equal((await on.read('0xffffffff80000ff0', 32)).unreadableBytes, 16);
    await on.evaluate(`u64[${before.memoryReference}] = ${before.result.split(' ')[0]}`, 'repl');
    assert.equal((await on.evaluate('pte(kernel_main, 0)')).result, before.result);
  });

  test('looking at everything changes nothing', async () => {
    const state = async () => {
      const { result } = await on.evaluate('minstret', 'clipboard');
      const tables = await on.read('pa:0x80006000', 0x5000);
      return [result, tables.bytes.toString('hex')];
    };
    const untouched = await state();
    const visit = async (reference: number, depth: number): Promise<void> => {
      for (const row of await on.rows(reference)) {
        if (depth > 0 && row.variablesReference) await visit(row.variablesReference, depth - 1);
      }
    };
    for (const scope of ['Integer registers', 'Floating point', 'CSRs', 'Translation', 'Page-table roots', 'Devices']) {
      await visit(await on.scope(scope), 4);
    }
    for (const expression of [
      'sp',
      'walk(sp, "store")',
      'pte(sp, 0)',
      '*kernel_main',
      'pa:0x10000000',
      '*pa:0x10000000',
      'satp',
    ]) {
      await on.evaluate(expression, 'hover');
    }
    for (const verb of ['map', 'regs', 'mem sp', 'x/8i pc', 'walk sp', 'csr satp', 'satp', 'help']) {
      await on.evaluate(verb, 'repl');
    }
    await on.disassemble('0xffffffff80000000', -100, 300);
    assert.deepEqual(await state(), untouched);
  });

  test('the console walks, maps and examines', async () => {
    const say = async (verb: string) => (await on.evaluate(verb, 'repl')).result;
    assert.match(
      await say('walk kernel_main fetch'),
      /level 0 \[ {2}0\] pa:0x[0-9a-f]+: .*\n.*→ pa:0x800009ee.*\(\.text, kernel_main\)$/,
    );
    assert.match(await say('map text'), /^0xffffffff80000000–0xffffffff80000fff → pa:0x80000000 .* R-X.*\.text/m);
    assert.match(await say('satp'), /^hart 0: 0x8.* Sv39, ASID 0/);
    assert.match(await say('x/2i kernel_main'), /^kernel_main:\n {2}0xffffffff800009ee {2}\S.*\n/);
    await assert.rejects(say('mem nosuch'), /No variable, register, CSR or symbol is named nosuch/);
  });
});
