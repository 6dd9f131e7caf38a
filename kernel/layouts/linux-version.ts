// Versions of Linux, as its banner has them.

export interface LinuxVersion {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

/** The version in `Linux version 6.12.107+deb13-riscv64 (…`; undefined when the text is no such banner. */
export function versionIn(banner: string): LinuxVersion | undefined {
  const match = /^Linux version (\d+)\.(\d+)(?:\.(\d+))?/.exec(banner);
  if (!match) return undefined;
  return { major: Number(match[1]), minor: Number(match[2]), patch: Number(match[3] ?? 0) };
}

export function isBefore(version: LinuxVersion, major: number, minor: number): boolean {
  return version.major < major || (version.major === major && version.minor < minor);
}

/** `6.12.107`. */
export function versionText({ major, minor, patch }: LinuxVersion): string {
  return `${major}.${minor}.${patch}`;
}
