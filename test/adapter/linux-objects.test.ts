// A running Linux, read through its own types: tasks, page tables, vmalloc areas, resources; the same on 5.10, 6.1 and 6.12.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { guestFile } from '../support/guests.ts';
import { type Body, DapClient } from './dap-client.ts';

const guests = ['linux-5.10-rv64', 'linux-6.1-rv32', 'linux-6.12-rv64-kaslr'];

for (const folder of guests) {
  const file = (name: string) => guestFile(`${folder}/${name}`);
  const files = { program: file('Image'), symbols: file('vmlinux'), initrd: file('initramfs.cpio') };
  const missing = Object.values(files).every(Boolean) ? false : `needs the guest ${folder}: set PAGEWALK_GUESTS`;

  describe(folder, { skip: missing }, () => {
    test('tells its tasks, its maps and what its types mean', async () => {
      const client = new DapClient();
      client.patience = 120_000;
      await client.launch({ ...files, memory: '128M', append: 'console=ttyS0', stopOnSatp: false }, () =>
        client.request('setFunctionBreakpoints', {
          breakpoints: [{ name: 'rest_init' }, { name: 'run_init_process' }],
        }),
      );
      await client.run('continue');
      const value = async (expression: string) =>
        (await client.request('evaluate', { expression, context: 'repl' })).result as string;

      // The boot allocator's lists, while they are there: also when a count in them is nonsense.
      const memblock = await client.request('pagewalk/linux/memblock', {});
      assert.equal(memblock.note, undefined);
      const [memory] = memblock.rows.filter(({ kind }: Body) => kind === 'memory');
      assert.equal(BigInt(memory.base) >> 24n, 0x80n, memory.base);
      assert.ok(memblock.rows.some(({ kind }: Body) => kind === 'reserved'));
      const count = await value('memblock.reserved.cnt');
      await value('memblock.reserved.cnt = 1000000000');
      const lying = await client.request('pagewalk/linux/memblock', {});
      assert.match(
        lying.note,
        /^memblock\.reserved (says that it has 1000000000 regions|breaks off after \d+ regions)/,
      );
      assert.ok(lying.rows.length >= memblock.rows.length && lying.rows.length < 10_000);
      await value(`memblock.reserved.cnt = ${count}`);
      await client.run('continue');

      assert.equal(await value('current->pid'), '1');
      assert.equal(await value('current == task(1) && current->real_parent == &init_task'), '1');
      assert.equal(await value('init_task.comm == "swapper/0"'), '1');
      assert.equal(await value('container_of(init_task.tasks.next, struct task_struct, tasks)->pid'), '1');

      // The same task as a scope, with all of its task_struct.
      const { id } = await client.top();
      const { scopes: all } = await client.request('scopes', { frameId: id });
      const scope = all.find(({ name }: Body) => name === 'Current task');
      assert.equal(scope.expensive, true);
      const { variables: taskRows } = await client.request('variables', scope);
      const rowNamed = (name: string) => taskRows.find((row: Body) => row.name === name);
      assert.deepEqual([rowNamed('pid').value, rowNamed('tgid').value, rowNamed('state').value], ['1', '1', 'R']);
      assert.equal(rowNamed('page tables').value, 'none of its own: a kernel thread', 'before its first exec');
      const { variables: members } = await client.request('variables', rowNamed('current'));
      const comm = members.find(({ name }: Body) => name === 'comm');
      assert.ok(comm.value.includes(rowNamed('comm').value), comm.value);
      assert.equal(await value(comm.evaluateName), await value('current->comm'));

      // The conversions agree with the page tables and with each other.
      assert.equal(await value('__pa(&init_task) == pa(&init_task)'), '1');
      assert.equal(await value('__pa(current) == pa(current)'), '1');
      assert.equal(await value('__va(__pa(current)) == current'), '1');
      assert.equal(await value('page_to_virt(virt_to_page(current)) == ((u64)current & PAGE_MASK)'), '1');
      assert.equal(await value('page_to_pfn(pfn_to_page(0x80400)) == 0x80400'), '1');
      assert.equal(await value('mapped(virt_to_page(current))'), '1', 'the struct page is where it was computed');
      assert.equal(await value('virt_to_page(current)->_refcount.counter > 0'), '1', 'and in use');
      assert.equal(await value('per_cpu(runqueues, 0).curr == current'), '1');

      // jiffies is declared in C with a type of its own; the linker script makes it the low half of jiffies_64.
      assert.equal(await value('sizeof(jiffies) == sizeof(long) && jiffies == (unsigned long)jiffies_64'), '1');
      assert.equal(await value('jiffies > 100'), '1');
      const [frame] = (await client.request('stackTrace', { threadId: 1, levels: 1 })).stackFrames;
      const { scopes } = await client.request('scopes', { frameId: frame.id });
      const { variablesReference } = scopes.find(({ name }: Body) => name === 'Globals');
      const globals: Body[] = (await client.request('variables', { variablesReference })).variables;
      const global = (name: string) => globals.find((row) => row.name === name);
      assert.equal(global('system_state')?.value, await value('system_state'));
      assert.match(global('static_command_line')?.value, /"console=ttyS0"$/);
      assert.equal(global('static_command_line')?.type, 'char * (static)');
      assert.equal(global('init_task'), undefined, 'another file defines it');

      const { rows } = await client.request('pagewalk/linux/tasks', {});
      const pids = rows.map(({ pid }: Body) => pid);
      assert.deepEqual(pids.slice(0, 3), [0, 1, 2]);
      assert.ok(rows.some(({ comm }: Body) => comm === 'kthreadd'));
      assert.equal(rows.find(({ pid }: Body) => pid === 1).hart, 0);
      const { threads } = await client.request('threads', {});
      assert.match(threads[0].name, / · swapper\/0\[1\]$/);

      const iomem = await client.request('pagewalk/linux/iomem', {});
      assert.equal(iomem.note, undefined);
      const names = iomem.rows.map(({ name }: Body) => name);
      for (const name of ['System RAM', 'serial']) assert.ok(names.includes(name), name);
      const vmalloc = await client.request('pagewalk/linux/vmallocinfo', {});
      assert.equal(vmalloc.note, undefined);
      assert.ok(
        vmalloc.rows.some(({ flags, caller }: Body) => flags.includes('ioremap') && /serial8250|ioremap/.test(caller)),
      );

      // Each area ends with a page that is not mapped. Mapped by a mistake, it is a finding.
      const guards = async () => {
        const { findings } = await client.request('pagewalk/lint', {});
        return findings.filter(({ text }: Body) => /guard page of the vmalloc area/.test(text));
      };
      assert.deepEqual(await guards(), []);
      const area = vmalloc.rows.find(({ flags }: Body) => flags.includes('ioremap'));
      const guard = `0x${(BigInt(area.end) - 0xfffn).toString(16)}`;
      const [own, next] = await Promise.all(
        [area.start, guard].map((address) => client.request('pagewalk/walk', { address })),
      );
      const entry = { memoryReference: `pa:${next.steps.at(-1).pteAddress}` };
      const size = folder.includes('rv32') ? 4 : 8;
      const { data } = await client.request('readMemory', {
        memoryReference: `pa:${own.steps.at(-1).pteAddress}`,
        count: size,
      });
      const { data: before } = await client.request('readMemory', { ...entry, count: size });
      await client.request('writeMemory', { ...entry, data });
      const [found] = await guards();
      assert.equal(BigInt(found.va), BigInt(guard));
      await client.request('writeMemory', { ...entry, data: before });
      assert.deepEqual(await guards(), []);

      // With a program in user space its process has a root of its own, by name.
      await client.request('setFunctionBreakpoints', {
        breakpoints: [{ name: 'do_exit' }, { name: 'kernel_power_off' }],
      });
      await client.run('continue');
      const { roots } = await client.request('pagewalk/roots', {});
      assert.ok(
        roots.some(({ name }: Body) => /^init\[1\]$/.test(name)),
        roots.map(({ name }: Body) => name).join(', '),
      );
      assert.match(await value('*task("init")->mm->pgd'), /^0x/);
      assert.equal(await value('pa(va:0x10000@init) != 0'), '1', 'an address of the process under its own root');

      // Lists that have been damaged end with one sentence, and what is before the damage is there.
      const damaged = async (request: string, how: string) => {
        await value(how);
        const { rows: left, note } = await client.request(request, {});
        return { count: left.length, note };
      };
      const pointer = 'init_task.tasks.next';
      const whole = (await client.request('pagewalk/linux/tasks', {})).rows.length;
      const circle = await damaged('pagewalk/linux/tasks', `${pointer}->next->next = ${pointer}`);
      assert.match(circle.note, /^the list runs in a circle: 0x[0-9a-f]+ comes twice$/);
      assert.ok(
        circle.count === 3 && whole > 3,
        `${circle.count} of ${whole}: the idle task, and two before the circle`,
      );
      const wild = await damaged('pagewalk/linux/tasks', `${pointer}->next->next = 0x10`);
      assert.match(wild.note, /^the list leads to 0x0*10, where nothing can be read$/);
      const broken = await damaged('pagewalk/linux/tasks', `${pointer}->next->next = 0`);
      assert.match(broken.note, /^the list breaks off at 0x[0-9a-f]+: its next pointer is 0x0+$/);
      const first = 'iomem_resource.child';
      const tree = await damaged('pagewalk/linux/iomem', `${first}->sibling = ${first}`);
      assert.match(tree.note, /^the tree runs in a circle: 0x[0-9a-f]+ comes twice$/);
      const child = await damaged('pagewalk/linux/iomem', `${first}->child = ${first}`);
      assert.match(child.note, /^the tree runs in a circle/);
      assert.equal(child.count, 1);
      const areas = folder.includes('6.12') ? 'vmap_nodes[0].busy.head' : 'vmap_area_list';
      const mapped = await damaged('pagewalk/linux/vmallocinfo', `${areas}.next->next = ${areas}.next`);
      assert.match(mapped.note, /^the list runs in a circle/);
      await client.close();
    });
  });
}
