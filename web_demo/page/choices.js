/** The pickers: filled from what the gateway offers, read when a turn begins. */

import { make } from "./transcript.js";
import { words } from "./words.js";

/** Tokens per second; a large hosted model writes some 50, a small one at home 10. The last is the whole text at once. */
const PACES = [3, 5, 8, 12, 18, 25, 40, 60, 100, 200, Infinity];

/** Formats that the page's player plays. @type {Record<string, string>} */
const FORMAT_NAMES = { opus: "Opus packets", ogg_opus: "Ogg Opus", pcm_s16le: "PCM, 16 bit" };
const OPUS_FORMATS = new Set(["opus", "ogg_opus"]);

export class Choices {
  /** @param {import("./elements.js").Page} page */
  constructor(page) {
    this._page = page;
    /** @type {Voice[]} */
    this._voices = [];
    this._best = "opus";
    this._canDecodeOpus = true;
    /** Called with a voice that a visitor wants to hear, and when. @type {(voice: Voice, askedAt: number) => void} */
    this.onhear = () => {};
    page.pace.addEventListener("input", () => this._showRanges());
    page.speed.addEventListener("input", () => this._showRanges());
    page.voices.addEventListener("change", () => this._voiceChosen());
    page.language.addEventListener("change", () => this._languageChosen());
    this._showRanges();
  }

  /** Tokens per second. */
  get pace() {
    return PACES[Number(this._page.pace.value)];
  }

  /** What was picked; the best for this browser as long as the gateway has offered nothing. */
  get format() {
    return /** @type {import("../client/gateway_client.js").AudioFormat} */ (this._page.format.value || this._best);
  }

  /**
   * What `context.start` is to say.
   *
   * @param {string | null} language of a text that is in one, whatever was picked
   */
  speechOptions(language) {
    const canSpeak = language && this._languages.includes(language);
    return {
      voice: this.voice?.name,
      language: (canSpeak ? language : this._page.language.value) || undefined,
      speed: Number(this._page.speed.value),
    };
  }

  /**
   * Fill the pickers with what `/v1/voices` lists.
   *
   * @param {VoiceList} offer
   */
  fill({ voices, formats }) {
    this._voices = voices;
    this._showVoices();
    const picked = this.format;
    refill(this._page.format, formats.filter((name) => name in FORMAT_NAMES).map((name) => [name, FORMAT_NAMES[name]]));
    this._showFormats(picked);
    this._fillLanguages();
  }

  /**
   * Choose what to begin with, and take away what this browser cannot play.
   *
   * @param {string} best
   * @param {boolean} canDecodeOpus
   */
  offerFormats(best, canDecodeOpus) {
    this._best = best;
    this._canDecodeOpus = canDecodeOpus;
    this._showFormats(best);
  }

  /** @param {string} picked */
  _showFormats(picked) {
    for (const option of this._page.format.options) {
      option.disabled = OPUS_FORMATS.has(option.value) && !this._canDecodeOpus;
    }
    this._page.format.value = picked;
  }

  /** The chosen voice; undefined as long as the gateway has offered none. */
  get voice() {
    const picked = this._page.voices.querySelector("input:checked");
    return this._voices.find(({ name }) => picked instanceof HTMLInputElement && picked.value === name);
  }

  /** @param {string | undefined} voice @param {string | undefined} language @param {number | undefined} speed */
  choose(voice, language, speed) {
    if (this._voices.some(({ name }) => name === voice)) this._pick(voice ?? "");
    if (language) this._page.language.value = language;
    if (speed) this._page.speed.value = `${speed}`;
    this._showRanges();
  }

  get _languages() {
    return this.voice?.languages ?? [];
  }

  /** As cards; the first voice that speaks the page's language is chosen, unless another was. */
  _showVoices() {
    const before = this.voice?.name;
    for (const card of this._page.voices.querySelectorAll(".voice")) card.remove();
    for (const voice of this._voices) this._page.voices.append(this._card(voice));
    const first = this._voices.find(({ languages }) => languages.includes(words.tag)) ?? this._voices[0];
    this._pick(this._voices.find(({ name }) => name === before)?.name ?? first?.name);
  }

  /** @param {Voice} voice */
  _card(voice) {
    const card = make("div", "voice");
    const choice = make("label", "");
    const radio = document.createElement("input");
    Object.assign(radio, { type: "radio", name: "voice", value: voice.name });
    choice.append(radio, make("b", "", voice.name), make("span", "", words.voices[voice.description] ?? voice.description));
    const hear = make("button", "quiet", "▶");
    hear.type = "button";
    hear.ariaLabel = words.hear(voice.name);
    hear.addEventListener("click", (event) => {
      this._pick(voice.name);
      this.onhear(voice, event.timeStamp);
    });
    card.append(choice, hear);
    return card;
  }

  /** @param {string} name */
  _pick(name) {
    const radio = [...this._page.voices.querySelectorAll("input")].find(({ value }) => value === name);
    if (radio === undefined) return;
    radio.checked = true;
  }

  /** A language that the voice does not speak is not asked of it. */
  _voiceChosen() {
    if (!this._languages.includes(this._page.language.value)) this._page.language.value = "";
    this._languageChosen();
  }

  /** Only voices that speak the language are offered. */
  _languageChosen() {
    const language = this._page.language.value;
    const speaks = new Set(this._voices.filter(({ languages }) => language === "" || languages.includes(language)).map(({ name }) => name));
    for (const radio of this._page.voices.querySelectorAll("input")) {
      const card = /** @type {HTMLElement} */ (radio.parentElement?.parentElement);
      card.hidden = !speaks.has(radio.value);
    }
    const first = this._voices.find(({ name }) => speaks.has(name));
    if (first && !speaks.has(this.voice?.name ?? "")) this._pick(first.name);
  }

  _fillLanguages() {
    const names = new Intl.DisplayNames([words.tag, "en"], { type: "language", fallback: "code" });
    /** @type {Offer[]} */
    const languages = [...new Set(this._voices.flatMap((voice) => voice.languages))].map((code) => [code, languageName(names, code)]);
    languages.sort(([, a], [, b]) => a.localeCompare(b));
    refill(this._page.language, [["", words.automatic], ...languages]);
  }

  _showRanges() {
    const { pace } = this;
    this._page.paceText.value = words.pace(pace);
    this._page.pace.setAttribute("aria-valuetext", this._page.paceText.value);
    this._page.speedText.value = `${Number(this._page.speed.value).toFixed(1)} ×`;
    this._page.speed.setAttribute("aria-valuetext", this._page.speedText.value);
  }
}

/**
 * Fill a picker anew; what was picked stays if it is still there.
 *
 * @param {HTMLSelectElement} select
 * @param {Offer[]} options
 */
function refill(select, options) {
  const picked = select.value;
  select.replaceChildren(
    ...options.map(([value, text, title = ""]) => {
      const option = new Option(text, value);
      option.title = title;
      return option;
    }),
  );
  if (options.some(([value]) => value === picked)) select.value = picked;
}

/**
 * The name of a language; codes that are a voice's own (`en-gb-x-rp`) may be none.
 *
 * @param {Intl.DisplayNames} names
 * @param {string} code
 */
function languageName(names, code) {
  try {
    return names.of(code) ?? code;
  } catch {
    return code;
  }
}

/** @typedef {{name: string, description: string, languages: string[]}} Voice */
/** @typedef {[value: string, text: string, title?: string]} Offer of a picker */
/** @typedef {{voices: Voice[], formats: string[]}} VoiceList */
