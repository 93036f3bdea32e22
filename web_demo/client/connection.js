/**
 * The shell around `ClientState`: a WebSocket, a timer and the clock. It performs what is decided there, and hands events to
 * the page: those of the connection by `GatewayClient`, those of one utterance by its `Speech`.
 */

import { ClientState } from "./client_state.js";

export const ENDPOINT = "/v1/tts/stream";
export const SUBPROTOCOL = "tts.v1";
const AUTH_SUBPROTOCOL = "tts.auth.";
/** Longer than any speech: what the protocol lets a number of milliseconds be. */
export const LONGEST_MS = 1e10;

/** A connection that stays: it connects again with back-off, and speeches may be begun before it is there. */
export class GatewayClient extends EventTarget {
  /** What opens sockets; null: the global one. @type {(new (url: string, protocols: string[]) => WebSocket) | null} */
  static WebSocket = null;

  /** @param {import("./gateway_client.js").ClientOptions} [options] */
  constructor({ url = globalThis.location?.origin, key = "", ...session } = {}) {
    super();
    if (!url) throw new TypeError("where is the gateway? new GatewayClient({ url }), as there is no page it came from");
    if (typeof (GatewayClient.WebSocket ?? globalThis.WebSocket) !== "function") {
      throw new Error("there is no WebSocket here: use Node.js 22 or newer, or set GatewayClient.WebSocket, as from the package ws");
    }
    this.url = endpointUrl(url);
    this._key = key;
    this._state = new ClientState({ format: "opus", ...session });
    /** @type {Map<string, Speech>} */
    this._speeches = new Map();
    /** @type {WebSocket | null} */
    this._socket = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this._timer = undefined;
    this._run(() => this._state.connect(performance.now()));
  }

  /** Where the connection stands: `TRANSITIONS` in client_state.js draws it. */
  get state() {
    return this._state.state;
  }

  /** Names of the voices on offer; empty before the first `ready`. */
  get voices() {
    return this._state.voices;
  }

  /** What the gateway allows; null before the first `ready`. */
  get limits() {
    return this._state.limits;
  }

  /**
   * Begin an utterance.
   *
   * @param {import("./gateway_client.js").SpeechOptions} [options]
   * @returns {Speech}
   */
  speak(options = {}) {
    const id = crypto.getRandomValues(new Uint32Array(2)).join("-");
    const given = Object.entries({ timestamps: "word", ...options }).filter(([, value]) => value !== undefined);
    const speech = new Speech(this, id, this._state.begin(id, Object.fromEntries(given)));
    this._speeches.set(id, speech);
    this._run(() => {}); // what `begin` has to send
    return speech;
  }

  /** Try to connect now, without waiting for the back-off. */
  connect() {
    this._run(() => this._state.connect(performance.now()));
  }

  /** Leave for good. */
  close() {
    this._run(() => this._state.close());
  }

  /** Feed the state, then do what it wants. @param {() => void} feed */
  _run(feed) {
    feed();
    for (const action of this._state.takeActions()) this._perform(action);
    clearTimeout(this._timer);
    const deadline = this._state.nextDeadline();
    if (deadline < Infinity) {
      this._timer = setTimeout(
        () => this._run(() => this._state.tick(performance.now())),
        Math.max(0, deadline - performance.now()),
      );
    }
  }

  /** @param {import("./client_state.js").Action} action */
  _perform(action) {
    switch (action.do) {
      case "open":
        this._open(action.resume);
        break;
      case "send":
        /** @type {WebSocket} */ (this._socket).send(action.text); // `open` came first
        break;
      case "drop":
        this._drop();
        break;
      case "tell":
        this.dispatchEvent(new CustomEvent(action.name, { detail: action.detail }));
        break;
      case "tellSpeech":
        this._speeches.get(action.id)?.told(action.name, action.detail);
        if (action.name === "done") this._speeches.delete(action.id);
        break;
    }
  }

  /** @param {string} [sessionId] for which session, if it is one that lost its socket */
  _open(sessionId) {
    const Socket = GatewayClient.WebSocket ?? globalThis.WebSocket;
    const url = new URL(this.url);
    if (sessionId !== undefined) url.searchParams.set("resume", sessionId);
    const socket = new Socket(url.href, subprotocols(this._key));
    const state = this._state;
    socket.binaryType = "arraybuffer";
    socket.onerror = () => {}; // a close follows and says more; the package ws ends the process if nobody listens
    socket.onopen = () => this._run(() => state.opened(performance.now()));
    socket.onclose = ({ code, reason }) => this._run(() => state.lost(code, reason, performance.now()));
    socket.onmessage = (/** @type {MessageEvent<string | ArrayBuffer>} */ { data }) =>
      this._run(() =>
        typeof data === "string" ? state.textReceived(data, performance.now()) : state.frameReceived(data),
      );
    this._socket = socket;
  }

