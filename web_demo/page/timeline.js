/** What the chart shows, over the last seconds: lead, arrivals, underruns. Pure; times are milliseconds on one clock. */

/** Long enough to see the lead fill and hold, short enough to see single bursts. */
export const WINDOW_MS = 10_000;

export class Timeline {
  constructor() {
    /** @type {{at: number, leadMs: number, targetMs: number}[]} */
    this.leads = [];
    /** @type {{at: number, ms: number}[]} */
    this.arrivals = [];
    /** @type {number[]} */
    this.underruns = [];
    this._underrunsSeen = 0;
  }

  /** Another utterance: its underruns are counted from nothing. */
  begin() {
    this._underrunsSeen = 0;
  }

  /** @param {number} now @param {number} leadMs what has come and is not heard @param {{targetMs: number, underruns: number}} report */
  noteLead(now, leadMs, { targetMs, underruns }) {
    this.leads.push({ at: now, leadMs, targetMs });
    if (underruns > this._underrunsSeen) this.underruns.push(now);
    this._underrunsSeen = underruns;
    this._forget(now);
  }

  /** @param {number} now @param {number} ms of sound that came */
  noteArrival(now, ms) {
    this.arrivals.push({ at: now, ms });
  }

  /**
   * Sound that came in each of `count` equal spans of the window, in milliseconds, oldest first.
   *
   * @param {number} now @param {number} count
   */
  arrivalsIn(now, count) {
    const spans = new Float32Array(count);
    for (const { at, ms } of this.arrivals) {
      const span = Math.floor(((at - now + WINDOW_MS) / WINDOW_MS) * count);
      if (span >= 0 && span < count) spans[span] += ms;
    }
    return spans;
  }

  /** Whether anything of it is still within the window. @param {number} now */
  isMoving(now) {
    return this.leads.length > 0 && this.leads[this.leads.length - 1].at > now - WINDOW_MS;
  }

  /** @param {number} now */
  _forget(now) {
    const oldest = now - WINDOW_MS;
    cut(this.leads, ({ at }) => at >= oldest);
    cut(this.arrivals, ({ at }) => at >= oldest);
    cut(this.underruns, (at) => at >= oldest);
  }
}

/**
 * Cut off what comes before the first that is kept: in one cut now and then, so that a long talk does not move arrays about
 * for each packet.
 *
 * @template T
 * @param {T[]} list
 * @param {(each: T) => boolean} isKept
 */
function cut(list, isKept) {
  const kept = list.findIndex(isKept);
  if (kept > 256 || kept < 0) list.splice(0, kept < 0 ? list.length : kept);
}
