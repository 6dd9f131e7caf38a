// Where in linear memory lies what depends on RAM and harts; layout.ts tells of the rest.

import { decodedPageBytes, hartBytes, hartsAt } from './layout.ts';

/** Where things are whose size depends on RAM and harts. Generated code finds them through `shared`. */
export interface Regions {
  readonly frames: number;
  readonly code: number;
  /** PMP tables, one after the other: `ramPages` bytes for each hart. */
  readonly pmp: number;
  readonly decoded: number;
  readonly decodedPages: number;
  readonly ram: number;
  /** All of it, in 64 KiB WebAssembly pages. */
  readonly wasmPages: number;
  /** 4 KiB frames that fit. */
  readonly frameCount: number;
  /** They are fewer than the pages of RAM. */
  readonly sparse: boolean;
}

const WASM_PAGE = 65536;
const MAX_BYTES = 65536 * WASM_PAGE;

/** Lays out linear memory for `ramPages` guest pages of 4 KiB and `harts` harts. */
export function layOut(ramPages: number, harts: number): Regions {
  const align = (value: number) => Math.ceil(value / 4096) * 4096;
  const decodedPages = 3072;
  const frames = align(hartsAt + harts * hartBytes);
  const code = align(frames + ramPages * 4);
  const pmp = align(code + ramPages * 4);
  const decoded = align(pmp + ramPages * harts);
  const ram = align(decoded + decodedPages * decodedPageBytes);
  const end = Math.min(ram + ramPages * 4096, MAX_BYTES);
  const wasmPages = Math.ceil(end / WASM_PAGE);
  const frameCount = Math.floor((end - ram) / 4096);
  return {
    frames,
    code,
    pmp,
    decoded,
    decodedPages,
    ram,
    wasmPages,
    frameCount,
    sparse: frameCount < ramPages,
  };
}
