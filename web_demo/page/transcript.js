/**
 * Shows what is said: heard, being heard, written and not heard yet.
 *
 * One paragraph is five spans whose texts are cut anew when another word is heard, about three times a second: the text stays one text
 * for selection, translation and screen readers, and a phone has nothing to do between two words.
 */

import { words } from "./words.js";

export class AnswerView {
  /**
   * @param {HTMLElement} list where turns stand
   * @param {string | null} question what the person said, if anything
   * @param {string} language of the answer
   */
  constructor(list, question, language) {
    this.element = make("article", "turn");
    if (question) this.element.append(asQuestion(question, language));
    this._answer = make("p", "answer");
    this._answer.dir = "auto";
    if (language) this._answer.lang = language;
    this._spans = Object.fromEntries(
      ["heard", "hearing", "word", "next", "pending"].map((name) => [name, make("span", name)]),
    );
    this._answer.append(...Object.values(this._spans));
    this._caret = make("span", "caret");
    this._caret.setAttribute("aria-hidden", "true");
    this._answer.append(this._caret);
    this.element.append(this._answer);
    list.append(this.element);
    this._list = list;
    this._shown = "";
  }

  /**
   * @param {import("../client/gateway_client.js").SpokenText} spoken
   * @param {number} heardMs
   */
  show(spoken, heardMs) {
    const { segment, word, heard } = spoken.at(heardMs);
    /** @type {Edges} */
    const edges = segment
      ? [segment.start, word?.start ?? heard, word?.end ?? heard, Math.max(segment.end, heard)]
      : [heard, heard, heard, heard];
    this._cut(spoken.text, edges);
  }

  /** The text is written; what follows is only being heard. */
  written() {
    this._caret.hidden = true;
  }

  /** All of it was heard. @param {string} text */
  end(text) {
    this._settle(text, text.length);
  }

  /**
   * It ended early: mark what was not heard, and offer to say it.
   *
   * @param {string} text
   * @param {number} heard where the heard part ends
   * @param {string[]} verdicts
   * @param {(rest: string) => void} onSayRest
   */
  breakOff(text, heard, verdicts, onSayRest) {
    this._settle(text, heard);
    this.element.classList.add("broken");
    const note = make("div", "verdict");
    note.append(...verdicts.filter(Boolean).map((verdict) => make("p", "", verdict)));
    const rest = text.slice(heard).trim();
    if (rest) {
      const button = make("button", "quiet", words.sayTheRest);
      button.type = "button";
      button.addEventListener("click", () => onSayRest(rest));
      note.append(button);
    }
    this.element.append(note);
    this._showEdge();
  }

  /** Bring the place where hearing ended into sight: its line stands second, and the note stays at the lower edge. */
  _showEdge() {
    const line = this._spans.pending.getClientRects()[0];
    if (line === undefined) return; // all was heard
    this._list.scrollTop += line.top - line.height - this._list.getBoundingClientRect().top;
  }

  /** @param {string} text @param {number} heard */
  _settle(text, heard) {
    this._caret.hidden = true;
    this._cut(text, [heard, heard, heard, heard]);
    this.element.classList.add("settled");
  }

  /** @param {string} text @param {Edges} edges */
  _cut(text, [start, wordStart, wordEnd, end]) {
    const key = `${text.length} ${start} ${wordStart} ${wordEnd} ${end}`;
    if (key === this._shown) return;
    this._shown = key;
    this._spans.heard.textContent = text.slice(0, start);
    this._spans.hearing.textContent = text.slice(start, wordStart);
    this._spans.word.textContent = text.slice(wordStart, wordEnd);
    this._spans.next.textContent = text.slice(wordEnd, end);
    this._spans.pending.textContent = text.slice(end);
    this._follow(wordEnd > wordStart ? this._spans.word : this._caret);
  }

  /** Keep what matters in sight, by moving the list and never the page. @param {HTMLElement} element */
  _follow(element) {
    const list = this._list.getBoundingClientRect();
    const here = element.getBoundingClientRect();
    if (here.height === 0) return;
    if (here.bottom > list.bottom - 16) this._list.scrollTop += here.bottom - list.bottom + 48;
    else if (here.top < list.top) this._list.scrollTop -= list.top - here.top + 16;
  }
}

/** @param {string} text @param {string} language */
function asQuestion(text, language) {
  const question = make("p", "question", text);
  question.dir = "auto";
  if (language) question.lang = language;
  return question;
}

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag @param {string} className @param {string} [text]
 */
export function make(tag, className, text = "") {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}

/** @typedef {[start: number, wordStart: number, wordEnd: number, end: number]} Edges of the five spans, in the text */
