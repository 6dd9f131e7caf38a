// Stacks at stops of a boot, ours against those of gdb attached to QEMU: each at the same address and the same arrival.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { virt } from '../../emulator/address.ts';
import { SymbolFile } from '../../symbols/index.ts';
import { type Body, DapClient } from '../adapter/dap-client.ts';
import { opensbi } from '../boots/boot.ts';
import { fileSource } from '../support/file-source.ts';
import { guestFile } from '../support/guests.ts';
import { dumpTree, type GdbFrame, type GdbStop, gdbStops, type Kernel, type Stop } from './gdb.ts';

export interface Difference {
  readonly stop: Stop;
  readonly level: number;
  readonly ours: string;
  readonly gdb: string;
  /** Both whole stacks, for the eye. */
  readonly text: string;
}

export interface Result {
  readonly stops: number;
  readonly frames: number;
  readonly differences: readonly Difference[];
  /** Frames of assembly that gdb names by another label around the same address. */
  readonly labels: number;
  /** Stops that QEMU did not come to, or elsewhere. */
  readonly missed: number;
}

export interface OurStop {
  readonly stop: Stop;
  /** How far the kernel has moved. */
  readonly slide: bigint;
  readonly frames: readonly GdbFrame[];
}

/** Adds to the frames what else is compared. */
export type Look = (client: DapClient, frames: readonly Body[]) => Promise<readonly GdbFrame[]>;

/** The guests whose boots are compared. */
export const guests = [
  { folder: 'linux-5.10-rv64', initrd: 'initramfs.cpio', xlen: 64 },
  { folder: 'linux-6.1-rv32', initrd: 'initramfs.cpio', xlen: 32 },
  { folder: 'linux-6.12-rv64-kaslr', initrd: 'initramfs.cpio', xlen: 64 },
  { folder: 'linux-6.12-rv64-kaslr', initrd: 'initramfs.cpio', xlen: 64, kaslrSeed: 0x1122334455667788n },
  { folder: 'linux-6.12-debian', initrd: 'initramfs.cpio.gz', xlen: 64 },
] as const satisfies readonly ComparedGuest[];

export interface ComparedGuest extends Pick<Kernel, 'xlen' | 'kaslrSeed'> {
  readonly folder: string;
  readonly initrd: string;
}

/** The guest's folder, and whether it has moved. */
export const nameOf = ({ folder, kaslrSeed }: ComparedGuest) => (kaslrSeed === undefined ? folder : `${folder}, moved`);

/** The guest's files; undefined where they are not here. */
export function kernelOf({ folder, initrd, xlen, kaslrSeed }: ComparedGuest): Kernel | undefined {
  const files = ['Image', 'vmlinux', initrd].map((name) => guestFile(`${folder}/${name}`));
  const [image, vmlinux, ramdisk] = files;
  if (!image || !vmlinux || !ramdisk) return undefined;
  const append = `console=ttyS0${kaslrSeed === undefined ? ' nokaslr' : ''}`;
  return { xlen, image, vmlinux, initrd: ramdisk, append, ...(kaslrSeed !== undefined && { kaslrSeed }) };
}

/** Compares at up to `count` stops, chosen by `random` among the kernel's functions. */
export async function compareBacktraces(kernel: Kernel, count: number, random: () => number): Promise<Result> {
  const candidates = chooseStops(kernel.vmlinux, count * 12, random);
  const folder = mkdtempSync(path.join(tmpdir(), 'pagewalk-backtraces-'));
  const tree = path.join(folder, 'virt.dtb');
  dumpTree(kernel, tree);
  const ours = await ourStops(kernel, tree, candidates, count);
  const slide = ours[0]?.slide ?? 0n;
  const theirs = await gdbStops(
    kernel,
    tree,
    ours.map(({ stop }) => stop),
    { slide },
  );
  rmSync(folder, { recursive: true });
  const byAddress = new Map(theirs.map((stop) => [BigInt(stop.address), stop]));
  const file = new SymbolFile(fileSource(kernel.vmlinux));
  /** Assembly's labels and aliases: another name of the same place, or a label further back. */
  const isAlias = (pc: string, name: string) => {
    const link = BigInt(pc) - slide;
    const symbol = file.functionAt(virt(link - 1n)) ?? file.functionAt(virt(link));
    if (symbol?.kind === 'label') return true;
    return file.symbolsNamed(name).some(({ value }) => value === symbol?.value);
  };
  let [frames, labels, missed] = [0, 0, 0];
  const differences: Difference[] = [];
  for (const { stop, frames: own } of ours) {
    const there = byAddress.get(stop.address);
    if (!there) {
      missed += 1;
      continue;
    }
    const found = compareStacks(stop, own, there, isAlias);
    frames += found.frames;
    labels += found.labels;
    if (found.difference) differences.push(found.difference);
  }
  return { stops: ours.length - missed, frames, differences, labels, missed };
}

/** gdb ends at a trap's entry code, or guesses beyond it; what is compared ends there too. */
const entryCode =
  /^(handle_exception|ret_from_exception|restore_all|resume_kernel|ret_from_fork\w*|call_on_irq_stack)$/;

