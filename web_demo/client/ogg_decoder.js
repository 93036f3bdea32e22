/**
 * Ogg Opus pages to sound: takes the packets out of each page (RFC 3533) for the Opus decoder. The gateway sends one whole
 * page a frame; a packet may not be cut between pages, and the gateway never does.
 */

import { OpusDecoder } from "./opus_decoder.js";

const CAPTURE = 0x4f676753; // "OggS"
const SEGMENT_COUNT_AT = 26;
const SEGMENT_TABLE_AT = 27;
const FULL_SEGMENT = 255;

/** A frame that holds no Ogg page. */
export class BadPage extends Error {}

/**
 * Take a page apart.
 *
 * @param {Uint8Array<ArrayBuffer>} page
 * @returns {Uint8Array<ArrayBuffer>[]} its packets, views of the page
 * @throws {BadPage}
 */
export function packetsOf(page) {
  const header = new DataView(page.buffer, page.byteOffset, page.byteLength);
  if (page.byteLength < SEGMENT_TABLE_AT || header.getUint32(0) !== CAPTURE) throw new BadPage("this is no Ogg page");
  const segments = page.subarray(SEGMENT_TABLE_AT, SEGMENT_TABLE_AT + page[SEGMENT_COUNT_AT]);
  const packets = [];
  let start = SEGMENT_TABLE_AT + segments.length;
  let end = start;
  for (const length of segments) {
    end += length;
    if (length === FULL_SEGMENT) continue; // the packet goes on in the next segment
    packets.push(page.subarray(start, end));
    start = end;
  }
  if (start > page.byteLength) throw new BadPage("an Ogg page is cut short");
  return packets;
}

/** One context's decoder. */
export class OggDecoder extends OpusDecoder {
  /** @override @param {import("./gateway_client.js").AudioFrame} frame header pages have duration 0 and hold no sound */
  decode(frame) {
    if (frame.duration === 0) return;
    const left = { left: frame.duration };
    for (const packet of packetsOf(frame.payload)) this.decodePacket(packet, left);
  }
}
