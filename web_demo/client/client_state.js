/**
 * One client's conversation with the gateway: messages and time in, actions out. No socket, no timer, no clock.
 *
 * The shell (`gateway_client.js`) calls the methods with the time in milliseconds, performs `takeActions()` in order, and
 * calls `tick` at `nextDeadline()`. What `tts.v1` asks of a client, and when to connect again, is decided here.
 *
 * What a lost connection costs: nothing, if the gateway offers `resume` and the client is back in time; all goes on where
 * the socket broke. Otherwise every speech goes on, on the next connection, from the first word whose sound had not come.
 */

import { unpackFrame } from "./audio_frames.js";
import { Ledger } from "./ledger.js";
import { Splice } from "./splice.js";
import { SpokenText } from "./spoken_text.js";

/** What each event does to the connection; any other pair is a mistake of this client, and throws. */
export const TRANSITIONS = Object.freeze({
  idle: { connect: "connecting", close: "closed" },
  connecting: { opened: "greeting", lost: "waiting", close: "closed" },
  greeting: { greeted: "ready", goaway: "draining", lost: "waiting", close: "closed" },
  ready: { goaway: "draining", lost: "waiting", close: "closed" },
  draining: { lost: "waiting", close: "closed" },
  waiting: { connect: "connecting", close: "closed" },
  closed: { connect: "connecting" },
});

/** The first wait before connecting again, its cap, and how much of a wait is drawn by lot so that clients come apart. */
export const FIRST_WAIT_MS = 250;
export const LONGEST_WAIT_MS = 10_000;
const LOT_SHARE = 0.5;

/**
 * A browser answers the gateway's pings and does not tell its page of them, so the client asks too. The time is far below
 * the usual `idle_s`, and the round trip is worth showing.
 */
export const PING_EVERY_MS = 15_000;
/** A gateway that closes what is idle sooner than usual is asked so many times in that while. */
export const PINGS_IN_IDLE_S = 3;
/** The first one soon, because its round trip is worth knowing, but not while the page is still busy with loading. */
export const FIRST_PING_MS = 1000;
/** As long as the gateway gives us (`slow_client_s`). */
export const PONG_PATIENCE_MS = 10_000;
/** An opening that takes longer than this is given up: above the gateway's own limit of 5 s for a handshake. */
export const OPEN_PATIENCE_MS = 10_000;

/**
 * Closes after which another try would end the same way: the peer, the key or what was sent is wrong. 1002, 1003 and 1007
 * are RFC 6455's protocol error, unsupported data and invalid UTF-8; docs/PROTOCOL.md has the others.
 */
export const FINAL_CLOSE_CODES = new Set([1002, 1003, 1007, 1008, 1009, 4400, 4401, 4404]);
/** What the gateway calls the addition by which a session outlives its socket, and RFC 6455 an end without a close frame. */
const RESUME = "resume";
const BROKEN = 1006;
/** Errors after which a context that never began is over, without a `context.done`. */
export const NEVER_BEGAN = new Set(["too_many_contexts", "overloaded", "quota_exceeded"]);

/** Three bytes of UTF-8 at most for a UTF-16 unit. */
const UTF8_BYTES_PER_UNIT = 3;
const HALF_PAIRS = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

export class ClientState {
  /**
   * @param {import("./gateway_client.js").SessionOptions} session what `session.update` asks for
   * @param {() => number} [random] 0 to 1
   */
  constructor(session, random = Math.random) {
    /** @type {State} */
    this.state = "idle";
    /** @type {string[]} */
    this.voices = [];
    /** @type {import("./gateway_client.js").Limits | null} */
    this.limits = null;
    this._session = session;
    this._random = random;
    /** @type {Action[]} */
    this._actions = [];
    /** @type {Map<string, Context>} live ones, in order of birth */
    this._contexts = new Map();
    /** @type {Map<number, Context>} of the present connection */
    this._channels = new Map();
    this._repliesDue = 0; // of the greeting
    /** @type {Ledger | null} null if the gateway does not offer to resume */
    this._ledger = null;
    this._resumeUntil = -Infinity; // while a session waits for us
    this._failures = 0; // in a row, hence the wait
    this._reconnectAt = Infinity;
    this._openDueAt = Infinity;
    this._pingAt = Infinity;
    this._pingSentAt = 0;
    this._pings = 0;
    this._pongDueAt = Infinity;
    this._lossDueAt = Infinity; // of speeches that were begun after the end
  }

