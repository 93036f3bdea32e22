/** One utterance on the sound card through an AudioWorklet: its queue lives on the audio thread. */

const MODULE = new URL("./playback_worklet.js", import.meta.url);

/**
 * @param {AudioContext} context
 * @param {number} failures how often it has failed for this context: a module that could not be fetched is remembered by
 *   its address (HTML, worklet module responses map), so each attempt has an address of its own
 */
export function loadWorklet(context, failures) {
  return context.audioWorklet.addModule(failures ? `${MODULE}?attempt=${failures + 1}` : MODULE);
}

export class WorkletOutput {
  /**
   * @param {AudioContext} context
   * @param {AudioNode} destination
   * @param {import("./playback_queue.js").QueueOptions} options
   * @param {(report: import("./gateway_client.js").TimedReport) => void} onReport
   */
  constructor(context, destination, options, onReport) {
    this._node = new AudioWorkletNode(context, "sayline-playback", {
      numberOfInputs: 0,
      outputChannelCount: [1],
      processorOptions: options,
    });
    /** @param {MessageEvent<import("./gateway_client.js").TimedReport>} message */
    this._node.port.onmessage = ({ data }) => onReport(data);
    this._node.connect(destination);
  }

  /** Give an order to the queue; sound is handed over, not copied. @param {import("./playback_queue.js").Order} order */
  order(order) {
    this._node.port.postMessage(order, order.do === "push" ? [order.samples.buffer] : []);
  }

  disconnect() {
    this._node.disconnect();
    this._node.port.close();
  }
}
