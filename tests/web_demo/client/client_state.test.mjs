import assert from "node:assert/strict";
import { describe, test } from "node:test";

import {
  ClientState,
  FINAL_CLOSE_CODES,
  FIRST_PING_MS,
  FIRST_WAIT_MS,
  LONGEST_WAIT_MS,
  OPEN_PATIENCE_MS,
  PING_EVERY_MS,
  PONG_PATIENCE_MS,
  TRANSITIONS,
  waitBefore,
} from "../../../web_demo/client/client_state.js";

const READY = { type: "session.ready", session_id: "s", protocol: 1, voices: ["ada"], limits: { max_text_bytes: 16384 } };

/** A state with its actions sorted: what it sent, told, and did with the socket. */
class Peer {
  /** @param {import("../../../web_demo/client/gateway_client.js").SessionOptions} [session] */
  constructor(session = { format: "opus" }) {
    this.state = new ClientState(session, () => 0.5);
    /** @type {any[]} messages, as JSON gives them */
    this.sent = [];
    /** @type {[name: string, detail: any][]} */
    this.told = [];
    /** @type {string[]} */
    this.did = [];
  }

  /**
   * @template {"begin" | "cancel" | "close" | "connect" | "end" | "flush" | "frameReceived" | "lost" | "opened" | "report"
   *   | "textReceived" | "tick" | "write"} Method
   * @param {Method} method
   * @param {Parameters<ClientState[Method]>} args
   */
  do(method, ...args) {
    /** @type {(...args: Parameters<ClientState[Method]>) => unknown} */ (this.state[method]).apply(this.state, args);
    for (const action of this.state.takeActions()) {
      if (action.do === "send") this.sent.push(JSON.parse(action.text));
      else if (action.do === "tell") this.told.push([action.name, action.detail]);
      else if (action.do === "tellSpeech") this.told.push([`${action.id}:${action.name}`, action.detail]);
      else this.did.push(action.do);
    }
    return this;
  }

  /** @param {object} message @param {number} [now] */
  say(message, now = 0) {
    return this.do("textReceived", JSON.stringify(message), now);
  }

  /** Sent messages of a type, or of all types but the greeting's and pings. @param {string} [type] */
  messages(type) {
    return this.sent.filter((each) => (type ? each.type === type : !["session.update", "ping"].includes(each.type)));
  }

  /** @param {string} name */
  of(name) {
    return this.told.filter(([each]) => each === name).map(([, detail]) => detail);
  }
}

function connected(now = 0) {
  return new Peer().do("connect", now).do("opened", now).say(READY, now).say(READY, now);
}

/** A frame on a channel, 20 ms of nothing unless told otherwise. @param {number} channel */
function frame(channel, duration = 960) {
  const header = new DataView(new ArrayBuffer(16));
  [1, 1].forEach((byte, at) => header.setUint8(at, byte));
  header.setUint16(2, channel, true);
  header.setUint16(12, duration, true);
  return header.buffer;
}

/** A context that has been heard: started, a segment, words, a frame. @param {Peer} peer */
function heard(peer, id = "a", channel = 0) {
  return peer
    .do("begin", id, {})
    .do("write", id, "Hello there. More.", 0)
    .say({ type: "context.started", context_id: id, channel, format: "opus", sample_rate: 24000, preskip: 312 })
    .say({ type: "segment", context_id: id, segment_id: 0, text: "Hello there. ", char_start: 0, char_end: 13, start_ms: 0 })
    .say({
      type: "words", context_id: id, segment_id: 0, approximate: false,
      words: [{ text: "Hello", start_ms: 0, end_ms: 300 }, { text: "there", start_ms: 300, end_ms: 700 }],
    })
    .do("frameReceived", frame(channel));
}

