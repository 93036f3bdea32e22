/** The page's elements that the code reads and writes, by id; one that is missing or of another kind ends the load, loudly. */

/**
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} kind
 */
function found(id, kind) {
  const element = document.getElementById(id);
  if (!(element instanceof kind)) throw new Error(`#${id} of the page is no ${kind.name}`);
  return element;
}

/** @param {string} id of an element of which only the text, the visibility or the children change */
const plain = (id) => found(id, HTMLElement);

export const page = Object.freeze({
  access: found("access", HTMLDetailsElement),
  bar: plain("bar"),
  chat: found("chat", HTMLDetailsElement),
  chart: found("chart", HTMLCanvasElement),
  chatKey: found("chatKey", HTMLInputElement),
  chatModel: found("chatModel", HTMLInputElement),
  chatUrl: found("chatUrl", HTMLInputElement),
  code: plain("code"),
  codeKinds: plain("codeKinds"),
  composer: plain("composer"),
  copy: found("copy", HTMLButtonElement),
  connection: plain("connection"),
  connectionText: plain("connectionText"),
  empty: plain("empty"),
  firstAfter: plain("firstAfter"),
  firstBefore: plain("firstBefore"),
  firstRemark: plain("firstRemark"),
  firstSound: plain("firstSound"),
  format: found("format", HTMLSelectElement),
  gatewayKey: found("gatewayKey", HTMLInputElement),
  healthConnections: plain("healthConnections"),
  healthEngine: plain("healthEngine"),
  healthGpu: plain("healthGpu"),
  healthGpuRow: plain("healthGpuRow"),
  healthRequests: plain("healthRequests"),
  healthStatus: plain("healthStatus"),
  interruptAct: found("interruptAct", HTMLButtonElement),
  interrupt: found("interrupt", HTMLButtonElement),
  language: found("language", HTMLSelectElement),
  leadNow: plain("leadNow"),
  level: found("level", HTMLCanvasElement),
  limits: plain("limits"),
  notice: plain("notice"),
  origin: plain("origin"),
  origin2: plain("origin2"),
  pace: found("pace", HTMLInputElement),
  paceText: found("paceText", HTMLOutputElement),
  otherLanguage: found("otherLanguage", HTMLAnchorElement),
  parts: plain("parts"),
  path: plain("path"),
  raceAct: found("raceAct", HTMLButtonElement),
  received: plain("received"),
  roundtrip: plain("roundtrip"),
  samples: plain("samples"),
  save: found("save", HTMLButtonElement),
  share: found("share", HTMLButtonElement),
  speak: plain("speak"),
  speed: found("speed", HTMLInputElement),
  speedText: found("speedText", HTMLOutputElement),
  status: plain("status"),
  talkAct: found("talkAct", HTMLButtonElement),
  targetNow: plain("targetNow"),
  text: found("text", HTMLTextAreaElement),
  textLabel: plain("textLabel"),
  transcript: plain("transcript"),
  typingInterrupts: found("typingInterrupts", HTMLInputElement),
  underruns: plain("underruns"),
  voices: plain("voices"),
});

/** @typedef {typeof page} Page */
