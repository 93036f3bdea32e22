/** The page: puts its parts together, and says what each of a person's actions does. */

import { ChatFailed, asked } from "./chat_endpoint.js";
import { Choices } from "./choices.js";
import { page } from "./elements.js";
import { ENDPOINT } from "../client/connection.js";
import { GatewayClient, Player } from "../client/gateway_client.js";
import { Instruments } from "./instruments.js";
import { canDecodeOpus } from "../client/opus_decoder.js";
import { errorInWords, lossInWords, stateInWords } from "./plain_words.js";
import { PCM_SESSION } from "../client/player.js";
import { FIRST_TEXT, SAMPLES } from "./samples.js";
import { AnswerView, make } from "./transcript.js";
import { Turn } from "./turn.js";
import { typed } from "./typist.js";

/** Often enough to see others come and go, and nothing to a server that answers in a millisecond. */
const HEALTH_EVERY_MS = 3000;
/** More turns than anyone scrolls back; the rest is forgotten. */
const KEPT_TURNS = 20;

const choices = new Choices(page);
const instruments = new Instruments(page);
const player = new Player();
/** None until the page knows what this browser can play. @type {GatewayClient | undefined} */
let gateway;
/** What a person asked for before that; the newest is done as soon as there is a gateway. @type {(() => void) | null} */
let wish = null;
/** The turn that speaks. @type {{turn: Turn, view: AnswerView} | null} */
let current = null;
/** What was said to and by the chat endpoint, as far as it was heard. @type {import("./chat_endpoint.js").Message[]} */
let conversation = [];
/** Resolves when the turn before the next has told what was heard of it. @type {Promise<void>} */
let settled = Promise.resolve();
let isOpusPlayable = false;
let isDrawing = false;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let healthTimer;

// -- speaking ---------------------------------------------------------------------------------------------------------

/**
 * Begin a turn; whatever speaks is interrupted.
 *
 * @param {object} what
 * @param {(signal: AbortSignal) => AsyncIterable<string>} what.writer
 * @param {string | null} what.question
 * @param {string | null} what.language
 * @param {(text: string) => void} [what.onHeard] called at the end with what was heard
 * @param {number} askedAt
 */
function speak(what, askedAt) {
  interrupt(askedAt);
  void player.prepare();
  showNotice("");
  page.empty.hidden = true;
  if (gateway === undefined) {
    wish = () => speak(what, askedAt);
    page.interrupt.disabled = false;
    page.status.textContent = "Waiting for the gateway …";
    return;
  }
  const { writer, question, language, onHeard } = what;
  const turn = new Turn(gateway, player, choices.speechOptions(language), askedAt);
  const view = new AnswerView(page.transcript, question, language ?? "");
  while (page.transcript.querySelectorAll(".turn").length > KEPT_TURNS) page.transcript.querySelector(".turn")?.remove();
  current = { turn, view };
  instruments.follow(turn);
  page.interrupt.disabled = false;
  page.status.textContent = gateway.state === "ready" ? "Speaking …" : "Waiting for the gateway …";
  turn.on("mark", (mark) => {
    if (mark === "sound") page.status.textContent = "Speaking …";
  });
  turn.on("written", () => view.written());
  turn.on("fault", (error) => showNotice(errorInWords(error)));
  turn.on("undecodable", fallBackToPcm);
  settled = new Promise((resolve) => {
    turn.on("over", (done) => {
      onHeard?.(done.text_spoken);
      settle(turn, view, done);
      resolve();
    });
  });
  turn.write(writer).catch((error) => {
    if (!(error instanceof ChatFailed)) throw error;
    showNotice(error.message);
  });
  startDrawing();
}

/** @param {number} askedAt when the person wanted silence */
function interrupt(askedAt) {
  if (wish === null && !current?.turn.isSpeaking) return;
  wish = null;
  current?.turn.interrupt(askedAt);
  page.interrupt.disabled = true;
  page.status.textContent = "Interrupted.";
}

/**
 * Show how a turn ended: what was heard, and what was not.
 *
 * @param {Turn} turn
 * @param {AnswerView} view
 * @param {import("../client/gateway_client.js").SpeechDone} done
 */
function settle(turn, view, done) {
  const heard = done.text_spoken.length;
  const text = turn.text.text;
  if (done.reason === "end") {
    if (current?.turn === turn) page.status.textContent = `Finished: ${seconds(done.audio_ms)} of speech.`;
    finishWhenHeard(turn, () => view.end(text));
  } else {
    const words = `Heard ${counted(done.text_spoken)}, not heard ${counted(done.text_remaining)}.`;
    const how = {
      cancel: `Interrupted after ${seconds(turn.heardMs)}; told to stop ${turn.silencedAfterMs.toFixed(1)} ms after you asked.`,
      error: "The voice failed.",
      lost: "The connection was lost.",
    }[done.reason];
    view.breakOff(text, heard, `${how} ${words}`, sayRest);
    if (current?.turn === turn) page.status.textContent = `${how.split(";")[0].replace(/\.$/, "")}. ${words}`;
  }
  if (current?.turn === turn) page.interrupt.disabled = true;
  instruments.showFigures();
}