describe("connecting", () => {
  test("asks for its audio first, and is ready when that is answered", () => {
    const peer = new Peer({ format: "pcm_s16le", sample_rate: 48000 }).do("connect", 0);
    assert.deepEqual(peer.did, ["open"]);
    peer.do("opened", 0);
    assert.deepEqual(peer.sent, [{ type: "session.update", format: "pcm_s16le", sample_rate: 48000 }]);
    peer.say(READY);
    assert.equal(peer.state.state, "greeting");
    peer.say(READY);
    assert.equal(peer.state.state, "ready");
    assert.deepEqual(peer.state.voices, ["ada"]);
  });

  test("goes on with the gateway's own audio if its wish is refused, and says so", () => {
    const peer = new Peer().do("connect", 0).do("opened", 0).say(READY);
    peer.say({ type: "error", code: "bad_message", message: "format", retryable: false });
    assert.equal(peer.state.state, "ready");
    assert.equal(peer.of("error").length, 1);
  });

  test("gives up an opening that is not answered, and waits", () => {
    const peer = new Peer().do("connect", 0);
    assert.equal(peer.state.nextDeadline(), OPEN_PATIENCE_MS);
    peer.do("tick", OPEN_PATIENCE_MS);
    assert.deepEqual(peer.did, ["open", "drop"]);
    assert.equal(peer.state.state, "waiting");
  });

  test("connects again after longer and longer waits, and after the first again once it had worked", () => {
    const peer = new Peer().do("connect", 0);
    let now = 0;
    const waits = [];
    for (let again = 0; again < 8; again++) {
      peer.do("lost", 1006, "", now);
      waits.push(peer.of("state").at(-1).waitMs);
      now = peer.state.nextDeadline();
      peer.do("tick", now);
      assert.equal(peer.state.state, "connecting");
    }
    assert.deepEqual(waits.map((wait) => wait / 0.75), [250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000]);

    peer.do("opened", now).say(READY, now).say(READY, now).do("lost", 1006, "", now);
    assert.equal(peer.of("state").at(-1).waitMs, waits[0]);
  });

  test("does not come back where it would be refused again", () => {
    for (const code of FINAL_CLOSE_CODES) {
      const peer = connected().do("lost", code, "", 0);
      assert.equal(peer.state.state, "closed");
      assert.equal(peer.state.nextDeadline(), Infinity);
    }
  });

  test("waits are drawn by lot, between half and all of their length", () => {
    assert.equal(waitBefore(0, 0), FIRST_WAIT_MS / 2);
    assert.equal(waitBefore(0, 1), FIRST_WAIT_MS);
    assert.equal(waitBefore(99, 1), LONGEST_WAIT_MS);
  });

  test("a person may connect before the wait is over, and asking twice opens once", () => {
    const peer = connected().do("lost", 1006, "", 0).do("connect", 1).do("connect", 2);
    assert.deepEqual(peer.did, ["open", "open"]);
  });

  test("what stands in no transition is loud", () => {
    assert.throws(() => new ClientState({}).opened(0), /opened while idle/);
    for (const targets of Object.values(TRANSITIONS)) for (const to of Object.values(targets)) assert.ok(to in TRANSITIONS);
  });
});

describe("a quiet connection", () => {
  test("is pinged, and its round trip told", () => {
    const peer = connected().do("tick", FIRST_PING_MS).say({ type: "pong", id: 0 }, FIRST_PING_MS + 3);
    assert.deepEqual(peer.messages("ping"), [{ type: "ping", id: 0 }]);
    assert.deepEqual(peer.of("roundtrip"), [{ ms: 3 }]);
    assert.equal(peer.state.nextDeadline(), FIRST_PING_MS + PING_EVERY_MS);
  });

  test("is pinged often enough for a gateway that soon closes what is idle", () => {
    const limits = { max_text_bytes: 16384, idle_s: 6 };
    const peer = connected().say({ ...READY, limits }).do("tick", FIRST_PING_MS);
    assert.equal(peer.state.nextDeadline(), FIRST_PING_MS + 2000);
  });

  test("that does not answer is given up", () => {
    const peer = connected().do("tick", FIRST_PING_MS).do("tick", FIRST_PING_MS + PONG_PATIENCE_MS);
    assert.equal(peer.state.state, "waiting");
    assert.equal(peer.did.at(-1), "drop");
  });

  test("is alive if anything comes: a gateway that does not read answers no pings", () => {
    const peer = connected().do("tick", FIRST_PING_MS).do("frameReceived", frame(9)).do("tick", FIRST_PING_MS + PONG_PATIENCE_MS);
    assert.equal(peer.state.state, "ready");
  });
});