  // -- out ------------------------------------------------------------------------------------------------------------

  /** What is to be done, in order. */
  takeActions() {
    const actions = this._actions;
    this._actions = [];
    return actions;
  }

  /** When `tick` has something to do if nothing else happens before. */
  nextDeadline() {
    return Math.min(this._reconnectAt, this._openDueAt, this._pingAt, this._pongDueAt, this._lossDueAt);
  }

  // -- in: the application ------------------------------------------------------------------------------------------------

  /** Connect, and stay connected until `close`. @param {number} now */
  connect(now) {
    if ("connect" in TRANSITIONS[this.state]) this._connect(now);
  }

  /** Leave for good; what still speaks is lost. */
  close() {
    if (this.state === "closed") return;
    this._actions.push({ do: "drop" });
    this._move("close");
    this._resumeUntil = -Infinity;
    this._forgetConnection();
    this._loseAll();
  }

  /**
   * Open a context, now or as soon as a connection takes it. After the end none will, unless `connect` follows at once: then
   * the context is lost with the next tick, when its listeners are there to learn of it.
   *
   * @param {string} id
   * @param {import("./gateway_client.js").SpeechOptions} options fields of `context.start`
   */
  begin(id, options) {
    const context = new Context(id, options);
    this._contexts.set(id, context);
    this._post(context, context.start);
    if (this.state === "closed") this._lossDueAt = 0;
    return context.spoken;
  }

  /** Write on; pieces are joined exactly as given. @param {string} id @param {string} delta @param {number} now */
  write(id, delta, now) {
    const context = this._contexts.get(id);
    if (context === undefined || context.isEnded || context.isCancelled) return;
    const text = context.takeWhole(delta);
    if (text === "") return;
    context.spoken.append(text, now);
    for (const piece of this._pieces(text)) this._post(context, { type: "text", context_id: id, text: piece });
  }

  /** Have what was written spoken now. @param {string} id */
  flush(id) {
    const context = this._contexts.get(id);
    if (context === undefined || context.isEnded || context.isCancelled) return;
    context.flushAt = context.spoken.text.length;
    this._post(context, { type: "flush", context_id: id });
  }

  /** No more text will come. @param {string} id */
  end(id) {
    const context = this._contexts.get(id);
    if (context === undefined || context.isEnded || context.isCancelled) return;
    context.isEnded = true;
    this._post(context, { type: "context.end", context_id: id });
  }

  /**
   * Barge-in: from now on the page is told nothing of this context but its end.
   *
   * @param {string} id
   * @param {number} [playedMs] what the listener has heard; if it is left out, the last report or the gateway's clock says it
   */
  cancel(id, playedMs) {
    const context = this._contexts.get(id);
    if (context === undefined || context.isCancelled) return;
    context.isCancelled = true;
    context.playedMs = playedMs ?? context.playedMs;
    if (context.isBegun) {
      const heardMs = playedMs === undefined ? undefined : context.splice.contextPlayedMs(playedMs);
      this._post(context, { type: "context.cancel", context_id: id, played_ms: heardMs });
    } else {
      this._finish(context, "cancel");
    }
  }

  /**
   * What the listener has heard and still holds: the credit that lets the gateway go on.
   *
   * @param {string} id
   * @param {number} playedMs
   * @param {number} bufferedMs
   */
  report(id, playedMs, bufferedMs) {
    const context = this._contexts.get(id);
    if (context === undefined || context.isCancelled || !context.isBegun) return;
    context.playedMs = playedMs;
    const heardMs = context.splice.contextPlayedMs(playedMs);
    this._post(context, { type: "playback", context_id: id, played_ms: heardMs, buffered_ms: bufferedMs });
  }

  // -- in: the socket -----------------------------------------------------------------------------------------------------

