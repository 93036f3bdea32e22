/**
 * One turn of the conversation: a writer, a speech, a track that plays it, and the instants at which things happened.
 * Knows nothing of the page; it tells what happens as events.
 */

import { SAMPLES_PER_MS } from "../client/playback_queue.js";

export class Turn extends EventTarget {
  /**
   * @param {import("../client/gateway_client.js").GatewayClient} gateway
   * @param {import("../client/gateway_client.js").Player} player awake
   * @param {import("../client/gateway_client.js").SpeechOptions} options
   * @param {number} askedAt when the person asked for it, on `performance.now()`'s clock
   */
  constructor(gateway, player, options, askedAt) {
    super();
    /** What has been reached of `first_sound.PARTS`. @type {import("./first_sound.js").Marks} */
    this.marks = { asked: askedAt };
    this.isOver = false;
    this.wasInterrupted = false;
    this.heardMs = 0; // at an interruption: how much had been heard ...
    this.silencedAfterMs = 0; // ... and how long after the person's wish the sound was told to stop
    this.writtenAt = Infinity; // when the writer had finished
    this._writer = new AbortController();
    this.speech = gateway.speak(options);
    this.track = player.play(this.speech);
    this._watch();
    this._watchConnection(gateway);
  }

  /**
   * @template {keyof TurnEvents} Name
   * @param {Name} name
   * @param {(detail: TurnEvents[Name]) => void} listener
   */
  on(name, listener) {
    this.addEventListener(name, (event) => listener(/** @type {CustomEvent<TurnEvents[Name]>} */ (event).detail));
  }

  /** What was written so far, and when it is heard. */
  get text() {
    return this.speech.text;
  }

  /**
   * Write what a writer gives.
   *
   * @param {(signal: AbortSignal) => AsyncIterable<string>} writer ends when the signal is aborted
   * @throws whatever the writer throws; what it had written until then is spoken
   */
  async write(writer) {
    try {
      for await (const delta of writer(this._writer.signal)) {
        if (this.wasInterrupted) return;
        this.speech.write(delta);
        this._mark("sent");
      }
    } finally {
      this.speech.end();
      this.writtenAt = performance.now();
      this._tell("written", null);
    }
  }

  /**
   * Stop at once; `over` follows when the gateway has told what was heard.
   *
   * @param {number} askedAt when the person wanted silence, on `performance.now()`'s clock
   */
  interrupt(askedAt) {
    if (!this.isSpeaking) return;
    this.wasInterrupted = true;
    this.heardMs = this.track.interrupt();
    this.silencedAfterMs = performance.now() - askedAt;
    this._writer.abort();
  }

  /** Whether it goes on: not over, and nobody has interrupted. */
  get isSpeaking() {
    return !this.isOver && !this.wasInterrupted;
  }

  /** Whether the ear has caught up with a track that is over. */
  get isHeardOut() {
    const { track } = this;
    return track.isOver && track.heardMs >= track.latest.playedSamples / SAMPLES_PER_MS - 1;
  }

  _watch() {
    const { speech, track } = this;
    speech.addEventListener("segment", () => this._markSegment());
    speech.addEventListener("audio", ({ detail }) => detail.duration > 0 && this._mark("packet"));
    track.addEventListener("firstsound", ({ detail }) => this._mark("sound", detail));
    track.addEventListener("undecodable", () => this._tell("undecodable", null));
    speech.addEventListener("error", ({ detail }) => this._tell("fault", detail));
    const isSilent = new Promise((resolve) => track.addEventListener("over", resolve, { once: true }));
    void Promise.all([speech.done, isSilent]).then(([done]) => this._end(done));
  }

  /** After an outage, what could not be spoken without a connection is counted from its return. @param {EventTarget} gateway */
  _watchConnection(gateway) {
    /** @param {Event} event */
    const changed = (event) => {
      const { state } = /** @type {CustomEvent<import("../client/gateway_client.js").StateChange>} */ (event).detail;
      if (state === "ready" && this.marks.packet === undefined) this.marks.online = performance.now();
    };
    gateway.addEventListener("state", changed, { signal: this._writer.signal });
  }

  _markSegment() {
    const first = this.text.segments[0];
    if (this.marks.released === undefined) this.marks.written = first.writtenAt ?? this.marks.sent;
    this._mark("released");
  }

  /** @param {import("./first_sound.js").Mark} name @param {number} [at] */
  _mark(name, at = performance.now()) {
    if (this.marks[name] !== undefined || this.wasInterrupted) return;
    this.marks[name] = at;
    this._tell("mark", name);
  }

  /** @param {import("../client/gateway_client.js").SpeechDone} done */
  _end(done) {
    this.isOver = true;
    this._writer.abort();
    this._tell("over", done);
  }

  /**
   * @template {keyof TurnEvents} Name
   * @param {Name} name
   * @param {TurnEvents[Name]} detail
   */
  _tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

/**
 * What a turn tells: that an instant was reached, that its writer has finished, an error of the gateway, that the browser's
 * decoder failed, and how it ended.
 *
 * @typedef {object} TurnEvents
 * @property {import("./first_sound.js").Mark} mark
 * @property {null} written
 * @property {import("../client/gateway_client.js").GatewayError} fault
 * @property {null} undecodable
 * @property {import("../client/gateway_client.js").SpeechDone} over
 */