describe("a speech", () => {
  test("is sent as it is written", () => {
    const peer = connected().do("begin", "a", { voice: "ada" }).do("write", "a", "Hel", 0).do("write", "a", "lo", 0);
    peer.do("flush", "a").do("end", "a").do("write", "a", "late", 0).do("flush", "a").do("end", "a");
    assert.deepEqual(peer.messages(), [
      { type: "context.start", context_id: "a", voice: "ada" },
      { type: "text", context_id: "a", text: "Hel" },
      { type: "text", context_id: "a", text: "lo" },
      { type: "flush", context_id: "a" },
      { type: "context.end", context_id: "a" },
    ]);
  });

  test("may be begun before there is a connection: nothing is lost, and the order is kept", () => {
    const peer = new Peer().do("connect", 0).do("begin", "a", {}).do("write", "a", "Hello", 0).do("end", "a");
    assert.deepEqual(peer.sent, []);
    peer.do("opened", 0).say(READY).say(READY);
    assert.deepEqual(peer.messages().map((each) => each.type), ["context.start", "text", "context.end"]);
  });

  test("may be cut anywhere: halves of characters wait for each other, and what never joins is replaced", () => {
    const peer = connected().do("begin", "a", {});
    for (const delta of ["Hi \ud83d", "\ude00", "!", "\ude00?", "\ud83d"]) peer.do("write", "a", delta, 0);
    peer.do("end", "a");
    assert.deepEqual(peer.messages("text").map((each) => each.text), ["Hi ", "😀", "!", "\ufffd?"]);
  });

  test("longer than a message may be is sent in pieces, none of them cut inside a character", () => {
    const text = "a😀".repeat(8000);
    const peer = connected().do("begin", "a", {}).do("write", "a", text, 0);
    const pieces = peer.messages("text").map((each) => each.text);
    assert.ok(pieces.length > 1);
    assert.equal(pieces.join(""), text);
    for (const piece of pieces) {
      assert.ok(new TextEncoder().encode(piece).length <= 16 * 1024);
      assert.doesNotThrow(() => encodeURIComponent(piece)); // throws on half a pair
    }
  });

  test("tells what comes, each to its own, and its end once", () => {
    const peer = heard(heard(connected(), "a", 0), "b", 1).do("frameReceived", frame(1));
    assert.equal(peer.of("a:audio").length, 1);
    assert.equal(peer.of("b:audio").length, 2);
    const done = { type: "context.done", context_id: "a", reason: "end", audio_ms: 20, text_spoken: "x", text_remaining: "" };
    peer.say(done).say(done).do("frameReceived", frame(0));
    assert.equal(peer.of("a:done").length, 1);
    assert.equal(peer.of("a:audio").length, 1);
  });

  test("reports what was heard", () => {
    const peer = heard(connected()).do("report", "a", 120, 300);
    assert.deepEqual(peer.messages("playback"), [{ type: "playback", context_id: "a", played_ms: 120, buffered_ms: 300 }]);
  });

  test("that is cancelled tells nothing more but its end, and takes no more text", () => {
    const peer = heard(connected()).do("cancel", "a", 340).do("cancel", "a", 350).do("write", "a", "late", 0);
    peer.do("frameReceived", frame(0)).do("report", "a", 350, 0);
    peer.say({ type: "segment.done", context_id: "a", segment_id: 0, end_ms: 700 });
    peer.say({ type: "context.done", context_id: "a", reason: "cancel", audio_ms: 20, text_spoken: "Hello", text_remaining: "" });
    assert.deepEqual(peer.messages("context.cancel"), [{ type: "context.cancel", context_id: "a", played_ms: 340 }]);
    assert.equal(peer.messages("playback").length, 0);
    assert.equal(peer.of("a:audio").length, 1);
    assert.equal(peer.of("a:segment.done").length, 0);
    assert.equal(peer.of("a:done").length, 1);
  });

  test("that is cancelled before the gateway heard of it is over at once", () => {
    const peer = new Peer().do("connect", 0).do("begin", "a", {}).do("write", "a", "Hello", 0).do("cancel", "a", 0);
    assert.deepEqual(peer.of("a:done").map((done) => [done.reason, done.text_remaining]), [["cancel", "Hello"]]);
    peer.do("opened", 0).say(READY).say(READY);
    assert.deepEqual(peer.messages(), []);
  });

  test("that the gateway refuses to begin is over, with all of its text unspoken", () => {
    const peer = connected().do("begin", "a", {}).do("write", "a", "Hello", 0);
    peer.say({ type: "error", code: "too_many_contexts", message: "", context_id: "a", retryable: true });
    assert.equal(peer.of("a:error").length, 1);
    assert.deepEqual(peer.of("a:done").map((done) => [done.reason, done.text_remaining]), [["error", "Hello"]]);
  });
});

