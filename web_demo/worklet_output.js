/** One utterance on the sound card through an AudioWorklet: its queue lives on the audio thread. */

const MODULE = new URL("./playback_worklet.js", import.meta.url);

/** @param {AudioContext} context */
export function loadWorklet(context) {
  return context.audioWorklet.addModule(MODULE);
}

export class WorkletOutput {
  /**
   * @param {AudioContext} context
   * @param {AudioNode} destination
   * @param {{targetMs: number, isHeld: boolean}} options of `PlaybackQueue`
   * @param {(report: import("./gateway_client.js").TimedReport) => void} onReport
   */
  constructor(context, destination, options, onReport) {
    this._node = new AudioWorkletNode(context, "sayline-playback", {
      numberOfInputs: 0,
      outputChannelCount: [1],
      processorOptions: options,
    });
    this._node.port.onmessage = ({ data }) => onReport(data);
    this._node.connect(destination);
  }

  /** Give an order to the queue; sound is handed over, not copied. */
  order(order) {
    this._node.port.postMessage(order, order.samples ? [order.samples.buffer] : []);
  }

  disconnect() {
    this._node.disconnect();
    this._node.port.close();
  }
}
