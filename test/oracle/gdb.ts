// gdb on QEMU as an oracle: what it takes the stack to be at given stops of a kernel's boot.

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findNode, propertyBytes, readFdt, writeFdt } from '../../emulator/firmware/fdt.ts';
import { isaText, parseIsa } from '../../emulator/isa/isa-string.ts';
import { cpuOf } from './machines.ts';
import { withoutPadding } from './padded-symbols.ts';

/** A stop: the n-th arrival at an instruction, which is told by its link address. */
export interface Stop {
  readonly address: bigint;
  readonly hit: number;
}

export interface GdbFrame {
  /** Without compiler's suffixes; empty where gdb has none. */
  readonly name: string;
  readonly pc: string;
  readonly inlined: boolean;
  /** Parameters and locals, where they were asked for: innermost block first. */
  readonly variables?: readonly GdbVariable[];
}

export interface GdbVariable {
  readonly name: string;
  /** Where it is declared. */
  readonly line: number;
  /** Empty for types without a name. */
  readonly type: string;
  /**
   * Of numbers and pointers the bits in hexadecimal; `synthetic pointer` of one that exists only to be followed;
   * `optimized out`; `at 0x…` of what lies in memory; else `other`.
   */
  readonly value: string;
}

export interface GdbStop {
  /** Link address. */
  readonly address: string;
  readonly frames: readonly GdbFrame[];
}

export interface Kernel {
  readonly xlen: 32 | 64;
  readonly image: string;
  readonly vmlinux: string;
  readonly initrd: string;
  readonly append: string;
  /** `/chosen/kaslr-seed`, by which the kernel moves itself to a random address. */
  readonly kaslrSeed?: bigint;
}

/** Why gdb cannot be the oracle; undefined where it can. */
export function gdbMissing(): string | undefined {
  const { error } = spawnSync('gdb-multiarch', ['--version']);
  return error ? 'needs gdb-multiarch: node scripts/tools.mjs --install' : undefined;
}

/** At most this many frames are told of a stop. */
const DEEPEST = 64;

const script = (stops: readonly Stop[], variables: number, slide: bigint) => `
import gdb, json
gdb.execute('set pagination off')
gdb.execute('set confirm off')
gdb.execute('set backtrace limit ${DEEPEST}')
wanted = ${JSON.stringify(stops.map(({ address, hit }) => [`0x${address.toString(16)}`, hit]))}
slide = ${slide}
gdb.execute('hbreak *start_kernel')
gdb.execute('continue')
gdb.execute('delete')
numbers = (gdb.TYPE_CODE_INT, gdb.TYPE_CODE_PTR, gdb.TYPE_CODE_ENUM, gdb.TYPE_CODE_BOOL, gdb.TYPE_CODE_CHAR)
# gdb calls a struct optimized out that has lost a part.
def is_gone(value):
    if not value.is_optimized_out:
        return False
    type = value.type.strip_typedefs()
    if type.code in (gdb.TYPE_CODE_STRUCT, gdb.TYPE_CODE_UNION):
        return all(is_gone(value[field]) for field in type.fields())
    if type.code == gdb.TYPE_CODE_ARRAY:
        first, last = type.range()
        return all(is_gone(value[index]) for index in range(first, last + 1))
    return True
def value_of(symbol, frame):
    value = symbol.value(frame)
    type = symbol.type.strip_typedefs()
    if is_gone(value):
        return 'optimized out'
    try:
        if type.code == gdb.TYPE_CODE_PTR and 'synthetic' in value.format_string(format='x'):
            return 'synthetic pointer'
        if type.code in numbers:
            return hex(int(value) & ((1 << 8 * type.sizeof) - 1))
        return 'other' if value.address is None else 'at ' + hex(int(value.address) & mask)
    except gdb.error as error:
        return 'optimized out' if 'optimized' in str(error) else 'unreadable'
# Of an inlined function gdb seeks values on entry one frame too near, at the one that it is inlined into (value_of_dwarf_reg_entry
# takes get_prev_frame). That has the same pc and registers, and asked there gdb finds the caller.
def physical(frame):
    while frame.type() == gdb.INLINE_FRAME and frame.older() is not None:
        frame = frame.older()
    return frame
def variables_of(frame):
    found = []
    machine = physical(frame)
    try:
        block = frame.block()
    except RuntimeError:
        return found
    while block is not None:
        for symbol in block:
            type = str(symbol.type)
            # A label of the source that the code has lost counts as a variable.
            if type != '__CORE_ADDR' and (symbol.is_argument or symbol.is_variable or symbol.is_constant):
                found.append({'name': symbol.name, 'line': symbol.line, 'type': '' if '{' in type else type, 'value': value_of(symbol, machine)})
        if block.function is not None:
            break
        block = block.superblock
    return found
# By address and type alone, so that gdb moves none of them behind a prologue.
points = {}
for address, hit in wanted:
    point = gdb.Breakpoint('*' + hex(int(address, 16) + slide), internal=False)
    point.silent = True
    point.ignore_count = hit - 1
    points[int(address, 16) + slide] = point
mask = (1 << ${64}) - 1
for _ in range(len(wanted)):
    gdb.execute('continue')
    frame = gdb.newest_frame()
    address = frame.pc() & mask
    if address not in points:
        break
    frames = []
    try:
        while frame is not None and len(frames) < ${DEEPEST}:
            told = {'name': frame.name() or '', 'pc': hex(frame.pc() & mask), 'inlined': frame.type() == gdb.INLINE_FRAME}
            if len(frames) < ${variables}:
                told['variables'] = variables_of(frame)
            frames.append(told)
            frame = frame.older()
    except gdb.error:
        pass
    print('STOP ' + json.dumps({'address': hex(address - slide), 'frames': frames}), flush=True)
    points.pop(address).delete()
gdb.execute('kill')
`;