/**
 * The gateway is done before the ear: the last word is still on its way through the sound card.
 *
 * @param {Turn} turn
 * @param {() => void} then
 */
function finishWhenHeard(turn, then) {
  if (turn.isHeardOut) {
    then();
  } else {
    requestAnimationFrame(() => finishWhenHeard(turn, then));
  }
}

/**
 * A writer of a finished text, at the pace that is chosen at each moment.
 *
 * @param {string} text
 * @returns {(signal: AbortSignal) => AsyncGenerator<string>}
 */
function typing(text) {
  return (signal) => typed(text, () => choices.pace, signal);
}

/** @param {string} text */
function sayRest(text) {
  speak({ writer: typing(text), question: null, language: null }, performance.now());
}

/** @param {typeof SAMPLES[number]} sample @param {number} askedAt */
function speakSample(sample, askedAt) {
  const { question, language, answer } = sample;
  speak({ writer: typing(answer), question, language }, askedAt);
}

/** What stands in the box is spoken, or asked if there is a chat endpoint. @param {number} askedAt */
function speakBox(askedAt) {
  const text = page.text.value.trim();
  if (text === "") {
    page.text.focus();
    return;
  }
  if (page.chatUrl.value.trim() === "") {
    speak({ writer: typing(text), question: null, language: null }, askedAt);
    if (document.activeElement === page.text) page.text.select(); // the next thing typed replaces it
    return;
  }
  const endpoint = { url: page.chatUrl.value.trim(), model: page.chatModel.value.trim(), key: page.chatKey.value };
  const before = settled;
  /** @param {AbortSignal} signal */
  const writer = async function* (signal) {
    await before; // what was heard of the last answer stands before this question
    conversation.push({ role: "user", content: text });
    yield* asked(endpoint, [...conversation], signal);
  };
  /** @param {string} answer */
  const onHeard = (answer) => conversation.push({ role: "assistant", content: answer });
  speak({ writer, question: text, language: null, onHeard }, askedAt);
  page.text.value = "";
}

// -- the gateway ------------------------------------------------------------------------------------------------------

/** Connect with the chosen format and key; another choice is another connection. */
function connect() {
  interrupt(performance.now());
  gateway?.close();
  const format = choices.format;
  const client = new GatewayClient({
    key: page.gatewayKey.value,
    ...(format === PCM_SESSION.format ? PCM_SESSION : { format }),
  });
  gateway = client;
  client.addEventListener("state", ({ detail }) => void stateChanged(client, detail));
  client.addEventListener("error", ({ detail }) => showNotice(errorInWords(detail)));
  client.addEventListener("roundtrip", ({ detail }) => instruments.showRoundtrip(detail.ms));
  showState(client.state);
  const decoder = format === PCM_SESSION.format ? "PCM" : `${format === "opus" ? "Opus" : "Ogg Opus"}, WebCodecs`;
  instruments.showPath(`${decoder}, ${Player.hasWorklets ? "audio worklet" : "scheduled buffers"}`);
}

/** Connect for the first time, and do what was asked for meanwhile. */
function begin() {
  const wished = wish; // connecting interrupts, and so forgets it
  connect();
  wished?.();
}

/** @param {GatewayClient} client @param {import("../client/gateway_client.js").StateChange} detail */
async function stateChanged(client, detail) {
  showState(detail.state);
  if (detail.state === "ready") {
    showNotice("");
    if (client.limits !== null) instruments.maxLeadMs = client.limits.max_lead_ms;
    if (page.voice.options.length === 0) await fillChoices();
  } else if (detail.code !== undefined) {
    const health = await readHealth();
    const refusal = health === null ? null : await readRefusal();
    if (client !== gateway || client.state === "ready") return; // it is back already
    const words = lossInWords(detail, health, page.gatewayKey.value !== "", refusal);
    showNotice(words);
    if (/key/.test(words)) page.access.open = true;
  }
}

/** @param {import("../client/gateway_client.js").ConnectionState} state */
function showState(state) {
  page.connection.dataset.state = state;
  page.connectionText.textContent = stateInWords(state);
}

/** Fill the pickers; a gateway that does not answer now is asked again once there is a connection. */
async function fillChoices() {
  /** @type {import("./choices.js").VoiceList} */
  let offer;
  try {
    const answer = await fetch("/v1/voices");
    if (!answer.ok) return;
    offer = await answer.json();
  } catch {
    return; // the notice of the connection says what is wrong
  }
  choices.fill(offer);
}