  /** The socket is open: say how the audio is to be. @param {number} now */
  opened(now) {
    this._openDueAt = Infinity;
    this._move("opened");
    this._pingAt = now + FIRST_PING_MS;
    const { resumption, received } = this._ledger ?? {};
    if (resumption && this._isAwaited(now)) {
      const { sessionId, token } = resumption;
      this._pingAt = Infinity; // until it is known which session it would be counted in
      this._openDueAt = now + OPEN_PATIENCE_MS;
      this._sendUncounted({ type: "session.resume", session_id: sessionId, token, received });
    } else {
      this._wish(2); // the greeting, and the answer to ours
    }
  }

  /** A text message came. @param {string} text @param {number} now */
  textReceived(text, now) {
    this._pongDueAt = Infinity; // whatever comes is a sign of life
    const message = /** @type {ServerMessage} */ (JSON.parse(text));
    if (message.type === "session.ready" && message.resume) {
      this._ledger?.agreed({ sessionId: message.session_id, ...message.resume });
    }
    const isResuming = this._isAwaited(now) && this.state === "greeting";
    if (this._ledger?.resumption && !isResuming) this._ledger.received += 1;
    switch (message.type) {
      case "session.ready":
        if (isResuming) break; // of a session that nobody wants
        this.voices = message.voices;
        this.limits = message.limits;
        if (message.features?.includes(RESUME) && this._ledger === null) {
          this._ledger = new Ledger();
          this._repliesDue += 1;
          this._sendUncounted({ type: "session.update", resume: true });
        }
        this._greeted();
        break;
      case "session.resumed":
        if (isResuming) this._resumed(message.received, now);
        break;
      case "goaway":
        if (!isResuming) this._move("goaway");
        break;
      case "pong":
        this._tell("roundtrip", { ms: now - this._pingSentAt });
        if (typeof message.id === "number") this._ledger?.ponged(message.id);
        break;
      case "error":
        if (isResuming) this._notResumed(now);
        else this._errorReceived(message);
        break;
      default:
        this._contextMessageReceived(message);
    }
  }

  /**
   * A binary message came.
   *
   * @param {ArrayBuffer} message
   */
  frameReceived(message) {
    this._pongDueAt = Infinity;
    if (this._ledger?.resumption) this._ledger.received += 1;
    const frame = unpackFrame(message);
    const context = this._channels.get(frame.channel);
    if (context === undefined) return;
    context.hasSound ||= frame.duration > 0; // the first pages of an Ogg stream have none
    const told = context.splice.frame(frame);
    if (!context.isCancelled) this._tellSpeech(context, "audio", told);
  }

  /** The socket is gone, or never opened. @param {number} code @param {string} reason @param {number} now */
  lost(code, reason, now) {
    if (this.state === "closed") return;
    const wasReady = this.state === "ready" || this.state === "draining";
    if (wasReady && code === BROKEN && this._ledger?.resumption) {
      this._resumeUntil = now + 1000 * this._ledger.resumption.seconds;
    }
    const isAwaited = code === BROKEN && this._isAwaited(now);
    this._forgetConnection(isAwaited);
    const isFinal = FINAL_CLOSE_CODES.has(code);
    if (isFinal) {
      this._move("close", { code, reason });
    } else {
      // A connection that had worked is tried again as if for the first time.
      this._failures = wasReady ? 0 : this._failures;
      const waitMs = wasReady && isAwaited ? 0 : waitBefore(this._failures, this._random());
      if (!(wasReady && isAwaited)) this._failures += 1;
      this._reconnectAt = now + waitMs;
      this._move("lost", { code, reason, waitMs, wasReady });
    }
    if (!isAwaited) this._abandon(isFinal);
  }

  // -- in: time -----------------------------------------------------------------------------------------------------------

  /** Do what has become due. @param {number} now */
  tick(now) {
    if (now >= this._lossDueAt) {
      this._lossDueAt = Infinity;
      this._loseAll();
    }
    if (now >= this._reconnectAt) {
      if (this._resumeUntil > -Infinity && !this._isAwaited(now)) this._abandon(false); // too late
      this._connect(now);
    }
    if (now >= this._openDueAt || now >= this._pongDueAt) {
      this._openDueAt = this._pongDueAt = Infinity;
      this._actions.push({ do: "drop" });
      this.lost(1006, "no answer", now); // RFC 6455's name for an end without a close frame
    }
    if (now >= this._pingAt) {
      this._pingAt = now + Math.min(PING_EVERY_MS, ((this.limits?.idle_s ?? Infinity) * 1000) / PINGS_IN_IDLE_S);
      this._pongDueAt = Math.min(this._pongDueAt, now + PONG_PATIENCE_MS);
      this._pingSentAt = now;
      this._send({ type: "ping", id: this._pings });
      this._ledger?.pinged(this._pings++);
    }
  }

