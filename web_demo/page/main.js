/** The page: puts its parts together, and says what each of a person's actions does. */

import { Actions, save } from "./actions.js";
import { ChatFailed, asked } from "./chat_endpoint.js";
import { Choices } from "./choices.js";
import { countWords, lastWords } from "./counting.js";
import { page } from "./elements.js";
import { ENDPOINT } from "../client/connection.js";
import { GatewayClient, Player } from "../client/gateway_client.js";
import { Instruments } from "./instruments.js";
import { introductionOf } from "./introductions.js";
import { Listening } from "./listening.js";
import { canDecodeOpus } from "../client/opus_decoder.js";
import { errorInWords, lossInWords } from "./plain_words.js";
import { PCM_SESSION } from "../client/player.js";
import { RACE_PACE, Race } from "./race.js";
import { RaceView } from "./race_view.js";
import { Recording } from "./recording.js";
import { samplesIn } from "./samples.js";
import { sharedIn } from "./sharing.js";
import { AnswerView, make } from "./transcript.js";
import { Turn } from "./turn.js";
import { typed } from "./typist.js";
import { translatePage, words } from "./words.js";

/** Often enough to see others come and go, and nothing to a server that answers in a millisecond. */
const HEALTH_EVERY_MS = 3000;
/** More turns than anyone scrolls back; the rest is forgotten. */
const KEPT_TURNS = 20;
/** Where the gateway is: the page may lie below a prefix that a proxy takes off. */
const GATEWAY = new URL(".", location.href).href;

/** So many words are quoted as the last that were heard. */
const QUOTED_WORDS = 4;

const choices = new Choices(page);
const actions = new Actions(page, GATEWAY, choices);
const instruments = new Instruments(page);
const player = new Player();
/** None until the page knows what this browser can play. @type {GatewayClient | undefined} */
let gateway;
/** What a person asked for before that; the newest is done as soon as there is a gateway. @type {(() => void) | null} */
let wish = null;
/** The turn that speaks. @type {{turn: Turn, view: AnswerView, recording: Recording} | null} */
let current = null;
/** Two stopwatches, while they run. @type {RaceView | null} */
let race = null;
/** The visitor's voice, once it was asked for. @type {Listening | null} */
let listening = null;
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
 * @param {(turn: Turn, view: AnswerView, gateway: GatewayClient) => void} [what.onTurn] called when it begins
 * @param {number} askedAt
 */
function speak(what, askedAt) {
  interrupt(askedAt);
  race = null;
  page.interruptAct.textContent = words.interruptAct;
  void player.prepare();
  showNotice("");
  page.empty.hidden = true;
  if (gateway === undefined) {
    wish = () => speak(what, askedAt);
    page.interrupt.disabled = false;
    page.status.textContent = words.waiting;
    return;
  }
  const { writer, question, language, onHeard, onTurn } = what;
  const turn = new Turn(gateway, player, choices.speechOptions(language), askedAt);
  const view = new AnswerView(page.transcript, question, language ?? "");
  while (page.transcript.querySelectorAll(".turn").length > KEPT_TURNS) page.transcript.querySelector(".turn")?.remove();
  current = { turn, view, recording: new Recording(turn.speech) };
  page.save.disabled = true;
  instruments.follow(turn);
  page.interrupt.disabled = false;
  page.status.textContent = gateway.state === "ready" ? words.speaking : words.waiting;
  turn.on("mark", (mark) => {
    if (mark === "sound") page.status.textContent = words.speaking;
    page.save.disabled &&= mark !== "sound";
  });
  turn.on("written", () => view.written());
  turn.on("fault", (error) => showNotice(errorInWords(error, words)));
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
  onTurn?.(turn, view, gateway);
  startDrawing();
}

/** @param {number} askedAt when the person wanted silence */
function interrupt(askedAt) {
  if (wish === null && !current?.turn.isSpeaking) return;
  wish = null;
  current?.turn.interrupt(askedAt);
  page.interrupt.disabled = true;
  page.status.textContent = words.interrupted;
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
    if (current?.turn === turn) page.status.textContent = words.finished(words.seconds(done.audio_ms));
    finishWhenHeard(turn, () => view.end(text));
  } else {
    const how = {
      cancel: words.interruptedAfter(words.seconds(turn.heardMs)),
      error: words.voiceFailed,
      lost: words.connectionLost,
    }[done.reason];
    const wasHeard = words.heardAndNot(counted(done.text_spoken), counted(done.text_remaining));
    const stopped = turn.wasInterrupted ? words.toldToStop(turn.silencedAfterMs.toFixed(1)) : "";
    const last = lastWords(done.text_spoken, QUOTED_WORDS);
    view.breakOff(text, heard, [`${how}${words.gap}${wasHeard}`, last && words.memory(last), stopped], sayRest);
    if (current?.turn === turn) page.status.textContent = how;
  }
  if (current?.turn === turn) {
    page.interrupt.disabled = true;
    page.interruptAct.textContent = words.interruptAct;
  }
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

