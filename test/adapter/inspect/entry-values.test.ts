import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { build, hasGcc, needsGcc } from '../../support/riscv-gcc.ts';
import { callerOfLeaf, childrenOf } from './caller.ts';
import { Client } from './client.ts';
import { start } from './start.ts';

/** Parameters whose registers hold something else by the time of the stop in \`leaf\`. */
const main = `
struct pair { int first; long second; };
volatile int sink;
__attribute__((noinline)) void leaf(void) { asm volatile("nop"); }
/* The code does without \`dropped\`, but callers know what they would pass. */
__attribute__((noinline)) static int lost(int kept, int dropped) { sink = kept; leaf(); return sink; }
__attribute__((noinline)) int entered(int a, int b) { sink = a; leaf(); return b; }
int renamed(int a, int b) __attribute__((alias("entered")));
/* Each jumps to the other: what the first one's caller passed says nothing of the last. */
__attribute__((noinline)) int pong(int x);
__attribute__((noinline)) int ping(int x) { sink = x; if (x > 90) { leaf(); sink++; return sink; } return pong(x + 1); }
__attribute__((noinline)) int pong(int x) { sink = x + 2; return ping(x + 40); }
static inline __attribute__((always_inline)) int through(struct pair *p) { p->first += sink; leaf(); return p->first + (int)p->second; }
__attribute__((noinline)) int copied(int x) { struct pair pair = { x, 7 }; return through(&pair); }
int other(void);
int main(void) {
  int sum = lost(3, 44) + lost(4, 45);
  sum += entered(11, 1) + other();
  sum += ping(5) + copied(9);
  return sum;
}
`;

const other = `
int renamed(int a, int b);
int other(void) { return renamed(12, 2) + 1; }
`;

describe('values on entry', { skip: hasGcc ? false : needsGcc }, () => {
  let client: Client;
  before(async () => {
    const flags = ['-mcmodel=medany', '-Wl,-Ttext=0x80000000', '-O2', '-g'];
    client = await Client.atEntry(build({ 'start.S': start, 'main.c': main, 'other.c': other }, flags));
  });
  after(() => client.end());

  /** The next call of leaf: of its caller the name, and the variables as `name = value`. */
  let frameId: number | undefined;
  let rows: readonly DebugProtocol.Variable[] = [];
  const next = async (): Promise<string[]> => {
    await client.runTo('leaf');
    const caller = await callerOfLeaf(client);
    ({ frameId, rows } = caller);
    return [caller.name, ...rows.map((each) => `${each.name} = ${each.value}`)];
  };

  test('are what the caller passed, also for a parameter that the code does without', async () => {
    assert.deepEqual(await next(), ['lost', 'kept = 3', 'dropped = 44']);
    assert.deepEqual(await next(), ['lost', 'kept = 4', 'dropped = 45']);
  });

  test('are found through another name of the function', async () => {
    assert.deepEqual((await next()).slice(1, 2), ['a = 11']);
    assert.deepEqual((await next()).slice(1, 2), ['a = 12']);
  });

  test('are not believed where functions jump to each other', async () => {
    const [, x] = await next();
    assert.match(x ?? '', /^x = <optimized out: .*jumped to itself>$/);
  });

  test('of a pointer that was optimized out are what it would point to', async () => {
    const [name, p] = await next();
    assert.match(name ?? '', /^through/);
    assert.match(p ?? '', /^p = <optimized out: it would point to pair>$/);
    assert.deepEqual(
      (await childrenOf(client, rows[0])).map((each) => `${each.evaluateName} = ${each.value}`).slice(1),
      ['p->second = 7'],
    );
    const value = async (expression: string) =>
      (await client.request<DebugProtocol.EvaluateResponse['body']>('evaluate', { expression, frameId })).result;
    assert.equal(await value('p->second + 1'), '8');
    assert.match(await value('*p'), /second = 7\}/);
  });
});
