// What terminals expect of text that was meant for a serial line.

/** Gives every line feed its carriage return, as a terminal's output settings (ONLCR) would. */
export function forTerminal(text: string): string {
  return text.replace(/\r?\n/g, '\r\n');
}
