/** The pickers: filled from what the gateway offers, read when a turn begins. */

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
    page.pace.addEventListener("input", () => this._showRanges());
    page.speed.addEventListener("input", () => this._showRanges());
    page.voice.addEventListener("change", () => this._fillLanguages());
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
      voice: this._page.voice.value || undefined,
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
    refill(this._page.voice, voices.map(({ name, description }) => [name, name, description]));
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

  get _languages() {
    return this._voices.find((voice) => voice.name === this._page.voice.value)?.languages ?? [];
  }

  _fillLanguages() {
    const names = new Intl.DisplayNames([navigator.language, "en"], { type: "language", fallback: "code" });
    /** @type {Offer[]} */
    const languages = this._languages.map((code) => [code, languageName(names, code)]);
    languages.sort(([, a], [, b]) => a.localeCompare(b));
    refill(this._page.language, [["", "Automatic"], ...languages]);
  }

  _showRanges() {
    const { pace } = this;
    this._page.paceText.value = pace === Infinity ? "all at once" : `${pace} tokens a second`;
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
