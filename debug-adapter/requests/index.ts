// The table of requests. docs/dap.md is generated from it.

import { disassemble, readMemory, writeMemory } from '../memory/index.ts';
import type { Handler } from '../session-context.ts';
import { completions, evaluate, locations, scopes, setExpression, setVariable, variables } from '../variables/index.ts';
import {
  breakpointLocations,
  setBreakpoints,
  setFunctionBreakpoints,
  setInstructionBreakpoints,
} from './breakpoints.ts';
import { dataBreakpointInfo, setDataBreakpoints } from './data-breakpoints.ts';
import { exceptionInfo, setExceptionBreakpoints } from './exceptions.ts';
import { pagewalkExplain } from './explain-fault.ts';
import { goto, gotoTargets } from './goto.ts';
import { cancel, configurationDone, disconnect, initialize, launch, restart, terminate } from './lifecycle.ts';
import { loadedSources, modules, source } from './modules.ts';
import { pagewalkConsoleWrite } from './pagewalk-console.ts';
import { pagewalkCsrs } from './pagewalk-csrs.ts';
import { pagewalkDiff } from './pagewalk-diff.ts';
import { pagewalkEvents, pagewalkRoots } from './pagewalk-history.ts';
import { pagewalkInForce } from './pagewalk-in-force.ts';
import { pagewalkCheck, pagewalkLint } from './pagewalk-lint.ts';
import { pagewalkIomem, pagewalkMemblock, pagewalkTasks, pagewalkVmallocinfo } from './pagewalk-linux.ts';
import { pagewalkMap } from './pagewalk-map.ts';
import { pagewalkMmuBreakpoints, pagewalkSetMmuBreakpoints } from './pagewalk-mmu-breakpoints.ts';
import { pagewalkPhysmap, pagewalkPmp, pagewalkReverse } from './pagewalk-physical.ts';
import { pagewalkPreflight } from './pagewalk-preflight.ts';
import { pagewalkTable } from './pagewalk-table.ts';
import { pagewalkWalk } from './pagewalk-walk.ts';
import { restartFrame } from './restart-frame.ts';
import { continueRequest, next, pause, stepIn, stepOut } from './run.ts';
import { stackTrace, threads } from './stack-trace.ts';

export interface RequestRow {
  readonly serve: Handler;
  /** For docs/dap.md. */
  readonly text: string;
}