/** The same answer as it is written, and only once it is whole. @param {number} askedAt */
function runRace(askedAt) {
  const { question, language, answer } = samplesIn(words.tag)[0];
  const options = choices.speechOptions(language);
  /** @param {AbortSignal} signal */
  const writer = (signal) => typed(answer, () => RACE_PACE, signal);
  /** @param {Turn} turn @param {AnswerView} view @param {GatewayClient} client */
  const onTurn = (turn, view, client) => (race = new RaceView(new Race(turn, client, options), view.element));
  speak({ writer, question, language, onTurn }, askedAt);
}

/** A talker who asks for it; the button that began it ends it. @param {number} askedAt */
function beInterrupted(askedAt) {
  if (current?.turn.isSpeaking && page.interruptAct.textContent === words.interruptNow) {
    interrupt(askedAt);
    return;
  }
  speak({ writer: typing(words.interruptText), question: null, language: words.tag }, askedAt);
  page.interruptAct.textContent = words.interruptNow;
}

/** @param {import("./choices.js").Voice} voice @param {number} askedAt */
function introduce(voice, askedAt) {
  const { language, sentence } = introductionOf(voice.languages, page.language.value, words.tag);
  speak({ writer: typing(sentence), question: null, language }, askedAt);
}

/** Have the browser save what was heard of the newest turn. */
function saveHeard() {
  const { turn, recording } = current ?? {};
  const file = turn && recording?.file(turn.wasInterrupted ? turn.heardMs : turn.track.heardMs);
  if (file) save(file);
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

/** @param {import("./samples.js").Sample} sample @param {number} askedAt */
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
  askModel(text, askedAt);
  page.text.value = "";
}

/** Ask the chat endpoint, which remembers what was heard of its answers. @param {string} text @param {number} askedAt */
function askModel(text, askedAt) {
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
}

/** Begin or end to listen: a word interrupts, and what was said is asked. */
function toggleListening() {
  if (listening?.isOn) {
    listening.stop();
    showListening(words.listensNoMore);
    return;
  }
  if (page.chatUrl.value.trim() === "") {
    page.chat.open = true;
    page.chatUrl.focus();
    page.status.textContent = words.talkNeedsModel;
    return;
  }
  void player.prepare();
  soundAs("play-and-record");
  listening = new Listening(page.language.value || words.tag);
  listening.addEventListener("speaking", () => interrupt(performance.now()));
  listening.addEventListener("said", (event) => {
    askModel(/** @type {CustomEvent<string>} */ (event).detail, performance.now());
  });
  listening.addEventListener("failed", (event) => {
    showListening(words.listensNoMore);
    showNotice(words.cannotListen(/** @type {CustomEvent<string>} */ (event).detail));
  });
  listening.start();
  showListening(words.listening);
}

/** @param {string} status */
function showListening(status) {
  page.talkAct.ariaPressed = `${listening?.isOn ?? false}`;
  page.status.textContent = status;
}

// -- the gateway ------------------------------------------------------------------------------------------------------

/** Connect with the chosen format and key; another choice is another connection. */
function connect() {
  interrupt(performance.now());
  gateway?.close();
  const format = choices.format;
  const client = new GatewayClient({
    url: GATEWAY,
    key: page.gatewayKey.value,
    ...(format === PCM_SESSION.format ? PCM_SESSION : { format }),
  });
  gateway = client;
  client.addEventListener("state", ({ detail }) => void stateChanged(client, detail));
  client.addEventListener("error", ({ detail }) => showNotice(errorInWords(detail, words)));
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
    if (choices.voice === undefined) await fillChoices();
  } else if (detail.code !== undefined) {
    const health = await readHealth();
    const refusal = health === null ? null : await readRefusal();
    if (client !== gateway || client.state === "ready") return; // it is back already
    const why = lossInWords(detail, health, page.gatewayKey.value !== "", refusal, words);
    showNotice(why);
    if (why === words.loss.wantsKey || why === words.loss.wrongKey || why === words.loss.keyRevoked) leadToKey();
  }
}

/** @param {import("../client/gateway_client.js").ConnectionState} state */
function showState(state) {
  page.connection.dataset.state = state;
  page.connectionText.textContent = words.state[state];
}

