/**
 * Opus packets to sound, by the browser's own WebCodecs: nothing third-party is shipped. Needs a secure context (https,
 * or localhost).
 */

import { SoundTrimmer } from "./audio_frames.js";
import { SAMPLES_PER_MS, SAMPLE_RATE_HZ } from "./playback_queue.js";

/** Opus always decodes at 48 kHz here, whatever was encoded: other rates are resampled differently in each browser. */
const CONFIG = Object.freeze({ codec: "opus", sampleRate: SAMPLE_RATE_HZ, numberOfChannels: 1 });

/** 20 ms of silence, mono, full band: configuration 31, one frame (RFC 6716, 3.1), as the gateway sends its packets. */
const SILENT_PACKET = Uint8Array.of(0xf8, 0xff, 0xfe);
const SILENT_SAMPLES = 20 * SAMPLES_PER_MS;
/** A decoder that has not answered one packet by then will not keep up with fifty a second. */
const PROBE_PATIENCE_MS = 2000;

/**
 * Find out whether raw Opus packets really decode here: browsers have claimed support and then failed on the first packet.
 *
 * @returns {Promise<boolean>}
 */
export async function canDecodeOpus() {
  if (!("AudioDecoder" in globalThis)) return false;
  let timer;
  const samples = new Promise((resolve, reject) => {
    const decoder = new AudioDecoder({ output: (sound) => resolve(copyOut(sound).length), error: reject });
    decoder.configure(CONFIG);
    decoder.decode(packetOf(SILENT_PACKET, 0));
    decoder.flush().then(() => decoder.close(), reject);
    timer = setTimeout(() => reject(new Error("no answer")), PROBE_PATIENCE_MS);
  });
  try {
    return (await samples) === SILENT_SAMPLES;
  } catch {
    return false; // why it cannot is of no use to the caller: it asks the gateway for PCM
  } finally {
    clearTimeout(timer);
  }
}

/** One context's decoder. Sound and marks come out in the order in which frames and marks went in. */
export class OpusDecoder {
  /**
   * @param {number} preskip from `context.started`
   * @param {(samples: Float32Array<ArrayBuffer>) => void} onSound 48 kHz mono, trimmed; its own buffer, so it may be transferred
   * @param {(error: Error) => void} onError the decoder is of no use any more
   */
  constructor(preskip, onSound, onError) {
    this._trimmer = new SoundTrimmer(preskip);
    this._onSound = onSound;
    /** @type {({left: number} | (() => void))[]} packets that are being decoded, and marks between them */
    this._inside = [];
    this._decoder = new AudioDecoder({ output: (sound) => this._decoded(sound), error: onError });
    this._decoder.configure(CONFIG);
    this._timestamp = 0;
  }

  /** @param {import("./gateway_client.js").AudioFrame} frame */
  decode(frame) {
    this.decodePacket(frame.payload, { left: frame.duration });
  }

  /**
   * @param {Uint8Array<ArrayBuffer>} packet
   * @param {{left: number}} frame the duration of its frame, which packets of one frame share
   */
  decodePacket(packet, frame) {
    this._inside.push(frame);
    this._decoder.decode(packetOf(packet, this._timestamp));
    this._timestamp += 1; // only told apart by it, never timed
  }

  /** Call back once everything before has come out. @param {() => void} callback */
  mark(callback) {
    this._inside.push(callback);
    this._passMarks();
  }

  close() {
    if (this._decoder.state !== "closed") this._decoder.close();
  }

  /** @param {AudioData} sound */
  _decoded(sound) {
    const frame = /** @type {{left: number}} */ (this._inside.shift());
    const samples = this._trimmer.cut(copyOut(sound), frame);
    if (samples.length > 0) this._onSound(samples.slice());
    this._passMarks();
  }

  _passMarks() {
    for (let first = this._inside[0]; typeof first === "function"; first = this._inside[0]) {
      this._inside.shift();
      first();
    }
  }
}

/** @param {Uint8Array<ArrayBuffer>} bytes @param {number} timestamp */
function packetOf(bytes, timestamp) {
  return new EncodedAudioChunk({ type: "key", timestamp, data: bytes });
}

/** @param {AudioData} sound freed here */
function copyOut(sound) {
  const samples = new Float32Array(sound.numberOfFrames);
  sound.copyTo(samples, { planeIndex: 0, format: "f32-planar" });
  sound.close();
  return samples;
}
