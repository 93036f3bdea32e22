/**
 * What a session has sent and received, by count: with it a broken socket is resumed without loss (docs/PROTOCOL.md, Resume).
 */

export class Ledger {
  constructor() {
    /** What names the session and shows that it is ours; null until the gateway has agreed. @type {Resumption | null} */
    this.resumption = null;
    /** Messages from the gateway, the one that agreed included. */
    this.received = 0;
    /** @type {string[]} what the gateway may not have taken */
    this._sent = [];
    this._taken = 0; // messages before these
    /** @type {[id: number, taken: number][]} each ping, and how many messages it makes */
    this._pings = [];
  }

  /** The gateway agrees. @param {Resumption} resumption */
  agreed(resumption) {
    this.resumption = resumption;
    this.received = 0; // the message that says so is counted like all that follow
  }

  /** Note a message that is sent now. @param {string} text */
  send(text) {
    this._sent.push(text);
  }

  /** The message that was noted last is this ping. @param {number} id */
  pinged(id) {
    this._pings.push([id, this._taken + this._sent.length]);
  }

  /** A ping is answered: all before it was taken. @param {number} id */
  ponged(id) {
    while (this._pings.length > 0 && this._pings[0][0] <= id) {
      const [, taken] = /** @type {[number, number]} */ (this._pings.shift());
      this._forget(taken);
    }
  }

  /** The gateway has taken so many messages: what is to be sent again. @param {number} taken */
  resumed(taken) {
    this._forget(taken);
    return [...this._sent];
  }

  /** @param {number} taken */
  _forget(taken) {
    const gone = Math.min(Math.max(0, taken - this._taken), this._sent.length);
    this._sent.splice(0, gone);
    this._taken += gone;
  }
}

/** @typedef {{sessionId: string, token: string, seconds: number}} Resumption */
