/**
 * One utterance's text and when each part of it is heard, from what was written and what the gateway told. Pure.
 *
 * The gateway counts offsets in Unicode code points, JavaScript in UTF-16 units: everything that leaves here is an offset
 * for `String.slice`.
 */

export class SpokenText {
  constructor() {
    this.text = "";
    this._codePoints = 0; // length of the text in them
    /** @type {number[]} code-point offsets of the characters that take two UTF-16 units, ascending */
    this._wide = [];
    this._pieces = /** @type {{end: number, at: number}[]} */ ([]); // code points written, and when
    /** @type {Segment[]} in order */
    this.segments = [];
  }

  /**
   * Write on.
   *
   * @param {string} delta
   * @param {number} [now] when, in milliseconds on the caller's clock
   */
  append(delta, now = 0) {
    for (const character of delta) {
      if (character.length > 1) this._wide.push(this._codePoints);
      this._codePoints += 1;
    }
    this.text += delta;
    this._pieces.push({ end: this._codePoints, at: now });
  }

  /**
   * Take a `segment` message.
   *
   * @param {{segment_id: number, char_start: number, char_end: number, start_ms: number}} message
   */
  addSegment(message) {
    const start = this.utf16(message.char_start);
    this.segments.push({
      id: message.segment_id,
      start,
      end: this.utf16(message.char_end),
      startMs: message.start_ms,
      endMs: null,
      words: [],
      searchFrom: start,
      writtenAt: this._pieces.find((piece) => piece.end >= message.char_end)?.at ?? null,
    });
  }

  /**
   * Take a `words` message. A word is looked for where the last one ended: it stands in the text as spoken, markup aside.
   *
   * @param {{segment_id: number, words: {text: string, start_ms: number, end_ms: number}[]}} message
   */
  addWords(message) {
    const segment = this._segment(message.segment_id);
    if (segment === undefined) return;
    for (const word of message.words) {
      const start = this.text.indexOf(word.text, segment.searchFrom);
      if (start < 0 || start + word.text.length > segment.end) continue; // written differently, such as a number: not shown
      const end = start + word.text.length;
      segment.searchFrom = end;
      segment.words.push({ start, end, startMs: word.start_ms, endMs: word.end_ms });
    }
  }

  /**
   * Take a `segment.done` message.
   *
   * @param {{segment_id: number, end_ms: number}} message
   */
  endSegment(message) {
    const segment = this._segment(message.segment_id);
    if (segment !== undefined) segment.endMs = message.end_ms;
  }

  /**
   * End the segments that are being spoken here; the text that follows is spoken in new segments. There may be two, because a
   * segment is announced with the frame in which the one before it ends.
   *
   * @param {number} heard where the text that was heard ends
   * @param {number} ms where the sound ends
   * @returns {{segment_id: number, end_ms: number}[]} the segments that were cut
   */
  cut(heard, ms) {
    const ends = [];
    let endMs = Math.round(ms);
    for (const segment of this.segments.toReversed()) {
      if (segment.endMs !== null) break;
      segment.endMs = Math.max(segment.startMs, endMs);
      segment.end = Math.max(segment.start, Math.min(segment.end, heard));
      segment.words = segment.words.filter((word) => word.end <= segment.end);
      ends.unshift({ segment_id: segment.id, end_ms: segment.endMs });
      endMs = Math.min(endMs, segment.startMs);
    }
    return ends;
  }

  /**
   * What is being heard at a position of the utterance's sound.
   *
   * @param {number} ms
   * @returns {{segment: {start: number, end: number} | null, word: {start: number, end: number} | null, heard: number}}
   *   `heard` is where the text ends that was heard whole, word by word
   */
  at(ms) {
    const segment = this.segments.findLast((each) => each.startMs <= ms && each.endMs !== each.startMs);
    if (segment === undefined) return { segment: null, word: null, heard: 0 };
    if (segment.endMs !== null && ms >= segment.endMs) return { segment: null, word: null, heard: segment.end };
    const word = segment.words.findLast((each) => each.startMs <= ms);
    if (word === undefined) return { segment, word: null, heard: this._shareOf(segment, ms) };
    const isOver = ms >= word.endMs;
    return { segment, word: isOver ? null : word, heard: isOver ? word.end : word.start };
  }

  /**
   * Without word times a segment counts as heard in proportion to its sound, and not at all until its length is known.
   *
   * @param {Segment} segment
   * @param {number} ms
   */
  _shareOf(segment, ms) {
    if (segment.words.length > 0 || segment.endMs === null) return segment.start;
    const share = (ms - segment.startMs) / (segment.endMs - segment.startMs);
    return segment.start + Math.floor(share * (segment.end - segment.start));
  }

  /** @param {number} id */
  _segment(id) {
    return this.segments.findLast((each) => each.id === id);
  }

  /** An offset in code points as one for `String.slice`. @param {number} codePoints */
  utf16(codePoints) {
    let low = 0;
    let high = this._wide.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this._wide[middle] < codePoints) low = middle + 1;
      else high = middle;
    }
    return codePoints + low;
  }
}

/**
 * @typedef {object} Segment
 * @property {number} id
 * @property {number} start offset in the text
 * @property {number} end
 * @property {number} startMs when it is heard
 * @property {number | null} endMs null while it is being spoken
 * @property {{start: number, end: number, startMs: number, endMs: number}[]} words
 * @property {number} searchFrom where the next word is looked for
 * @property {number | null} writtenAt when its last character had been written, on the writer's clock
 */
