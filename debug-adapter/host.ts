// What the adapter asks of the machine it runs on. Everything else in this room is free of Node, so that the adapter
// can also live in a browser's worker.

import type { RegionCompiler, WritableSource } from '../emulator/index.ts';
import type { ByteSource } from '../emulator/loader/index.ts';

export interface Host {
  /** Opens a file for random access; a UserError naming the path when it cannot be read. */
  open(path: string): ByteSource;
  /** The same for reading and writing. */
  openWritable(path: string): WritableSource;
  exists(path: string): boolean;
  /** `path` itself when absolute, else seen from the folder `base`; normalised. */
  resolve(base: string, path: string): string;
  /** The folder of a path. */
  folder(path: string): string;
  /** A text that changes whenever the file does; undefined where there is none. */
  stamp(path: string): string | undefined;
  /** The names of the files in a folder, sorted; none where it cannot be read. */
  files(folder: string): readonly string[];
  /** Unpacks zlib and zstd (debug sections) and gzip (kernels), told apart by their headers; throws where they are damaged. */
  inflate(bytes: Uint8Array): Uint8Array;
  /** Makes WebAssembly of a machine's hot code on another thread; undefined where there is none. */
  regionCompiler(): RegionCompiler | undefined;
  /** The generated interpreter of that name, if it was made when the adapter was built. */
  interpreter(name: string): Uint8Array<ArrayBuffer> | undefined;
  /** Lets the event loop turn once, so that requests are heard between two slices. */
  breathe(): Promise<void>;
  /** Milliseconds from any beginning. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
  /** A line for the adapter's own log (bugs, malformed packets); never the wire. */
  log(text: string): void;
}
