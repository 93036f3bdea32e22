/** Shows two stopwatches side by side, above the answer that is being said. */

import { make } from "./transcript.js";
import { words } from "./words.js";

export class RaceView {
  /** @param {import("./race.js").Race} race @param {HTMLElement} article of the turn */
  constructor(race, article) {
    this._race = race;
    this._lanes = make("div", "race");
    this._waiting = lane(words.race.waits);
    this._streaming = lane(words.race.streams);
    this._lanes.append(this._waiting.element, this._streaming.element);
    this._verdict = make("p", "race-verdict", words.race.rules);
    const top = make("div", "race-top");
    top.append(this._lanes, this._verdict);
    article.prepend(top);
  }

  /** @param {number} now @returns {boolean} whether it goes on */
  draw(now) {
    const { waiting, streaming, isWaitingHeard, isStreamingHeard, isOver } = this._race.lapses(now);
    show(this._waiting, waiting, isWaitingHeard, isOver);
    show(this._streaming, streaming, isStreamingHeard, isOver);
    if (isWaitingHeard && isStreamingHeard) this._verdict.textContent = words.race.sooner(words.seconds(waiting - streaming));
    return !isOver;
  }
}

/** @param {string} title */
function lane(title) {
  const element = make("div", "lane");
  const stopwatch = make("b", "stopwatch", words.seconds(0));
  const state = make("span", "lane-state", words.race.silent);
  element.append(make("span", "lane-title", title), stopwatch, state);
  return { element, stopwatch, state };
}

/** @param {ReturnType<typeof lane>} lane @param {number} ms @param {boolean} isHeard @param {boolean} isOver */
function show({ element, stopwatch, state }, ms, isHeard, isOver) {
  if (isOver && !isHeard) {
    state.textContent = words.race.stopped;
    return;
  }
  stopwatch.textContent = words.hundredths(ms);
  element.classList.toggle("heard-now", isHeard);
  state.textContent = isHeard ? words.race.heard : words.race.silent;
}
