/**
 * One utterance on the sound card by scheduled buffer sources: for pages without https, where browsers have no worklets.
 * The same queue as in the worklet, read a little ahead of time on the page's own thread.
 */

import { FADE_MS, PlaybackQueue, SAMPLE_RATE_HZ } from "./playback_queue.js";

const BLOCK_S = 0.02;
/** How far ahead blocks are scheduled: a page may be busy for so long without a hole. */
const AHEAD_S = 0.2;
/** With less than this scheduled, what comes next is read even if it is silence: later would be too late. */
const LAST_MOMENT_S = 2 * BLOCK_S;
const FADE_S = FADE_MS / 1000;

export class ScheduledOutput {
  /**
   * @param {AudioContext} context
   * @param {AudioNode} destination
   * @param {import("./playback_queue.js").QueueOptions} options
   * @param {(report: import("./gateway_client.js").TimedReport) => void} onReport
   */
  constructor(context, destination, options, onReport) {
    this._context = context;
    this._queue = new PlaybackQueue(options);
    this._onReport = onReport;
    this._gain = new GainNode(context);
    this._gain.connect(destination);
    this._until = 0; // the audio clock's time up to which blocks are scheduled
    /** @type {Set<AudioBufferSourceNode>} */
    this._sources = new Set();
    /** The last report, kept until the last block has ended. @type {import("./gateway_client.js").TimedReport | null} */
    this._farewell = null;
  }

  /** Give an order to the queue. @param {import("./playback_queue.js").Order} order */
  order(order) {
    this._queue.obey(order);
    if (order.do === "stop") this._silence();
    this._schedule();
  }

  disconnect() {
    for (const source of this._sources) source.onended = null;
    this._gain.disconnect();
  }

  /** Read as many blocks as it is time for; the end of each block asks for the next. */
  _schedule() {
    while (this._isTimeForMore()) {
      const startAt = Math.max(this._until, this._context.currentTime);
      const buffer = new AudioBuffer({ length: BLOCK_S * SAMPLE_RATE_HZ, sampleRate: SAMPLE_RATE_HZ });
      this._queue.read(buffer.getChannelData(0));
      this._until = startAt + BLOCK_S;
      this._start(buffer, startAt);
      this._report(this._until);
      if (this._queue.state !== "playing") return; // whatever makes it play is an order, and comes through here
    }
  }

  _isTimeForMore() {
    if (this._queue.state === "over") return false;
    const scheduledS = this._until - this._context.currentTime;
    const isSure = this._queue.isEndKnown || this._queue.bufferedSamples >= (BLOCK_S + FADE_S) * SAMPLE_RATE_HZ;
    return scheduledS < (isSure ? AHEAD_S : LAST_MOMENT_S);
  }

  /** @param {AudioBuffer} buffer @param {number} at in seconds of the audio clock */
  _start(buffer, at) {
    const source = new AudioBufferSourceNode(this._context, { buffer });
    source.connect(this._gain);
    source.start(at);
    this._sources.add(source);
    source.onended = () => {
      this._sources.delete(source);
      if (this._farewell && this._sources.size === 0) this._onReport(this._farewell);
      else this._schedule();
    };
  }

  /**
   * Tell at once what is scheduled, but that it is over only when the last block has ended: then this output is let go.
   *
   * @param {number} contextTime
   */
  _report(contextTime) {
    const report = this._queue.takeReport();
    if (report === null) return;
    if (report.state === "over" && this._sources.size > 0) this._farewell = { ...report, contextTime };
    else this._onReport({ ...report, contextTime });
  }

  /** What is scheduled cannot be taken back; it is faded out. */
  _silence() {
    const now = this._context.currentTime;
    this._gain.gain.setValueAtTime(1, now);
    this._gain.gain.linearRampToValueAtTime(0, now + FADE_S);
    for (const source of this._sources) source.stop(now + FADE_S);
    this._queue.read(new Float32Array(BLOCK_S * SAMPLE_RATE_HZ)); // its own fade; nobody hears it
    this._report(now + FADE_S);
  }
}
