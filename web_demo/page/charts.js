/** Draws the chart of the playback lead and the level of the voice; what is drawn is handed in. */

import { Canvas } from "./canvas.js";
import { levelOf } from "./level.js";
import { WINDOW_MS } from "./timeline.js";

const ARRIVAL_SPANS = 100; // one bar for each tenth of a second
const ARRIVAL_FULL_MS = 400; // what the gateway sends at once at the start; a full bar
const ARRIVALS_SHARE = 0.24; // of the chart's height
const LEVEL_EVERY_MS = 50; // twenty bars a second: syllables are seen
const LEVEL_STEP = 5; // pixels from bar to bar
const MOST_LEVELS = 200; // more than fit
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

/** How loud the voice is, and was over the last seconds: a bar for each moment, the newest at the right. */
export class LevelChart {
  /** @param {HTMLCanvasElement} element */
  constructor(element) {
    this._canvas = new Canvas(element);
    this._canvas.onchange = () => this._redraw();
    this._samples = new Float32Array(2048);
    /** @type {number[]} from 0 to 1, the newest last */
    this._levels = [];
    this._notedAt = 0;
  }

  /** @param {number} now @param {AnalyserNode | null} analyser null: silence */
  draw(now, analyser) {
    if (now - this._notedAt < LEVEL_EVERY_MS) return;
    this._notedAt = now;
    if (analyser) analyser.getFloatTimeDomainData(this._samples);
    else this._samples.fill(0);
    this._levels.push(levelOf(this._samples));
    this._levels.splice(0, this._levels.length - MOST_LEVELS);
    this._redraw();
  }

  _redraw() {
    const { pen, width, height } = this._canvas;
    this._canvas.clear();
    for (let bar = 0; bar * LEVEL_STEP < width; bar += 1) {
      const level = this._levels.at(-1 - bar) ?? 0;
      const size = Math.max(2, level * height);
      pen.fillStyle = this._canvas.colour(level > 0 ? "--accent" : "--rule");
      pen.fillRect(width - (bar + 1) * LEVEL_STEP, (height - size) / 2, LEVEL_STEP - 2, size);
    }
  }
}
