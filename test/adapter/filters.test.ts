import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Body, DapClient } from './dap-client.ts';
import { sample } from './sample.ts';

/** The descriptions of all stops until the guest ends. */
async function stopsWith(args: object, more: object = {}): Promise<{ client: DapClient; stops: Body[] }> {
  const client = new DapClient();
  const configure = () => client.request('setExceptionBreakpoints', { filters: [], ...args });
  await client.launch({ program: sample.program, ...more }, configure);
  const stops: Body[] = [];
  for (;;) {
    const before = client.events('stopped').length;
    await client.request('continue', { threadId: 1 });
    await client.settled(before);
    const stop = client.events('stopped')[before];
    if (!stop) return { client, stops };
    stops.push(stop);
  }
}

const described = (stops: readonly Body[]) => stops.map(({ description }) => description);

describe('the filter satp-write', () => {
  test('is on by default and stops just after each write that changes satp, until user space runs', async () => {
    const client = new DapClient();
    const { exceptionBreakpointFilters } = await client.request('initialize');
    const byDefault = exceptionBreakpointFilters.filter((filter: Body) => filter.default);
    assert.deepEqual(
      byDefault.map(({ filter }: Body) => filter),
      ['satp-write', 'satp-preflight', 'kernel-panic', 'trap-unexpected', 'trap-loop'],
    );
    await client.close();

    const { client: ran, stops } = await stopsWith({ filters: ['satp-write'] });
    assert.deepEqual(described(stops), [
      'satp ← Sv39, root pa:0x80009000, ASID 0 (was Bare)',
      'satp ← Sv39, root pa:0x80008000, ASID 0 (was Sv39, root pa:0x80009000, ASID 0)',
      'satp ← Sv39, root pa:0x80007000, ASID 0 (was Sv39, root pa:0x80008000, ASID 0)',
      'satp ← Sv39, root pa:0x80006000, ASID 1 (was Sv39, root pa:0x80007000, ASID 0)',
    ]);
    assert.ok(stops.every(({ reason, hitBreakpointIds }) => reason === 'exception' && hitBreakpointIds.length === 1));
    await ran.close();
  });

  test('with a condition the condition alone decides, also after user space has run', async () => {
    const { client, stops } = await stopsWith({
      filterOptions: [{ filterId: 'satp-write', condition: '$user && $mode == 8' }],
    });
    assert.deepEqual(described(stops), [
      'satp ← Sv39, root pa:0x80007000, ASID 0 (was Sv39, root pa:0x80006000, ASID 1)',
    ]);
    await client.close();
  });

  test('sees writes that the hardware ignores', async () => {
    const client = new DapClient();
    await client.launch({ program: sample.program, mmu: 'bare' }, () =>
      client.request('setExceptionBreakpoints', {
        filters: [],
        filterOptions: [{ filterId: 'satp-write', condition: '$ignored' }],
      }),
    );
    const { description } = await client.run('continue');
    assert.equal(description, 'satp ← Sv39 ignored: mode not supported (still Bare)');
    await client.close();
  });

  test('is silent with stopOnSatp: false unless it has a condition', async () => {
    const silent = await stopsWith({ filters: ['satp-write'] }, { stopOnSatp: false });
    assert.deepEqual(silent.stops, []);
    await silent.client.close();
    const asked = await stopsWith(
      { filterOptions: [{ filterId: 'satp-write', condition: '$asid == 1' }] },
      { stopOnSatp: false },
    );
    assert.equal(asked.stops.length, 1);
    await asked.client.close();
  });
});

describe('filters of traps', () => {
  test('instruction-page-fault stops at the handler of the planned fault, trap-unexpected does not', async () => {
    const { client, stops } = await stopsWith({
      filters: ['instruction-page-fault', 'trap-unexpected', 'jump-unmapped'],
    });
    assert.deepEqual(described(stops), ['instruction page fault (12) for 0x800000bc at 0x800000bc <high>']);
    await client.close();
  });

  test('store-page-fault stops at the fault that the kernel mends, and exceptionInfo explains the walk', async () => {
    const client = new DapClient();
    await client.launch({ program: sample.program }, () =>
      client.request('setExceptionBreakpoints', { filters: ['store-page-fault'] }),
    );
    const stop = await client.run('continue');
    assert.match(stop.description, /^store page fault \(15\) for 0x3ffefffff8 at 0x100[0-9a-f]+ <user_start\+0x/);
    const info = await client.request('exceptionInfo', { threadId: 1 });
    assert.equal(info.exceptionId, 'store page fault (15)');
    assert.equal(
      info.description,
      'Store/AMO page fault (15) for 0x3ffefffff8: the level-2 PTE at pa:0x800067f8 (0x0000000000000000) has V = 0.',
    );
    assert.match(info.details.stackTrace, /^sd ra,8\(sp\) at 0x10002 <user_start\+0x2> {3}0x3ffefffff8/);
    assert.match(info.details.stackTrace, /Sv39, root pa:0x80006000, U-mode/);
    assert.match(info.details.stackTrace, /L2 \[255\] @pa:0x800067f8.*not valid/s);
    assert.match(info.details.stackTrace, /would pass if: map 0x3ffefffff8: let the level-2 PTE at pa:0x800067f8/);
    const explained = await client.request('pagewalk/explain', {});
    assert.deepEqual(
      [explained.text, explained.details, explained.cause, explained.planned],
      [info.description, info.details.stackTrace, 15, 'programs in U-mode may fault, and the kernel sees to it'],
    );
    assert.deepEqual(explained.rule, { id: '', title: 'Virtual Address Translation Process' });
    await client.close();
  });

  test('ecall counts the calls of the program', async () => {
    const { client, stops } = await stopsWith({ filters: ['ecall'] });
    assert.equal(stops.length, 3, 'two writes and the exit');
    await client.close();
  });

  test('interrupt stops at each tick', async () => {
    const { client, stops } = await stopsWith({ filters: ['interrupt'] });
    assert.ok(stops.length >= 3);
    assert.ok(described(stops).every((text) => text.startsWith('supervisor timer interrupt (5) at ')));
    await client.close();
  });

  test('conditions see $cause, $from and $tval', async () => {
    const { client, stops } = await stopsWith({
      filterOptions: [{ filterId: 'store-page-fault', condition: '$from == 1 || $tval < 0x1000' }],
    });
    assert.deepEqual(stops, []);
    await client.close();
  });

  test('an unknown filter is refused with the nearest known one', async () => {
    const client = new DapClient();
    await client.request('initialize');
    await assert.rejects(
      client.request('setExceptionBreakpoints', { filters: ['satp-writes'] }),
      /no exception filter "satp-writes"; did you mean "satp-write"/,
    );
    await client.close();
  });
});
