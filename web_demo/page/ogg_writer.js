/** Puts Opus packets into an Ogg file (RFC 3533, RFC 7845), a packet to a page. Pure. */

const RATE_HZ = 48_000;
const FIRST_PAGE = 2;
const LAST_PAGE = 4;
const SERIAL = 0x5361796c; // any number will do for a file of one stream
const CHECKSUM_AT = 22;

/** Of the checksum: the polynomial 0x04c11db7, not reflected. */
const CHECKSUMS = Uint32Array.from({ length: 256 }, (_, byte) => {
  let sum = byte << 24;
  for (let bit = 0; bit < 8; bit += 1) sum = sum < 0 ? (sum << 1) ^ 0x04c11db7 : sum << 1;
  return sum >>> 0;
});

/**
 * @param {{payload: Uint8Array, duration: number}[]} packets with the 48 kHz samples that each holds, pre-skip included
 * @param {number} preskip 48 kHz samples at the start that are not sound
 * @param {number} soundSamples how much of the rest is to be heard
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function oggOpusFile(packets, preskip, soundSamples) {
  const pages = [page(headOf(preskip), 0, 0, FIRST_PAGE), page(tags(), 0, 1, 0)];
  let granule = 0;
  packets.forEach(({ payload, duration }, index) => {
    granule += duration;
    const isLast = index === packets.length - 1;
    pages.push(page(payload, isLast ? Math.min(granule, preskip + soundSamples) : granule, index + 2, isLast ? LAST_PAGE : 0));
  });
  return joined(pages);
}

/** @param {number} preskip */
function headOf(preskip) {
  const head = new Uint8Array(19);
  const view = new DataView(head.buffer);
  head.set(new TextEncoder().encode("OpusHead"));
  head.set([1, 1], 8); // the version, and one channel
  view.setUint16(10, preskip, true);
  view.setUint32(12, RATE_HZ, true);
  return head;
}

function tags() {
  const vendor = new TextEncoder().encode("Sayline");
  const tags = new Uint8Array(16 + vendor.length);
  tags.set(new TextEncoder().encode("OpusTags"));
  new DataView(tags.buffer).setUint32(8, vendor.length, true);
  tags.set(vendor, 12); // and no comments, whose number ends it
  return tags;
}

/** @param {Uint8Array} packet @param {number} granule @param {number} sequence @param {number} flags */
function page(packet, granule, sequence, flags) {
  const segments = Math.floor(packet.length / 255) + 1;
  const bytes = new Uint8Array(27 + segments + packet.length);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode("OggS"));
  bytes[5] = flags;
  view.setBigUint64(6, BigInt(granule), true);
  view.setUint32(14, SERIAL, true);
  view.setUint32(18, sequence, true);
  bytes[26] = segments;
  bytes.fill(255, 27, 26 + segments);
  bytes[26 + segments] = packet.length % 255;
  bytes.set(packet, 27 + segments);
  view.setUint32(CHECKSUM_AT, checksum(bytes), true);
  return bytes;
}

/** @param {Uint8Array} bytes */
function checksum(bytes) {
  return bytes.reduce((sum, byte) => ((sum << 8) ^ CHECKSUMS[(sum >>> 24) ^ byte]) >>> 0, 0);
}

/** @param {Uint8Array[]} parts */
export function joined(parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
