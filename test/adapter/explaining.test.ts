// The requests and the console's verbs that judge: pre-flight, lint, check, differences, the physical side.

import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, test } from 'node:test';
import { type Body, DapClient } from './dap-client.ts';
import { sample } from './sample.ts';

async function at(address: string, program = sample.program): Promise<DapClient> {
  const client = new DapClient();
  await client.launch({ program, stopOnSatp: false }, () =>
    client.request('setFunctionBreakpoints', { breakpoints: [{ name: address }] }),
  );
  await client.run('continue');
  return client;
}

const verb = async (client: DapClient, expression: string): Promise<string> =>
  (await client.request('evaluate', { expression, context: 'repl' })).result;

describe('pagewalk/preflight', () => {
  test('is green at the write that goes on by a fault on purpose', async () => {
    const client = await at('*0x800000b8');
    const body = await client.request('pagewalk/preflight', {});
    assert.equal(body.verdict, 'green');
    assert.equal(
      body.text,
      'The next fetch, 0x800000bc <high>, is not mapped, on purpose: stvec names the same code where it is linked, 0xffffffff800000bc <high>, which is mapped to pa:0x800000bc, RWX (.text).',
    );
    assert.deepEqual(
      body.checks.map(({ id, verdict }: Body) => [id, verdict]),
      [
        ['root', 'ok'],
        ['fetch', 'ok'],
        ['sp', 'ok'],
        ['gp', 'note'],
        ['tp', 'note'],
        ['console', 'note'],
      ],
    );
    const kinds = body.diff.map(({ kind, va, after }: Body) => [kind, va, after]);
    assert.deepEqual(kinds.at(-1), ['added', '0xffffffff80000000', 'pa:0x80000000 RWX']);
    assert.ok(kinds.slice(0, -1).every(([kind]: Body) => kind === 'removed'));
    assert.match(await verb(client, 'preflight'), /^green: satp ← Sv39, root pa:0x80008000, ASID 0 \(was Sv39/);
    await client.close();
  });

  test('is red for a value that maps nothing, and says so before it is written', async () => {
    const client = await at('*0x800000b8');
    const body = await client.request('pagewalk/preflight', { satp: '0x8000000000080300' });
    assert.equal(body.verdict, 'red');
    assert.match(
      body.text,
      /^The next fetch, 0x800000bc <high>, is not mapped; the handler at stvec 0xffffffff800000bc <high> is not mapped either/,
    );
    const unsupported = await client.request('pagewalk/preflight', { satp: '0xf000000000080300' });
    assert.match(unsupported.text, /^This hart has no MODE 15, so that the write changes nothing/);
    await client.close();
  });

  test('elsewhere asks for a value', async () => {
    const client = await at('kernel_main');
    await assert.rejects(client.request('pagewalk/preflight', {}), /The instruction at pc does not write satp/);
    await client.close();
  });
});

describe('pagewalk/lint and pagewalk/check', () => {
  test('find what is wrong with the early map, and nothing in the final one', async () => {
    const client = await at('kernel_main');
    const early = await client.request('pagewalk/lint', { root: '0x0000000080008000', mode: 'Sv39' });
    assert.deepEqual(
      early.findings.map(({ rule, severity }: Body) => [rule, severity]),
      [
        ['writable-and-executable', 'error'],
        ['no-guard-page', 'warning'],
      ],
    );
    assert.equal(early.findings[0].pteAddress, '0x0000000080010000');
    assert.deepEqual((await client.request('pagewalk/lint', {})).findings, []);
    assert.equal(await verb(client, 'lint'), 'generic\n0 findings');
    await client.close();
  });

  test('judge lines without a point now, and the others at their points', async () => {
    const client = await at('kernel_main');
    const text =
      'va _start -> pa _start R-X\nno W+X\nva 0x80000000 not mapped\nva 0xffffffff80000000 RWX\nmode Sv48 at satp:1\nmode Sv39 at symbol:kernel_main\n';
    const { results } = await client.request('pagewalk/check', { text, file: 'map.check' });
    assert.deepEqual(
      results.map(({ line, state, message }: Body) => [line, state, message]),
      [
        [1, 'passed', undefined],
        [2, 'passed', undefined],
        [3, 'passed', undefined],
        [4, 'failed', '0xffffffff80000000 is R-X, not RWX'],
        [5, 'skipped', 'it is for satp:1, and the machine is not there now'],
        [6, 'passed', undefined],
      ],
    );
    await assert.rejects(
      client.request('pagewalk/check', { text: '\nva 0x1000 +4Q RX', file: 'map.check' }),
      /map\.check:2:11: "4Q" is no size/,
    );
    assert.equal(await verb(client, 'check va 0x80000000 not mapped'), 'passed');
    assert.equal(await verb(client, 'check mode Sv48'), 'failed: the mode is Sv39');
    await client.close();
  });

  test('know the second satp write, an instruction and a printed text when they are there', async () => {
    const client = new DapClient();
    await client.launch({ program: sample.program }, () =>
      client.request('setFunctionBreakpoints', { breakpoints: [{ name: 'console:Building the upper half' }] }),
    );
    const text = [
      ...['no W+X at satp:1', 'mode Sv39 at satp:2', 'mode Sv39 at insn:52_478'],
      'mode Sv39 at console:"Building the upper half"',
    ].join('\n');
    const states = async () =>
      (await client.request('pagewalk/check', { text })).results.map(({ state }: Body) => state.slice(0, 4));
    assert.deepEqual(await states(), ['skip', 'skip', 'skip', 'skip']);
    await client.run('continue');
    assert.deepEqual(await states(), ['fail', 'skip', 'skip', 'skip'], 'the identity map is one RWX gigapage');
    await client.run('continue');
    assert.deepEqual(await states(), ['skip', 'skip', 'skip', 'pass']);
    await client.run('continue');
    assert.deepEqual(await states(), ['skip', 'pass', 'pass', 'skip']);
    // The first step is the fault by which the kernel jumps up, which retires nothing.
    for (let step = 0; step < 2; step++) await client.run('next', { threadId: 1, granularity: 'instruction' });
    assert.deepEqual(await states(), ['skip', 'skip', 'skip', 'skip']);
    await client.close();
  });
});

describe('the physical side', () => {
  test('pagewalk/reverse finds every virtual address in every root', async () => {
    const client = await at('kernel_main');
    const { places } = await client.request('pagewalk/reverse', { pa: '0x80000000' });
    assert.deepEqual(
      places.map(({ va, rootName, permissions }: Body) => [va, rootName, permissions]),
      [
        ['0x0000000080000000', 'identity_root', 'RWX'],
        ['0xffffffff80000000', 'trampoline_root', 'RWX'],
        ['0xffffffc000000000', 'kernel_root', 'R--'],
        ['0xffffffff80000000', 'kernel_root', 'R-X'],
      ],
    );
    assert.match(
      await verb(client, 'reverse pa:0x80000000'),
      /0xffffffff80000000 in Sv39 kernel_root: R-X \.text <_start>/,
    );
    await client.close();
  });

  test('pagewalk/diff compares two roots', async () => {
    const client = await at('kernel_main');
    const { rows, total } = await client.request('pagewalk/diff', { before: { root: '0x80008000', mode: 'Sv39' } });
    assert.equal(rows.length, total);
    const text = rows.find(({ va }: Body) => va === '0xffffffff80000000');
    assert.deepEqual(
      [text.kind, text.vaEnd, text.before, text.after, text.region],
      ['changed', '0xffffffff80000fff', 'pa:0x80000000 RWX', 'pa:0x80000000 R-X', '.text'],
    );
    assert.match(await verb(client, 'diff trampoline_root kernel_root'), /^\+ 0xffffffc000000000–/);
    assert.match(await verb(client, 'roots'), /Sv39 pa:0x80007000 kernel_root ASID 0, in force on hart 0/);
    await client.close();
  });

  test('pagewalk/pmp and pagewalk/physmap decode what is there', async () => {
    const client = await at('kernel_main');
    const { entries } = await client.request('pagewalk/pmp', {});
    assert.equal(entries.length, 16);
    const set = entries.filter(({ matching }: Body) => matching !== 'OFF');
    assert.ok(
      set.every(({ permissions }: Body) => permissions === 'RWX'),
      JSON.stringify(set),
    );
    const { regions } = await client.request('pagewalk/physmap', {});
    const names = regions.map(({ name }: Body) => name);
    for (const name of ['RAM', 'ns16550a', 'PLIC', 'kernel image', 'device tree'])
      assert.ok(names.includes(name), name);
    assert.match(await verb(client, 'physmap'), /kernel image \(\.text/);
    assert.match(await verb(client, 'pmp'), /of 16 entries are set/);
    await client.close();
  });
});

describe('explain', () => {
  test('says why the hart trapped, also when it has gone on in the handler', async () => {
    const program = path.resolve('samples/bug-zoo/Z9-table-behind-pmp/bug.elf');
    const client = new DapClient();
    await client.launch({ program }, () => client.request('setExceptionBreakpoints', { filters: ['access-fault'] }));
    await client.run('continue');
    const { text, rule, repairs } = await client.request('pagewalk/explain', {});
    assert.match(
      text,
      /^Load access fault \(5\) for 0x40000000, no page fault: the walker could not read the level-1 PTE at pa:0x[0-9a-f]+: PMP entry 0 has R=0\.$/,
    );
    assert.deepEqual(rule, { id: 'pmp_check_pagetable_access', title: 'Physical Memory Protection' });
    assert.match(repairs[0].text, /^allow it in the PMP, in M-mode: pmpcfg0 = 0x1f19/);
    assert.ok((await verb(client, 'explain')).includes(text));
    await client.close();
  });

  test('in no trap there is nothing to explain', async () => {
    const client = await at('kernel_main');
    await assert.rejects(client.request('pagewalk/explain', {}), /Hart 0 is in no trap/);
    await client.close();
  });

  test('pagewalk/walk says what would let an access pass', async () => {
    const client = await at('kernel_main');
    const body = await client.request('pagewalk/walk', { address: 'kernel_main', access: 'store' });
    assert.deepEqual(body.rule, { id: 'store_page_fault_no_w', title: 'Addressing and Memory Protection' });
    assert.deepEqual(body.repairs, [
      {
        text: 'set W in the level-0 PTE at pa:0x80012000: 0x00000000200000eb → 0x00000000200000ef',
        warnings: ['this makes the 4 KiB page that holds .text both writable and executable (W+X)'],
      },
    ]);
    await client.close();
  });
});
