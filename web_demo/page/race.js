/**
 * The same answer twice from one press: spoken while it is written, and only once it is whole. Both are real speeches of this
 * gateway. The second stays silent, since two voices at once are none: its stopwatch stops at its first packet and the time
 * that the audible one needed from packet to ear.
 */

/** A hosted model's pace, so that the race is about the gateway and not about the writer. */
export const RACE_PACE = 25;

export class Race {
  /**
   * @param {import("./turn.js").Turn} turn what is spoken while it is written
   * @param {import("../client/gateway_client.js").GatewayClient} gateway
   * @param {import("../client/gateway_client.js").SpeechOptions} options those of the turn
   */
  constructor(turn, gateway, options) {
    this._turn = turn;
    this._packetAt = Infinity; // the first of the second speech
    this._hasEnded = false; // the second speech, or both if the turn was interrupted
    turn.on("written", () => this._begin(gateway, options));
    turn.on("over", () => (this._hasEnded ||= turn.wasInterrupted));
  }

  /** How long each has been waited for, whether it is heard, and whether nothing will change any more. @param {number} now */
  lapses(now) {
    const { asked, packet = Infinity, sound = Infinity } = this._turn.marks;
    const waited = this._packetAt + (sound - packet || 0);
    return {
      isOver: this._hasEnded && (now >= waited || waited === Infinity),
      streaming: Math.min(now, sound) - asked,
      isStreamingHeard: now >= sound,
      waiting: Math.min(now, waited) - asked,
      isWaitingHeard: now >= waited,
    };
  }

  /** @param {import("../client/gateway_client.js").GatewayClient} gateway @param {import("../client/gateway_client.js").SpeechOptions} options */
  _begin(gateway, options) {
    if (this._turn.wasInterrupted) return;
    const speech = gateway.speak(options);
    speech.addEventListener("audio", ({ detail }) => {
      if (detail.duration === 0 || this._packetAt < Infinity) return;
      this._packetAt = performance.now();
      speech.cancel(0);
    });
    void speech.done.then(() => (this._hasEnded = true));
    speech.write(this._turn.text.text);
    speech.end();
  }
}
