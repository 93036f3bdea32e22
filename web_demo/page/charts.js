/** Draws the chart of the playback lead and the waveform; what is drawn is handed in. */

import { Canvas } from "./canvas.js";
import { WINDOW_MS } from "./timeline.js";

const ARRIVAL_SPANS = 100; // one bar for each tenth of a second
const ARRIVAL_FULL_MS = 400; // what the gateway sends at once at the start; a full bar
const ARRIVALS_SHARE = 0.24; // of the chart's height
const FONT = "11px system-ui, sans-serif";

/** The lead over time, what arrived when, and underruns. */
export class LeadChart {
  /** @param {HTMLCanvasElement} element @param {import("./timeline.js").Timeline} timeline */
  constructor(element, timeline) {
    this._canvas = new Canvas(element);
    this._canvas.onchange = () => this.draw(performance.now());
    this._timeline = timeline;
    /** The most that the gateway sends ahead, in milliseconds: the top of the scale. */
    this.maxLeadMs = 2000;
  }

  /** @param {number} now the right edge */
  draw(now) {
    const { pen, width, height } = this._canvas;
    this._canvas.clear();
    const base = height * (1 - ARRIVALS_SHARE) - 2;
    const top = 14;
    /** @param {number} at */
    const x = (at) => width * (1 - (now - at) / WINDOW_MS);
    /** @param {number} ms */
    const y = (ms) => base - (base - top) * Math.min(1.05, ms / this.maxLeadMs);
    this._drawScale(y, base);
    this._drawLead(x, y, base);
    this._drawArrivals(now, height, height - base - 8);
    pen.fillStyle = this._canvas.colour("--alert");
    for (const at of this._timeline.underruns) pen.fillRect(x(at) - 1, top, 2, height - top);
  }

  /** @param {(ms: number) => number} y @param {number} base */
  _drawScale(y, base) {
    const { pen, width } = this._canvas;
    pen.font = FONT;
    pen.textBaseline = "bottom";
    pen.textAlign = "right";
    for (const ms of [this.maxLeadMs / 2, this.maxLeadMs]) {
      pen.fillStyle = this._canvas.colour("--rule");
      pen.fillRect(0, Math.round(y(ms)), width, 1);
      pen.fillStyle = this._canvas.colour("--faint");
      pen.fillText(`${+(ms / 1000).toFixed(2)} s`, width, Math.round(y(ms)) - 1);
    }
    pen.fillStyle = this._canvas.colour("--rule");
    pen.fillRect(0, Math.round(base), width, 1);
  }

  /** @param {(at: number) => number} x @param {(ms: number) => number} y @param {number} base */
  _drawLead(x, y, base) {
    const { pen } = this._canvas;
    const { leads } = this._timeline;
    if (leads.length < 2) return;
    const line = new Path2D();
    const target = new Path2D();
    leads.forEach(({ at, leadMs, targetMs }, index) => {
      const isFirst = index === 0 || at - leads[index - 1].at > 500; // between utterances there is no line
      line[isFirst ? "moveTo" : "lineTo"](x(at), y(leadMs));
      target[isFirst ? "moveTo" : "lineTo"](x(at), y(targetMs));
    });
    const area = new Path2D(line);
    area.lineTo(x(leads[leads.length - 1].at), base);
    area.lineTo(x(leads[0].at), base);
    pen.fillStyle = this._canvas.colour("--accent-wash");
    pen.fill(area);
    pen.lineWidth = 2;
    pen.lineJoin = "round";
    pen.strokeStyle = this._canvas.colour("--accent");
    pen.stroke(line);
    pen.lineWidth = 1;
    pen.setLineDash([3, 3]);
    pen.strokeStyle = this._canvas.colour("--faint");
    pen.stroke(target);
    pen.setLineDash([]);
  }

  /** @param {number} now @param {number} floor @param {number} room */
  _drawArrivals(now, floor, room) {
    const { pen, width } = this._canvas;
    const step = width / ARRIVAL_SPANS;
    pen.fillStyle = this._canvas.colour("--ink-soft");
    this._timeline.arrivalsIn(now, ARRIVAL_SPANS).forEach((ms, span) => {
      const size = Math.sqrt(Math.min(1, ms / ARRIVAL_FULL_MS)) * room; // by its root, or single packets are not seen
      if (size > 0) pen.fillRect(span * step, floor - size, Math.max(1, step - 1.5), size);
    });
  }
}

/** The sound itself, as it is now. */
export class Waveform {
  /** @param {HTMLCanvasElement} element */
  constructor(element) {
    this._canvas = new Canvas(element);
    this._canvas.onchange = () => this.draw(null);
    this._samples = new Float32Array(2048);
  }

  /** @param {AnalyserNode | null} analyser null: silence */
  draw(analyser) {
    const { pen, width, height } = this._canvas;
    const middle = height / 2;
    this._canvas.clear();
    if (analyser) analyser.getFloatTimeDomainData(this._samples);
    else this._samples.fill(0);
    const line = new Path2D();
    const step = Math.max(1, Math.floor(this._samples.length / width));
    for (let i = 0; i < this._samples.length; i += step) {
      // Towards the edges it fades into the rule, so that it looks held and not cut off.
      const hold = Math.sin((Math.PI * i) / this._samples.length);
      const y = middle - this._samples[i] * hold * middle * 1.6;
      line[i === 0 ? "moveTo" : "lineTo"]((i / this._samples.length) * width, y);
    }
    pen.lineWidth = 1.75;
    pen.lineJoin = "round";
    pen.strokeStyle = this._canvas.colour(analyser ? "--accent" : "--rule");
    pen.stroke(line);
  }
}
