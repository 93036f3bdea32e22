/**
 * Runs in the page before its own scripts: records what goes to the sound card, sample by sample, without the page's knowing.
 * Whatever is connected to an AudioContext's destination is also connected to a recorder: a worklet (tap_worklet.js, which
 * the tests serve), or where there are none a script processor. Tests reach it as `tap`.
 */
(() => {
  // One of its forms will do: it is called with whatever it is given.
  // eslint-disable-next-line @typescript-eslint/unbound-method -- it is called on the node it belongs to
  const connect = /** @type {(this: AudioNode, ...given: unknown[]) => AudioNode} */ (AudioNode.prototype.connect);
  /** @type {{frame: number, samples: Float32Array}[]} */
  const blocks = [];
  /** @type {{until: number, resolve: () => void}[]} */
  let waiting = [];
  /** @type {BaseAudioContext | null} */
  let context = null;
  let isReady = () => {};

  /** The audio frame being rendered. */
  const frameNow = () => (context === null ? 0 : Math.round(context.currentTime * context.sampleRate));

  const tap = {
    /** @type {number[]} audio frames being rendered at each click or key press */
    clicks: [],

    /** The time of the last of them, on `performance.now()`'s clock. */
    pressedAt: NaN,

    /** @type {Promise<void>} */
    ready: new Promise((resolve) => (isReady = resolve)),

    frameNow,

    /** Wait until the sound card has come this far. @param {number} frame @returns {Promise<void>} */
    passed(frame) {
      return new Promise((resolve) => waiting.push({ until: frame, resolve }));
    },

    /** Everything so far as base64 of float32, and the frame at which it begins. */
    read() {
      const length = blocks.reduce((sum, block) => sum + block.samples.length, 0);
      const all = new Float32Array(length);
      let at = 0;
      for (const { samples } of blocks) {
        all.set(samples, at);
        at += samples.length;
      }
      let bytes = "";
      const view = new Uint8Array(all.buffer);
      for (let i = 0; i < view.length; i += 32768) bytes += String.fromCharCode(...view.subarray(i, i + 32768));
      return { start: blocks[0]?.frame ?? 0, samples: btoa(bytes) };
    },
  };
  Object.assign(window, { tap });

  /** @param {number} frame @param {Float32Array} samples */
  function record(frame, samples) {
    blocks.push({ frame, samples });
    for (const { until, resolve } of waiting) if (frame >= until) resolve();
    waiting = waiting.filter(({ until }) => frame < until);
  }

  /** @param {AudioContext} context */
  async function newWorkletRecorder(context) {
    await context.audioWorklet.addModule("/tap_worklet.js");
    const recorder = new AudioWorkletNode(context, "tap");
    recorder.port.onmessage = (/** @type {MessageEvent<{frame: number, samples: Float32Array}>} */ { data }) =>
      record(data.frame, data.samples);
    return recorder;
  }

  /** @param {AudioContext} context */
  function newScriptRecorder(context) {
    // Large blocks, because small ones are dropped on a busy page. Double-buffered: what is given for a block that is
    // played at some time was taken two blocks before.
    const size = 4096;
    const recorder = context.createScriptProcessor(size, 1, 1);
    recorder.onaudioprocess = ({ inputBuffer, playbackTime }) =>
      record(Math.round(playbackTime * context.sampleRate) - 2 * size, inputBuffer.getChannelData(0).slice());
    return recorder;
  }

  /** @param {AudioNode} node what the page connected to the destination of this context @param {AudioContext} its */
  async function attach(node, its) {
    context = its;
    const recorder = "audioWorklet" in its ? await newWorkletRecorder(its) : newScriptRecorder(its);
    connect.call(node, recorder);
    connect.call(recorder, its.destination); // it gives silence; what leads nowhere may not be run
    isReady();
  }

  AudioNode.prototype.connect = /** @type {any} what it returns hangs on what it is given */ (
    /** @this {AudioNode} @param {unknown[]} given */
    function (...given) {
      if (given[0] instanceof AudioDestinationNode) void attach(this, /** @type {AudioContext} */ (this.context));
      return connect.apply(this, given);
    }
  );

  for (const kind of ["click", "keydown"]) {
    addEventListener(
      kind,
      ({ timeStamp }) => {
        tap.pressedAt = timeStamp;
        if (context) tap.clicks.push(frameNow());
      },
      { capture: true },
    );
  }
})();
