/** Counts words as their language separates them: Chinese has no blanks. Pure. */

/** Browsers before 2024 may lack it; there blanks separate words. */
const segmenter = "Segmenter" in Intl ? new Intl.Segmenter(undefined, { granularity: "word" }) : null;

/** @param {string} text */
export function countWords(text) {
  return wordsOf(text).length;
}

/** The end of a text, from a word on. @param {string} text @param {number} count of words */
export function lastWords(text, count) {
  const from = wordsOf(text).at(-count) ?? 0;
  return text.slice(from).trim();
}

/** Where each word begins. @param {string} text */
function wordsOf(text) {
  if (segmenter === null) return [...text.matchAll(/\S+/g)].map(({ index }) => index);
  return [...segmenter.segment(text)].filter(({ isWordLike }) => isWordLike).map(({ index }) => index);
}
