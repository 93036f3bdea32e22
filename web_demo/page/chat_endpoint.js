/** Any OpenAI-compatible chat endpoint as a writer. The key is an argument: nothing here keeps, stores or logs it. */

import { words } from "./words.js";

const COMPLETIONS = "/chat/completions";

/** The endpoint did not answer as hoped; the message is for the person at the page. */
export class ChatFailed extends Error {}

/** Takes server-sent events apart (`data:` lines), however the network has cut them. Pure. */
export class EventReader {
  constructor() {
    this._rest = "";
  }

  /**
   * @param {string} text what came
   * @returns {string[]} the data of every event that is complete
   */
  push(text) {
    const lines = (this._rest + text).split(/\r\n|\n|\r(?!$)/);
    this._rest = lines.pop() ?? "";
    return lines.filter((line) => line.startsWith("data:")).map((line) => line.slice(5).trimStart());
  }
}

/**
 * Complete what a person typed: a base address, or the whole one.
 *
 * @param {string} address
 * @throws {ChatFailed}
 */
export function completionsUrl(address) {
  let url;
  try {
    url = new URL(address);
  } catch {
    throw new ChatFailed(words.chat.badAddress);
  }
  const path = url.pathname.replace(/\/+$/, "");
  url.pathname = path.endsWith(COMPLETIONS) ? path : path + COMPLETIONS;
  return url.href;
}

/**
 * Ask, and give the answer as it is written.
 *
 * @param {Endpoint} endpoint
 * @param {Message[]} messages the conversation so far
 * @param {AbortSignal} signal
 * @returns {AsyncGenerator<string>}
 * @throws {ChatFailed}
 */
export async function* asked(endpoint, messages, signal) {
  const answer = await post(endpoint, messages, signal);
  if (answer === null) return; // interrupted before it began: that is no failure
  if (answer.body === null) throw new ChatFailed(words.chat.empty);
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  const events = new EventReader();
  try {
    for (;;) {
      const part = await reader.read();
      if (part.done) return;
      for (const data of events.push(part.value)) {
        if (data === "[DONE]") return;
        const delta = deltaOf(data);
        if (delta) yield delta;
      }
    }
  } catch (error) {
    if (signal.aborted) return; // nor is this
    throw error instanceof ChatFailed ? error : new ChatFailed(words.chat.brokeOff);
  } finally {
    reader.cancel().catch(() => {}); // it may be over, or broken; either way nobody reads on
  }
}

/** @param {Endpoint} endpoint @param {Message[]} messages @param {AbortSignal} signal */
async function post({ url, model, key }, messages, signal) {
  let answer;
  try {
    answer = await fetch(completionsUrl(url), {
      method: "POST",
      headers: { "Content-Type": "application/json", ...(key && { Authorization: `Bearer ${key}` }) },
      body: JSON.stringify({ model, messages, stream: true }),
      signal,
      credentials: "omit",
      referrerPolicy: "no-referrer",
    });
  } catch (error) {
    if (signal.aborted) return null;
    if (error instanceof ChatFailed) throw error;
    throw new ChatFailed(words.chat.unreachable);
  }
  if (!answer.ok) throw new ChatFailed(refusal(answer.status));
  return answer;
}

/** @param {string} data */
function deltaOf(data) {
  let event;
  try {
    event = /** @type {ChatEvent} */ (JSON.parse(data));
  } catch {
    throw new ChatFailed(words.chat.notAChat);
  }
  if (event.error) throw new ChatFailed(words.chat.says(event.error.message ?? "error"));
  return event.choices?.[0]?.delta?.content ?? "";
}

/** @param {number} status */
function refusal(status) {
  const { reasons, broken, disliked, refused } = words.chat;
  return refused(status, reasons[status] ?? (status >= 500 ? broken : disliked));
}

/** @typedef {{url: string, model: string, key: string}} Endpoint */
/** @typedef {{role: "user" | "assistant", content: string}} Message of a conversation */
/** @typedef {{error?: {message?: string}, choices?: {delta?: {content?: string | null}}[]}} ChatEvent */
