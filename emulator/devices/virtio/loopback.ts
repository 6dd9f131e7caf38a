// The network of `loopback`: one host at 10.0.2.2 that answers ARP, pings and every UDP datagram with itself; and frames
// that the guest sends to its own address come back as they are. Nothing leaves the machine.

import type { Neighbour } from './net.ts';

/** The guest's address, as QEMU's first card has it. */
export const guestMac = Uint8Array.of(0x52, 0x54, 0x00, 0x12, 0x34, 0x56);
const hostMac = Uint8Array.of(0x52, 0x55, 0x0a, 0x00, 0x02, 0x02);
const hostIp = Uint8Array.of(10, 0, 2, 2);

const etherType = { ipv4: 0x0800, arp: 0x0806 } as const;
const protocol = { icmp: 1, udp: 17 } as const;
const arp = { request: 1, reply: 2, at: 14, end: 42 } as const;
const ipAt = 14;
const shortestIp = 34;

export const loopback: Neighbour = (frame) => {
  if (frame.length < ipAt) return [];
  if (same(frame, 0, guestMac)) return [frame];
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  const type = view.getUint16(12);
  const answer =
    type === etherType.arp ? arpReply(frame, view) : type === etherType.ipv4 ? ipReply(frame, view) : undefined;
  return answer ? [answer] : [];
};

function arpReply(frame: Uint8Array, view: DataView): Uint8Array | undefined {
  const [operation, senderMac, senderIp, targetMac, targetIp] = [20, 22, 28, 32, 38];
  if (frame.length < arp.end || view.getUint16(operation) !== arp.request || !same(frame, targetIp, hostIp))
    return undefined;
  const reply = reversed(frame);
  reply[operation + 1] = arp.reply;
  reply.set(frame.subarray(senderMac, senderMac + 10), targetMac);
  reply.set(hostMac, senderMac);
  reply.set(hostIp, senderIp);
  return reply;
}

/** Source and destination change places, which leaves the checksums of IP and UDP as they were. */
function ipReply(frame: Uint8Array, view: DataView): Uint8Array | undefined {
  const [source, destination] = [26, 30];
  const fragmented = frame.length >= shortestIp && (view.getUint16(20) & 0x3fff) !== 0;
  if (frame.length < shortestIp || fragmented || !same(frame, destination, hostIp)) return undefined;
  const reply = reversed(frame);
  reply.set(frame.subarray(source, source + 4), destination);
  reply.set(hostIp, source);
  const payload = ipAt + 4 * (view.getUint8(ipAt) & 0x0f);
  if (payload + 8 > frame.length) return undefined;
  const kind = view.getUint8(23);
  if (kind === protocol.udp) {
    reply.set(frame.subarray(payload, payload + 2), payload + 2);
    reply.set(frame.subarray(payload + 2, payload + 4), payload);
    return reply;
  }
  return kind === protocol.icmp ? echoReply(reply, view, payload) : undefined;
}

/** Echo (type 8) becomes echo reply (type 0); the checksum grows by what the type shrinks (RFC 1624). */
function echoReply(reply: Uint8Array, view: DataView, at: number): Uint8Array | undefined {
  if (view.getUint16(at) !== 0x0800) return undefined;
  const sum = view.getUint16(at + 2) + 0x0800;
  const out = new DataView(reply.buffer);
  out.setUint16(at, 0);
  out.setUint16(at + 2, (sum & 0xffff) + (sum >> 16));
  return reply;
}

/** A copy on its way back, from the host. */
function reversed(frame: Uint8Array): Uint8Array {
  const reply = frame.slice();
  reply.set(frame.subarray(6, 12), 0);
  reply.set(hostMac, 6);
  return reply;
}

function same(bytes: Uint8Array, at: number, wanted: Uint8Array): boolean {
  return wanted.every((byte, index) => bytes[at + index] === byte);
}
