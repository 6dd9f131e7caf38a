// Findings as SARIF 2.1.0, which code hosts and editors read.

import { hex64 } from '../../emulator/address.ts';
import { type Finding, lintRules } from './finding.ts';

export interface SarifContext {
  /** What was looked at: the kernel's file, and when. */
  readonly artifact: string;
  readonly version: string;
  /** Where a finding's object is in the source. */
  source(finding: Finding): { readonly path: string; readonly line: number } | undefined;
}

const levels = { error: 'error', warning: 'warning', note: 'note' } as const;

/** One run of the tool as a SARIF log. */
export function sarifOf(findings: readonly Finding[], { artifact, version, source }: SarifContext): object {
  const rules = Object.entries(lintRules);
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'pagewalk lint',
            version,
            rules: rules.map(([id, text]) => ({ id, shortDescription: { text } })),
          },
        },
        results: findings.map((finding) => {
          const at = source(finding);
          return {
            ruleId: finding.rule,
            ruleIndex: rules.findIndex(([id]) => id === finding.rule),
            level: levels[finding.severity],
            message: { text: finding.explained ? `${finding.text} By design: ${finding.explained}.` : finding.text },
            locations: [
              {
                physicalLocation: at
                  ? { artifactLocation: { uri: at.path }, region: { startLine: at.line } }
                  : { artifactLocation: { uri: artifact } },
                logicalLocations: [
                  { fullyQualifiedName: `${hex64(finding.va)}-${hex64(finding.vaEnd)}`, kind: 'memory' },
                  ...(finding.symbol ? [{ name: finding.symbol, kind: 'variable' }] : []),
                ],
              },
            ],
            partialFingerprints: { range: `${finding.rule}/${hex64(finding.va)}` },
            ...(finding.explained !== undefined && {
              suppressions: [{ kind: 'external', justification: finding.explained }],
            }),
          };
        }),
      },
    ],
  };
}
