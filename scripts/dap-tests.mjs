// Which test shows a request, an event or a capability: the first one whose body uses it.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

const folder = path.join('test', 'adapter');

function filesIn(directory) {
  return readdirSync(directory)
    .sort()
    .flatMap((name) => {
      const file = path.join(directory, name);
      if (statSync(file).isDirectory()) return filesIn(file);
      return name.endsWith('.test.ts') ? [file] : [];
    });
}

const files = filesIn(folder).map((file) => {
  const text = readFileSync(file, 'utf8');
  const titles = [...text.matchAll(/\btest\(\s*(['"`])((?:\\.|(?!\1)[^\\])*)\1/gs)].map((match) => ({
    at: match.index,
    title: match[2].replace(/\\(.)/g, '$1').replace(/\$\{[^}]*\}/g, '…'),
  }));
  return { file, text, titles };
});

/** `test/adapter/goto.test.ts: sets pc to …`; undefined where no test matches. */
export function testOf(pattern) {
  const uses = files.flatMap(({ file, text, titles }) =>
    [...text.matchAll(new RegExp(pattern.source, 'g'))].map(({ index }) => {
      const title = titles.filter(({ at }) => at < index).at(-1)?.title;
      // Above all tests: a helper of theirs.
      return { file, title: title ?? titles[0]?.title, helper: title === undefined };
    }),
  );
  return uses.find(({ helper }) => !helper) ?? uses.find(({ title }) => title);
}

const literal = (name) => name.replace(/[/.]/g, '\\$&');

/** The tests' client sends some requests under other names. */
const wrapped = { disconnect: /\.close\(\)/, evaluate: /\.(evaluate|value)\(/ };

export const requestPattern = (name) => wrapped[name] ?? new RegExp(`'${literal(name)}'`);
export const eventPattern = (name) => new RegExp(`(events?\\(\\s*|event === )'${name}'`);

/** What shows a capability: the request that it announces, or the argument that it allows. */
const shownBy = {
  supportsConfigurationDoneRequest: requestPattern('configurationDone'),
  supportsFunctionBreakpoints: requestPattern('setFunctionBreakpoints'),
  supportsConditionalBreakpoints: /condition: '/,
  supportsHitConditionalBreakpoints: /hitCondition/,
  supportsLogPoints: /logMessage/,
  supportsInstructionBreakpoints: requestPattern('setInstructionBreakpoints'),
  supportsDataBreakpoints: requestPattern('setDataBreakpoints'),
  supportsDataBreakpointBytes: /bytes: -?\d/,
  breakpointModes: /\bmode[ }:]/,
  supportsBreakpointLocationsRequest: requestPattern('breakpointLocations'),
  supportsExceptionFilterOptions: /filterOptions/,
  supportsExceptionInfoRequest: requestPattern('exceptionInfo'),
  exceptionBreakpointFilters: /exceptionBreakpointFilters/,
  supportsSteppingGranularity: /granularity/,
  supportsDelayedStackTraceLoading: /startFrame/,
  supportsEvaluateForHovers: /'hover'/,
  supportsClipboardContext: /'clipboard'/,
  supportsValueFormattingOptions: /hex: true/,
  supportsSetVariable: requestPattern('setVariable'),
  supportsSetExpression: requestPattern('setExpression'),
  supportsCompletionsRequest: requestPattern('completions'),
  completionTriggerCharacters: requestPattern('completions'),
  supportsModulesRequest: requestPattern('modules'),
  additionalModuleColumns: /loadRange/,
  supportsLoadedSourcesRequest: requestPattern('loadedSources'),
  supportsGotoTargetsRequest: requestPattern('gotoTargets'),
  supportsRestartFrame: requestPattern('restartFrame'),
  supportsReadMemoryRequest: requestPattern('readMemory'),
  supportsWriteMemoryRequest: requestPattern('writeMemory'),
  supportsDisassembleRequest: requestPattern('disassemble'),
  supportsRestartRequest: requestPattern('restart'),
  supportsTerminateRequest: requestPattern('terminate'),
  supportTerminateDebuggee: requestPattern('disconnect'),
  supportsCancelRequest: requestPattern('cancel'),
  supportsANSIStyling: /\\x1b|\\u001b/,
};

export const capabilityPattern = (name) => shownBy[name];
