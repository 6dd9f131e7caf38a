// The table of requests. docs/dap.md is generated from it.

import { disassemble, readMemory, writeMemory } from '../memory/index.ts';
import type { Handler } from '../session-context.ts';
import { completions, evaluate, scopes, setExpression, setVariable, variables } from '../variables/index.ts';
import {
  breakpointLocations,
  setBreakpoints,
  setFunctionBreakpoints,
  setInstructionBreakpoints,
} from './breakpoints.ts';
import { dataBreakpointInfo, setDataBreakpoints } from './data-breakpoints.ts';
import { exceptionInfo, setExceptionBreakpoints } from './exceptions.ts';
import { cancel, configurationDone, disconnect, initialize, launch, restart, terminate } from './lifecycle.ts';
import { pagewalkConsoleWrite } from './pagewalk-console.ts';
import { pagewalkCsrs } from './pagewalk-csrs.ts';
import { pagewalkEvents, pagewalkRoots } from './pagewalk-history.ts';
import { pagewalkMap } from './pagewalk-map.ts';
import { pagewalkTable } from './pagewalk-table.ts';
import { pagewalkWalk } from './pagewalk-walk.ts';
import { continueRequest, next, pause, stepIn, stepOut } from './run.ts';
import { stackTrace, threads } from './stack-trace.ts';

export const requests: Readonly<Record<string, Handler>> = {
  initialize,
  launch,
  configurationDone,
  restart,
  terminate,
  disconnect,
  cancel,

  continue: continueRequest,
  pause,
  next,
  stepIn,
  stepOut,

  setBreakpoints,
  breakpointLocations,
  setFunctionBreakpoints,
  setInstructionBreakpoints,
  dataBreakpointInfo,
  setDataBreakpoints,
  setExceptionBreakpoints,
  exceptionInfo,

  threads,
  stackTrace,
  scopes,
  variables,
  setVariable,
  evaluate,
  setExpression,
  completions,
  readMemory,
  writeMemory,
  disassemble,

  'pagewalk/roots': pagewalkRoots,
  'pagewalk/table': pagewalkTable,
  'pagewalk/map': pagewalkMap,
  'pagewalk/walk': pagewalkWalk,
  'pagewalk/events': pagewalkEvents,
  'pagewalk/csrs': pagewalkCsrs,
  'pagewalk/console/write': pagewalkConsoleWrite,
};
