// Parameters, locals and their types at stops of a boot, ours against those of gdb attached to QEMU: each at the same
// address and the same arrival, in the frame that stands there and in its callers.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Body, DapClient } from '../adapter/dap-client.ts';
import { chooseStops, type OurStop, ourStops, toFrame } from './backtraces.ts';
import { dumpTree, type GdbFrame, type GdbStop, type GdbVariable, gdbStops, type Kernel } from './gdb.ts';
import { InnerVariables, type Place } from './inner-variables.ts';

/** Frames of a stop whose variables are compared. */
const FRAMES = 3;

/** Boots on QEMU in which a value that differs from ours may turn out to be random. */
const MOST_BOOTS = 4;

export interface LocalDifference {
  readonly at: string;
  readonly frame: string;
  readonly variable: string;
  readonly ours: string;
  readonly gdb: string;
}

export interface LocalsResult {
  /** How far the kernel has moved. */
  readonly slide: bigint;
  readonly stops: number;
  readonly frames: number;
  readonly variables: number;
  /** Of those, how many have a value and not only a note that they were optimised out. */
  readonly valued: number;
  /** How many were left out because gdb's value is another one in each boot. */
  readonly changing: number;
  readonly differences: readonly LocalDifference[];
}

export async function compareLocals(kernel: Kernel, count: number, random: () => number): Promise<LocalsResult> {
  const folder = mkdtempSync(path.join(tmpdir(), 'pagewalk-locals-'));
  try {
    return await compareUnder(kernel, path.join(folder, 'virt.dtb'), count, random);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function compareUnder(kernel: Kernel, tree: string, count: number, random: () => number): Promise<LocalsResult> {
  dumpTree(kernel, tree);
  const ours = await ourStops(kernel, tree, chooseStops(kernel.vmlinux, count * 12, random), count, withVariables);
  const ask = () => {
    const wanted = ours.map(({ stop }) => stop);
    return gdbStops(kernel, tree, wanted, { slide: ours[0]?.slide ?? 0n, variables: FRAMES });
  };
  const result = compareStops(ours, await ask(), new InnerVariables(kernel.vmlinux));
  let { differences } = result;
  for (let boots = 1; boots < MOST_BOOTS && differences.length > 0; boots += 1) {
    const again = await ask();
    differences = differences.filter((each) => !changes(each, again));
  }
  return { ...result, differences, changing: result.differences.length - differences.length };
}

function compareStops(
  ours: readonly OurStop[],
  theirs: readonly GdbStop[],
  inner: InnerVariables,
): Omit<LocalsResult, 'differences'> & { readonly differences: readonly Found[] } {
  const differences: Found[] = [];
  let [stops, frames, variables, valued] = [0, 0, 0, 0];
  for (const { address, frames: gdb } of theirs) {
    const own = ours.find(({ stop }) => stop.address === BigInt(address));
    if (!own) continue;
    stops += 1;
    for (let level = 0; level < FRAMES; level += 1) {
      const [mine, other] = [own.frames[level], gdb[level]];
      // Where the stacks part, backtraces.ts tells.
      if (!mine || !other || mine.pc !== other.pc || mine.name !== other.name) break;
      frames += 1;
      const place = { pc: BigInt(mine.pc) - own.slide - (level > 0 ? 1n : 0n), function: mine.name };
      const [left, right] = [mine.variables ?? [], other.variables ?? []];
      for (const [a, b] of paired(left, right)) {
        if (!a && b && isElsewhere(inner, place, b, left, right)) continue;
        variables += 1;
        if (b && !/optimized/.test(b.value)) valued += 1;
        const what = differing(a, b);
        if (what) differences.push({ at: address, frame: `${level} ${mine.name}`, ...what, level, theirs: b });
      }
    }
  }
  return { slide: ours[0]?.slide ?? 0n, stops, frames, variables, valued, changing: 0, differences };
}

/** A difference with what gdb has there. */
interface Found extends LocalDifference {
  readonly level: number;
  readonly theirs: GdbVariable | undefined;
}

/** Whether gdb has another value at the same arrival of another boot: it depends on the time, or on random numbers. */
function changes({ at, level, theirs }: Found, again: readonly GdbStop[]): boolean {
  const frame = again.find(({ address }) => address === at)?.frames[level];
  const same = frame?.variables?.filter(({ name, line }) => name === theirs?.name && line === theirs.line) ?? [];
  return same.length > 0 && same.every(({ value }) => value !== theirs?.value && value.startsWith('0x'));
}

/**
 * Whether gdb lists for the whole function what stands in an inner block of it: one that is listed as well, that lies
 * elsewhere, or that this copy of the function lost.
 */
function isElsewhere(
  inner: InnerVariables,
  place: Place,
  { name, line, value }: GdbVariable,
  ours: readonly GdbVariable[],
  theirs: readonly GdbVariable[],
): boolean {
  const count = (list: readonly GdbVariable[]) =>
    list.filter((each) => each.name === name && each.line === line).length;
  if (value === 'optimized out' && count(theirs) > 1 && ours.some((each) => each.name === name)) return true;
  if (!inner.declares(place, name, line)) return false;
  return value === 'optimized out' || inner.standsElsewhere(place, name, line);
}

/** Variables of the same name and line; the same one may stand in several blocks. */
function paired(
  ours: readonly GdbVariable[],
  gdb: readonly GdbVariable[],
): [GdbVariable | undefined, GdbVariable | undefined][] {
  const left = [...ours];
  const pairs = gdb.map((theirs): [GdbVariable | undefined, GdbVariable | undefined] => {
    const index = left.findIndex(({ name, line }) => name === theirs.name && (line === 0 || line === theirs.line));
    return [index < 0 ? undefined : left.splice(index, 1)[0], theirs];
  });
  return [...pairs, ...left.map((mine): [GdbVariable, undefined] => [mine, undefined])];
}

function differing(ours: GdbVariable | undefined, gdb: GdbVariable | undefined) {
  const variable = (ours ?? gdb)?.name ?? '';
  if (!ours || !gdb)
    return { variable, ours: ours?.value ?? 'no such variable', gdb: gdb?.value ?? 'no such variable' };
  if (gdb.type && plain(ours.type) !== plain(gdb.type)) return { variable, ours: ours.type, gdb: gdb.type };
  return ours.value !== gdb.value ? { variable, ours: ours.value, gdb: gdb.value } : undefined;
}

/** Types without what the two write differently: spaces, and where qualifiers stand. */
function plain(type: string): string {
  return type.replace(/\b(const|volatile|restrict)\b/g, '').replace(/\s+/g, '');
}

async function withVariables(client: DapClient, stackFrames: readonly Body[]): Promise<readonly GdbFrame[]> {
  const frames: GdbFrame[] = [];
  for (const stackFrame of stackFrames) {
    const [frame] = toFrame(stackFrame);
    if (frame)
      frames.push(frames.length < FRAMES ? { ...frame, variables: await variablesOf(client, stackFrame.id) } : frame);
  }
  return frames;
}

async function variablesOf(client: DapClient, frameId: number): Promise<GdbVariable[]> {
  const { scopes } = await client.request('scopes', { frameId });
  const locals = scopes.find(({ name }: Body) => name === 'Locals');
  if (!locals) return [];
  const format = { hex: true };
  const { variables } = await client.request('variables', { variablesReference: locals.variablesReference, format });
  return variables.map(({ name, type, value, memoryReference }: Body) => ({
    name: name.replace(/ \(.*/, ''),
    line: Number(/ \(line (\d+)/.exec(name)?.[1] ?? 0),
    type: type.replace(/ \((argument|static)\)$/, ''),
    value: shownValue(value, memoryReference),
  }));
}

/** As gdb's side says it. */
function shownValue(value: string, memoryReference: string | undefined): string {
  if (value.startsWith('<optimized out: it would point to ')) return 'synthetic pointer';
  if (value.startsWith('<')) return /optimized/.test(value) ? 'optimized out' : 'unreadable';
  const [, number] = /^(0x[0-9a-f]+)/.exec(value) ?? [];
  if (number) return number;
  const [, address] = /^va:(0x[0-9a-f]+)$/.exec(memoryReference ?? '') ?? [];
  return address ? `at ${address}` : 'other';
}
