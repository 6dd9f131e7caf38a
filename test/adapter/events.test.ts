// Every event of the table, through each of its doors.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventDefinitions } from '../../debug-adapter/events/definitions.ts';
import { eventProgram } from '../support/event-program.ts';
import { hasGcc, needsGcc } from '../support/riscv-gcc.ts';
import { type Body, DapClient } from './dap-client.ts';
import { sample } from './sample.ts';

const skip = hasGcc ? false : needsGcc;
let built: string | undefined;
const configuration = () => {
  built ??= eventProgram();
  return { program: built, mmu: 'sv39', harts: 2, misaligned: 'trap', firmware: 'builtin' };
};

/** The first stop after `configure`, and where it is. */
async function firstStop(configure: (client: DapClient) => Promise<unknown>, launch: object = configuration()) {
  const client = new DapClient();
  await client.launch(launch, async () => {
    await client.request('setExceptionBreakpoints', { filters: [] });
    await configure(client);
  });
  const before = client.events('stopped').length;
  await client.request('continue', { threadId: 1 });
  await client.settled(before);
  return { client, stop: client.events('stopped')[before] as Body | undefined };
}

/** What the first stop at each event says. */
const firstOf: Readonly<Record<string, RegExp>> = {
  'satp-write': /^satp ← Sv39, root pa:0x[0-9a-f]+, ASID 0 \(was Bare\)$/,
  'satp-pending':
    /^about to write satp ← Sv39, root pa:0x[0-9a-f]+, ASID 0 \(is Bare\) at 0x8020[0-9a-f]+ <mark_paging\+0x/,
  'paging-first-fetch': /^first fetch under Sv39, root .*: 0x80200[0-9a-f]+ at 0x80200[0-9a-f]+ <mark_paging\+0x/,
  'jump-unmapped':
    /^jump to 0x40000000, which is not mapped executable; ra tells of a call at 0x[0-9a-f]+ at 0x40000000/,
  sfence: /^sfence\.vma all addresses, every ASID at 0x[0-9a-f]+ <mark_paging\+0x/,
  'pte-write-active':
    /^level-0 PTE @pa:0x[0-9a-f]+ for 0xc0001000: 0x[0-9a-f]+c7 → 0x[0-9a-f]+c3 at 0x[0-9a-f]+ <mark_pte\+0x/,
  'map-wx': /is writable and executable by coming into force, level-2 PTE @pa:.* <mark_paging\+0x/,
  'map-malformed': /^malformed entry for 0xc0001000: .*W without R|^malformed entry for 0xc0001000/,
  'ad-update':
    /^hardware sets A for load at 0xc0001000: level-0 PTE @pa:0x[0-9a-f]+ 0x[0-9a-f]+07 → 0x[0-9a-f]+47 at .*<mark_use\+0x/,
  'trap-unexpected': /^breakpoint \(3\) at 0x[0-9a-f]+ <mark_ebreak>$/,
  'page-fault': /^load page fault \(13\) for 0xc0005000 at 0x[0-9a-f]+ <mark_load\+0x/,
  'instruction-page-fault': /^instruction page fault \(12\) for 0xc0005000 at 0xc0005000/,
  'load-page-fault': /^load page fault \(13\) for 0xc0005000 at 0x[0-9a-f]+ <mark_load\+0x/,
  'store-page-fault': /^store page fault \(15\) for 0xc0005000 at 0x[0-9a-f]+ <mark_store>/,
  'access-fault': /^load access fault \(5\) for 0x40000000 at 0x[0-9a-f]+ <mark_access_fault\+0x/,
  misaligned: /^load address misaligned \(4\) for 0x[0-9a-f]+ at 0x[0-9a-f]+ <mark_misaligned\+0x/,
  'illegal-instruction': /^illegal instruction \(2\) at 0x[0-9a-f]+ <mark_illegal>$/,
  ebreak: /^breakpoint \(3\) at 0x[0-9a-f]+ <mark_ebreak>$/,
  ecall: /^SBI call DBCN\/2 at 0x[0-9a-f]+ <mark_print\+0x/,
  interrupt: /^supervisor timer interrupt \(5\) at 0x/,
  'csr-write': /^stvec ← 0x[0-9a-f]+ \(was 0x0\)$/,
  'priv-change': /^S → U, to 0x/,
  'sbi-call': /^SBI call DBCN\/2 at 0x[0-9a-f]+ <mark_print\+0x/,
  'hart-state': /^hart 1 started at 0x[0-9a-f]+ <second>$/,
  wfi: /^wfi: waits at 0x[0-9a-f]+ <after_user\+0x/,
  'fence-i': /^fence\.i at 0x[0-9a-f]+ <mark_fence_i>$/,
  mmio: /^load of 1 at pa:0x10000005 \(ns16550a\): 0x60 at 0x[0-9a-f]+ <mark_mmio\+0x/,
};

