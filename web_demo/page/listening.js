/**
 * Listens to the visitor by the browser's own speech recognition, until it is told to stop. Chrome sends the sound to Google
 * for it, Safari to Apple; Firefox has none.
 *
 * Events (`CustomEvent`): `speaking`, as soon as a word is recognised, which is when a person who talks over a voice wants it
 * silent; `said`, with a whole utterance in `detail`; `failed`, with the browser's code in `detail`, after which it has stopped.
 */

/** Errors after which to begin again is of no use. */
const FINAL = new Set(["not-allowed", "service-not-allowed", "audio-capture", "language-not-supported"]);

export class Listening extends EventTarget {
  /** Whether this browser can. */
  static get isThere() {
    return recogniserOf() !== undefined;
  }

  /** @param {string} language such as `en` */
  constructor(language) {
    super();
    this.isOn = false;
    const Recogniser = recogniserOf();
    if (Recogniser === undefined) throw new Error("this browser recognises no speech; ask Listening.isThere first");
    this._recogniser = new Recogniser();
    Object.assign(this._recogniser, { lang: language, continuous: true, interimResults: true });
    this._recogniser.onresult = (event) => this._heard(event);
    this._recogniser.onerror = ({ error }) => this._failed(error);
    this._recogniser.onend = () => this.isOn && this._recogniser.start(); // after a silence it ends by itself
  }

  start() {
    this.isOn = true;
    this._recogniser.start();
  }

  stop() {
    this.isOn = false;
    this._recogniser.stop();
  }

  /** @param {RecognitionEvent} event */
  _heard({ results, resultIndex }) {
    this.dispatchEvent(new Event("speaking"));
    const said = [...results].slice(resultIndex).filter(({ isFinal }) => isFinal).map(([best]) => best.transcript);
    const detail = said.join(" ").trim();
    if (detail) this.dispatchEvent(new CustomEvent("said", { detail }));
  }

  /** @param {string} error */
  _failed(error) {
    if (!FINAL.has(error)) return; // silence, or a network that may come back: `onend` begins again
    this.isOn = false;
    this.dispatchEvent(new CustomEvent("failed", { detail: error }));
  }
}

/** @returns {(new () => Recogniser) | undefined} */
function recogniserOf() {
  const { SpeechRecognition, webkitSpeechRecognition } =
    /** @type {{SpeechRecognition?: new () => Recogniser, webkitSpeechRecognition?: new () => Recogniser}} */ (globalThis);
  return SpeechRecognition ?? webkitSpeechRecognition;
}

/** @typedef {{results: Iterable<{isFinal: boolean} & Iterable<{transcript: string}>>, resultIndex: number}} RecognitionEvent */
/**
 * The part of a browser's `SpeechRecognition` that is used here.
 *
 * @typedef {object} Recogniser
 * @property {() => void} start
 * @property {() => void} stop
 * @property {(event: RecognitionEvent) => void} onresult
 * @property {(event: {error: string}) => void} onerror
 * @property {() => void} onend
 */
