/** What the page says in English, beside what stands in index.html. Lists of the sort `key: words` are keyed by the code. */

export const EN = {
  tag: "en",
  page: null,

  firstText: "Hello! I am being spoken while I am still being written. Press Escape at any time, and I stop at once.",
  firstTextByTouch: "Hello! I am being spoken while I am still being written. Tap Interrupt at any time, and I stop at once.",

  /** Between two sentences. */
  gap: " ",

  // -- numbers
  /** @param {number} ms */
  seconds: (ms) => `${(ms / 1000).toFixed(1)} s`,
  /** @param {number} ms */
  hundredths: (ms) => `${(ms / 1000).toFixed(2)} s`,
  /** @param {number} ms */
  milliseconds: (ms) => (ms >= 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms)} ms`),
  /** @param {number} count */
  counted: (count) => (count === 1 ? "1 word" : `${count} words`),
  /** @param {number} count @param {number} most */
  of: (count, most) => `${count} of ${most}`,
  /** @param {number} rate in kilobits per second */
  received: (rate) => `${rate} kbit/s of sound`,
  /** @param {number} pace tokens a second */
  pace: (pace) => (pace === Infinity ? "all at once" : `${pace} tokens a second`),
  automatic: "Automatic",
  /** The gateway describes its voices in English. @type {Record<string, string>} by that description */
  voices: {},

  // -- a turn
  waiting: "Waiting for the gateway …",
  speaking: "Speaking …",
  interrupted: "Interrupted.",
  /** @param {string} length */
  finished: (length) => `Finished: ${length} of speech.`,
  /** @param {string} length */
  interruptedAfter: (length) => `Interrupted after ${length}.`,
  /** @param {string} ms */
  toldToStop: (ms) => `It was told to stop ${ms} ms after you asked.`,
  voiceFailed: "The voice failed.",
  connectionLost: "The connection was lost.",
  /** @param {string} heard @param {string} unheard */
  heardAndNot: (heard, unheard) => `Heard ${heard}, not heard ${unheard}.`,
  sayTheRest: "Say the rest",
  /** @param {string} last words */
  memory: (last) => `Your model is told that it was heard up to “${last}”, and no further.`,
  interruptAct: "Interrupt me",
  talkNeedsModel: "To talk with it, name a chat endpoint first: what you say is asked there.",
  listening: "Listening … Talk over the voice to interrupt it; headphones keep it from hearing itself.",
  listensNoMore: "No longer listening.",
  /** @param {string} error */
  cannotListen: (error) =>
    error === "language-not-supported"
      ? "The browser does not recognise this language."
      : `The browser does not let the page listen (${error}). Allow the microphone and try again.`,
  interruptNow: "Interrupt now",
  interruptText:
    "Go ahead, interrupt me in the middle of a sentence. I will not finish it, and I will not be offended. I simply stop, within a few " +
    "milliseconds, and the gateway works out which of my words you had really heard. The others are struck out, and a language " +
    "model would never believe that it had said them. If you like, press the button below and I go on from exactly that word. " +
    "And if you let me talk, I could go on like this for quite a while, as chatbots do.",
  race: {
    waits: "Waits for the whole answer",
    streams: "This gateway",
    silent: "silent",
    heard: "heard",
    stopped: "stopped",
    rules: "The same answer, voice and gateway, one press. The left one stays silent, so that you hear one voice.",
    /** @param {string} seconds */
    sooner: (seconds) => `Heard ${seconds} sooner. The longer the answer, the larger the difference.`,
  },
  copied: "Copied",
  linkCopied: "Link copied.",
  notCopied: "This browser does not let the page copy. The link is in the address bar.",
  shared: "Somebody shared this with you. Press Speak to hear it.",
  /** @param {string} name of a voice */
  hear: (name) => `Hear ${name}`,

  // -- the number that leads
  notHeardYet: "from a written sentence to its sound",
  afterWriting: ["Heard", "ms after the sentence was written"],
  afterOutage: ["Heard", "ms after the connection was back"],
  stillWriting: "The writer is still writing.",
  /** @param {string} early */
  beforeLastWord: (early) => `That was ${early} before the last word was written.`,
  /** @param {string} whole */
  fromPress: (whole) => `From press to sound: ${whole}.`,
  parts: {
    sent: ["Text sent", "from the press to the first piece of text on the wire"],
    written: ["Sentence written", "the writer’s own time for the first sentence"],
    online: ["Connection back", "the time in which there was no connection to the gateway"],
    released: ["Sentence released", "the gateway found its end, and the voice made its first sound"],
    packet: ["First packet", "encoded and carried here"],
    sound: ["First sound", "decoded, the first 80 ms gathered, and through the sound card"],
  },

  // -- the gateway
  state: {
    idle: "Not connected",
    connecting: "Connecting …",
    greeting: "Connecting …",
    ready: "Connected",
    draining: "Gateway is restarting",
    waiting: "Not connected",
    closed: "Not connected",
  },
  /** @type {Record<string, string>} */
  health: { ok: "ok", draining: "restarting", failed: "failed" },
  healthLoading: "loading",
  healthNoAnswer: "no answer",
  errors: {
    bad_message: "The gateway did not understand this page. Reload it; if that does not help, the two are of different versions.",
    text_too_long: "That is more text than one turn may hold. Part of it was left out.",
    unknown_voice: "This voice cannot speak that. Choose another voice or language.",
    unsupported: "This voice cannot do all that was asked for. What it can, it speaks.",
    resume_failed: "The connection was away for too long. What was being spoken is over.",
    too_many_contexts: "Too much is being spoken at once. Wait for something to end, then try again.",
    synthesis_failed: "The voice failed on this text. Try again, or put it differently.",
    quota_exceeded: "This key has used up what it may use for now. Try again later.",
    overloaded: "The gateway is being restarted. Try again in a moment.",
  },
  /** @param {string} message */
  errorQuoted: (message) => `The gateway reports: ${message}`,
  loss: {
    otherGateway: "This is not the gateway that the page was made for.",
    keyRevoked: "The gateway no longer takes this key.",
    /** @param {string} why */
    refusedMessage: (why) => `The gateway refused what this page sent (${why}). Reload the page.`,
    /** @param {string} why */
    hungUp: (why) => `The gateway hung up (${why || "slow or idle"}). Connecting again.`,
    restarting: "The gateway is being restarted. Connecting again.",
    noAnswer: "The gateway does not answer: it is down, or there is no network. Connecting again.",
    /** @param {string} detail */
    failed: (detail) => `The gateway’s voice has failed (${detail}). Its log says why.`,
    loading: "The gateway is still loading its voice. Connecting again.",
    lost: "The connection was lost. Connecting again.",
    full: "The gateway is full. Trying again.",
    /** @param {string} why */
    notLetIn: (why) => `The gateway does not let this page in: ${why}.`,
    wrongKey: "The gateway does not take this key.",
    wantsKey: "The gateway wants a key.",
  },
  /** The gateway gives its reasons in English. @type {Record<string, string>} by the error's code */
  refusals: {},
  enterKey: "Enter the key",
  undecodable: "This browser failed to decode Opus. The page asks for PCM from now on; please try again.",
  limitNoOpus: "This browser does not decode raw Opus packets, so the page asks the gateway for PCM: the same sound, 12 times the bytes.",
  limitPlainHttp:
    "This page came over plain http, where browsers offer neither a decoder nor audio worklets. It works, with PCM (12 times the " +
    "bytes) played from the page’s own thread; over https, or on localhost, you get Opus and steadier playback.",

  // -- a chat endpoint
  ask: "Ask",
  speak: "Speak",
  question: "Your question",
  textToSpeak: "Text to speak",
  chat: {
    badAddress: "The chat address is not complete; one looks like http://localhost:11434/v1",
    empty: "The chat endpoint gave an empty answer.",
    brokeOff: "The chat endpoint broke off in the middle of its answer.",
    unreachable:
      "The chat endpoint cannot be reached: the address is wrong, it is not running, or it does not let pages of other origins in (CORS).",
    notAChat: "The chat endpoint sent what is not a chat completion.",
    /** @param {string} message */
    says: (message) => `The chat endpoint says: ${message}`,
    /** @param {number} status @param {string} reason */
    refused: (status, reason) => `The chat endpoint refused with ${status}: ${reason}.`,
    /** @type {Record<number, string>} */
    reasons: {
      401: "it wants another key",
      403: "this key may not use it",
      404: "there is no such address, or no such model",
      429: "it has had enough questions for now",
    },
    broken: "it is broken or busy",
    disliked: "it did not like the question",
  },
};