  // -- the connection -----------------------------------------------------------------------------------------------------

  /** @param {Event} event @param {Partial<import("./gateway_client.js").StateChange>} [detail] */
  _move(event, detail = {}) {
    const next = /** @type {Partial<Record<Event, State>>} */ (TRANSITIONS[this.state])[event];
    if (next === undefined) throw new Error(`${event} while ${this.state}`);
    this.state = next;
    this._tell("state", { state: next, ...detail });
  }

  /** @param {number} now */
  _connect(now) {
    this._reconnectAt = this._lossDueAt = Infinity;
    this._openDueAt = now + OPEN_PATIENCE_MS;
    this._move("connect");
    const sessionId = this._isAwaited(now) ? this._ledger?.resumption?.sessionId : undefined;
    this._actions.push(sessionId === undefined ? { do: "open" } : { do: "open", resume: sessionId });
  }

  /** Say how the audio is to be; so many answers are still to come. @param {number} repliesDue */
  _wish(repliesDue) {
    this._ledger = null;
    this._repliesDue = repliesDue;
    this._send({ type: "session.update", ...this._session });
  }

  // -- coming back --------------------------------------------------------------------------------------------------------

  /** Whether the gateway still keeps our session. @param {number} now */
  _isAwaited(now) {
    return now < this._resumeUntil;
  }

  /** The session goes on: send again what the gateway has not taken, then what came meanwhile. @param {number} taken @param {number} now */
  _resumed(taken, now) {
    this._resumeUntil = -Infinity;
    this._failures = 0;
    this._openDueAt = Infinity;
    this._pingAt = now + FIRST_PING_MS;
    for (const text of this._ledger?.resumed(taken) ?? []) this._actions.push({ do: "send", text });
    this._move("greeted");
    for (const context of this._contexts.values()) this._sendPending(context);
  }

  /** The session is over; this socket is a session of its own. @param {number} now */
  _notResumed(now) {
    this._abandon(false);
    this._openDueAt = Infinity;
    this._pingAt = now + FIRST_PING_MS;
    this._wish(1); // the greeting has come
  }

  /** What the connection carried does not come back. @param {boolean} isFinal nor does the connection */
  _abandon(isFinal) {
    this._resumeUntil = -Infinity;
    this._ledger = null;
    this._channels.clear();
    for (const context of [...this._contexts.values()]) {
      if (isFinal || context.isCancelled) this._lose(context);
      else if (context.isBegun) this._speakOn(context);
    }
  }

  /** Have the next connection speak what this one has not. @param {Context} context */
  _speakOn(context) {
    for (const end of context.splice.cut()) {
      this._tellSpeech(context, "segment.done", { type: "segment.done", context_id: context.id, ...end });
    }
    const isSpoken = context.splice.textStart >= context.spoken.text.length;
    if (isSpoken && context.isEnded && context.hasSound) this._finish(context, "end");
    else this._rewind(context);
  }

  /** Have the next connection told what this one has not spoken. @param {Context} context */
  _rewind(context) {
    const { text } = context.spoken;
    const start = context.splice.textStart;
    const flushAt = Math.max(start, context.flushAt);
    context.rewind(this._pieces(text.slice(start, flushAt)), this._pieces(text.slice(flushAt)));
  }

  _greeted() {
    this._repliesDue -= 1;
    if (this._repliesDue > 0 || this.state !== "greeting") return;
    this._failures = 0;
    this._move("greeted");
    for (const context of this._contexts.values()) this._sendPending(context);
  }

  /** @param {boolean} [isAwaited] the session may be resumed */
  _forgetConnection(isAwaited = false) {
    if (!isAwaited) this._channels.clear();
    this._reconnectAt = this._openDueAt = this._pingAt = this._pongDueAt = Infinity;
  }

