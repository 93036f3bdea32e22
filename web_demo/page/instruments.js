/** The right-hand side of the page: first sound, playback, gateway. Takes what happened, shows it, decides nothing. */

import { SAMPLES_PER_MS } from "../client/playback_queue.js";
import { LeadChart, LevelChart } from "./charts.js";
import { PARTS, afterWritingMs, partsOf } from "./first_sound.js";
import { Timeline } from "./timeline.js";
import { make } from "./transcript.js";
import { words } from "./words.js";

/** Nobody can read numbers that change with every frame; at four times a second one can. */
const FIGURES_EVERY_MS = 250;

export class Instruments {
  /** @param {import("./elements.js").Page} page */
  constructor(page) {
    this._page = page;
    this._timeline = new Timeline();
    this._chart = new LeadChart(page.chart, this._timeline);
    this._level = new LevelChart(page.level);
    /** The newest. @type {import("./turn.js").Turn | null} */
    this._turn = null;
    this._underruns = 0; // of turns that are over
    this._bytes = 0;
    this._soundMs = 0;
    this._shownAt = 0;
    this._showParts({ asked: 0 });
  }

  /** The scale of the chart follows what the gateway sends ahead. @param {number} ms */
  set maxLeadMs(ms) {
    if (ms > 0) this._chart.maxLeadMs = ms;
    this._chart.draw(performance.now());
  }

  /** Follow a turn. @param {import("./turn.js").Turn} turn */
  follow(turn) {
    this._turn = turn;
    this._timeline.begin();
    this._bytes = this._soundMs = 0;
    turn.speech.addEventListener("audio", ({ detail }) => this._arrived(detail));
    turn.track.addEventListener("report", ({ detail }) => {
      this._timeline.noteLead(performance.now(), turn.track.bufferedMs, detail);
    });
    turn.on("mark", () => this._showParts(turn.marks));
    turn.on("written", () => this._showRemark());
    turn.track.addEventListener("over", () => (this._underruns += turn.track.latest.underruns));
    this._showParts(turn.marks);
  }

  /** Draw what moves. @param {number} now @param {AnalyserNode | null} analyser null: nothing sounds */
  draw(now, analyser) {
    this._chart.draw(now);
    this._level.draw(now, analyser);
    if (now - this._shownAt >= FIGURES_EVERY_MS) {
      this._shownAt = now;
      this.showFigures();
    }
  }

  /** Whether the chart still moves. @param {number} now */
  isMoving(now) {
    return this._timeline.isMoving(now);
  }

  showFigures() {
    if (this._turn === null) return;
    const { track } = this._turn;
    const running = track.isOver ? 0 : track.latest.underruns;
    this._page.leadNow.textContent = track.isOver ? "–" : words.milliseconds(track.bufferedMs);
    this._page.targetNow.textContent = words.milliseconds(track.latest.targetMs);
    this._page.underruns.textContent = `${this._underruns + running}`;
    if (this._soundMs > 0) this._page.received.textContent = words.received(Math.round((this._bytes * 8) / this._soundMs));
  }

  /** @param {number} ms */
  showRoundtrip(ms) {
    this._page.roundtrip.textContent = `${ms.toFixed(1)} ms`;
  }

  /** How sound comes from the wire to the ear. @param {string} path */
  showPath(path) {
    this._page.path.textContent = path;
  }

  /** @param {import("./plain_words.js").Health | null} health null: no answer */
  showHealth(health) {
    const { healthStatus, healthEngine, healthRequests, healthConnections, healthGpu, healthGpuRow } = this._page;
    healthStatus.textContent = health ? (health.model_loaded ? (words.health[health.status] ?? health.status) : words.healthLoading) : words.healthNoAnswer;
    if (health === null) return;
    healthEngine.textContent = [health.engine, health.detail].filter(Boolean).join(" ");
    healthRequests.textContent = words.of(health.current_requests, health.max_concurrent_requests);
    healthConnections.textContent = words.of(health.connections, health.max_connections);
    healthGpuRow.hidden = health.gpu_memory_bytes === null;
    if (health.gpu_memory_bytes !== null) healthGpu.textContent = `${(health.gpu_memory_bytes / 2 ** 30).toFixed(1)} GiB`;
  }

  /** @param {import("../client/gateway_client.js").AudioFrame} frame */
  _arrived(frame) {
    this._bytes += frame.payload.byteLength;
    const soundMs = frame.duration / SAMPLES_PER_MS;
    this._soundMs += soundMs;
    this._timeline.noteArrival(performance.now(), soundMs);
  }

  /** @param {import("./first_sound.js").Marks} marks */
  _showParts(marks) {
    const parts = new Map(partsOf(marks).map(({ mark, ms }) => [mark, ms]));
    const total = [...parts.values()].reduce((sum, ms) => sum + ms, 0);
    this._page.bar.replaceChildren(
      ...[...parts].map(([mark, ms]) => {
        const piece = make("i", `of-${mark}`);
        piece.style.flexGrow = `${total > 0 ? ms / total : 0}`;
        return piece;
      }),
    );
    this._page.parts.replaceChildren(
      ...PARTS.filter((mark) => mark !== "online" || parts.has(mark)).map((mark) => {
        const [label, what] = words.parts[mark];
        const item = make("li", `of-${mark}`, label);
        item.title = what;
        const ms = parts.get(mark);
        item.append(make("b", "", ms === undefined ? "–" : words.milliseconds(ms)));
        return item;
      }),
    );
    this._showFirst(marks);
  }

  /** The number that leads: what the gateway, and not the writer, took. @param {import("./first_sound.js").Marks} marks */
  _showFirst(marks) {
    const ms = afterWritingMs(marks);
    const heard = marks.online === undefined ? words.afterWriting : words.afterOutage;
    const [before, after] = ms === null ? ["", words.notHeardYet] : heard;
    this._page.firstBefore.textContent = before;
    this._page.firstSound.textContent = ms === null ? "–" : `${Math.round(ms)}`;
    this._page.firstAfter.textContent = after;
    this._showRemark();
  }

  /** How that stands to the writer's own time. */
  _showRemark() {
    if (this._turn === null) return;
    const { marks, writtenAt } = this._turn;
    if (marks.sound === undefined) {
      this._page.firstRemark.textContent = "";
      return;
    }
    const early = writtenAt - marks.sound;
    const whole = words.fromPress(words.milliseconds(marks.sound - marks.asked));
    const remark = early === Infinity ? words.stillWriting : early > 0 ? words.beforeLastWord(words.seconds(early)) : "";
    this._page.firstRemark.textContent = `${whole}${words.gap}${remark}`.trim(); // on a phone its end may be cut off
  }
}
