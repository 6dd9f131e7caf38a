// The results of a check, as text, JSON, TAP or JUnit.

export interface CheckLine {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly text: string;
  readonly point: string;
  /** Where several were tried. */
  readonly mode?: string;
  readonly state: 'passed' | 'failed' | 'skipped';
  readonly message?: string;
  readonly expected?: string;
  readonly actual?: string;
}

export const checkFormats = ['text', 'json', 'tap', 'junit'] as const;

export function report(lines: readonly CheckLine[], format: (typeof checkFormats)[number]): void {
  const write = { text: textOf, json: jsonOf, tap: tapOf, junit: junitOf }[format];
  process.stdout.write(write(lines));
}

const nameOf = ({ text, point, mode }: CheckLine) => `${text} at ${point}${mode ? ` in ${mode}` : ''}`;
const count = (lines: readonly CheckLine[], state: CheckLine['state']) =>
  lines.filter((line) => line.state === state).length;

function textOf(lines: readonly CheckLine[]): string {
  const out = lines.map((line) => {
    const why = line.message === undefined ? '' : `: ${line.message}`;
    return `${line.file}:${line.line}:${line.column}: ${line.state}: ${nameOf(line)}${why}`;
  });
  out.push(`${count(lines, 'passed')} passed, ${count(lines, 'failed')} failed, ${count(lines, 'skipped')} skipped`);
  return `${out.join('\n')}\n`;
}

const jsonOf = (lines: readonly CheckLine[]) => lines.map((line) => `${JSON.stringify(line)}\n`).join('');

/** Test Anything Protocol 14. */
function tapOf(lines: readonly CheckLine[]): string {
  const out = ['TAP version 14', `1..${lines.length}`];
  for (const [index, line] of lines.entries()) {
    const skip = line.state === 'skipped' ? ` # SKIP ${line.message ?? ''}` : '';
    out.push(
      `${line.state === 'failed' ? 'not ok' : 'ok'} ${index + 1} - ${nameOf(line).replaceAll('#', '\\#')}${skip}`,
    );
    if (line.state === 'failed') {
      out.push('  ---', `  message: ${JSON.stringify(line.message ?? '')}`);
      out.push(`  at: ${JSON.stringify(`${line.file}:${line.line}:${line.column}`)}`, '  ...');
    }
  }
  return `${out.join('\n')}\n`;
}

function junitOf(lines: readonly CheckLine[]): string {
  const escaped = (text: string) =>
    text.replace(/[<>&"]/g, (letter) => ({ '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;' })[letter] ?? '');
  const cases = lines.map((line) => {
    const open = `    <testcase name="${escaped(nameOf(line))}" classname="${escaped(line.file)}" file="${escaped(line.file)}" line="${line.line}"`;
    if (line.state === 'passed') return `${open}/>`;
    const what = line.state === 'failed' ? 'failure' : 'skipped';
    return `${open}>\n      <${what} message="${escaped(line.message ?? '')}"/>\n    </testcase>`;
  });
  const totals = `tests="${lines.length}" failures="${count(lines, 'failed')}" skipped="${count(lines, 'skipped')}"`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n  <testsuite name="pagewalk check" ${totals}>\n${cases.join('\n')}\n  </testsuite>\n</testsuites>\n`;
}