  // -- contexts -----------------------------------------------------------------------------------------------------------

  /** @param {ContextMessage} message */
  _contextMessageReceived(message) {
    const context = this._contexts.get(message.context_id);
    if (context === undefined) return;
    switch (message.type) {
      case "context.started":
        this._channels.set(message.channel, context);
        context.splice.begin(message.preskip);
        break;
      case "segment":
        message = context.splice.segment(message);
        context.spoken.addSegment(message);
        break;
      case "words":
        message = context.splice.words(message);
        context.spoken.addWords(message);
        break;
      case "segment.done":
        message = context.splice.segmentDone(message);
        context.spoken.endSegment(message);
        break;
      case "context.done":
        this._forget(context);
        this._tellSpeech(context, "done", context.splice.done(message));
        return;
    }
    if (!context.isCancelled) this._tellSpeech(context, message.type, message);
  }

  /** @param {import("./gateway_client.js").GatewayError} message */
  _errorReceived(message) {
    if (this.state === "greeting") this._greeted(); // the wish was refused; the gateway's own audio parameters stay
    const context = this._contexts.get(message.context_id ?? ""); // no context is called so
    if (context === undefined) {
      this._tell("error", message);
    } else if (message.code === "overloaded" && this.state === "draining") {
      this._rewind(context); // it crossed with `goaway`: the next connection takes it
    } else {
      this._tellSpeech(context, "error", message);
      if (NEVER_BEGAN.has(message.code)) this._finish(context, "error");
    }
  }

  /**
   * End a context without the gateway, which never knew it or is gone.
   *
   * @param {Context} context
   * @param {import("./gateway_client.js").SpeechDone["reason"]} reason
   */
  _finish(context, reason) {
    this._forget(context);
    const whole = reason === "end" ? context.spoken.text.length : undefined;
    const heard = whole ?? (context.hasSound ? context.spoken.at(context.playedMs).heard : 0);
    this._tellSpeech(context, "done", {
      type: "context.done",
      context_id: context.id,
      reason,
      audio_ms: Math.round(context.splice.receivedMs),
      text_spoken: context.spoken.text.slice(0, heard),
      text_remaining: context.spoken.text.slice(heard),
    });
  }

  /** @param {Context} context */
  _lose(context) {
    this._finish(context, context.isCancelled ? "cancel" : "lost");
  }

  _loseAll() {
    for (const context of [...this._contexts.values()]) this._lose(context);
  }

  /** @param {Context} context */
  _forget(context) {
    this._contexts.delete(context.id);
    for (const [channel, each] of this._channels) if (each === context) this._channels.delete(channel);
  }

  /**
   * Send a context's message, or keep it until a connection takes it.
   *
   * @param {Context} context
   * @param {ClientMessage} message
   */
  _post(context, message) {
    const isTaken = this.state === "ready" || (this.state === "draining" && context.isBegun);
    if (!isTaken) {
      context.pending.push(message);
    } else {
      context.isBegun = true;
      this._send(message);
    }
  }

  /** @param {Context} context */
  _sendPending(context) {
    const pending = context.pending;
    context.pending = [];
    for (const message of pending) this._post(context, message);
  }

  /** Cut text to what one message may hold, between characters. @param {string} text */
  *_pieces(text) {
    const longest = Math.floor((this.limits?.max_text_bytes ?? 16 * 1024) / UTF8_BYTES_PER_UNIT);
    for (let start = 0; start < text.length; ) {
      let end = Math.min(start + longest, text.length);
      if (end < text.length && isHighSurrogate(text, end - 1)) end -= 1;
      yield text.slice(start, end);
      start = end;
    }
  }

  // -- actions ------------------------------------------------------------------------------------------------------------

  /** @param {ClientMessage} message */
  _send(message) {
    const text = JSON.stringify(message);
    this._ledger?.send(text);
    this._actions.push({ do: "send", text });
  }

  /** Send what belongs to no session's count. @param {ClientMessage} message */
  _sendUncounted(message) {
    this._actions.push({ do: "send", text: JSON.stringify(message) });
  }

  /** @param {string} name @param {unknown} detail */
  _tell(name, detail) {
    this._actions.push({ do: "tell", name, detail });
  }

