/** The page's words, in the language that a visitor's browser asks for first of those there are. */

import { EN } from "./words_en.js";
import { ZH } from "./words_zh.js";

/** @type {Record<string, Words>} */
const TABLES = { en: EN, zh: ZH };

/**
 * Choose a language. Pure.
 *
 * @param {string | null} wish of the address (`?lang=zh`), which goes before the browser's
 * @param {readonly string[]} browsers what the browser asks for, the dearest first
 */
export function languageOf(wish, browsers) {
  const asked = [wish ?? "", ...browsers].map((tag) => tag.toLowerCase().split("-")[0]);
  return asked.find((tag) => tag in TABLES) ?? "en";
}

/** @param {string} language @returns {Words} */
export function wordsIn(language) {
  return TABLES[language];
}

/** Node's tests have no address and may have no navigator: for them the words are English. */
const wish = new URLSearchParams(globalThis.location?.search).get("lang");
export const words = wordsIn(languageOf(wish, globalThis.location ? navigator.languages : []));

/**
 * Put a page that is written in English into the visitor's language. `data-words` names the words of an element's text,
 * `data-words-label` those of its label, `data-words-hint` those of its placeholder.
 */
export function translatePage() {
  document.documentElement.lang = words.tag;
  const translated = words.page;
  if (translated === null) return; // it is written in that language
  document.title = translated.title;
  for (const element of document.querySelectorAll("[data-words]")) element.textContent = translated[nameOf(element, "words")];
  for (const element of document.querySelectorAll("[data-words-label]")) {
    element.setAttribute("aria-label", translated[nameOf(element, "wordsLabel")]);
  }
  for (const element of document.querySelectorAll("[data-words-hint]")) {
    element.setAttribute("placeholder", translated[nameOf(element, "wordsHint")]);
  }
}

/** @param {Element} element @param {string} data */
function nameOf(element, data) {
  return /** @type {HTMLElement} */ (element).dataset[data] ?? "";
}

/**
 * `page` holds what stands in index.html, by name; null for the language in which it is written.
 *
 * @typedef {Omit<typeof EN, "page"> & {page: Record<string, string> | null}} Words
 */
