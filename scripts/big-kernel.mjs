// How a kernel with 300 MB of debug information feels: from F5 to start_kernel with its locals, breakpoints on functions,
// types and variables by name. CPU time and memory of the adapter's process, in turn with gdb's for three look-ups in the
// same file. docs/symbols.md records it.
// usage: nice node scripts/big-kernel.mjs [--rounds N] [--guest FOLDER]   after a build; needs gdb-multiarch and the guest
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    guest: { type: 'string', default: 'linux-6.12-debian' },
  },
});
const adapter = path.resolve('dist/debug-adapter.cjs');
const program = guestFile('Image');
const symbols = guestFile('vmlinux');

/** The sources of the kernel's version, as far as the stop shows them, and what the kernel calls their folder. */
const compiled = 'debian/build/build_riscv64_none_riscv64';
const sources = sourceFolder('source-6.12.107.tar', 'linux-source-6.12', ['init/main.c']);

/** Functions whose first breakpoint is measured, all over the kernel. */
const functions = [
  ...['do_page_fault', 'setup_vm', 'kmem_cache_alloc_noprof', 'schedule', 'do_exit', 'tcp_v4_rcv'],
  ...['virtio_dev_probe', 'handle_mm_fault', 'do_sys_openat2', 'vfs_read', 'alloc_pages_noprof', 'panic'],
];
/** Those that are only inlined, hundreds of times, and one that is nowhere: they need the index of names. */
const everywhere = ['list_add_tail', 'nosuch_function'];
const indexed = ['list_del', 'spin_lock_irqsave', 'get_current', 'nosuch_function_either'];
const names = ['sizeof(struct page)', 'sizeof(struct task_struct)', 'init_task.pid', 'jiffies', 'sizeof(page)'];

/** A folder with some files of an archive of sources. */
function sourceFolder(archive, top, files) {
  const folder = path.resolve('.cache', 'sources');
  const wanted = files.map((file) => `${top}/${file}`);
  if (!wanted.every((file) => existsSync(path.join(folder, file)))) {
    mkdirSync(folder, { recursive: true });
    spawnSync('tar', ['-xf', guestFile(archive, 'sources'), '-C', folder, ...wanted], { stdio: 'inherit' });
  }
  return path.join(folder, top);
}

function guestFile(name, guest = values.guest) {
  const packed = path.resolve(process.env.PAGEWALK_GUESTS ?? '../shared/guests', guest, `${name}.xz`);
  const unpacked = path.resolve('.cache/guests', guest, name);
  if (!existsSync(unpacked)) {
    mkdirSync(path.dirname(unpacked), { recursive: true });
    spawnSync('xz', ['-dc', packed], { stdio: ['ignore', openSync(unpacked, 'w'), 'inherit'] });
  }
  return unpacked;
}

/** The CPU milliseconds that a process has used, and its memory in MB now and at most. */
function usage(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const megabytes = (name) => Math.round(Number(new RegExp(`${name}:\\s*(\\d+)`).exec(status)?.[1] ?? 0) / 1024);
  return { cpu: (Number(fields[11]) + Number(fields[12])) * 10, now: megabytes('VmRSS'), most: megabytes('VmHWM') };
}

