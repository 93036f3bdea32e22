/** The sound card's side of playback: asks a `PlaybackQueue` for every block. All that is decided is decided there. */

import { PlaybackQueue } from "./playback_queue.js";

class PlaybackProcessor extends AudioWorkletProcessor {
  /** @param {{processorOptions: import("./playback_queue.js").QueueOptions}} options */
  constructor({ processorOptions }) {
    super();
    this._queue = new PlaybackQueue(processorOptions);
    this.port.onmessage = (/** @type {MessageEvent<import("./playback_queue.js").Order>} */ { data }) => this._queue.obey(data);
  }

  /** @param {Float32Array[][]} _inputs @param {Float32Array[][]} outputs one, of one channel */
  process(_inputs, [[block]]) {
    this._queue.read(block);
    const report = this._queue.takeReport();
    if (report) this.port.postMessage({ ...report, contextTime: (currentFrame + block.length) / sampleRate });
    return this._queue.state !== "over"; // an utterance that is over frees its node
  }
}

registerProcessor("sayline-playback", PlaybackProcessor);
