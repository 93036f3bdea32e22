/** The sound card's side of playback: asks a `PlaybackQueue` for every block. All that is decided is decided there. */

import { PlaybackQueue } from "./playback_queue.js";

class PlaybackProcessor extends AudioWorkletProcessor {
  constructor({ processorOptions }) {
    super();
    this._queue = new PlaybackQueue(processorOptions);
    this.port.onmessage = ({ data }) => this._queue.obey(data);
  }

  process(_inputs, [[block]]) {
    this._queue.read(block);
    const report = this._queue.takeReport();
    if (report) this.port.postMessage({ ...report, contextTime: (currentFrame + block.length) / sampleRate });
    return this._queue.state !== "over"; // an utterance that is over frees its node
  }
}

registerProcessor("sayline-playback", PlaybackProcessor);
