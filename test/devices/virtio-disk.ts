// A disk of numbered sectors on virtio, and what a driver asks of it.

import { Disk, type DiskImage } from '../../emulator/devices/disk.ts';
import { VirtioBlock } from '../../emulator/devices/virtio/block.ts';
import { bytesSource } from '../../emulator/loader/index.ts';
import { TestDma } from './support.ts';
import { Driver } from './virtio-driver.ts';

export const sector = 512;

/** Sectors that differ, with the number of each in all its bytes. */
export function sectors(count: number): Uint8Array {
  return Uint8Array.from({ length: count * sector }, (_, index) => Math.floor(index / sector) + 1);
}

export function disk(image: DiskImage, reads: Uint8Array[] = []): Disk {
  return new Disk(image, (bytes) => reads.push(bytes));
}

export function block(image: DiskImage = { mode: 'cow', source: bytesSource('disk.img', sectors(16)) }) {
  const warnings: string[] = [];
  const driver = new Driver(new VirtioBlock(0, disk(image), (line) => warnings.push(line)));
  return { driver, warnings };
}

export const header = (type: number, at: number): Uint8Array => {
  const bytes = new DataView(new ArrayBuffer(16));
  bytes.setUint32(0, type, true);
  bytes.setBigUint64(8, BigInt(at), true);
  return new Uint8Array(bytes.buffer);
};
export const [IN, OUT, FLUSH, GET_ID, DISCARD, WRITE_ZEROES] = [0, 1, 4, 8, 11, 13] as const;
export const [OK, IOERR, UNSUPP] = [0, 1, 2] as const;

/** Makes a request of one data buffer; its status and the data. */
export function ask(driver: Driver, type: number, at: number, data: Uint8Array | number) {
  const [, buffer = TestDma.base, answer = TestDma.base] = driver.add(0, [header(type, at), data, 1]);
  driver.notify(0);
  const [used] = driver.used(0);
  const length = typeof data === 'number' ? data : 0;
  return { status: driver.dma.read(answer, 1)[0], data: driver.dma.read(buffer, length), used };
}
