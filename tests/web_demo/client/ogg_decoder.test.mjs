import assert from "node:assert/strict";
import { test } from "node:test";

import { BadPage, packetsOf } from "../../../web_demo/client/ogg_decoder.js";

/**
 * A page as RFC 3533 lays it out: 26 bytes that do not matter here, the segment table, the packets.
 *
 * @param {number[]} lengths
 */
function page(...lengths) {
  const table = lengths.flatMap((length) => [...Array.from({ length: length / 255 }, () => 255), length % 255]);
  const body = lengths.flatMap((length, index) => Array.from({ length }, () => index + 1));
  return Uint8Array.of(...new TextEncoder().encode("OggS"), ...new Uint8Array(22), table.length, ...table, ...body);
}

test("packets are taken out of a page, whatever their length", () => {
  for (const lengths of [[], [3], [3, 4, 5], [254, 255, 256], [0, 7], [600]]) {
    const packets = packetsOf(page(...lengths));
    assert.deepEqual(packets.map((packet) => packet.length), lengths);
    packets.forEach((packet, index) => assert.ok(packet.every((byte) => byte === index + 1)));
  }
});

test("what is no page, or cut short, is said to be", () => {
  assert.throws(() => packetsOf(new Uint8Array(40)), BadPage);
  assert.throws(() => packetsOf(new Uint8Array(3)), BadPage);
  assert.throws(() => packetsOf(page(9).subarray(0, -1)), BadPage);
});
