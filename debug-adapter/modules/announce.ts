// What clients are told of modules: DAP's `module` and `loadedSource` events, and breakpoints that a move has moved.

import type { DebugProtocol } from '@vscode/debugprotocol';
import { hex } from '../../emulator/address.ts';
import { watchPanics } from '../run-control/panic.ts';
import type { SessionContext } from '../session-context.ts';
import type { Module } from './module.ts';

/** A row of the client's module list. Attributes beyond DAP's are announced as additionalModuleColumns. */
export interface ModuleRow extends DebugProtocol.Module {
  /** Where its program is loaded: `pa:0x80200000–0x815fffff`. */
  readonly loadRange?: string;
  readonly space: Module['space'];
  /** How far it runs from where it was linked: `+0xa400000`. */
  readonly slide?: string;
}

export function moduleRow(module: Module): ModuleRow {
  const { id, file, space, slide, images } = module;
  const { name } = file;
  const loads = images.filter(({ va }) => module.loadAddress(module.linkAddress(va)) !== undefined);
  const shift = space === 'physical' ? slide : 0n;
  const loadRange = rangeOf(loads.map(({ pa, size }) => ({ start: pa + shift, size })));
  return {
    id,
    name: name.slice(name.search(/[^/\\]*$/)),
    path: name,
    addressRange: rangeOf(images.map(({ va, size }) => ({ start: va, size }))),
    symbolStatus: file.hasLines
      ? 'Symbols and source lines'
      : file.hasSymbols
        ? 'Symbols, no source lines'
        : 'No symbols',
    symbolFilePath: name,
    space,
    ...(loads.length > 0 && { loadRange: loadRange.replace(/^0x/, 'pa:0x') }),
    ...(slide !== 0n && { slide: slide < 0n ? `-${hex(-slide)}` : `+${hex(slide)}` }),
  };
}

/** Parts that lie together count as one: `0x10000–0x11fff, 0xffffffff80000000–0xffffffff8000ffff`. */
function rangeOf(parts: readonly { readonly start: bigint; readonly size: bigint }[]): string {
  const runs: { start: bigint; end: bigint }[] = [];
  for (const { start, size } of [...parts].sort((a, b) => (a.start < b.start ? -1 : 1))) {
    const last = runs.at(-1);
    if (last && start - last.end < TOGETHER) last.end = start + size;
    else runs.push({ start, end: start + size });
  }
  return runs.map(({ start, end }) => `${hex(start)}–${hex(end - 1n)}`).join(', ');
}

const TOGETHER = 0x1000000n;

/** Modules are gone, and others are there: at launch, at a restart with other files, when a kernel loads one. */
export function announceModules({ send }: SessionContext, gone: readonly Module[], fresh: readonly Module[]): void {
  for (const module of gone) send('module', { reason: 'removed', module: moduleRow(module) });
  for (const module of fresh) send('module', { reason: 'new', module: moduleRow(module) });
}

/** Breakpoints that are somewhere else now, since symbols have come, gone or moved. */
export function announceRebound({ send, symbols, breakpoints, machine, launcher }: SessionContext): void {
  for (const point of breakpoints.rebind(symbols)) send('breakpoint', { reason: 'changed', breakpoint: point.toDap() });
  if (!launcher.noDebug) breakpoints.install(machine);
}

/** Modules that run elsewhere than was thought: they and the breakpoints in them are told anew. */
export function announceMoves(session: SessionContext, moved: readonly Module[]): void {
  if (moved.length === 0) return;
  const { send } = session;
  for (const module of moved) {
    const { slide, addressRange, name } = moduleRow(module);
    session.output(`${name} has moved by ${slide ?? '0x0'}: it runs at ${addressRange}.`);
    send('module', { reason: 'changed', module: moduleRow(module) });
  }
  announceRebound(session);
  session.watch.rearm();
  watchPanics(session);
  session.launcher.loads.watch(session);
}
