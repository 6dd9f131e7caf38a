import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Body, DapClient } from './dap-client.ts';
import { sample } from './sample.ts';

/** A session that has seen `writes` satp writes. */
async function afterWrites(writes: number): Promise<DapClient> {
  const client = new DapClient();
  await client.launch({ program: sample.program });
  for (let count = 0; count < writes; count += 1) await client.run('continue');
  return client;
}

describe('pagewalk/roots', () => {
  test('lists every root that satp has held, with its name and its holders', async () => {
    const client = await afterWrites(3);
    const { roots, stop } = await client.request('pagewalk/roots');
    assert.equal(stop, 4);
    assert.deepEqual(
      roots.map(({ id, name, harts, asids }: Body) => [id, name, harts, asids]),
      [
        ['Sv39@0x0000000080009000', 'identity_root', [], [0]],
        ['Sv39@0x0000000080008000', 'trampoline_root', [], [0]],
        ['Sv39@0x0000000080007000', 'kernel_root', [0], [0]],
      ],
    );
    await client.close();
  });

  test('marks what is new since the last stop', async () => {
    const client = await afterWrites(1);
    await client.request('pagewalk/roots');
    await client.run('continue');
    const changed = async () =>
      (await client.request('pagewalk/roots')).roots.filter((row: Body) => row.changed).map(({ name }: Body) => name);
    assert.deepEqual(await changed(), ['identity_root', 'trampoline_root'], 'one is held no more, one is new');
    assert.deepEqual(await changed(), ['identity_root', 'trampoline_root'], 'asked again at the same stop');
    await client.close();
  });
});

describe('pagewalk/table', () => {
  test('gives the present entries of a root, and its children the next table', async () => {
    const client = await afterWrites(3);
    const root = { root: '0x0000000080007000', mode: 'Sv39' };
    const { rows } = await client.request('pagewalk/table', root);
    const kernel = rows.find(({ va }: Body) => va === '0xffffffff80000000');
    assert.equal(kernel.kind, 'pointer');
    assert.equal(kernel.firstIndex, 510);
    const next = await client.request('pagewalk/table', { ...root, ...kernel.children });
    assert.deepEqual(
      next.rows.map(({ kind, level, va }: Body) => [kind, level, va]),
      [['pointer', 1, '0xffffffff80000000']],
    );
    const pages = (await client.request('pagewalk/table', { ...root, ...next.rows[0].children })).rows;
    assert.equal(pages[0].name, '.text');
    assert.equal(pages[0].flags, 'DAG.X.RV');
    await client.close();
  });

  test('says what is wrong with its arguments', async () => {
    const client = await afterWrites(1);
    await assert.rejects(client.request('pagewalk/table', { root: 'x', mode: 'Sv39' }), /"root" is "x"/);
    await assert.rejects(client.request('pagewalk/table', { root: '0x80009000', mode: 'Sv99' }), /"mode" is Sv99/);
    await assert.rejects(client.request('pagewalk/table', { root: '0x10', mode: 'Sv39' }), /no memory at pa:0x10/i);
    await client.close();
  });
});

describe('pagewalk/map', () => {
  test('is empty while satp is Bare', async () => {
    const client = await afterWrites(0);
    const { mode, rows, total } = await client.request('pagewalk/map');
    assert.deepEqual([mode, rows, total], ['Bare', [], 0]);
    await client.close();
  });

  test('shows the final map: no run is both writable and executable', async () => {
    const client = await afterWrites(3);
    const { mode, root, rows } = await client.request('pagewalk/map');
    assert.deepEqual([mode, root], ['Sv39', '0x0000000080007000']);
    const image = rows.filter(({ va }: Body) => va >= '0xffffffff80000000');
    assert.deepEqual(
      image.slice(0, 3).map(({ permissions, region }: Body) => [permissions, region]),
      [
        ['R-X', '.text'],
        ['R--', '.rodata, .note.gnu.build-id'],
        ['RW-', '.data, .bss'],
      ],
    );
    assert.ok(rows.every((row: Body) => !row.writableAndExecutable));
    await client.close();
  });

  test('of another root shows the identity map, writable and executable', async () => {
    const client = await afterWrites(3);
    const { rows } = await client.request('pagewalk/map', { root: '0x80009000', mode: 'Sv39' });
    assert.deepEqual(
      rows.map(({ va, pa, pageSize, permissions, writableAndExecutable }: Body) => [
        va,
        pa,
        pageSize,
        permissions,
        writableAndExecutable,
      ]),
      [
        ['0x0000000000000000', '0x0000000000000000', '0x0000000040000000', 'RW-', false],
        ['0x0000000080000000', '0x0000000080000000', '0x0000000040000000', 'RWX', true],
      ],
    );
    await client.close();
  });

  test('is filtered and given page by page', async () => {
    const client = await afterWrites(3);
    const all = await client.request('pagewalk/map');
    const first = await client.request('pagewalk/map', { count: 2 });
    const second = await client.request('pagewalk/map', { cursor: first.next, count: 100 });
    assert.deepEqual([...first.rows, ...second.rows], all.rows);
    assert.equal(second.next, undefined);
    const text = await client.request('pagewalk/map', { filter: '.TEXT' });
    assert.ok(text.total > 0 && text.total < all.total);
    await client.close();
  });
});

