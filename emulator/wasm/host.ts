// The few names of the WebAssembly JavaScript interface that are used, declared here so that no DOM or Node types are
// needed.

export interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

/** A table of functions. */
export interface WasmTable {
  set(index: number, value: unknown): void;
}

interface WebAssemblyInterface {
  readonly Table: new (limits: { element: 'anyfunc'; initial: number }) => WasmTable;
  readonly Memory: new (limits: { initial: number; maximum: number }) => WasmMemory;
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly validate: (bytes: Uint8Array<ArrayBuffer>) => boolean;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
}

declare const WebAssembly: WebAssemblyInterface;

/** A linear memory of a fixed number of 64 KiB pages. */
export function createMemory(pages: number): WasmMemory {
  return new WebAssembly.Memory({ initial: pages, maximum: pages });
}

/** A table of `size` empty places for functions. */
export function createTable(size: number): WasmTable {
  return new WebAssembly.Table({ element: 'anyfunc', initial: size });
}

/** A WebAssembly.Module. */
export function compile(bytes: Uint8Array<ArrayBuffer>): object {
  return new WebAssembly.Module(bytes);
}

/** Whether the host takes the module. */
export function isValid(bytes: Uint8Array<ArrayBuffer>): boolean {
  return WebAssembly.validate(bytes);
}

/** The module's exports; `imports` are the rest of `env`. */
export function link(
  module: object,
  memory: WasmMemory,
  imports: Readonly<Record<string, WasmTable | ((...args: never[]) => unknown)>>,
): object {
  return new WebAssembly.Instance(module, { env: { memory, ...imports } }).exports;
}
