/** Sends on what it hears, a tenth of a second at a time. Served by the tests only. */
class Tap extends AudioWorkletProcessor {
  constructor() {
    super();
    this.block = new Float32Array(4800);
    this.filled = 0;
  }

  /** @param {Float32Array[][]} inputs one, of one channel or none */
  process([channels]) {
    if (this.filled === 0) this.frame = currentFrame;
    if (channels.length > 0) this.block.set(channels[0], this.filled);
    this.filled += 128;
    if (this.filled + 128 > this.block.length) {
      this.port.postMessage({ frame: this.frame, samples: this.block.slice(0, this.filled) });
      this.block.fill(0);
      this.filled = 0;
    }
    return true;
  }
}
registerProcessor("tap", Tap);
