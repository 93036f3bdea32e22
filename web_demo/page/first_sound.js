/** How the time from a click to the first sound came about, part by part. Pure. */

/**
 * The instants, in the order in which they must come; each part ends with its own. `label` is for the legend, `what` for
 * whoever asks.
 */
export const PARTS = /** @type {const} */ ([
  { mark: "sent", label: "Text sent", what: "from the click to the first piece of text on the wire" },
  { mark: "written", label: "Sentence written", what: "the writer’s own time for the first sentence" },
  { mark: "released", label: "Sentence released", what: "the gateway found its end, and the voice made its first sound" },
  { mark: "packet", label: "First packet", what: "encoded and carried here" },
  { mark: "sound", label: "First sound", what: "decoded, the first 80 ms gathered, and through the sound card" },
]);

/**
 * Split the time from `asked` to `sound`.
 *
 * @param {Marks} marks milliseconds on one clock: `asked` and what has been reached of `PARTS`
 * @returns {{mark: Mark, ms: number}[]} never negative; they add up to the time from `asked` to the last mark reached
 */
export function partsOf(marks) {
  const parts = [];
  let reached = marks.asked;
  for (const { mark } of PARTS) {
    const at = marks[mark];
    if (at === undefined) continue;
    parts.push({ mark, ms: Math.max(0, at - reached) });
    reached = Math.max(reached, at);
  }
  return parts;
}

/**
 * What the gateway and the way here cost: from the first sentence written to its first sound.
 *
 * @param {{sent: number, written: number, sound: number}} marks
 */
export function afterWritingMs({ sent, written, sound }) {
  return sound - Math.max(written, sent);
}

/** @typedef {typeof PARTS[number]["mark"]} Mark */
/** @typedef {{asked: number} & {[mark in Mark]?: number}} Marks when each was reached, in milliseconds on one clock */
