// Between the paths in debug information and the files here.

import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Host } from '../host.ts';

export class SourcePaths {
  readonly #host: Host;
  /** Longest compile-time prefix first. */
  readonly #map: readonly (readonly [from: string, to: string])[];
  readonly #found = new Map<string, string | undefined>();

  constructor(host: Host, sourceMap: Readonly<Record<string, string>>, workFolder: string) {
    this.#host = host;
    this.#map = Object.entries(sourceMap)
      .map(([from, to]) => [trimmed(from), trimmed(host.resolve(workFolder, to))] as const)
      .sort(([a], [b]) => b.length - a.length);
  }

  /** The file here that `compiled` names, seen from the folder of its symbol file; undefined when there is none. */
  local(compiled: string, folder: string): string | undefined {
    const key = `${folder}\0${compiled}`;
    if (!this.#found.has(key)) this.#found.set(key, this.#find(compiled, folder));
    return this.#found.get(key);
  }

  #find(compiled: string, folder: string): string | undefined {
    const mapped = this.#map.find(([from]) => under(compiled, from));
    const wanted = mapped ? mapped[1] + compiled.slice(mapped[0].length) : compiled;
    const file = this.#host.resolve(folder, wanted);
    return this.#host.exists(file) ? file : undefined;
  }

  /** What debug information may call the file `local`: itself, and each compile-time name that the map gives it. */
  compiled(local: string): string[] {
    const path = local.replaceAll('\\', '/');
    const names = this.#map.filter(([, to]) => under(path, to)).map(([from, to]) => from + path.slice(to.length));
    return [...names, path];
  }

  /** A DAP source for a compiled path; undefined when the file is not here, so that clients show the disassembly. */
  source(compiled: string, folder: string): DebugProtocol.Source | undefined {
    const path = this.local(compiled, folder);
    return path === undefined ? undefined : { name: path.slice(path.search(/[^/\\]*$/)), path };
  }
}

function trimmed(path: string): string {
  return path.replaceAll('\\', '/').replace(/\/+$/, '');
}

function under(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
