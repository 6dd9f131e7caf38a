// The lamp of the status bar: which translation is in force, and why not the one that satp names.

import type { InForceBody } from '../debug-adapter/protocol/requests.ts';
import { plain } from './language/translation.ts';

export interface Lamp {
  readonly text: string;
  /** Markdown. */
  readonly tooltip: string;
  /** satp is set and nothing is translated: what is on paper is not what happens. */
  readonly warns: boolean;
}

/** `thread` names the hart as the call stack does, `hart 0 · S · Sv39 root pa:0x80210000`; `others` are all of them. */
export function lampOf(body: InForceBody, thread: string, others: readonly string[]): Lamp {
  const dark = body.lamp === 'not-in-force';
  const icon = {
    off: '$(circle-outline)',
    on: '$(circle-filled)',
    partly: '$(color-mode)',
    'not-in-force': '$(warning)',
  };
  const text = body.lamp === 'off' || body.lamp === 'on' ? thread : `hart ${body.hart} · ${body.text}`;
  const accesses = (['fetch', 'load', 'store'] as const).map((access) => {
    const { translated, text: how } = body[access];
    return `| ${access} | ${translated ? '$(check)' : '$(dash)'} ${plain(how)} |`;
  });
  const parts = [
    `**Hart ${body.hart}, ${plain(body.privilege)}**: satp is ${plain(body.satp)}`,
    ['| access | translated by |', '|---|---|', ...accesses].join('\n'),
    body.details.map((line) => `- ${plain(line)}`).join('\n'),
  ];
  if (others.length > 1) parts.push(others.map((name) => `- ${plain(name)}`).join('\n'));
  return { text: `${icon[body.lamp]} ${text}`, tooltip: parts.filter(Boolean).join('\n\n'), warns: dark };
}
