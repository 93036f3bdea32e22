/** Writes a finished text the way a language model would: token by token, at a chosen speed. */

/**
 * About how many letters of a script make a token of a language model: four of Latin script with the blank before them, so up
 * to five; one or two Chinese characters; two or three Arabic, Hebrew, Indic or Thai letters.
 */
const DENSE = String.raw`\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}`;
const MIDDLE = String.raw`\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Thai}`;
const TOKEN = new RegExp(`\\s*(?:[${DENSE}]{1,2}|[${MIDDLE}]{1,3}|[^\\s${DENSE}${MIDDLE}]{1,5})|\\s+`, "gu");

/**
 * Cut a text into pieces about as long as a language model's tokens. Joined they are the text again.
 *
 * @param {string} text
 */
export function tokensOf(text) {
  return text.match(TOKEN) ?? [];
}

/**
 * How many tokens should have been written by now.
 *
 * Counted from the start and not from token to token: timers are late, and those of a hidden tab fire once a second.
 *
 * @param {number} elapsedMs
 * @param {number} tokensPerSecond `Infinity`: all of them
 */
export function tokensDue(elapsedMs, tokensPerSecond) {
  return tokensPerSecond === Infinity ? Infinity : Math.floor((elapsedMs * tokensPerSecond) / 1000) + 1;
}

/**
 * Write a text; ends early when `signal` is aborted.
 *
 * @param {string} text
 * @param {() => number} tokensPerSecond asked for each token, so that the speed may change meanwhile; `Infinity`: at once
 * @param {AbortSignal} signal
 */
export async function* typed(text, tokensPerSecond, signal) {
  const tokens = tokensOf(text);
  let speed = tokensPerSecond();
  let startedAt = performance.now();
  let before = 0; // tokens written at other speeds
  for (let written = 0; written < tokens.length && !signal.aborted; ) {
    if (tokensPerSecond() !== speed) {
      speed = tokensPerSecond();
      startedAt = performance.now();
      before = written;
    }
    const due = Math.min(tokens.length, before + tokensDue(performance.now() - startedAt, speed));
    if (due > written) yield tokens.slice(written, due).join("");
    written = Math.max(written, due);
    if (written < tokens.length) await pause(1000 / speed, signal);
  }
}

/** @param {number} ms @param {AbortSignal} signal @returns {Promise<void>} */
function pause(ms, signal) {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end); // a long text pauses thousands of times on one signal
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end);
  });
}
