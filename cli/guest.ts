// A kernel, loaded: its machine at the first instruction, its symbols, and names for what it maps.

import type { Launch } from '../debug-adapter/launch/configuration.ts';
import { findSymbols } from '../debug-adapter/launch/find-symbols.ts';
import { openModule } from '../debug-adapter/modules/open.ts';
import { sightOf } from '../debug-adapter/modules/sight.ts';
import { followSlides } from '../debug-adapter/modules/slides.ts';
import { nodeHost } from '../debug-adapter/node-host.ts';
import { SourcePaths } from '../debug-adapter/sources/paths.ts';
import { Symbols } from '../debug-adapter/symbols.ts';
import { loadInProcess } from '../debug-adapter/targets/in-process.ts';
import type { MachineControl } from '../emulator/control.ts';
import type { HartView } from '../emulator/inspection.ts';
import { UserError } from '../emulator/user-error.ts';
import { currentSpace, type DetectedLayout, detectLayout } from '../kernel/index.ts';

export interface Guest {
  readonly machine: MachineControl;
  readonly symbols: Symbols;
  /** The names of what is mapped under the hart's satp now. */
  layout(hart: HartView): DetectedLayout;
}

export function loadGuest(launch: Launch): Guest {
  const warn = (line: string) => void process.stderr.write(`pagewalk: ${line}\n`);
  const target = loadInProcess(nodeHost, launch, warn);
  const found = findSymbols(nodeHost, launch, target);
  if (found.warning) warn(found.warning);
  const program = nodeHost.resolve('', launch.program);
  const modules = found.files.map((entry, index) => openModule(nodeHost, entry, index + 1, target, program));
  const { machine } = target;
  const sight = sightOf(machine, () => machine.harts[0] as HartView);
  const symbols = new Symbols(modules, new SourcePaths(nodeHost, {}, ''), sight);
  followSlides(machine, symbols);
  const layout = (hart: HartView) => detectLayout(machine, currentSpace(machine, hart), symbols, symbols.images);
  return { machine, symbols, layout };
}

/** The hart of `--hart N`; without it the first. */
export function hartOf({ machine }: Guest, given: string | undefined): HartView {
  const id = given ?? '0';
  const hart = machine.harts.find((candidate) => String(candidate.id) === id);
  if (!hart) throw new UserError(`--hart ${id}: the machine has harts 0 to ${machine.harts.length - 1}`);
  return hart;
}