describe('an event of the table stops as an exception filter, published or not', { skip }, () => {
  for (const [id, text] of Object.entries(firstOf)) {
    test(id, async () => {
      const { client, stop } = await firstStop((one) => one.request('setExceptionBreakpoints', { filters: [id] }));
      assert.match(stop?.description ?? 'no stop', text);
      assert.equal(stop?.reason, 'exception');
      assert.equal(stop?.hitBreakpointIds.length, 1);
      const info = await client.request('exceptionInfo', { threadId: stop?.threadId });
      assert.ok(info.exceptionId.length > 0);
      await client.close();
    });
  }

  test('those that this program does not raise are tried elsewhere', () => {
    const elsewhere = ['kernel-panic', 'satp-preflight', 'trap-loop', 'pmp-deny', 'pmp-change'];
    const known = eventDefinitions.map(({ id }) => id);
    assert.deepEqual(
      known.filter((id) => !(id in firstOf) && !elsewhere.includes(id)),
      [],
    );
  });
});

describe('the same events are function breakpoints, data breakpoints and checkboxes', { skip }, () => {
  const doors = {
    function: (id: string) => (client: DapClient) =>
      client.request('setFunctionBreakpoints', { breakpoints: [{ name: `event:${id}` }] }),
    data: (id: string) => async (client: DapClient) => {
      const breakpoints = [{ dataId: `event:${id}`, accessType: 'write' }];
      return client.request('setDataBreakpoints', { breakpoints });
    },
    tree: (id: string) => (client: DapClient) =>
      client.request('pagewalk/setMmuBreakpoints', { breakpoints: [{ id }] }),
  } as const;
  for (const [door, open] of Object.entries(doors)) {
    test(door, async () => {
      for (const id of ['sfence', 'fence-i', 'map-malformed']) {
        const { client, stop } = await firstStop(open(id));
        assert.match(stop?.description ?? 'no stop', firstOf[id] as RegExp, id);
        await client.close();
      }
    });
  }
});

/** The first stop at an event expression, as a function breakpoint. */
async function stopAt(name: string, more: object = {}) {
  const { client, stop } = await firstStop((one) =>
    one.request('setFunctionBreakpoints', { breakpoints: [{ name, ...more }] }),
  );
  await client.close();
  return stop?.description ?? 'no stop';
}

