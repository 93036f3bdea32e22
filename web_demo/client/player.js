/**
 * Plays speeches: decoder, jitter buffer, sound card, and the reports that let the gateway go on.
 *
 * One `AudioContext` for the page, one output node for each utterance: what was interrupted cannot come back, because its
 * node is gone. Speeches are heard one after the other, in the order in which `play` was called.
 */

import { DECODERS, canDecodeOpus } from "./decoders.js";
import { Playhead } from "./playhead.js";
import { SAMPLES_PER_MS, SAMPLE_RATE_HZ, START_MS } from "./playback_queue.js";
import { ScheduledOutput } from "./scheduled_output.js";
import { WorkletOutput, loadWorklet } from "./worklet_output.js";

/** What docs/PROTOCOL.md asks for. */
const REPORT_EVERY_MS = 250;

export class Player extends EventTarget {
  constructor() {
    super();
    /** @type {AudioContext | null} */
    this.context = null;
    /** What is heard, for a page that draws it; null before `prepare`. @type {AnalyserNode | null} */
    this.analyser = null;
    /** The sound card once it is awake and the worklet was tried. @type {Promise<SoundCard>} */
    this._awake = new Promise((resolve) => (this._wake = resolve));
    /** @type {Promise<boolean> | null} whether the worklet was loaded; null before it was tried, and after it failed */
    this._loading = null;
    this._failures = 0;
    /** @type {Track[]} not over, in the order in which they are heard */
    this._tracks = [];
    this._targetMs = START_MS; // what the last utterance learned of the network
  }

  /** Whether the page may use what only secure contexts have; without it PCM is played from scheduled buffers. */
  static get hasWorklets() {
    return globalThis.isSecureContext && "AudioWorkletNode" in globalThis;
  }

  /**
   * What to ask the gateway for in this browser: give it to `new GatewayClient`.
   *
   * @returns {Promise<import("./gateway_client.js").SessionOptions>}
   */
  static async bestSession() {
    return (await canDecodeOpus()) ? { format: "opus" } : PCM_SESSION;
  }

  /**
   * Wake the sound card. To be called inside a click or a key press, or browsers keep the page silent; before the first
   * speech it saves that one some milliseconds.
   *
   * @returns {Promise<void>}
   */
  prepare() {
    if (this.context === null) {
      const context = new AudioContext({ sampleRate: SAMPLE_RATE_HZ, latencyHint: "interactive" });
      const analyser = new AnalyserNode(context, { fftSize: 2048, smoothingTimeConstant: 0.6 });
      analyser.connect(context.destination);
      this._wake(this._hasWorklet(context).then(() => ({ context, analyser })));
      this.context = context;
      this.analyser = analyser;
    }
    if (this.context.state !== "running") void this.context.resume(); // pending until the browser lets the page sound
    return this._awake.then(() => {});
  }

  /**
   * Play a speech, after those that are being played.
   *
   * @param {import("./gateway_client.js").Speech} speech
   */
  play(speech) {
    const track = new Track(this, speech, { targetMs: this._targetMs, isHeld: this._tracks.length > 0 });
    this._tracks.push(track);
    return track;
  }

  /** The instant that is heard now, on the audio clock, in seconds. */
  get heardTime() {
    return this._timeAt(performance.now());
  }

  /** When an instant of the audio clock is heard, on `performance.now()`'s clock. @param {number} contextTime in seconds */
  performanceTimeOf(contextTime) {
    const now = performance.now();
    return now + (contextTime - this._timeAt(now)) * 1000;
  }

  /** @param {number} now on `performance.now()`'s clock */
  _timeAt(now) {
    if (this.context === null) return 0;
    const { contextTime = 0, performanceTime = 0 } = this.context.getOutputTimestamp();
    // Zero before the first block has left. Then, and if the browser does not tell it, the clock less the latency will do.
    if (performanceTime > 0) return contextTime + (now - performanceTime) / 1000;
    return this.context.currentTime - (this.context.outputLatency || this.context.baseLatency || 0);
  }

  /**
   * From a track: the sound card is awake.
   *
   * @param {import("./playback_queue.js").QueueOptions} options
   * @param {(report: import("./gateway_client.js").TimedReport) => void} onReport
   */
  async newOutput(options, onReport) {
    const { context, analyser } = await this._awake;
    const Output = (await this._hasWorklet(context)) ? WorkletOutput : ScheduledOutput;
    return new Output(context, analyser, options, onReport);
  }

  /**
   * Load the worklet. If the gateway is away, this speech is played without it, and the next speech tries again.
   *
   * @param {AudioContext} context
   */
  async _hasWorklet(context) {
    if (!Player.hasWorklets) return false;
    this._loading ??= loadWorklet(context, this._failures).then(
      () => true,
      () => {
        this._failures += 1;
        this._loading = null;
        return false;
      },
    );
    return this._loading;
  }

  /** From a track: it is over, and the next may be heard. @param {Track} track @param {number} targetMs */
  finished(track, targetMs) {
    this._targetMs = targetMs;
    this._tracks = this._tracks.filter((each) => each !== track);
    this._tracks[0]?.release();
  }
}

/** The audio parameters to ask for if the browser decodes no Opus: the sound card's own rate, so nothing is resampled. */
export const PCM_SESSION = Object.freeze({ format: "pcm_s16le", sample_rate: SAMPLE_RATE_HZ });

