// A disassembly as text: symbols as labels, one line an instruction, with the source line that begins there.

import type { DebugProtocol } from '@vscode/debugprotocol';

/** Instructions that DAP's disassemble gave, those it could not read left out. */
export function listingLines(instructions: readonly DebugProtocol.DisassembledInstruction[]): string {
  const readable = instructions.filter((item) => item.presentationHint !== 'invalid');
  if (!readable.length) return 'Nothing can be read here: the address is not mapped, or nothing answers.\n';
  const lines: string[] = [];
  let place = '';
  for (const item of readable) {
    if (item.symbol && !item.symbol.includes('+')) lines.push('', `${item.symbol}:`);
    const source = item.location?.name && item.line ? `${item.location.name}:${item.line}` : place;
    const note = source === place ? '' : `# ${source}`;
    place = source;
    const bytes = (item.instructionBytes ?? '').replaceAll(' ', '');
    const code = `0x${BigInt(item.address).toString(16).padStart(16, '0')}: ${bytes.padEnd(9)} ${item.instruction}`;
    lines.push(note ? `${code.padEnd(70)} ${note}` : code);
  }
  return `${lines.join('\n').trimStart()}\n`;
}