describe('event expressions', { skip }, () => {
  const expressions: [string, RegExp][] = [
    ['csr:sscratch', /^sscratch ← 0x[0-9a-f]+/],
    ['csr:sscratch=1', /^no stop$/],
    ['csr:sstatus.SPP=1', /^sstatus ← .*/],
    ['csr:sstatus&0x100', /^sstatus ← .*/],
    ['csr:satp.MODE=8', /^satp ← Sv39/],
    ['csr:sie=0/change', /^sie ← 0x0 \(was 0x20\)$/],
    ['trap:5', /^load access fault \(5\)/],
    ['trap:illegal-instruction', /^illegal instruction/],
    ['interrupt:5', /^supervisor timer interrupt/],
    ['sbi:HSM', /^SBI call HSM\/0 at/],
    ['sbi:time/0', /^SBI call TIME\/0 at/],
    ['sbi:0x53525354', /^SBI call SRST\/0 at/],
    ['mmio:ns16550a', /^load of 1 at pa:0x10000005/],
    ['mmio:pa:0x10000004+2', /^load of 1 at pa:0x10000005/],
    ['mmio:PLIC', /^no stop$/],
    ['console:x', /^printed "x" at/],
    ['map:0xc0001000', /^0xc0001000 \+4 KiB: not mapped → RW- pa:0x[0-9a-f]+ by satp ← Sv39/],
    [
      'map:0xc0001000/goes',
      /^0xc0001000 \+4 KiB: RWX pa:0x[0-9a-f]+ → not mapped by store, level-0 PTE @pa:.*mark_malformed/,
    ],
    ['map:0xc0001000/gains-x', /^0xc0001000 \+4 KiB: R-- → RWX by store, level-0 PTE.*mark_wx/],
    ['map:0xc0001000/gains-w', /^0xc0001000 \+4 KiB: not mapped → RW- .* by satp/],
    ['map:0xc0002000/appears', /^0xc0002000 \+4 KiB: not mapped → RW- .*mark_map/],
    ['maps:pa:0x80200000', /maps watched memory by coming into force, level-2 PTE/],
    [
      'first-use:0xc0001000',
      /^first use of the mapping of 0xc0001000: load at pa:0x[0-9a-f]+ at 0x[0-9a-f]+ <mark_use\+0x/,
    ],
    ['map:words+16', /^0x80000000 \+1 GiB: not mapped → RWX pa:0x80000000 by satp/],
  ];
  for (const [name, text] of expressions) {
    test(name, async () => assert.match(await stopAt(name), text));
  }

  test('that are not understood say what would be', async () => {
    const mistakes: [string, RegExp][] = [
      ['event:sfense', /There is no event "sfense"; did you mean "sfence"\?/],
      ['csr:stap', /No CSR is called "stap"/],
      ['csr:satp.MOD', /satp has no field "MOD": it has PPN, ASID, MODE/],
      ['trap:x', /write a code such as trap:13/],
      ['sbi:nothing', /the extensions are .*HSM/],
      ['map:nowhere', /"nowhere" is neither an address nor a symbol/],
      ['map:0x1000/shrinks', /"shrinks" is none of change, gains-w/],
      ['map:0x1000@0x80210000', /the root's paging mode is missing/],
      ['maps:0x1000', /is no physical range/],
      ['map:0x1000+x', /"x" is no number of bytes/],
    ];
    const client = new DapClient();
    await client.launch({ program: sample.program });
    const { breakpoints } = await client.request('setFunctionBreakpoints', {
      breakpoints: mistakes.map(([name]) => ({ name })),
    });
    for (const [index, [name, text]] of mistakes.entries()) {
      assert.equal(breakpoints[index].verified, false, name);
      assert.match(breakpoints[index].message, text);
    }
    await client.close();
  });
});

describe('conditions, hit counts and log points of events', { skip }, () => {
  test('see what the event brings', async () => {
    assert.match(await stopAt('event:pte-write-active', { condition: '$new == 0' }), /→ 0x0 at .*<mark_unmap>/);
    assert.match(await stopAt('map:0xc0001000', { condition: '$neww && $newx' }), /mark_wx/);
    assert.match(await stopAt('event:sbi-call', { condition: '$extension == 0x48534d && $arg0 == 1' }), /HSM\/0/);
    assert.match(await stopAt('event:mmio', { condition: '$store' }), /^no stop$/);
  });

  test('count hits', async () => {
    assert.match(await stopAt('event:pte-write-active', { hitCondition: '3' }), /<mark_malformed\+0x/);
  });

  test('print instead of stopping', async () => {
    const logMessage = 'PTE of {$va} is {$new}';
    const { client, stop } = await firstStop((one) =>
      one.request('setFunctionBreakpoints', { breakpoints: [{ name: 'event:pte-write-active', logMessage }] }),
    );
    assert.equal(stop, undefined);
    const lines = client
      .events('output')
      .map(({ output }) => output)
      .filter((text: string) => text.startsWith('PTE of'));
    assert.ok(lines.length >= 5, lines.join(''));
    assert.match(lines[0], /^PTE of 0xc0001000 <words> is 0x[0-9a-f]+c3\n$/);
    await client.close();
  });

  test('several at one instruction are one stop with all ids', async () => {
    const { client, stop } = await firstStop(async (one) => {
      await one.request('setExceptionBreakpoints', {
        filters: ['map-malformed'],
        filterOptions: [{ filterId: 'pte-write-active', condition: '$new == 5' }],
      });
      await one.request('setFunctionBreakpoints', {
        breakpoints: [{ name: 'map:0xc0001000/goes' }, { name: 'mark_unmap' }],
      });
    });
    assert.equal(stop?.hitBreakpointIds.length, 4);
    await client.close();
  });
});

describe('MMU Breakpoints', { skip }, () => {
  test('lists every event by group, and what was added with its problem', async () => {
    const client = new DapClient();
    await client.launch({ program: sample.program });
    const { breakpoints } = await client.request('pagewalk/setMmuBreakpoints', {
      breakpoints: [{ id: 'sfence', condition: '$all' }, { id: 'csr:stvec', log: true }, { id: 'csr:nothing' }],
    });
    assert.deepEqual(
      breakpoints.filter(({ added }: Body) => !added).map(({ id }: Body) => id),
      eventDefinitions.map(({ id }) => id),
    );
    const row = (id: string) => breakpoints.find((one: Body) => one.id === id);
    assert.deepEqual([row('sfence').enabled, row('sfence').condition, row('wfi').enabled], [true, '$all', false]);
    assert.deepEqual([row('csr:stvec').added, row('csr:stvec').log, row('csr:stvec').group], [true, true, 'Added']);
    assert.match(row('csr:nothing').problem, /No CSR is called/);
    assert.equal(row('satp-write').filtered, true, 'on by default as a filter');
    assert.ok(row('page-fault').variables.includes('$tval'));
    await client.close();
  });

  test('with log adds rows to the log instead of stopping, in the order of events', async () => {
    const { client, stop } = await firstStop((one) =>
      one.request('pagewalk/setMmuBreakpoints', {
        breakpoints: [
          { id: 'sfence', log: true },
          { id: 'pte-write-active', log: true },
        ],
      }),
    );
    assert.equal(stop, undefined);
    const rows = client.events('pagewalk/event');
    assert.deepEqual(
      rows.slice(0, 3).map(({ kind, event, index }) => [index, kind, event]),
      [
        [1, 'satp', undefined],
        [2, 'event', 'sfence'],
        [3, 'event', 'pte-write-active'],
      ],
    );
    assert.match(rows[2]?.text, /^level-0 PTE @pa:/);
    assert.match(rows[2]?.pteAddress, /^0x[0-9a-f]{16}$/);
    await client.close();
  });
});

describe('data breakpoints on memory', { skip }, () => {
  test('stop at the bytes of an entry that a page-table walk sets A in, and say so', async () => {
    const found = await firstStop((one) => one.request('setExceptionBreakpoints', { filters: ['ad-update'] }));
    await found.client.close();
    const [, pte = ''] = /@pa:(0x[0-9a-f]+) /.exec(found.stop?.description) ?? [];
    const { client, stop } = await firstStop((one) =>
      one.request('setDataBreakpoints', {
        breakpoints: [
          { dataId: `pa:${pte}/8`, accessType: 'write', condition: '($old ^ $new) == 0x40 && $addr == $pa' },
        ],
      }),
    );
    assert.equal(stop?.reason, 'data breakpoint');
    assert.match(
      stop?.description,
      /^page-table walk writes 8 bytes at pa:0x[0-9a-f]+( <.*>)?: 0x[0-9a-f]+07 → 0x[0-9a-f]+47$/,
    );
    assert.ok(stop?.description.includes(`pa:${pte}`));
    assert.equal((await client.top()).name, 'mark_dirty', 'right behind the load of mark_use');
    await client.close();
  });
});

describe('data breakpoints on translations', { skip }, () => {
  test('dataBreakpointInfo takes events, and addresses and expressions in the mode translation', async () => {
    const client = new DapClient();
    await client.launch(configuration());
    const info = (args: object) => client.request('dataBreakpointInfo', args);
    assert.equal((await info({ name: 'map:0xc0001000+2M' })).dataId, 'map:0xc0001000+2M');
    assert.equal((await info({ name: 'map-wx' })).dataId, 'map-wx');
    assert.equal((await info({ name: 'first-use:0xc0001000' })).dataId, 'first-use:0xc0001000');
    assert.equal((await info({ name: '0xc0001000', bytes: 8192, mode: 'translation' })).dataId, 'map:0xc0001000+8192');
    assert.equal((await info({ name: 'pa:0x80200000', mode: 'translation' })).dataId, 'maps:pa:0x80200000');
    assert.match((await info({ name: 'words + 8', mode: 'translation' })).dataId, /^map:0x8020[0-9a-f]+$/);
    assert.equal((await info({ name: 'csr:satp', mode: 'change' })).dataId, 'csr:satp/change');
    await client.close();
  });

  test('stop when the mapping changes', async () => {
    const { client, stop } = await firstStop((one) =>
      one.request('setDataBreakpoints', { breakpoints: [{ dataId: 'map:0xc0001000/gains-wx', accessType: 'write' }] }),
    );
    assert.equal(stop?.reason, 'data breakpoint');
    assert.match(stop?.description, /R-- → RWX/);
    await client.close();
  });
});

describe('the filter satp-preflight', { skip }, () => {
  test('is silent where the kernel goes on', async () => {
    const { client, stop } = await firstStop((one) =>
      one.request('setExceptionBreakpoints', { filters: ['satp-preflight'] }),
    );
    assert.equal(stop, undefined);
    await client.close();
  });

  test('stops before the write after which nothing is mapped, and the write is made when it goes on', async () => {
    const program = 'samples/bug-zoo/Z6-pc-not-mapped/bug.elf';
    const { client, stop } = await firstStop(
      (one) => one.request('setExceptionBreakpoints', { filters: ['satp-preflight'] }),
      { program },
    );
    assert.match(stop?.description ?? 'no stop', /^about to write satp ← Sv39.*: .*not mapped/);
    assert.equal(await client.value('satp'), '0x0');
    await client.request('next', { threadId: 1, granularity: 'instruction' });
    await client.close();
  });
});

describe('events of PMP', () => {
  test('pmp-change stops at the write, pmp-deny where the walk may not read a table', async () => {
    const program = 'samples/bug-zoo/Z9-table-behind-pmp/bug.elf';
    const changed = await firstStop((one) => one.request('setExceptionBreakpoints', { filters: ['pmp-change'] }), {
      program,
    });
    assert.match(changed.stop?.description ?? 'no stop', /^pmp(cfg|addr)\d+ ← 0x/);
    await changed.client.close();
    const denied = await firstStop((one) => one.request('setExceptionBreakpoints', { filters: ['pmp-deny'] }), {
      program,
    });
    assert.match(denied.stop?.description ?? 'no stop', /access fault \(\d\) for 0x[0-9a-f]+ \(PMP: .*\) at /);
    await denied.client.close();
  });

  test('a fetch without any PMP entry is one that PMP denies', async () => {
    const program = 'samples/bug-zoo/Z1-no-pmp-entry/bug.elf';
    const { client, stop } = await firstStop(
      (one) =>
        one.request('setExceptionBreakpoints', {
          filters: [],
          filterOptions: [{ filterId: 'pmp-deny', condition: '$entry == 0xffffffffffffffff' }],
        }),
      { program },
    );
    assert.match(stop?.description ?? 'no stop', /^instruction access fault \(1\) .*\(PMP: no PMP entry matches/);
    await client.close();
  });
});