describe('pagewalk/walk', () => {
  test('gives each level and the physical address', async () => {
    const client = await afterWrites(3);
    const walk = await client.request('pagewalk/walk', { address: 'kernel_main', access: 'fetch' });
    assert.equal(walk.ok, true);
    assert.equal(walk.pa, '0x00000000800009ee');
    assert.deepEqual([walk.permissions, walk.region, walk.symbol], ['R-X', '.text', 'kernel_main']);
    assert.deepEqual(
      walk.steps.map(({ level }: Body) => level),
      [2, 1, 0],
    );
    await client.close();
  });

  test('gives the reason and the exception code where there is none', async () => {
    const client = await afterWrites(3);
    const walk = await client.request('pagewalk/walk', { address: 'kernel_main', access: 'store' });
    assert.deepEqual([walk.ok, walk.cause], [false, 15]);
    assert.match(walk.text, /W = 0|not writable/);
    await assert.rejects(
      client.request('pagewalk/walk', { address: 'kernel_main', access: 'eat' }),
      /"access" is "eat"/,
    );
    await client.close();
  });
});

describe('pagewalk/csrs', () => {
  test('gives registers by field, and marks what has changed', async () => {
    const client = await afterWrites(1);
    await client.request('pagewalk/csrs', {});
    await client.run('continue');
    const { csrs } = await client.request('pagewalk/csrs', {});
    const satp = csrs.find(({ name }: Body) => name === 'satp');
    assert.deepEqual(
      [satp.group, satp.value, satp.summary, satp.changed],
      ['Supervisor', '0x8000000000080008', 'Sv39, ASID 0, root pa:0x80008000', true],
    );
    assert.deepEqual(
      satp.fields.map(({ name, bits, text, changed }: Body) => [name, bits, text, changed]),
      [
        ['MODE', '63:60', 'Sv39', false],
        ['ASID', '59:44', '0x0', false],
        ['PPN', '43:0', '0x80008', true],
      ],
    );
    assert.equal(csrs.find(({ name }: Body) => name === 'sscratch').changed, false);
    await client.close();
  });
});

describe('pagewalk/events', () => {
  test('is the log of satp writes, also asked for from an index on', async () => {
    const client = await afterWrites(3);
    const { events } = await client.request('pagewalk/events', {});
    assert.deepEqual(
      events.map(({ index, symbol, mode, root }: Body) => [index, symbol, mode, root]),
      [
        [1, 'supervisor+0x22', 'Sv39', '0x0000000080009000'],
        [2, 'supervisor+0x50', 'Sv39', '0x0000000080008000'],
        [3, 'high+0xc', 'Sv39', '0x0000000080007000'],
      ],
    );
    assert.deepEqual((await client.request('pagewalk/events', { from: 3 })).events, events.slice(2));
    assert.deepEqual((await client.request('pagewalk/events', { latest: 2 })).events, events.slice(1));
    assert.deepEqual(client.events('pagewalk/event'), events, 'each was told when it happened');
    await client.close();
  });
});

describe('pagewalk/console/write', () => {
  test('refuses what is not base64', async () => {
    const client = await afterWrites(0);
    await assert.rejects(client.request('pagewalk/console/write', { data: '*' }), /must be base64/);
    assert.deepEqual(await client.request('pagewalk/console/write', { data: btoa('ls\n') }), {});
    await client.close();
  });
});