/** The machine, with just the extensions that ours has. */
const machineOf = ({ xlen }: Kernel, options = '') => [
  ...['-M', `virt${options}`, '-m', '256M'],
  ...['-cpu', cpuOf({ isa: isaText(parseIsa(`rv${xlen}max`)), mmu: xlen === 64 ? 'sv57' : 'sv32' })],
];

const boot = ({ image, initrd, append }: Kernel) => ['-kernel', image, '-initrd', initrd, '-append', append];

/**
 * QEMU's own device tree as a file, so that both machines give the kernel the same one, with the same random seed. What
 * the boot adds is in it already: neither machine changes a byte, and strings have the same addresses.
 */
export function dumpTree(kernel: Kernel, file: string): void {
  const machine = [...machineOf(kernel, `,dumpdtb=${file}`), '-seed', '1', ...boot(kernel)];
  const { status } = spawnSync(`qemu-system-riscv${kernel.xlen}`, machine);
  if (status !== 0) throw new Error('QEMU gave no device tree');
  if (kernel.kaslrSeed === undefined) return;
  const seeded = readFdt(readFileSync(file));
  findNode(seeded.root, '/chosen')?.properties.set('kaslr-seed', propertyBytes([kernel.kaslrSeed]));
  writeFileSync(file, writeFdt(seeded));
}

/**
 * What gdb tells at those of the stops that the boot comes to, in that order; of so many frames with their variables. The
 * kernel runs `slide` bytes behind its link addresses.
 */
export async function gdbStops(
  kernel: Kernel,
  tree: string,
  stops: readonly Stop[],
  { slide = 0n, variables = 0, timeout = 600_000 } = {},
): Promise<GdbStop[]> {
  const folder = mkdtempSync(path.join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'pagewalk-gdb-'));
  const socket = path.join(folder, 'gdb');
  const file = path.join(folder, 'stops.py');
  writeFileSync(file, script(stops, variables, slide));
  const machine = spawn(`qemu-system-riscv${kernel.xlen}`, [
    ...machineOf(kernel),
    ...['-dtb', tree, '-display', 'none', '-serial', 'none', '-monitor', 'none'],
    ...['-icount', 'shift=0', '-rtc', 'base=2026-01-01,clock=vm', ...boot(kernel)],
    ...['-chardev', `socket,path=${socket},server=on,wait=off,id=gdb`, '-gdb', 'chardev:gdb', '-S'],
  ]);
  try {
    for (let tries = 0; !existsSync(socket) && tries < 200; tries += 1)
      await new Promise((done) => setTimeout(done, 50));
    const text = await output(
      'gdb-multiarch',
      [
        '-nx',
        '-batch',
        '-ex',
        `symbol-file ${withoutPadding(kernel.vmlinux, folder)} -o ${slide}`,
        '-ex',
        `target remote ${socket}`,
        '-x',
        file,
      ],
      timeout,
    );
    return text
      .split('\n')
      .filter((line) => line.startsWith('STOP '))
      .map((line) => JSON.parse(line.slice(5)) as GdbStop);
  } finally {
    machine.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

function output(command: string, args: readonly string[], timeout: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { timeout, killSignal: 'SIGKILL' });
    let [text, errors] = ['', ''];
    child.stdout.on('data', (chunk) => {
      text += chunk;
    });
    child.stderr.on('data', (chunk) => {
      errors += chunk;
    });
    child.on('error', reject);
    child.on('close', () => {
      if (!text.includes('STOP ')) reject(new Error(`${command}: ${errors.slice(-2000)}${text.slice(-500)}`));
      else resolve(text);
    });
  });
}