/**
 * One speech being heard. Made by `Player.play`.
 *
 * Events (`CustomEvent`): `report` (a `TimedReport`, about every 20 ms), `firstsound` (`detail` is the time at which it is
 * heard, on `performance.now()`'s clock), `undecodable` (`detail` is the decoder's error), and `over`, exactly once.
 */
export class Track extends EventTarget {
  /**
   * @param {Player} player
   * @param {import("./gateway_client.js").Speech} speech
   * @param {import("./playback_queue.js").QueueOptions} options
   */
  constructor(player, speech, options) {
    super();
    this.speech = speech;
    /** The newest report. @type {import("./gateway_client.js").PlaybackReport} */
    this.latest = { state: "filling", playedSamples: 0, bufferedSamples: 0, targetMs: options.targetMs, underruns: 0 };
    this._player = player;
    this._playhead = new Playhead();
    /** @type {InstanceType<(typeof DECODERS)[keyof typeof DECODERS]> | null} */
    this._decoder = null;
    /** @type {WorkletOutput | ScheduledOutput | null} */
    this._output = null;
    /** @type {import("./playback_queue.js").Order[]} that the output will get once there is one */
    this._orders = [];
    this._isOver = false;
    this._isTold = false; // `firstsound`
    this._reportedAt = -Infinity;
    this._heard = 0;
    this._listen();
    void player.newOutput(options, (report) => this._reported(report)).then((output) => this._connect(output));
  }

  /** How much has been heard, in milliseconds of the speech's sound; never runs backwards. */
  get heardMs() {
    this._heard = Math.max(this._heard, this._playhead.heardMs(this._player.heardTime));
    return this._heard;
  }

  /** How much has come and is not heard yet, in milliseconds. */
  get bufferedMs() {
    const { playedSamples, bufferedSamples } = this.latest;
    return Math.max(0, playedSamples / SAMPLES_PER_MS - this.heardMs) + bufferedSamples / SAMPLES_PER_MS;
  }

  /** Whether nothing more will be heard. */
  get isOver() {
    return this._isOver;
  }

  /** Barge-in: silence here within 5 ms, and at the gateway. Returns how much had been heard, in milliseconds. */
  interrupt() {
    const heardMs = this.heardMs;
    if (!this._isOver) {
      this._order({ do: "stop" });
      this.speech.cancel(heardMs);
      this._finish();
    }
    return heardMs;
  }

  /** From the player: nobody else is being heard. */
  release() {
    this._order({ do: "release" });
  }

  _listen() {
    const { speech } = this;
    speech.addEventListener("context.started", ({ detail }) => this._begin(detail));
    speech.addEventListener("audio", ({ detail }) => this._decoder?.decode(detail));
    speech.addEventListener("segment.done", () => this._decoder?.mark(() => this._order({ do: "endSegment" })));
    speech.addEventListener("done", () => this._end());
  }

  /** @param {import("./gateway_client.js").ContextStarted} started */
  _begin({ format, preskip }) {
    if (this._isOver) return;
    this._decoder?.close(); // it begins anew on another connection
    /** @param {Float32Array<ArrayBuffer>} samples of their own buffer */
    const onSound = (samples) => this._order({ do: "push", samples });
    const Decoder = /** @type {{[format: string]: (typeof DECODERS)[keyof typeof DECODERS] | undefined}} */ (DECODERS)[format];
    if (Decoder) this._decoder = new Decoder(preskip, onSound, (error) => this._cannotDecode(error));
    else this._cannotDecode(new Error(`Player plays ${Object.keys(DECODERS).join(", ")}, and the gateway sends ${format}`));
  }

  _end() {
    if (this._isOver) return;
    if (this._decoder) this._decoder.mark(() => this._order({ do: "finish" }));
    else this._finish(); // it ended before it began
  }

  /** @param {Error} error */
  _cannotDecode(error) {
    if (this._isOver) return;
    this.interrupt();
    this.dispatchEvent(new CustomEvent("undecodable", { detail: error }));
  }

  /** @param {import("./playback_queue.js").Order} order */
  _order(order) {
    if (this._output) this._output.order(order);
    else this._orders.push(order);
  }

  /** @param {WorkletOutput | ScheduledOutput} output */
  _connect(output) {
    this._output = output;
    for (const order of this._orders) output.order(order);
    this._orders = [];
  }

  /** @param {import("./gateway_client.js").TimedReport} report */
  _reported(report) {
    this.latest = report;
    this._playhead.note(report);
    this._tellFirstSound();
    this.dispatchEvent(new CustomEvent("report", { detail: report }));
    if (report.state === "over") {
      this._output?.disconnect();
      this._finish();
    } else {
      this._giveCredit();
    }
  }

  _tellFirstSound() {
    if (this._isTold || this._playhead.startedAt === null) return;
    this._isTold = true;
    const at = this._player.performanceTimeOf(this._playhead.startedAt);
    this.dispatchEvent(new CustomEvent("firstsound", { detail: at }));
  }

  _giveCredit() {
    const now = performance.now();
    if (this._isOver || this.latest.playedSamples === 0 || now - this._reportedAt < REPORT_EVERY_MS) return;
    this._reportedAt = now;
    this.speech.report(this.heardMs, this.bufferedMs);
  }

  _finish() {
    if (this._isOver) return;
    this._isOver = true;
    this._decoder?.close();
    this._player.finished(this, this.latest.targetMs);
    this.dispatchEvent(new Event("over"));
  }
}

/** @typedef {{context: AudioContext, analyser: AnalyserNode}} SoundCard */