  /** Let go of the socket; what it still tells is no longer listened to. */
  _drop() {
    if (this._socket === null) return;
    this._socket.onopen = this._socket.onclose = this._socket.onmessage = null;
    this._socket.close();
    this._socket = null;
  }
}

/**
 * One utterance: text in, events out. Made by `GatewayClient.speak`.
 *
 * Events (`CustomEvent`, the gateway's message in `detail`): `context.started`, `segment`, `words`, `segment.done`, `audio`
 * (an `AudioFrame`), `error`, and `done`, exactly once and last. `written` tells every delta as it leaves.
 */
export class Speech extends EventTarget {
  /** @param {GatewayClient} client @param {string} id @param {import("./spoken_text.js").SpokenText} text */
  constructor(client, id, text) {
    super();
    this.id = id;
    /** What was written and when each part is heard. */
    this.text = text;
    /** How it ended. @type {Promise<import("./gateway_client.js").SpeechDone>} */
    this.done = new Promise((resolve) => (this._resolve = resolve));
    this._client = client;
  }

  /**
   * Send a piece of text, cut wherever your model cuts it; an empty one and null say nothing. Does nothing once the speech
   * is over.
   *
   * @param {string | null | undefined} delta
   * @throws {TypeError} it is no text, such as a chat API's whole chunk, which would be spoken as "object Object"
   */
  write(delta) {
    if (delta === null || delta === undefined || delta === "") return;
    if (typeof delta !== "string") throw new TypeError(`a delta is a string, not ${typeof delta}`);
    this._feed((state) => state.write(this.id, delta, performance.now()));
    this.dispatchEvent(new CustomEvent("written", { detail: delta }));
  }

  /**
   * Write everything that a source gives, and its end. If the source fails, the speech ends after what it gave, and this
   * rejects with what it threw.
   *
   * @param {AsyncIterable<string | null | undefined> | Iterable<string | null | undefined>} source
   */
  async writeAll(source) {
    try {
      for await (const delta of source) this.write(delta);
    } finally {
      this.end();
    }
  }

  /** Have what was written spoken now, without waiting for the end of a sentence. */
  flush() {
    this._feed((state) => state.flush(this.id));
  }

  /** No more text will come. */
  end() {
    this._feed((state) => state.end(this.id));
  }

  /**
   * Stop at the gateway. `Track.interrupt` calls this with what was heard.
   *
   * @param {number} [playedMs] if it is left out or no number, the last report or the gateway's clock says what was heard
   */
  cancel(playedMs) {
    this._feed((state) => state.cancel(this.id, milliseconds(playedMs)));
  }

  /**
   * Tell what was heard and is still held, about every 250 ms. `Player` does. An unknown position is not told.
   *
   * @param {number} playedMs
   * @param {number} bufferedMs
   */
  report(playedMs, bufferedMs) {
    const heardMs = milliseconds(playedMs);
    if (heardMs !== undefined) this._feed((state) => state.report(this.id, heardMs, milliseconds(bufferedMs) ?? 0));
  }

  /** @param {(state: ClientState) => void} feed */
  _feed(feed) {
    this._client._run(() => feed(this._client._state));
  }

  /**
   * From the client: something was told about this speech.
   *
   * @param {string} name
   * @param {unknown} detail the gateway's message, or a frame
   */
  told(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
    if (name === "done") this._resolve(/** @type {import("./gateway_client.js").SpeechDone} */ (detail));
  }
}

/**
 * A number of milliseconds as the wire can carry it, because no detail of a cancel may be in its way; undefined for what is
 * no number.
 *
 * @param {unknown} given
 */
function milliseconds(given) {
  if (typeof given !== "number" || Number.isNaN(given)) return undefined;
  return Math.min(Math.max(0, given), LONGEST_MS);
}

/**
 * Complete what a person typed to the WebSocket endpoint's URL.
 *
 * @param {string} url
 */
export function endpointUrl(url) {
  const complete = new URL(url.includes("://") ? url : `ws://${url}`);
  complete.protocol = complete.protocol.replace(/^http/, "ws");
  complete.pathname = complete.pathname.replace(/\/+$/, "");
  if (!complete.pathname.endsWith(ENDPOINT)) complete.pathname = complete.pathname.replace(/\/$/, "") + ENDPOINT;
  complete.hash = "";
  return complete.href;
}

/**
 * What to offer in the handshake; browsers can set no headers, so a key travels here (docs/PROTOCOL.md, authentication).
 *
 * @param {string} key
 */
export function subprotocols(key) {
  if (!key) return [SUBPROTOCOL];
  const bytes = String.fromCharCode(...new TextEncoder().encode(key));
  const base64url = btoa(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  return [SUBPROTOCOL, AUTH_SUBPROTOCOL + base64url];
}
