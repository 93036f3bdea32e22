/**
 * Makes one speech out of several contexts, one on each of successive connections. Pure; the twin of
 * gateway/client/splice.py.
 *
 * Each context counts from zero: characters, milliseconds, segments, frames. The page sees counts that go on:
 *
 *     first connection     | seg 0 | seg 1 ...x  lost: up to here it was received
 *     next connection                        | seg 0 | seg 1 |
 *     what the page sees   | seg 0 | seg 1   | seg 2 | seg 3 |
 */

import { Flags } from "./audio_frames.js";

const SAMPLES_PER_MS = 48;
/** Messages round times to whole milliseconds, durations of frames do not. */
const ROUNDING_MS = 1;

export class Splice {
  /** @param {import("./spoken_text.js").SpokenText} spoken the speech's */
  constructor(spoken) {
    this._spoken = spoken;
    // Where the present context's counts begin in those of the speech.
    this._codePoints = 0;
    this._ms = 0;
    this._segments = 0;
    this._pts = 0;
    this._frames = 0;
    // Of the present context alone.
    this._contextSamples = 0;
    this._contextFrames = 0;
    this._preskip = 0;
  }

  /** How much sound of the whole speech has come. */
  get receivedMs() {
    return this._ms + Math.max(0, this._contextSamples - this._preskip) / SAMPLES_PER_MS;
  }

  /** Where the present context's text begins, as an offset for `String.slice`. */
  get textStart() {
    return this._spoken.utf16(this._codePoints);
  }

  /** A context begins. @param {number} preskip */
  begin(preskip) {
    this._preskip = preskip;
  }

  /** How much of the present context was heard, by how much of the speech was. @param {number} playedMs */
  contextPlayedMs(playedMs) {
    return Math.max(0, playedMs - this._ms);
  }

  /** A frame in the speech's counts. @param {import("./gateway_client.js").AudioFrame} frame */
  frame(frame) {
    const isFirstAgain = this._frames > 0 && this._contextFrames === 0;
    const flags = isFirstAgain ? (frame.flags & ~Flags.FIRST_OF_CONTEXT) | Flags.DISCONTINUITY : frame.flags;
    this._contextSamples += frame.duration;
    this._contextFrames += 1;
    return { ...frame, sequence: this._frames + frame.sequence, pts: this._pts + frame.pts, flags };
  }

  /** A `segment` message in the speech's counts. @template {import("./gateway_client.js").SegmentMessage} M @param {M} message @returns {M} */
  segment(message) {
    return {
      ...message,
      segment_id: this._segments + message.segment_id,
      char_start: this._codePoints + message.char_start,
      char_end: this._codePoints + message.char_end,
      start_ms: Math.round(this._ms + message.start_ms),
    };
  }

  /** A `words` message in the speech's counts. @template {import("./gateway_client.js").WordsMessage} M @param {M} message @returns {M} */
  words(message) {
    const words = message.words.map((word) => ({
      ...word,
      start_ms: Math.round(this._ms + word.start_ms),
      end_ms: Math.round(this._ms + word.end_ms),
    }));
    return { ...message, segment_id: this._segments + message.segment_id, words };
  }

  /** A `segment.done` message in the speech's counts. @template {{segment_id: number, end_ms: number}} M @param {M} message @returns {M} */
  segmentDone(message) {
    return { ...message, segment_id: this._segments + message.segment_id, end_ms: Math.round(this._ms + message.end_ms) };
  }

  /** A `context.done` message in the speech's counts. @template {import("./gateway_client.js").SpeechDone} M @param {M} message @returns {M} */
  done(message) {
    const before = this._spoken.text.slice(0, this.textStart);
    return { ...message, audio_ms: Math.round(this._ms + message.audio_ms), text_spoken: before + message.text_spoken };
  }

  /**
   * End the present context: its connection is gone. The next context begins at the first word whose sound has not come
   * whole, which `textStart` names from now on.
   *
   * @returns {{segment_id: number, end_ms: number}[]} the ends of the segments that were cut off
   */
  cut() {
    const receivedMs = this.receivedMs;
    const heard = Math.max(this.textStart, this._spoken.at(receivedMs + ROUNDING_MS).heard);
    this._codePoints = [...this._spoken.text.slice(0, heard)].length;
    const ends = this._spoken.cut(heard, receivedMs);
    this._ms = receivedMs;
    this._segments = this._spoken.segments.length;
    this._pts += this._contextSamples;
    this._frames += this._contextFrames;
    this._contextSamples = this._contextFrames = this._preskip = 0;
    return ends;
  }
}
