// Objects that do not lie in one piece, and arrays whose length only the run knows.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { build, gnu, hasGcc, needsGcc } from '../../support/riscv-gcc.ts';
import { type Caller, callerOfLeaf, childrenOf } from './caller.ts';
import { Client } from './client.ts';
import { start } from './start.ts';

const scattered = `
struct pair { long first, second; };
struct three { long scaled, constant, lost; };
volatile long sink;
__attribute__((noinline)) void leaf(void) { asm volatile("nop"); }
/* The members of pair are in registers of their own; of copy one is a constant, one is gone. */
__attribute__((noinline)) long same(long x) { asm volatile("" : "+r"(x)); return x; }
__attribute__((noinline)) long split(long x, long y) {
  struct pair pair = { same(x), same(y) };
  struct three copy = { pair.first * 3, 77, sink };
  sink = copy.scaled;
  leaf();
  sink = copy.scaled + copy.constant;
  return pair.first ^ pair.second;
}
int main(void) {
  return split(0x1122334455667788, -6);
}
`;

const variable = `
volatile long sink;
__attribute__((noinline)) void leaf(void *at) { asm volatile("" : : "r"(at) : "memory"); }
__attribute__((noinline)) int row(int n) {
  int a[n];
  for (int i = 0; i < n; i++) a[i] = i * i;
  leaf(a);
  return a[n - 1];
}
__attribute__((noinline)) int grid(int n, int m) {
  short g[n][m + 1];
  for (int i = 0; i < n; i++) for (int j = 0; j <= m; j++) g[i][j] = 10 * i + j;
  leaf(g);
  return g[n - 1][m] + n + m;
}
__attribute__((noinline)) int pointed(int n, long (*p)[n]) {
  leaf(p);
  return p[1][n - 1] + n;
}
int main(void) {
  static long table[2][3] = { { 1, 2, 3 }, { 4, 5, 6 } };
  sink = row(5) + row(3) + grid(2, 3) + pointed(3, table);
  return sink;
}
`;

const flags = ['-mcmodel=medany', '-Wl,-Ttext=0x80000000', '-g', '-std=gnu99'];

/** Sessions at the calls of leaf. */
class Calls {
  client!: Client;
  caller!: Caller;

  async next(): Promise<string> {
    await this.client.runTo('leaf');
    this.caller = await callerOfLeaf(this.client);
    return this.caller.name;
  }

  row(name: string): DebugProtocol.Variable {
    const row = this.caller.rows.find((each) => each.name === name);
    assert.ok(row, `${name} in ${this.caller.rows.map((each) => each.name)}`);
    return row;
  }

  async below(row: DebugProtocol.Variable): Promise<string[]> {
    return (await childrenOf(this.client, row)).map(({ name, value }) => `${name} = ${value}`);
  }

  async value(expression: string): Promise<string> {
    const { frameId } = this.caller;
    const args = { expression, frameId, context: 'watch' };
    return (await this.client.request<DebugProtocol.EvaluateResponse['body']>('evaluate', args)).result;
  }
}

describe('a struct that is split', { skip: hasGcc ? false : needsGcc }, () => {
  const calls = new Calls();
  let elf = '';
  before(async () => {
    elf = build({ 'start.S': start, 'main.c': scattered }, [...flags, '-O2']);
    calls.client = await Client.atEntry(elf);
    assert.equal(await calls.next(), 'split');
  });
  after(() => calls.client.end());

  test('over registers is told in pieces by the compiler, and shown whole', async () => {
    assert.match(gnu('readelf', ['--debug-dump=loc', elf]), /DW_OP_piece: 8/);
    const pair = calls.row('pair');
    assert.equal(pair.value, '{first = 1234605616436508552, second = -6}');
    assert.deepEqual(await calls.below(pair), ['first = 1234605616436508552', 'second = -6']);
    assert.equal(await calls.value('pair.first + pair.second'), '0x1122334455667782');
    assert.equal(await calls.value('sizeof(pair)'), '16');
  });

  test('shows the members that are left, and says of the others that they are gone', async () => {
    const below = await calls.below(calls.row('copy'));
    assert.deepEqual(below, [`scaled = ${0x1122334455667788n * 3n}`, 'constant = 77', 'lost = <optimized out>']);
  });
});

for (const optimised of ['-O0', '-O2']) {
  describe(`arrays of variable length, ${optimised}`, { skip: hasGcc ? false : needsGcc }, () => {
    const calls = new Calls();
    before(async () => {
      calls.client = await Client.atEntry(build({ 'start.S': start, 'main.c': variable }, [...flags, optimised]));
    });
    after(() => calls.client.end());

    test('have the length of the frame', async () => {
      assert.equal(await calls.next(), 'row');
      assert.equal(calls.row('a').type, 'int [5]');
      assert.deepEqual(await calls.below(calls.row('a')), ['[0] = 0', '[1] = 1', '[2] = 4', '[3] = 9', '[4] = 16']);
      assert.equal(await calls.value('sizeof(a)'), '20');
      assert.equal(await calls.value('a[4]'), '16');
      await calls.next();
      assert.equal(calls.row('a').type, 'int [3]');
      assert.equal(calls.row('a').value, '[3] {0, 1, 4}');
    });

    test('of two dimensions too', async () => {
      assert.equal(await calls.next(), 'grid');
      assert.equal(calls.row('g').type, 'short [2][4]');
      assert.equal(calls.row('g').value, '[2] {[4] {0, 1, 2, 3}, [4] {10, 11, 12, 13}}');
      assert.equal(await calls.value('g[1][2]'), '12');
      assert.equal(await calls.value('sizeof(g)'), '16');
    });

    test('and where a parameter points to them', async () => {
      assert.equal(await calls.next(), 'pointed');
      assert.equal(calls.row('p').type, 'long (*)[3] (argument)');
      assert.equal(await calls.value('*p'), '[3] {1, 2, 3}');
      assert.equal(await calls.value('p[1]'), '[3] {4, 5, 6}');
    });
  });
}
