/** How the time from a press to the first sound came about, part by part. Pure. */

/** The instants, in the order in which they must come; each part ends with its own. `online` is reached only after an outage. */
export const PARTS = /** @type {const} */ (["sent", "written", "online", "released", "packet", "sound"]);

/**
 * Split the time from `asked` to `sound`.
 *
 * @param {Marks} marks milliseconds on one clock: `asked` and what has been reached of `PARTS`
 * @returns {{mark: Mark, ms: number}[]} never negative; they add up to the time from `asked` to the last mark reached
 */
export function partsOf(marks) {
  const parts = [];
  let reached = marks.asked;
  for (const mark of PARTS) {
    const at = marks[mark];
    if (at === undefined) continue;
    parts.push({ mark, ms: Math.max(0, at - reached) });
    reached = Math.max(reached, at);
  }
  return parts;
}

/**
 * What the gateway and the way here cost: from the first sentence written to its first sound. A sentence that was written
 * while there was no connection could not be spoken before there was one, so then the connection's return begins it.
 *
 * @param {Marks} marks
 * @returns {number | null} null before the first sound
 */
export function afterWritingMs({ sent, written = sent, online = 0, sound }) {
  if (sent === undefined || written === undefined || sound === undefined) return null;
  return sound - Math.max(written, sent, online);
}

/** @typedef {typeof PARTS[number]} Mark */
/** @typedef {{asked: number} & {[mark in Mark]?: number}} Marks when each was reached, in milliseconds on one clock */