describe("a lost connection", () => {
  test("has what was being heard go on, from the first word whose sound had not come, in counts that go on", () => {
    const peer = heard(connected());
    for (let frames = 1; frames < 21; frames += 1) peer.do("frameReceived", frame(0)); // 413 ms: "Hello" and some of "there"
    peer.do("lost", 1006, "", 0).do("write", "a", " And more.", 1).do("end", "a");
    assert.deepEqual(peer.of("a:segment.done").at(-1).segment_id, 0);
    peer.sent = [];
    peer.do("tick", peer.state.nextDeadline()).do("opened", 1000).say(READY).say(READY);
    assert.deepEqual(peer.messages(), [
      { type: "context.start", context_id: "a" },
      { type: "text", context_id: "a", text: "there. More." },
      { type: "text", context_id: "a", text: " And more." },
      { type: "context.end", context_id: "a" },
    ]);
    peer
      .say({ type: "context.started", context_id: "a", channel: 3, format: "opus", sample_rate: 24000, preskip: 312 })
      .say({ type: "segment", context_id: "a", segment_id: 0, text: "there. ", char_start: 0, char_end: 7, start_ms: 0 })
      .do("frameReceived", frame(3));
    const segment = peer.of("a:segment").at(-1);
    assert.deepEqual([segment.segment_id, segment.char_start, segment.char_end, segment.start_ms], [1, 6, 13, 414]);
    const last = peer.of("a:audio").at(-1);
    assert.deepEqual([last.sequence, last.pts, last.flags], [21, 21 * 960, 8]);
    peer.do("report", "a", 500, 0);
    assert.equal(Math.round(peer.sent.at(-1).played_ms), 87); // of what this gateway has sent
    peer.say({ type: "context.done", context_id: "a", reason: "end", audio_ms: 100, text_spoken: "there. More. And more.", text_remaining: "" });
    const [done] = peer.of("a:done");
    assert.deepEqual([done.reason, done.text_spoken, done.audio_ms], ["end", "Hello there. More. And more.", 514]);
  });

  test("ends a speech of which all has come", () => {
    const peer = heard(connected()).do("end", "a");
    peer.say({ type: "segment", context_id: "a", segment_id: 1, text: "More.", char_start: 13, char_end: 18, start_ms: 700 });
    peer.say({ type: "segment.done", context_id: "a", segment_id: 0, end_ms: 700 });
    peer.say({ type: "segment.done", context_id: "a", segment_id: 1, end_ms: 900 });
    for (let frames = 1; frames < 46; frames += 1) peer.do("frameReceived", frame(0)); // 913 ms
    const [done] = peer.do("lost", 1006, "", 0).of("a:done");
    assert.deepEqual([done.reason, done.text_spoken, done.text_remaining], ["end", "Hello there. More.", ""]);
  });

  test("says what a cancelled speech had reported, if the cancel did not", () => {
    const peer = heard(connected()).do("report", "a", 350, 100).do("cancel", "a").do("lost", 1006, "", 0);
    const [done] = peer.of("a:done");
    assert.deepEqual([done.reason, done.text_spoken], ["cancel", "Hello "]);
  });

  test("costs a speech nothing of which no sound has come", () => {
    const peer = connected().do("begin", "a", { voice: "ada" }).do("write", "a", "Hel", 0).do("write", "a", "lo", 0).do("end", "a");
    peer.say({ type: "context.started", context_id: "a", channel: 0, format: "ogg_opus", sample_rate: 24000, preskip: 312 });
    peer.do("frameReceived", frame(0, 0)); // the first page of an Ogg stream
    peer.do("lost", 1006, "", 0);
    peer.sent = [];
    peer.do("tick", peer.state.nextDeadline()).do("opened", 1000).say(READY).say(READY);
    assert.deepEqual(peer.messages(), [
      { type: "context.start", context_id: "a", voice: "ada" },
      { type: "text", context_id: "a", text: "Hello" },
      { type: "context.end", context_id: "a" },
    ]);
    assert.equal(peer.of("a:done").length, 0);
  });

  test("has spoken at once elsewhere what was to be spoken at once here, and no more than that", () => {
    const peer = connected().do("begin", "a", { chunking: "none" }).do("write", "a", "Hello. ", 0).do("flush", "a");
    peer.do("write", "a", "More. ", 0).do("lost", 1006, "", 0).do("flush", "a").do("write", "a", "And", 1);
    peer.sent = [];
    peer.do("tick", peer.state.nextDeadline()).do("opened", 1000).say(READY).say(READY);
    assert.deepEqual(peer.messages(), [
      { type: "context.start", context_id: "a", chunking: "none" },
      { type: "text", context_id: "a", text: "Hello. " },
      { type: "flush", context_id: "a" },
      { type: "text", context_id: "a", text: "More. " },
      { type: "flush", context_id: "a" },
      { type: "text", context_id: "a", text: "And" },
    ]);
  });

  test("loses everything that is still open when it is closed for good", () => {
    const peer = connected().do("begin", "a", {}).do("write", "a", "Hello", 0).do("close");
    assert.equal(peer.of("a:done")[0].reason, "lost");
    assert.equal(peer.state.state, "closed");
    assert.equal(peer.state.nextDeadline(), Infinity);
  });
});