/** A session with the adapter in a process of its own. */
class Session {
  constructor() {
    this.process = spawn(process.execPath, [adapter], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.seq = 0;
    this.packets = [];
    this.waiting = [];
    let buffer = Buffer.alloc(0);
    this.process.stdout.on('data', (chunk) => {
      buffer = Buffer.concat([buffer, chunk]);
      for (;;) {
        const head = /^Content-Length: (\d+)\r\n\r\n/.exec(buffer.toString('latin1', 0, 64));
        if (!head || buffer.length < head[0].length + Number(head[1])) break;
        const end = head[0].length + Number(head[1]);
        this.packets.push(JSON.parse(buffer.toString('utf8', head[0].length, end)));
        buffer = buffer.subarray(end);
      }
      for (const look of this.waiting) look();
    });
  }

  when(find) {
    return new Promise((resolve) => {
      const look = () => {
        const found = this.packets.find(find);
        if (!found) return;
        this.waiting = this.waiting.filter((each) => each !== look);
        resolve(found);
      };
      this.waiting.push(look);
      look();
    });
  }

  async request(command, args = {}) {
    const seq = ++this.seq;
    const text = JSON.stringify({ seq, type: 'request', command, arguments: args });
    this.process.stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
    const answer = await this.when((packet) => packet.type === 'response' && packet.request_seq === seq);
    if (!answer.success) throw new Error(answer.message);
    return answer.body;
  }

  async event(name) {
    const found = await this.when((packet) => packet.event === name);
    this.packets = this.packets.filter((packet) => packet !== found);
    return found.body;
  }

  usage() {
    return usage(this.process.pid);
  }
}

async function ours() {
  const session = new Session();
  await session.request('initialize', { adapterID: 'pagewalk', supportsVariablePaging: true });
  const launched = session.request('launch', {
    program,
    symbols,
    memory: '256M',
    stopOnEntry: false,
    stopOnSatp: false,
    append: 'console=ttyS0',
    sourceMap: { [compiled]: sources },
  });
  await session.event('initialized');
  await launched;
  const loaded = session.usage().cpu;
  await session.request('setFunctionBreakpoints', { breakpoints: [{ name: 'start_kernel' }] });
  const first = session.usage().cpu - loaded;
  await session.request('configurationDone');
  await session.event('stopped');
  const { stackFrames } = await session.request('stackTrace', { threadId: 1 });
  const { scopes } = await session.request('scopes', { frameId: stackFrames[0].id });
  const { variablesReference } = scopes.find(({ name }) => name === 'Locals');
  const { variables } = await session.request('variables', { variablesReference });
  const stop = session.usage();
  const { name, source, line } = stackFrames[0];
  if (!source?.path?.startsWith(sources)) throw new Error('the stop is not in a source');
  const text = readFileSync(source.path, 'utf8').split('\n')[line - 1]?.trim();
  console.log(
    `  ${name} at ${path.relative(sources, source.path)}:${line} (${text}); ` +
      `${variables.length} locals; ${stop.cpu} ms, ${stop.now} MB (at most ${stop.most})\n` +
      `    ${String(first).padStart(5)} ms  first function breakpoint, with the symbol table`,
  );

  const measured = async (text, work) => {
    const { cpu } = session.usage();
    await work();
    const after = session.usage();
    console.log(`    ${String(after.cpu - cpu).padStart(5)} ms  ${text}  (${after.now} MB)`);
    return after.cpu - cpu;
  };
  const breakpoints = [{ name: 'start_kernel' }];
  const took = [];
  const setEach = async (list) => {
    for (const name of list) {
      breakpoints.push({ name });
      const set = () => session.request('setFunctionBreakpoints', { breakpoints });
      took.push(await measured(`function breakpoint ${name}`, set));
    }
  };
  await setEach([...functions, ...everywhere]);
  await measured('until the index tells of their copies', async () => {
    for (const _ of everywhere) await session.event('breakpoint');
  });
  await setEach(indexed);
  for (const expression of names) {
    const args = { expression, frameId: stackFrames[0].id, context: 'watch' };
    await measured(expression, () => session.request('evaluate', args).catch(() => undefined));
  }
  const end = session.usage();
  session.process.stdin.end();
  session.process.kill();
  return { cpu: stop.cpu, memory: stop.most, breakpoint: Math.max(...took), end: end.most };
}

async function gdb() {
  const lookUps = ['info line start_kernel', 'info scope start_kernel', 'ptype struct task_struct'];
  const args = ['-nx', '-batch', symbols, ...lookUps.flatMap((text) => ['-ex', text])];
  const child = spawn('gdb-multiarch', args, { stdio: ['ignore', 'ignore', 'inherit'] });
  let last = { cpu: 0, most: 0 };
  const timer = setInterval(() => {
    try {
      const now = usage(child.pid);
      if (now.most > 0) last = now;
    } catch {}
  }, 20);
  await new Promise((resolve) => child.once('close', resolve));
  clearInterval(timer);
  return { cpu: last.cpu, memory: last.most };
}

const ratios = [];
for (let round = 1; round <= Number(values.rounds); round++) {
  const theirs = await gdb();
  console.log(`round ${round}\n  gdb: ${theirs.cpu} ms, at most ${theirs.memory} MB`);
  const own = await ours();
  ratios.push(own.cpu / theirs.cpu);
  console.log(
    `  ratio ${(own.cpu / theirs.cpu).toFixed(3)}; dearest breakpoint ${own.breakpoint} ms; at the end ${own.end} MB`,
  );
}
ratios.sort((a, b) => a - b);
console.log(`ratio, median of ${ratios.length}: ${ratios[ratios.length >> 1].toFixed(3)}`);
