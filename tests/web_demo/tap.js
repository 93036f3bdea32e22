/**
 * Runs in the page before its own scripts: records what goes to the sound card, sample by sample, without the page's knowing.
 * Whatever is connected to an AudioContext's destination is also connected to a recorder: a worklet (tap_worklet.js, which
 * the tests serve), or where there are none a script processor.
 */
(() => {
  const connect = AudioNode.prototype.connect;
  const tap = {
    /** @type {{frame: number, samples: Float32Array}[]} */
    blocks: [],
    context: null,
    waiting: [],
    clicks: [], // audio frames being rendered at each click or key press
  };
  window.tap = tap;
  tap.ready = new Promise((resolve) => (tap.isReady = resolve));

  tap.record = (frame, samples) => {
    tap.blocks.push({ frame, samples });
    tap.waiting = tap.waiting.filter(({ until, resolve }) => frame < until || resolve());
  };

  /** Wait until the sound card has come this far. */
  tap.passed = (frame) => new Promise((resolve) => tap.waiting.push({ until: frame, resolve }));

  tap.frameNow = () => Math.round(tap.context.currentTime * tap.context.sampleRate);

  /** Everything so far as base64 of float32, and the frame at which it begins. */
  tap.read = () => {
    const length = tap.blocks.reduce((sum, block) => sum + block.samples.length, 0);
    const all = new Float32Array(length);
    let at = 0;
    for (const { samples } of tap.blocks) {
      all.set(samples, at);
      at += samples.length;
    }
    let bytes = "";
    const view = new Uint8Array(all.buffer);
    for (let i = 0; i < view.length; i += 32768) bytes += String.fromCharCode(...view.subarray(i, i + 32768));
    return { start: tap.blocks[0]?.frame ?? 0, samples: btoa(bytes) };
  };

  const attach = async (node) => {
    const context = node.context;
    tap.context = context;
    let recorder;
    if (context.audioWorklet) {
      await context.audioWorklet.addModule("/tap_worklet.js");
      recorder = new AudioWorkletNode(context, "tap");
      recorder.port.onmessage = ({ data }) => tap.record(data.frame, data.samples);
    } else {
      // Large blocks, because small ones are dropped on a busy page. Double-buffered: what is given for a block that is
      // played at some time was taken two blocks before.
      const size = 4096;
      recorder = context.createScriptProcessor(size, 1, 1);
      recorder.onaudioprocess = ({ inputBuffer, playbackTime }) =>
        tap.record(Math.round(playbackTime * context.sampleRate) - 2 * size, inputBuffer.getChannelData(0).slice());
    }
    connect.call(node, recorder);
    connect.call(recorder, context.destination); // it gives silence; what leads nowhere may not be run
    tap.isReady();
  };

  AudioNode.prototype.connect = function (target, ...rest) {
    if (target instanceof AudioDestinationNode) attach(this);
    return connect.call(this, target, ...rest);
  };

  for (const kind of ["click", "keydown"]) {
    addEventListener(kind, () => tap.context && tap.clicks.push(tap.frameNow()), { capture: true });
  }
})();
