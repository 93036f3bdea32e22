/**
 * The binary audio frame of `tts.v1`: a 16-byte little-endian header, then one packet (docs/PROTOCOL.md, audio frames),
 * and which part of a decoded packet is sound. No I/O.
 */

export const HEADER_BYTES = 16;
export const FRAME_VERSION = 1;

/** What the packet of a frame is. */
export const Codec = Object.freeze({
  OPUS: 1,
  PCM_S16LE: 2,
  OGG_PAGE: 3,
  MULAW: 4,
  ALAW: 5,
  PCM_F32LE: 6,
  MP3: 7,
  AAC: 8,
  FLAC: 9,
  WAV: 10,
});

/** What is special about a frame. */
export const Flags = Object.freeze({ FIRST_OF_CONTEXT: 1, LAST_OF_SEGMENT: 2, LAST_OF_CONTEXT: 4, DISCONTINUITY: 8 });

/** A binary message that is no frame of this version. */
export class BadFrame extends Error {}

/**
 * Read a frame.
 *
 * @param {ArrayBuffer} message
 * @returns {import("./gateway_client.js").AudioFrame} its payload is a view of the message, not a copy
 * @throws {BadFrame} too short, another version, or an unknown codec
 */
export function unpackFrame(message) {
  if (message.byteLength < HEADER_BYTES) {
    throw new BadFrame(`an audio frame has a ${HEADER_BYTES}-byte header; these are ${message.byteLength} bytes`);
  }
  const header = new DataView(message, 0, HEADER_BYTES);
  const version = header.getUint8(0);
  if (version !== FRAME_VERSION) throw new BadFrame(`audio frame version ${version}; this client reads ${FRAME_VERSION}`);
  const codec = header.getUint8(1);
  if (!isCodec(codec)) throw new BadFrame(`unknown codec ${codec} in an audio frame`);
  return {
    codec,
    channel: header.getUint16(2, true),
    sequence: header.getUint32(4, true),
    pts: header.getUint32(8, true),
    duration: header.getUint16(12, true),
    flags: header.getUint8(14),
    payload: new Uint8Array(message, HEADER_BYTES),
  };
}

/** @param {number} number @returns {number is import("./gateway_client.js").AudioFrame["codec"]} */
function isCodec(number) {
  return Object.values(Codec).some((each) => each === number);
}

/**
 * Cuts what a decoder puts out down to what is sound: the pre-skip at a context's start is not, and neither is what lies
 * beyond a frame's duration (the padding of the last packet). One for each context; all counts are 48 kHz samples.
 */
export class SoundTrimmer {
  /** @param {number} preskip from `context.started` */
  constructor(preskip) {
    this._skip = preskip;
  }

  /**
   * @param {Float32Array<ArrayBuffer>} samples what one packet decoded to
   * @param {{left: number}} frame how much of its frame's duration is left; several packets of an Ogg page share one
   * @returns {Float32Array<ArrayBuffer>} a view of the sound in `samples`; empty if there is none
   */
  cut(samples, frame) {
    const end = Math.min(samples.length, frame.left);
    frame.left -= end;
    const begin = Math.min(this._skip, end);
    this._skip -= begin;
    return samples.subarray(begin, end);
  }
}
