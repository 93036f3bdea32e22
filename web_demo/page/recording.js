/** Keeps what came of a speech, so that a visitor can save what was heard of it. */

import { SAMPLES_PER_MS } from "../client/playback_queue.js";
import { joined, oggOpusFile } from "./ogg_writer.js";

const PCM_BYTES = 2;

export class Recording {
  /** @param {import("../client/gateway_client.js").Speech} speech */
  constructor(speech) {
    /** @type {import("../client/gateway_client.js").ContextStarted | null} */
    this._started = null;
    /** @type {import("../client/gateway_client.js").AudioFrame[]} */
    this._frames = [];
    speech.addEventListener("context.started", ({ detail }) => (this._started ??= detail));
    speech.addEventListener("audio", ({ detail }) => this._frames.push(detail));
  }

  /**
   * A file of what was heard; null if nothing was.
   *
   * @param {number} heardMs
   * @returns {{suffix: string, type: string, bytes: Uint8Array<ArrayBuffer>} | null}
   */
  file(heardMs) {
    if (this._started === null || heardMs <= 0) return null;
    const { format, preskip, sample_rate } = this._started;
    const samples = Math.round(heardMs * SAMPLES_PER_MS);
    const frames = this._frames.filter(({ pts }) => pts < preskip + samples);
    if (format === "opus") return ogg(oggOpusFile(frames, preskip, samples));
    if (format === "ogg_opus") return ogg(joined(frames.map(({ payload }) => payload))); // whole pages of a file
    const sound = joined(frames.map(({ payload }) => payload));
    const heardBytes = Math.round((heardMs / 1000) * sample_rate) * PCM_BYTES;
    return { suffix: "wav", type: "audio/wav", bytes: wavFile(sound.subarray(0, heardBytes), sample_rate) };
  }
}

/** @param {Uint8Array<ArrayBuffer>} bytes */
function ogg(bytes) {
  return { suffix: "ogg", type: "audio/ogg", bytes };
}

/** @param {Uint8Array} sound one channel of 16-bit samples @param {number} rate in hertz */
export function wavFile(sound, rate) {
  const header = new DataView(new ArrayBuffer(44));
  const text = (/** @type {number} */ at, /** @type {string} */ name) =>
    new Uint8Array(header.buffer).set(new TextEncoder().encode(name), at);
  text(0, "RIFF");
  header.setUint32(4, 36 + sound.length, true);
  text(8, "WAVEfmt ");
  header.setUint32(16, 16, true); // bytes of the format that follows
  header.setUint16(20, 1, true); // PCM
  header.setUint16(22, 1, true); // channels
  header.setUint32(24, rate, true);
  header.setUint32(28, rate * PCM_BYTES, true);
  header.setUint16(32, PCM_BYTES, true);
  header.setUint16(34, 8 * PCM_BYTES, true);
  text(36, "data");
  header.setUint32(40, sound.length, true);
  return joined([new Uint8Array(header.buffer), sound]);
}