/** Fill the pickers; a gateway that does not answer now is asked again once there is a connection. */
async function fillChoices() {
  /** @type {import("./choices.js").VoiceList} */
  let offer;
  try {
    const answer = await fetch(`${GATEWAY}v1/voices`);
    if (!answer.ok) return;
    offer = await answer.json();
  } catch {
    return; // the notice of the connection says what is wrong
  }
  choices.fill(offer);
  const { voice, language, speed } = sharedIn(location.search);
  choices.choose(voice, language, speed);
  actions.showCode();
}

async function readHealth() {
  try {
    return /** @type {import("./plain_words.js").Health} */ (await (await fetch(`${GATEWAY}health`)).json());
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
    const answer = await fetch(GATEWAY + ENDPOINT.slice(1), { method: "OPTIONS" });
    if (answer.status !== 403) return null;
    const { error } = /** @type {{error: {code: string, message: string}}} */ (await answer.json());
    return words.refusals[error.code] ?? error.message;
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
  showNotice(words.undecodable);
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
  if (!race?.draw(now)) race = null;
  instruments.draw(now, speaking ? player.analyser : null);
  isDrawing = speaking !== null || race !== null || instruments.isMoving(now);
  if (isDrawing) requestAnimationFrame(draw);
}

/** @param {string} text */
function showNotice(text) {
  page.notice.hidden = text === "";
  page.notice.textContent = text;
}

/** Below the notice: the field for the key stands far down, on a phone outside its first screen. */
function leadToKey() {
  page.access.open = true;
  const button = make("button", "quiet", words.enterKey);
  button.type = "button";
  button.addEventListener("click", () => page.gatewayKey.focus());
  page.notice.append(button);
}

/** Say what this address, or this browser, cannot do. */
function showLimits() {
  page.limits.hidden = isOpusPlayable;
  page.limits.textContent = globalThis.isSecureContext ? words.limitNoOpus : words.limitPlainHttp;
}

/** @param {string} text */
function counted(text) {
  return words.counted(countWords(text));
}

/** A link to the page in the other language, with everything else that its address says. */
function linkToOtherLanguage() {
  const other = words.tag === "zh" ? "en" : "zh";
  const address = new URL(location.href);
  address.searchParams.set("lang", other);
  page.otherLanguage.href = address.href;
  page.otherLanguage.lang = page.otherLanguage.hreflang = other;
  page.otherLanguage.textContent = other === "zh" ? "中文" : "English";
}

/**
 * A phone's silent switch is for ringing, and what a visitor asks to hear is playback (Safari; others have no such switch).
 *
 * @param {"playback" | "play-and-record"} type
 */
function soundAs(type) {
  const { audioSession } = /** @type {Navigator & {audioSession?: {type: string}}} */ (navigator);
  if (audioSession) audioSession.type = type;
}

// -- what a person does -----------------------------------------------------------------------------------------------

page.composer.addEventListener("submit", (event) => {
  event.preventDefault();
  speakBox(event.timeStamp);
});
page.raceAct.addEventListener("click", (event) => runRace(event.timeStamp));
page.interruptAct.addEventListener("click", (event) => beInterrupted(event.timeStamp));
page.talkAct.addEventListener("click", toggleListening);
page.save.addEventListener("click", saveHeard);
choices.onhear = introduce;
for (const input of [page.text, page.speed, page.gatewayKey]) input.addEventListener("input", () => actions.showCode());
for (const input of [page.voices, page.language]) input.addEventListener("change", () => actions.showCode());
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
  page.textLabel.textContent = asks ? words.question : words.textToSpeak;
  page.speak.textContent = asks ? words.ask : words.speak;
  conversation = [];
});
document.addEventListener("visibilitychange", () => {
  void watchHealth();
  if (!document.hidden) gateway?.connect();
});
addEventListener("online", () => gateway?.connect());

translatePage();
linkToOtherLanguage();
soundAs("playback");
page.talkAct.hidden = !Listening.isThere;
for (const sample of samplesIn(words.tag)) {
  const button = make("button", "", sample.title);
  button.lang = sample.language;
  button.type = "button";
  button.addEventListener("click", (event) => speakSample(sample, event.timeStamp));
  page.samples.append(button);
}
const { say: sharedText } = sharedIn(location.search);
page.text.value = sharedText ?? (matchMedia("(hover: none)").matches ? words.firstTextByTouch : words.firstText);
if (sharedText) page.status.textContent = words.shared;
actions.showCode();
page.origin.textContent = page.origin2.textContent = GATEWAY.replace(/\/$/, "");

isOpusPlayable = await canDecodeOpus();
await fillChoices();
choices.offerFormats(isOpusPlayable ? "opus" : PCM_SESSION.format, isOpusPlayable);
begin();
showLimits();
void watchHealth();
