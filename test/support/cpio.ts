// Archives that Linux unpacks as its first file system (Documentation/driver-api/early-userspace/buffer-format.rst).

const encoder = new TextEncoder();

export interface ArchiveFile {
  readonly name: string;
  readonly bytes: Uint8Array | string;
  /** st_mode; default an executable file. */
  readonly mode?: number;
}

/** A "newc" archive; the kernel takes several, one behind the other. */
export function archive(files: readonly ArchiveFile[]): Uint8Array {
  const parts = [...files, { name: 'TRAILER!!!', bytes: '', mode: 0 }].flatMap(
    ({ name, bytes, mode = 0o100755 }, at) => {
      const content = typeof bytes === 'string' ? encoder.encode(bytes) : bytes;
      const fields = [at + 1, mode, 0, 0, 1, 0, content.length, 0, 0, 0, 0, name.length + 1, 0];
      const header = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}${name}\0`;
      return [padded(encoder.encode(header)), padded(content)];
    },
  );
  return joined(parts);
}

/** To a multiple of four bytes, which whatever comes behind it needs. */
export function padded(bytes: Uint8Array): Uint8Array {
  const whole = new Uint8Array((bytes.length + 3) & ~3);
  whole.set(bytes);
  return whole;
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