function compareStacks(
  stop: Stop,
  own: readonly GdbFrame[],
  { frames: gdb }: GdbStop,
  isAlias: (pc: string, name: string) => boolean,
): { readonly frames: number; readonly labels: number; readonly difference?: Difference } {
  let [frames, labels] = [0, 0];
  for (let level = 0; level < Math.max(own.length, gdb.length); level += 1) {
    const [ours, theirs] = [own[level], gdb[level]];
    const text = ours ? textOf(ours) : '—';
    const other = theirs ? textOf(theirs) : '—';
    frames += 1;
    if (text === other) {
      if (ours && entryCode.test(ours.name)) break;
      continue;
    }
    if (ours && theirs && !ours.inlined && ours.pc === theirs.pc && isAlias(ours.pc, theirs.name)) labels += 1;
    else {
      const show = (list: readonly GdbFrame[]) => list.map(textOf).join(' < ');
      const shown = `${show(own)}\n${show(gdb)}`;
      return { frames, labels, difference: { stop, level, ours: text, gdb: other, text: shown } };
    }
  }
  return { frames, labels };
}

function textOf({ name, pc, inlined }: GdbFrame): string {
  return `${name || pc}${inlined ? ' (inlined)' : ` ${pc}`}`;
}

/** Random statements of random functions, at the first few arrivals. */
export function chooseStops(vmlinux: string, count: number, random: () => number): Stop[] {
  const file = new SymbolFile(fileSource(vmlinux));
  const text = file.sections.filter(({ name }) => name === '.text' || name === '.init.text');
  const stops = new Map<bigint, Stop>();
  for (let tries = 0; stops.size < count && tries < count * 20; tries += 1) {
    const section = text[Math.floor(random() * text.length)];
    if (!section) break;
    const at = virt(section.va + 2n * BigInt(Math.floor((random() * section.size) / 2)));
    const symbol = file.functionAt(at);
    if (symbol?.kind !== 'function' || file.lineAt(at) === undefined) continue;
    const end = symbol.value + BigInt(symbol.size);
    // Many are at the entry, where every run comes along.
    let address: bigint = random() < 0.5 ? file.functionEntry(symbol) : at;
    while (address < end && !file.beginsStatement(virt(address))) address += 2n;
    if (address < end) stops.set(address, { address, hit: 1 + Math.floor(random() ** 2 * 3) });
  }
  return [...stops.values()];
}

/** The first `count` of the stops that our machine comes to, with the adapter's stacks there. */
export async function ourStops(
  kernel: Kernel,
  dtb: string,
  stops: readonly Stop[],
  count: number,
  look: Look = async (_, frames) => frames.flatMap(toFrame),
): Promise<OurStop[]> {
  const client = new DapClient();
  client.patience = 600_000;
  const found: OurStop[] = [];
  const { image: program, vmlinux: symbols, initrd, append } = kernel;
  // The same firmware as QEMU's: it reserves memory, which the kernel walks through.
  const firmware = opensbi(kernel.xlen, 'dynamic');
  await client.launch(
    { program, symbols, initrd, append, dtb, firmware, memory: '256M', stopOnSatp: false },
    async () => {
      await client.request('setExceptionBreakpoints', { filters: [] });
      await client.request('setFunctionBreakpoints', { breakpoints: [{ name: 'start_kernel' }] });
    },
  );
  await client.run('continue');
  const { stackFrames: first } = await client.request('stackTrace', { threadId: 1 });
  const file = new SymbolFile(fileSource(symbols));
  const [start] = file.symbolsNamed('start_kernel');
  const slide = start ? BigInt(first[0].instructionPointerReference) - file.functionEntry(start) : 0n;
  await client.request('setFunctionBreakpoints', { breakpoints: [] });
  const waiting = new Map(stops.map((stop) => [stop.address, stop]));
  const set = () =>
    client.request('setInstructionBreakpoints', {
      breakpoints: [...waiting.values()].map(({ address, hit }) => ({
        instructionReference: `0x${(address + slide).toString(16)}`,
        hitCondition: `== ${hit}`,
      })),
    });
  while (found.length < count && waiting.size > 0) {
    await set();
    const seen = client.events('stopped').length;
    await client.request('continue', { threadId: 1 });
    await client.settled(seen);
    if (client.events('terminated').length > 0) break;
    const { stackFrames } = await client.request('stackTrace', { threadId: 1 });
    const address = BigInt(stackFrames[0].instructionPointerReference) - slide;
    const stop = waiting.get(address);
    if (!stop) throw new Error(`stopped at ${address.toString(16)}, where nothing was wanted`);
    waiting.delete(address);
    found.push({ stop, slide, frames: await look(client, stackFrames) });
  }
  await client.leave();
  return found;
}

/** What compilers put behind the name of a function that they have changed; gdb takes the source's name. */
const suffixes = /(\.(constprop|isra|part|cold|lto_priv)(\.\d+)?)+$/;

export function toFrame({ name, instructionPointerReference: pc, presentationHint }: Body): GdbFrame[] {
  if (presentationHint === 'label') return [];
  const inlined = name.endsWith(' [inlined]');
  const plain = name
    .replace(/ \[inlined\]$/, '')
    .replace(/\+0x[0-9a-f]+$/, '')
    .replace(suffixes, '');
  return [{ name: plain.startsWith('0x') ? '' : plain, pc, inlined }];
}