  /** @param {Context} context @param {string} name @param {unknown} detail */
  _tellSpeech(context, name, detail) {
    this._actions.push({ do: "tellSpeech", id: context.id, name, detail });
  }
}

/** One utterance's books on the client's side. */
class Context {
  /** @param {string} id @param {import("./gateway_client.js").SpeechOptions} options */
  constructor(id, options) {
    this.id = id;
    this.start = { type: "context.start", context_id: id, ...options };
    this.spoken = new SpokenText();
    this.splice = new Splice(this.spoken);
    /** @type {ClientMessage[]} that no connection has taken */
    this.pending = [];
    this.isBegun = false; // the present connection knows it
    this.isEnded = false;
    this.isCancelled = false;
    this.hasSound = false; // some of it has come
    this.flushAt = 0; // the text up to here is to be spoken at once
    this.playedMs = 0;
    this._half = ""; // the first half of a character, whose second is still to be written
  }

  /** Take a delta, and give what of it is whole characters: writers cut anywhere, the wire does not. @param {string} delta */
  takeWhole(delta) {
    const text = this._half + delta;
    const isCut = isHighSurrogate(text, text.length - 1);
    this._half = isCut ? text.slice(-1) : "";
    return (isCut ? text.slice(0, -1) : text).replace(HALF_PAIRS, "\uFFFD");
  }

  /**
   * Speak on over the next connection, which knows nothing of what the last one was told.
   *
   * @param {Iterable<string>} flushed pieces of the text that is to be spoken at once
   * @param {Iterable<string>} written pieces of the text behind it
   */
  rewind(flushed, written) {
    this.isBegun = false;
    this.pending = [this.start];
    for (const text of flushed) this.pending.push({ type: "text", context_id: this.id, text });
    if (this.pending.length > 1) this.pending.push({ type: "flush", context_id: this.id });
    for (const text of written) this.pending.push({ type: "text", context_id: this.id, text });
    if (this.isEnded) this.pending.push({ type: "context.end", context_id: this.id });
  }
}

/**
 * How long to wait before the next try: doubled with each failure, capped, and half of it drawn by lot.
 *
 * @param {number} failures in a row before this one
 * @param {number} lot 0 to 1
 */
export function waitBefore(failures, lot) {
  const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** failures);
  return longest * (1 - LOT_SHARE + LOT_SHARE * lot);
}

/** @param {string} text @param {number} index */
function isHighSurrogate(text, index) {
  const unit = text.charCodeAt(index);
  return unit >= 0xd800 && unit <= 0xdbff;
}

/** @typedef {keyof typeof TRANSITIONS} State */
/** @typedef {"connect" | "opened" | "greeted" | "goaway" | "lost" | "close"} Event what moves the connection */

/** @typedef {{type: string, [field: string]: unknown}} ClientMessage what we send (docs/PROTOCOL.md) */

/**
 * What the gateway sends about one context.
 *
 * @typedef {{context_id: string} & (
 *   | {type: "context.started"} & import("./gateway_client.js").ContextStarted
 *   | {type: "segment"} & import("./gateway_client.js").SegmentMessage
 *   | {type: "words"} & import("./gateway_client.js").WordsMessage
 *   | {type: "segment.done", segment_id: number, end_ms: number}
 *   | {type: "context.done"} & import("./gateway_client.js").SpeechDone
 * )} ContextMessage
 */

/**
 * @typedef {ContextMessage
 *   | {type: "session.ready", session_id: string, voices: string[], limits: import("./gateway_client.js").Limits,
 *      features?: string[], resume?: {token: string, seconds: number}}
 *   | {type: "session.resumed", received: number}
 *   | {type: "goaway"}
 *   | {type: "pong", id?: unknown}
 *   | {type: "error"} & import("./gateway_client.js").GatewayError
 * } ServerMessage
 */

/**
 * What the shell is to do: open a socket, let go of it, send on it, or tell the page.
 *
 * @typedef {{do: "open", resume?: string} | {do: "drop"} | {do: "send", text: string} | {do: "tell", name: string, detail: unknown}
 *   | {do: "tellSpeech", id: string, name: string, detail: unknown}} Action
 */