describe("after the end", () => {
  test("a speech is lost as soon as somebody listens, and waits for nothing", () => {
    const peer = connected().do("close").do("begin", "a", {}).do("write", "a", "Hello", 5);
    assert.equal(peer.of("a:done").length, 0);
    peer.do("tick", Math.max(5, peer.state.nextDeadline()));
    assert.deepEqual(peer.of("a:done").map((done) => [done.reason, done.text_remaining]), [["lost", "Hello"]]);
    assert.equal(peer.state.nextDeadline(), Infinity);
  });

  test("a speech is spoken if the page connects again", () => {
    const peer = connected().do("lost", 4401, "", 0).do("begin", "a", {}).do("connect", 5).do("tick", 5);
    peer.do("opened", 5).say(READY).say(READY);
    assert.deepEqual(peer.messages().map((each) => each.type), ["context.start"]);
  });
});

describe("a gateway that drains", () => {
  test("finishes what runs; what is new waits for the next connection", () => {
    const peer = heard(connected()).say({ type: "goaway", drain_ms: 30_000 });
    peer.do("write", "a", " And more.", 0).do("begin", "b", {}).do("write", "b", "New", 0);
    assert.equal(peer.messages().filter((each) => each.context_id === "b").length, 0);
    assert.equal(peer.messages("text").at(-1).text, " And more.");
    peer.say({ type: "context.done", context_id: "a", reason: "end", audio_ms: 20, text_spoken: "", text_remaining: "" });
    peer.do("lost", 1001, "drain", 0).do("tick", peer.state.nextDeadline()).do("opened", 0).say(READY).say(READY);
    assert.equal(peer.messages().filter((each) => each.context_id === "b").length, 2);
  });

  test("and refuses what crossed with its farewell costs nothing either", () => {
    const peer = connected().do("begin", "a", {}).do("write", "a", "Hello", 0).say({ type: "goaway", drain_ms: 1 });
    peer.say({ type: "error", code: "overloaded", message: "", context_id: "a", retryable: true });
    peer.sent = [];
    peer.do("lost", 1001, "drain", 0).do("tick", peer.state.nextDeadline()).do("opened", 0).say(READY).say(READY);
    assert.equal(peer.messages("text")[0].text, "Hello");
    assert.equal(peer.of("a:done").length, 0);
  });
});

const OFFER = { ...READY, features: ["resume"] };
const AGREED = { ...OFFER, session_id: "s1", resume: { token: "t", seconds: 10 } };