export const requests: Readonly<Record<string, RequestRow>> = {
  initialize: {
    serve: initialize,
    text: 'Answers with the capabilities below; `initialized` follows at once, so that breakpoints may come before the kernel is loaded.',
  },
  launch: { serve: launch, text: 'Loads a kernel as a launch configuration says.' },
  configurationDone: { serve: configurationDone, text: 'Nothing runs before it.' },
  restart: {
    serve: restart,
    text: 'Back to the first instruction; files that have changed are read again, breakpoints stay.',
  },
  terminate: { serve: terminate, text: 'Ends the guest.' },
  disconnect: { serve: disconnect, text: 'Ends the session.' },
  cancel: { serve: cancel, text: 'Ends a long request, by its number or its progress.' },

  continue: { serve: continueRequest, text: 'All harts run until something stops them.' },
  pause: { serve: pause, text: 'Stops all harts between two instructions.' },
  next: { serve: next, text: 'One line (`instruction`: one instruction); calls and traps are run through.' },
  stepIn: {
    serve: stepIn,
    text: 'One line (`instruction`: one instruction), into calls, and into the handler of an exception.',
  },
  stepOut: { serve: stepOut, text: 'To the caller, or out of a trap to where it was taken.' },

  gotoTargets: {
    serve: gotoTargets,
    text: 'The places at which a line can be executed; each says when nothing executable is mapped there now.',
  },
  goto: { serve: goto, text: 'Sets pc; `stopped` follows.' },
  restartFrame: {
    serve: restartFrame,
    text: 'Back to the entry of the innermost function, where its instructions prove that it has changed registers and its own stack alone; else an error says what it may have done.',
  },

  setBreakpoints: { serve: setBreakpoints, text: 'Line breakpoints, at load and link addresses alike.' },
  breakpointLocations: { serve: breakpointLocations, text: 'The lines and columns where statements begin.' },
  setFunctionBreakpoints: {
    serve: setFunctionBreakpoints,
    text: '`name`, `name+0x10`, `*0x…`, `0x…`, `pa:0x…`, `va:0x…@0xROOT:sv39`, `csr:satp`.',
  },
  setInstructionBreakpoints: { serve: setInstructionBreakpoints, text: 'An address and an offset.' },
  dataBreakpointInfo: {
    serve: dataBreakpointInfo,
    text: 'CSRs, symbols, expressions, address ranges (negative lengths too), rows of the Variables view.',
  },
  setDataBreakpoints: { serve: setDataBreakpoints, text: 'Any number and any length, virtual or physical.' },
  setExceptionBreakpoints: {
    serve: setExceptionBreakpoints,
    text: 'The filters below, each with a condition if wanted.',
  },
  exceptionInfo: { serve: exceptionInfo, text: 'The fact, and for a fault the walk that failed, level by level.' },

  modules: {
    serve: modules,
    text: 'The symbol files: where each runs and is loaded, in which address space, how far it has moved.',
  },
  loadedSources: {
    serve: loadedSources,
    text: 'The source files that debug information names and that are here; the device tree as text.',
  },
  source: {
    serve: source,
    text: 'In place of a source that is not here: the instructions of the function, with symbols, lines and a hint.',
  },
  threads: { serve: threads, text: 'A hart each: privilege, mode and root in its name.' },
  stackTrace: {
    serve: stackTrace,
    text: 'By frame rules of the debug information, prologues and frame pointers; inlined functions apart; through traps to the interrupted code; paged.',
  },
  scopes: {
    serve: scopes,
    text: 'Locals, Globals of the file (read when expanded), Integer registers, CSRs, Translation, Page-table roots, with Linux the Current task (read when expanded), Floating point, Devices with their registers (read when expanded).',
  },
  variables: {
    serve: variables,
    text: 'Lazily, with hexadecimal formatting and paging; long arrays in ranges for clients that do not page.',
  },
  setVariable: {
    serve: setVariable,
    text: 'Registers, CSRs, variables with their bit-fields and pieces; answers with the value that the hardware made of it.',
  },
  evaluate: { serve: evaluate, text: 'Expressions (docs/expressions.md); in the console also verbs: try `help`.' },
  setExpression: { serve: setExpression, text: 'Registers, CSRs, their fields, memory.' },
  locations: { serve: locations, text: 'Where a variable is declared, and the function that a pointer leads to.' },
  completions: {
    serve: completions,
    text: 'Variables of the frame, members, types; registers, CSRs and fields, symbols, verbs.',
  },
  readMemory: { serve: readMemory, text: 'Through the page tables in force, or physical; holes as `unreadableBytes`.' },
  writeMemory: { serve: writeMemory, text: 'Likewise; permissions are not asked.' },
  disassemble: {
    serve: disassemble,
    text: 'Exactly as many rows as asked for, negative offsets with compressed instructions too.',
  },

  'pagewalk/roots': { serve: pagewalkRoots, text: 'The page-table roots that satp has held.' },
  'pagewalk/table': { serve: pagewalkTable, text: 'The present entries of one page table.' },
  'pagewalk/map': { serve: pagewalkMap, text: 'The merged runs of an address space, filtered and paged.' },
  'pagewalk/walk': { serve: pagewalkWalk, text: 'How an address translates, level by level, or why not.' },
  'pagewalk/inForce': {
    serve: pagewalkInForce,
    text: 'Which translation is in force for fetches, loads and stores, and why not the one that satp names.',
  },
  'pagewalk/explain': {
    serve: pagewalkExplain,
    text: 'Why a hart trapped: the access, the rule that failed, the smallest change that would have let it pass.',
  },
  'pagewalk/preflight': {
    serve: pagewalkPreflight,
    text: 'Judges the satp write at pc before it is made: fetch, stack, trap handler, console, and what changes in the map.',
  },
  'pagewalk/lint': { serve: pagewalkLint, text: 'What is wrong with a map (docs/lint.md).' },
  'pagewalk/check': { serve: pagewalkCheck, text: 'Whether the map is as a check file expects (docs/check.md).' },
  'pagewalk/diff': { serve: pagewalkDiff, text: 'What two address spaces map differently.' },
  'pagewalk/reverse': { serve: pagewalkReverse, text: 'Every virtual address of a physical one.' },
  'pagewalk/pmp': { serve: pagewalkPmp, text: 'The PMP entries of a hart, decoded.' },
  'pagewalk/physmap': {
    serve: pagewalkPhysmap,
    text: 'The physical address space: RAM, devices, the image, what the device tree reserves.',
  },
  'pagewalk/linux/tasks': {
    serve: pagewalkTasks,
    text: "Linux's processes or threads, with the roots of their page tables.",
  },
  'pagewalk/linux/vmallocinfo': { serve: pagewalkVmallocinfo, text: 'What Linux has mapped in its vmalloc area.' },
  'pagewalk/linux/memblock': { serve: pagewalkMemblock, text: "The regions of Linux's boot allocator." },
  'pagewalk/linux/iomem': { serve: pagewalkIomem, text: "Linux's tree of physical addresses." },
  'pagewalk/events': {
    serve: pagewalkEvents,
    text: 'The log of MMU events: satp writes, and what else was asked for.',
  },
  'pagewalk/mmuBreakpoints': {
    serve: pagewalkMmuBreakpoints,
    text: 'Every event that can be stopped at (docs/events.md).',
  },
  'pagewalk/setMmuBreakpoints': {
    serve: pagewalkSetMmuBreakpoints,
    text: 'Which of them stop or log, under which conditions.',
  },
  'pagewalk/csrs': { serve: pagewalkCsrs, text: 'Every CSR, by field.' },
  'pagewalk/console/write': { serve: pagewalkConsoleWrite, text: "Keys for the guest's console." },
};
