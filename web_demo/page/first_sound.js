/** How the time from a click to the first sound came about, part by part. Pure. */

/**
 * The instants, in the order in which they must come; each part ends with its own. `label` is for the legend, `what` for
 * whoever asks.
 */
export const PARTS = Object.freeze([
  { mark: "sent", label: "Text sent", what: "from the click to the first piece of text on the wire" },
  { mark: "written", label: "Sentence written", what: "the writer’s own time for the first sentence" },
  { mark: "released", label: "Sentence released", what: "the gateway found its end, and the voice made its first sound" },
  { mark: "packet", label: "First packet", what: "encoded and carried here" },
  { mark: "sound", label: "First sound", what: "decoded, the first 80 ms gathered, and through the sound card" },
]);

/**
 * Split the time from `asked` to `sound`.
 *
 * @param {Record<string, number>} marks milliseconds on one clock: `asked` and what has been reached of `PARTS`
 * @returns {{mark: string, ms: number}[]} never negative; they add up to the time from `asked` to the last mark reached
 */
export function partsOf(marks) {
  const parts = [];
  let reached = marks.asked;
  for (const { mark } of PARTS) {
    if (marks[mark] === undefined) continue;
    const at = Math.max(reached, marks[mark]);
    parts.push({ mark, ms: at - reached });
    reached = at;
  }
  return parts;
}

/**
 * What the gateway and the way here cost: from the first sentence written to its first sound.
 *
 * @param {Record<string, number>} marks
 */
export function afterWritingMs(marks) {
  return marks.sound - Math.max(marks.written, marks.sent);
}
