/**
 * The jitter buffer of one utterance: decoded sound in, blocks for the sound card out. Pure: no clock, no audio API, no
 * port, so that the worklet around it holds no logic and `node --test` sees all of it.
 *
 *     filling ──► playing ──► over
 *        ▲           │
 *        └───────────┤ ran dry inside a sentence: an underrun, and the next start waits for more
 *     resting ◄──────┘ ran dry after a whole sentence: the writer pauses, nothing is wrong
 *
 * All counts are samples at 48 kHz, mono.
 */

export const SAMPLE_RATE_HZ = 48_000;
export const SAMPLES_PER_MS = SAMPLE_RATE_HZ / 1000;

/** Four packets: rides out the gateway's 40 ms quanta and a wireless network's usual jitter, and is not felt as a wait. */
export const START_MS = 80;
/** Every underrun doubles what the next start waits for, up to this: beyond it a longer wait is worse than a second hole. */
export const LARGEST_TARGET_MS = 640;
/** How fast an enlarged target shrinks while all goes well: an underrun's 80 ms are forgotten after 8 s of speech. */
export const DECAY_MS_PER_S = 10;
/** A start or a stop at once is a click; 5 ms is the shortest ramp that is not heard as one. */
export const FADE_MS = 5;
/** How often the position is reported while nothing changes: more often than a screen draws is of no use. */
export const REPORT_MS = 20;

const FADE = FADE_MS * SAMPLES_PER_MS;

export class PlaybackQueue {
  /**
   * @param {object} [options]
   * @param {number} [options.targetMs] sound to wait for before starting; what an earlier utterance learned of the network
   * @param {boolean} [options.isHeld] wait for `release()`: another utterance is still being played
   */
  constructor({ targetMs = START_MS, isHeld = false } = {}) {
    /** @type {"filling" | "playing" | "resting" | "stopping" | "over"} */
    this.state = "filling";
    this.playedSamples = 0;
    this.bufferedSamples = 0;
    this.underruns = 0;
    this._target = targetMs * SAMPLES_PER_MS;
    this._isHeld = isHeld;
    /** @type {Float32Array[]} */
    this._chunks = [];
    this._offset = 0; // samples of the first chunk that were played
    this._gain = 0; // 0 to 1, moved by 1/FADE a sample
    this._isWhole = false; // what has come so far ends a sentence
    this._isFinished = false; // nothing more will come
    this._sinceReport = Infinity;
    this._reportedState = "";
  }

  /** What the next start waits for, in milliseconds. */
  get targetMs() {
    return this._target / SAMPLES_PER_MS;
  }

  /** Whether running dry now would be no accident. */
  get isEndKnown() {
    return this._isWhole || this._isFinished;
  }

  /**
   * Obey what came through a port: the methods below, by name.
   *
   * @param {Order} order
   */
  obey(order) {
    if (order.do === "push") this.push(order.samples);
    else this[order.do]();
  }

  /**
   * Take sound; it is kept, not copied.
   *
   * @param {Float32Array} samples
   */
  push(samples) {
    if (samples.length === 0 || this._isDeaf) return;
    this._chunks.push(samples);
    this.bufferedSamples += samples.length;
    this._isWhole = false;
  }

  /** What has come so far ends a sentence: running dry after it means that the writer pauses. */
  endSegment() {
    this._isWhole = true;
  }

  /** Nothing more will come: play what is left, then be over. */
  finish() {
    this._isFinished = true;
    if (this.bufferedSamples === 0 && !this._isDeaf) this.state = "over";
  }

  /** Start when ready: nobody else is being played. */
  release() {
    this._isHeld = false;
  }

  /** Fall silent within `FADE_MS` and stay so, whatever still arrives. */
  stop() {
    if (this.state === "over") return;
    this.state = this._gain > 0 ? "stopping" : "over";
    if (this.state === "over") this._drop();
  }

