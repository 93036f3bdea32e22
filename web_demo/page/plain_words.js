/** What went wrong, and what to do about it, in words for a person. Pure. */

import { FINAL_CLOSE_CODES } from "../client/client_state.js";

/** Errors that the gateway names (docs/PROTOCOL.md, errors). */
/** @type {Record<import("../client/gateway_client.js").GatewayError["code"], string>} */
const ERRORS = {
  bad_message: "The gateway did not understand this page. Reload it; if that does not help, the two are of different versions.",
  text_too_long: "That is more text than one turn may hold. Part of it was left out.",
  unknown_voice: "This voice cannot speak that. Choose another voice or language.",
  unsupported: "This voice cannot do all that was asked for. What it can, it speaks.",
  resume_failed: "The connection was away for too long. What was being spoken is over.",
  too_many_contexts: "Too much is being spoken at once. Wait for something to end, then try again.",
  synthesis_failed: "The voice failed on this text. Try again, or put it differently.",
  quota_exceeded: "This key has used up what it may use for now. Try again later.",
  overloaded: "The gateway is being restarted. Try again in a moment.",
};

/** @param {{code: string, message: string}} error an `error` message of the gateway */
export function errorInWords({ code, message }) {
  return ERRORS[/** @type {keyof typeof ERRORS} */ (code)] ?? `The gateway reports: ${message}`;
}

/** @param {import("../client/gateway_client.js").ConnectionState} state */
export function stateInWords(state) {
  return {
    idle: "Not connected",
    connecting: "Connecting …",
    greeting: "Connecting …",
    ready: "Connected",
    draining: "Gateway is restarting",
    waiting: "Not connected",
    closed: "Not connected",
  }[state];
}

/**
 * Why a connection was lost or refused. Browsers do not tell a page how a handshake was answered, so `/health`, which is
 * open to all, has to: null if it does not answer either.
 *
 * @param {Pick<import("../client/gateway_client.js").StateChange, "code" | "reason" | "wasReady">} close
 * @param {Health | null} health
 * @param {boolean} hasKey whether a key was shown
 * @param {string | null} refusal why the gateway does not let pages of this address in
 */
export function lossInWords({ code, reason, wasReady }, health, hasKey, refusal = null) {
  if (code === 4400) return "This is not the gateway that the page was made for.";
  if (code === 4401) return "The gateway no longer takes this key.";
  if (FINAL_CLOSE_CODES.has(code ?? 0)) return `The gateway refused what this page sent (${reason || code}). Reload the page.`;
  if (code === 4408) return `The gateway hung up (${reason || "slow or idle"}). Connecting again.`;
  if (code === 1001) return "The gateway is being restarted. Connecting again.";
  if (health === null) return "The gateway does not answer: it is down, or there is no network. Connecting again.";
  if (health.status === "draining") return "The gateway is being restarted. Connecting again.";
  if (health.status === "failed") return `The gateway’s voice has failed (${health.detail}). Its log says why.`;
  if (!health.model_loaded) return "The gateway is still loading its voice. Connecting again.";
  if (wasReady) return "The connection was lost. Connecting again.";
  if (health.connections >= health.max_connections || health.current_requests >= health.max_concurrent_requests) {
    return "The gateway is full. Trying again.";
  }
  if (refusal !== null) return `The gateway does not let this page in: ${refusal}.`;
  return hasKey ? "The gateway does not take this key." : "The gateway wants a key.";
}

/**
 * What `/health` says, as far as the page shows it.
 *
 * @typedef {object} Health
 * @property {string} status
 * @property {string} detail
 * @property {boolean} model_loaded
 * @property {string} engine
 * @property {number} connections
 * @property {number} max_connections
 * @property {number} current_requests
 * @property {number} max_concurrent_requests
 * @property {number | null} gpu_memory_bytes null without a GPU
 */
