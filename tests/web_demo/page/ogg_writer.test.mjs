import assert from "node:assert/strict";
import { test } from "node:test";

import { packetsOf } from "../../../web_demo/client/ogg_decoder.js";
import { oggOpusFile } from "../../../web_demo/page/ogg_writer.js";

/** @param {Uint8Array<ArrayBuffer>} file */
function pagesOf(file) {
  const starts = [...file.keys()].filter((at) => new TextDecoder().decode(file.subarray(at, at + 4)) === "OggS");
  return starts.map((start, index) => file.subarray(start, starts[index + 1]));
}

/** Where a page says that the sound has come. @param {Uint8Array} page */
function granuleOf(page) {
  return Number(new DataView(page.buffer, page.byteOffset).getBigUint64(6, true));
}

test("each packet is a page, also if its length is a whole number of segments", () => {
  const packets = [0, 1, 254, 255, 256, 510].map((size, i) => ({ payload: new Uint8Array(size).fill(i), duration: 960 }));
  const [head, tags, ...pages] = pagesOf(oggOpusFile(packets, 312, 1e6));
  assert.equal(new TextDecoder().decode(packetsOf(head)[0].subarray(0, 8)), "OpusHead");
  assert.equal(new TextDecoder().decode(packetsOf(tags)[0].subarray(0, 8)), "OpusTags");
  assert.deepEqual(pages.map((page) => packetsOf(page)[0].length), [0, 1, 254, 255, 256, 510]);
  assert.deepEqual(pages.map(granuleOf), [960, 1920, 2880, 3840, 4800, 5760]);
  assert.deepEqual(pages.map((page) => page[5]), [0, 0, 0, 0, 0, 4]);
});

test("the last page ends where hearing ended", () => {
  const packets = [1, 2].map((size) => ({ payload: new Uint8Array(size), duration: 960 }));
  assert.equal(granuleOf(pagesOf(oggOpusFile(packets, 312, 1000)).at(-1) ?? new Uint8Array()), 1312);
});
