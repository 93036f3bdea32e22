/** 16-bit PCM frames to sound: for browsers without WebCodecs, and pages without https. The same shape as `OpusDecoder`. */

import { SoundTrimmer } from "./audio_frames.js";

const FULL_SCALE = 32_768;

export class PcmDecoder {
  /**
   * @param {number} preskip from `context.started`
   * @param {(samples: Float32Array<ArrayBuffer>) => void} onSound 48 kHz mono, if that is the rate that was asked for
   */
  constructor(preskip, onSound) {
    this._trimmer = new SoundTrimmer(preskip);
    this._onSound = onSound;
  }

  /** @param {import("./gateway_client.js").AudioFrame} frame */
  decode(frame) {
    const { payload } = frame;
    const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
    const samples = new Float32Array(payload.byteLength >> 1);
    for (let i = 0; i < samples.length; i++) samples[i] = view.getInt16(2 * i, true) / FULL_SCALE;
    const sound = this._trimmer.cut(samples, { left: frame.duration });
    if (sound.length > 0) this._onSound(sound);
  }

  /** Call back once everything before has come out, which is now. @param {() => void} callback */
  mark(callback) {
    callback();
  }

  close() {}
}