/** A client whose session outlives its socket. */
function resumable() {
  return new Peer().do("connect", 0).do("opened", 0).say(OFFER).say(OFFER).say(AGREED);
}

describe("a session that its gateway keeps", () => {
  test("is asked for only if it is offered", () => {
    assert.deepEqual(connected().messages("session.update"), [{ type: "session.update", format: "opus" }]);
    const peer = resumable();
    assert.equal(peer.state.state, "ready");
    assert.deepEqual(peer.messages("session.update")[1], { type: "session.update", resume: true });
  });

  test("goes on where its socket broke: nothing is lost, and nothing is sent twice", () => {
    const peer = resumable();
    heard(peer); // four messages came, the frame included
    peer.do("write", "a", "One. ", 5).do("write", "a", "Two. ", 6);
    const before = peer.sent.length;
    peer.do("lost", 1006, "", 10);
    assert.deepEqual(peer.of("a:done"), []);
    peer.do("write", "a", "Three. ", 11);
    peer.do("tick", 10);
    assert.equal(peer.did.at(-1), "open");
    peer.do("opened", 20);
    const asked = peer.sent.slice(before);
    assert.deepEqual(asked, [{ type: "session.resume", session_id: "s1", token: "t", received: asked[0].received }]);
    const taken = before - 2 - 2; // without the two updates and the last two messages
    peer.say({ ...OFFER, session_id: "s2" }, 21);
    assert.equal(peer.state.state, "greeting");
    peer.say({ type: "session.resumed", session_id: "s1", received: taken }, 22);
    assert.equal(peer.state.state, "ready");
    assert.deepEqual(
      peer.sent.slice(before + 1).map((each) => each.text),
      ["One. ", "Two. ", "Three. "],
    );
    peer.do("frameReceived", frame(0));
    assert.equal(peer.of("a:audio").length, 2);
  });

  test("counts what it received, frames too, and from the answer that agreed", () => {
    const peer = resumable();
    peer.do("begin", "a", {}).say({ type: "context.started", context_id: "a", channel: 0 });
    peer.do("frameReceived", frame(0)).do("frameReceived", frame(0));
    peer.do("lost", 1006, "", 10).do("tick", 10).do("opened", 20);
    assert.equal(peer.messages("session.resume")[0].received, 4);
  });

  test("is over if the gateway says so, and the new socket takes its place", () => {
    const peer = resumable();
    heard(peer);
    peer.do("begin", "b", {}).do("write", "b", "Hi. ", 5);
    peer.do("lost", 1006, "", 10).do("tick", 10).do("opened", 20).say({ ...OFFER, session_id: "s2" }, 21);
    peer.say({ type: "error", code: "resume_failed", message: "", retryable: false }, 22);
    assert.deepEqual(peer.of("a:done"), []);
    peer.say(OFFER, 23).say({ ...AGREED, session_id: "s2" }, 24);
    assert.equal(peer.state.state, "ready");
    assert.equal(peer.messages("text").findLast((each) => each.context_id === "a").text, "Hello there. More.");
    assert.deepEqual(
      peer.messages("text").filter((each) => each.context_id === "b").map((each) => each.text),
      ["Hi. ", "Hi. "],
    );
  });

  test("is not asked for after the time that the gateway keeps it", () => {
    const peer = resumable();
    heard(peer);
    peer.do("lost", 1006, "", 0).do("tick", 0);
    let at = 0;
    while (at < 10_000) {
      peer.do("lost", 1006, "", at);
      at = peer.state.nextDeadline();
      peer.do("tick", at);
    }
    peer.sent = [];
    peer.do("opened", at);
    assert.deepEqual(peer.sent.map((each) => each.type), ["session.update"]);
    assert.equal(peer.of("a:segment.done").length, 1);
  });

  test("is over after any close that says why", () => {
    const peer = resumable();
    heard(peer);
    peer.do("lost", 1001, "", 10).do("tick", peer.state.nextDeadline());
    peer.sent = [];
    peer.do("opened", 300);
    assert.deepEqual(peer.sent.map((each) => each.type), ["session.update"]);
  });
});