  /**
   * Fill a block.
   *
   * @param {Float32Array} block every sample is written, with silence if there is no sound
   */
  read(block) {
    this._sinceReport += block.length;
    if (this._mayStart) this.state = "playing";
    const sounding = this._isSounding ? this._play(block) : 0;
    block.fill(0, sounding);
  }

  /**
   * What a listener's page must know, when it is due: after a change at once, else every `REPORT_MS`.
   *
   * @returns {import("./gateway_client.js").PlaybackReport | null}
   */
  takeReport() {
    if (this.state === this._reportedState && this._sinceReport < REPORT_MS * SAMPLES_PER_MS) return null;
    this._sinceReport = 0;
    this._reportedState = this.state;
    return {
      state: this.state,
      playedSamples: this.playedSamples,
      bufferedSamples: this.bufferedSamples,
      targetMs: this.targetMs,
      underruns: this.underruns,
    };
  }

  get _isSounding() {
    return this.state === "playing" || this.state === "stopping";
  }

  /** Stopped or over: sound that still arrives is dropped. */
  get _isDeaf() {
    return this.state === "stopping" || this.state === "over";
  }

  get _mayStart() {
    if (this._isHeld || this.bufferedSamples === 0) return false;
    if (this.state !== "filling" && this.state !== "resting") return false;
    return this.isEndKnown || this.bufferedSamples >= this._target;
  }

  /**
   * Play into the block until it is full or there is nothing left; returns how many samples were written.
   *
   * @param {Float32Array} block
   */
  _play(block) {
    let written = 0;
    while (written < block.length && this._isSounding) {
      const chunk = this._chunks[0];
      const n = Math.min(block.length - written, chunk.length - this._offset);
      for (let i = 0; i < n; i++) block[written + i] = chunk[this._offset + i] * this._nextGain(this.bufferedSamples - i);
      written += n;
      this._advance(n);
    }
    if (this.state === "playing") this._decay(written);
    return written;
  }

  /**
   * The gain of the next sample: rising after a start; falling while stopping, and while running dry inside a sentence, so
   * that it has fallen to nothing with the last sample there is.
   *
   * @param {number} left samples, this one included
   */
  _nextGain(left) {
    if (this.state === "stopping") {
      this._gain = Math.max(0, this._gain - 1 / FADE);
    } else {
      const ceiling = this.isEndKnown ? 1 : Math.min(1, (left - 1) / FADE);
      this._gain = Math.min(this._gain + 1 / FADE, ceiling);
    }
    return this._gain;
  }

  /** @param {number} n samples that were played */
  _advance(n) {
    this._offset += n;
    this.playedSamples += n;
    this.bufferedSamples -= n;
    if (this._offset === this._chunks[0].length) {
      this._chunks.shift();
      this._offset = 0;
    }
    if (this.state === "stopping") {
      if (this._gain === 0 || this.bufferedSamples === 0) this._drop();
    } else if (this.bufferedSamples === 0) {
      this._runDry();
    }
  }

  _runDry() {
    this._gain = 0;
    if (this._isFinished) {
      this.state = "over";
    } else if (this._isWhole) {
      this.state = "resting";
    } else {
      this.state = "filling";
      this.underruns += 1;
      this._target = Math.min(this._target * 2, LARGEST_TARGET_MS * SAMPLES_PER_MS);
    }
  }

  /** Shrink an enlarged target by the sound that went well. @param {number} samples */
  _decay(samples) {
    const smallest = START_MS * SAMPLES_PER_MS;
    if (this._target > smallest) this._target = Math.max(smallest, this._target - (samples * DECAY_MS_PER_S) / 1000);
  }

  _drop() {
    this.state = "over";
    this._chunks = [];
    this._offset = 0;
    this.bufferedSamples = 0;
    this._gain = 0;
  }
}

/** @typedef {{do: "push", samples: Float32Array<ArrayBuffer>} | {do: "endSegment" | "finish" | "release" | "stop"}} Order */
/** @typedef {{targetMs: number, isHeld: boolean}} QueueOptions what a `PlaybackQueue` begins with */
