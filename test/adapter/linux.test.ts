// Debian's kernel, unmodified, over DAP: before paging, across it and after it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { guestFile } from '../support/guests.ts';
import { type Body, DapClient } from './dap-client.ts';

const program = guestFile('linux-6.12-debian/Image');
const symbols = guestFile('linux-6.12-debian/vmlinux');
const missing = program && symbols ? false : 'needs the guest linux-6.12-debian: set PAGEWALK_GUESTS';

const configuration = { program, symbols, append: 'console=ttyS0', mmu: 'sv39' };

/** The functions that have code of their own. */
async function stack(client: DapClient): Promise<string[]> {
  const { stackFrames } = await client.request('stackTrace', { threadId: 1 });
  const names = stackFrames.map(({ name }: Body) => name.replace(/\+0x[0-9a-f]+$/, ''));
  return names.filter((name: string) => !name.endsWith('[inlined]'));
}

test('each function of the early boot stops once, before paging at its load address, after it at its link address', {
  skip: missing,
}, async () => {
  const client = new DapClient();
  await client.launch({ ...configuration, stopOnSatp: false }, () =>
    client.request('setFunctionBreakpoints', {
      breakpoints: [{ name: 'setup_vm' }, { name: 'relocate_enable_mmu' }, { name: 'start_kernel' }],
    }),
  );
  const arrivals: [string, boolean][] = [];
  for (let stops = 0; stops < 3; stops += 1) {
    await client.run('continue');
    const pc = BigInt(await client.value('pc'));
    arrivals.push([(await stack(client))[0] as string, pc >> 32n === 0n]);
  }
  assert.deepEqual(arrivals, [
    ['setup_vm', true],
    ['relocate_enable_mmu', true],
    ['start_kernel', false],
  ]);
  assert.deepEqual(await stack(client), ['start_kernel', '_start_kernel']);
  await client.close();
});

test('next over the call that turns paging on stops behind it, at the link address', { skip: missing }, async () => {
  const client = new DapClient();
  await client.launch({ ...configuration, stopOnSatp: false }, () =>
    client.request('setFunctionBreakpoints', { breakpoints: [{ name: 'setup_vm' }] }),
  );
  await client.run('continue');
  await client.run('stepOut');
  const pcs: bigint[] = [];
  while ((pcs.at(-1) ?? 0n) >> 32n === 0n) {
    await client.run('next');
    pcs.push(BigInt(await client.value('pc')));
    assert.deepEqual((await stack(client))[0], '_start_kernel');
  }
  assert.ok(pcs.length > 1 && pcs.length < 10, `${pcs.length} steps`);
  await client.close();
});

test('the writes to satp up to paging_init stop in their functions, with the fact in the reason', {
  skip: missing,
}, async () => {
  const client = new DapClient();
  await client.launch(configuration);
  const stops: string[] = [];
  do {
    const { description } = await client.run('continue');
    stops.push(`${(await stack(client))[0]}: ${description.replace(/ \(was.*/, '').replace(/pa:0x[0-9a-f]+/, '…')}`);
  } while (!stops.at(-1)?.startsWith('paging_init'));
  // On Sv39 hardware the probing of Sv57 and Sv48 is ignored and changes nothing: no stops there.
  assert.deepEqual(stops, [
    'relocate_enable_mmu: satp ← Sv39, root …, ASID 0',
    'relocate_enable_mmu: satp ← Sv39, root …, ASID 0',
    'paging_init: satp ← Sv39, root …, ASID 0',
  ]);
  const { roots } = await client.request('pagewalk/roots');
  assert.deepEqual(
    roots.map(({ name }: Body) => name),
    ['trampoline_pg_dir', 'early_pg_dir', 'swapper_pg_dir'],
  );
  const { events } = await client.request('pagewalk/events', {});
  assert.deepEqual(
    events.map(({ ignored }: Body) => ignored),
    [true, false, true, false, false, false, false],
    'each probed mode is ignored; Bare is written back after it',
  );
  await client.close();
});
