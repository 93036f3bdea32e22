/**
 * Where in an utterance the listener is at any instant of the audio clock. Pure: times are arguments.
 *
 * Reports say how much had been played when; they are ahead of the ear by the output's latency (or, if blocks are
 * scheduled, by the schedule), so the position of an instant is looked up among them, not taken from the newest.
 */

import { SAMPLES_PER_MS, SAMPLE_RATE_HZ } from "./playback_queue.js";

/** Reports come every 20 ms; 128 of them reach back further than any output's latency (Bluetooth: 300 ms). */
const KEPT_REPORTS = 128;

export class Playhead {
  constructor() {
    /** @type {Note[]} ascending in both */
    this._notes = [];
    this._isPlaying = false;
    this._bufferedSamples = 0;
  }

  /**
   * Take a report.
   *
   * @param {import("./gateway_client.js").TimedReport} report
   */
  note({ contextTime, playedSamples, bufferedSamples, state }) {
    this._notes.push({ contextTime, played: playedSamples });
    if (this._notes.length > KEPT_REPORTS) this._notes.shift();
    this._isPlaying = state === "playing";
    this._bufferedSamples = bufferedSamples;
  }

  /**
   * How much of the utterance has been heard, in milliseconds.
   *
   * @param {number} contextTime the instant, in seconds of the audio clock
   */
  heardMs(contextTime) {
    return this._heardSamples(contextTime) / SAMPLES_PER_MS;
  }

  /**
   * When the utterance's first sample is heard, in seconds of the audio clock; null before it is known.
   *
   * Blocks are short and a start is reported with its first block, so the first report with sound tells it.
   */
  get startedAt() {
    return this._startedAt ?? this._findStart();
  }

  _findStart() {
    const first = this._notes.find((note) => note.played > 0);
    if (first === undefined) return null;
    this._startedAt = first.contextTime - first.played / SAMPLE_RATE_HZ;
    return this._startedAt;
  }

  /** @param {number} contextTime */
  _heardSamples(contextTime) {
    const next = this._notes.findIndex((note) => note.contextTime >= contextTime);
    if (next === 0) return this._played(undefined, this._notes[0], contextTime);
    if (next > 0) return this._played(this._notes[next - 1], this._notes[next], contextTime);
    const last = this._notes.at(-1);
    if (last === undefined) return 0;
    if (!this._isPlaying) return last.played;
    // Beyond the newest report: the queue plays on, as long as it has something to play.
    return last.played + Math.min(this._bufferedSamples, (contextTime - last.contextTime) * SAMPLE_RATE_HZ);
  }

  /**
   * Between two reports: counted back from the later one, and never before the earlier.
   *
   * @param {Note | undefined} earlier
   * @param {Note} later
   * @param {number} contextTime
   */
  _played(earlier, later, contextTime) {
    return Math.max(earlier?.played ?? 0, later.played - (later.contextTime - contextTime) * SAMPLE_RATE_HZ);
  }
}

/** @typedef {{contextTime: number, played: number}} Note how many samples had been played at an instant */