async function readHealth() {
  try {
    return /** @type {import("./plain_words.js").Health} */ (await (await fetch("/health")).json());
  } catch {
    return null; // that it does not answer is the answer
  }
}

/**
 * Ask why pages of this address are not let in: null if they are. With GET a browser would not say whose page it is.
 *
 * @returns {Promise<string | null>}
 */
async function readRefusal() {
  try {
    const answer = await fetch(ENDPOINT, { method: "OPTIONS" });
    if (answer.status !== 403) return null;
    const { error } = /** @type {{error: {message: string}}} */ (await answer.json());
    return error.message;
  } catch {
    return null;
  }
}

/** Look how the gateway is, as long as somebody looks at the page. */
async function watchHealth() {
  if (document.hidden) return;
  instruments.showHealth(await readHealth());
  clearTimeout(healthTimer);
  healthTimer = setTimeout(() => void watchHealth(), HEALTH_EVERY_MS);
}

/** The decoder passed the first packet and failed on a later one. */
function fallBackToPcm() {
  isOpusPlayable = false;
  choices.offerFormats(PCM_SESSION.format, false);
  connect();
  showLimits();
  showNotice("This browser failed to decode Opus. The page asks for PCM from now on; please try again.");
}

// -- showing ----------------------------------------------------------------------------------------------------------

/** Draw at the display's rate while anything moves, and not at all otherwise. */
function startDrawing() {
  if (isDrawing) return;
  isDrawing = true;
  requestAnimationFrame(draw);
}

function draw() {
  const now = performance.now();
  const speaking = current?.turn.isSpeaking ? current : null;
  speaking?.view.show(speaking.turn.text, speaking.turn.track.heardMs);
  instruments.draw(now, speaking ? player.analyser : null);
  isDrawing = speaking !== null || instruments.isMoving(now);
  if (isDrawing) requestAnimationFrame(draw);
}

/** @param {string} text */
function showNotice(text) {
  page.notice.hidden = text === "";
  page.notice.textContent = text;
}

/** Say what this address, or this browser, cannot do. */
function showLimits() {
  page.limits.hidden = isOpusPlayable;
  page.limits.textContent = globalThis.isSecureContext
    ? "This browser does not decode raw Opus packets, so the page asks the gateway for PCM: the same sound, 24 times the bytes."
    : "This page came over plain http, where browsers offer neither a decoder nor audio worklets. It works, with PCM (24 times the " +
      "bytes) played from the page’s own thread; over https, or on localhost, you get Opus and steadier playback.";
}

/** @param {string} text */
function counted(text) {
  const words = text.trim() === "" ? 0 : text.trim().split(/\s+/).length;
  return words === 1 ? "1 word" : `${words} words`;
}

/** @param {number} ms */
function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}

// -- what a person does -----------------------------------------------------------------------------------------------

page.composer.addEventListener("submit", (event) => {
  event.preventDefault();
  speakBox(event.timeStamp);
});
page.interrupt.addEventListener("click", (event) => interrupt(event.timeStamp));
page.text.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  speakBox(event.timeStamp);
});
page.text.addEventListener("input", (event) => {
  if (page.typingInterrupts.checked) interrupt(event.timeStamp);
});
addEventListener("keydown", (event) => {
  if (event.key === "Escape") interrupt(event.timeStamp);
  else void player.prepare(); // the first key or press of any kind wakes the sound card, before it is needed
});
addEventListener("pointerdown", () => void player.prepare(), { capture: true });
for (const form of document.querySelectorAll("details form")) {
  form.addEventListener("submit", (event) => event.preventDefault()); // their fields are read when they are needed
}
page.format.addEventListener("change", connect);
page.gatewayKey.addEventListener("change", connect);
page.chatUrl.addEventListener("input", () => {
  const asks = page.chatUrl.value.trim() !== "";
  page.textLabel.textContent = asks ? "Your question" : "Text to speak";
  page.speak.textContent = asks ? "Ask" : "Speak";
  conversation = [];
});
document.addEventListener("visibilitychange", () => {
  void watchHealth();
  if (!document.hidden) gateway?.connect();
});
addEventListener("online", () => gateway?.connect());

for (const sample of SAMPLES) {
  const button = make("button", "", sample.title);
  button.type = "button";
  button.addEventListener("click", (event) => speakSample(sample, event.timeStamp));
  page.samples.append(button);
}
page.text.value = FIRST_TEXT;
page.origin.textContent = page.origin2.textContent = location.origin;

isOpusPlayable = await canDecodeOpus();
await fillChoices();
choices.offerFormats(isOpusPlayable ? "opus" : PCM_SESSION.format, isOpusPlayable);
begin();
showLimits();
void watchHealth();
