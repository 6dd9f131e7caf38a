// What the adapter can do, as `initialize` answers it.

import type { DebugProtocol } from '@vscode/debugprotocol';
import { exceptionBreakpointFilters } from '../breakpoints/exception-filters.ts';

export function capabilities(): DebugProtocol.Capabilities {
  return {
    supportsConfigurationDoneRequest: true,
    supportsFunctionBreakpoints: true,
    supportsConditionalBreakpoints: true,
    supportsHitConditionalBreakpoints: true,
    supportsLogPoints: true,
    supportsInstructionBreakpoints: true,
    supportsDataBreakpoints: true,
    supportsDataBreakpointBytes: true,
    breakpointModes: [
      { mode: 'everywhere', label: 'Wherever it runs', appliesTo: ['source', 'instruction'] },
      { mode: 'virtual', label: 'At its virtual address only', appliesTo: ['source', 'instruction'] },
      {
        mode: 'physical',
        label: 'At its physical address, however it is mapped',
        appliesTo: ['source', 'instruction'],
      },
      { mode: 'access', label: 'Every access', appliesTo: ['data'] },
      { mode: 'change', label: 'Accesses that change it', appliesTo: ['data'] },
      { mode: 'translation', label: 'Changes of its mapping', appliesTo: ['data'] },
    ],
    supportsBreakpointLocationsRequest: true,
    supportsExceptionFilterOptions: true,
    supportsExceptionInfoRequest: true,
    exceptionBreakpointFilters: exceptionBreakpointFilters(),
    supportsSteppingGranularity: true,
    supportsDelayedStackTraceLoading: true,
    supportsEvaluateForHovers: true,
    supportsClipboardContext: true,
    supportsValueFormattingOptions: true,
    supportsSetVariable: true,
    supportsSetExpression: true,
    supportsCompletionsRequest: true,
    completionTriggerCharacters: ['.', '>', '$', '%'],
    supportsModulesRequest: true,
    supportsLoadedSourcesRequest: true,
    additionalModuleColumns: [
      { attributeName: 'loadRange', label: 'Loaded at', type: 'string', width: 30 },
      { attributeName: 'space', label: 'Space', type: 'string', width: 10 },
      { attributeName: 'slide', label: 'Moved by', type: 'string', width: 12 },
    ],
    supportsReadMemoryRequest: true,
    supportsWriteMemoryRequest: true,
    supportsDisassembleRequest: true,
    supportsGotoTargetsRequest: true,
    supportsRestartFrame: true,
    supportsANSIStyling: true,
    supportsRestartRequest: true,
    supportsTerminateRequest: true,
    supportTerminateDebuggee: true,
    supportsCancelRequest: true,
  };
}
