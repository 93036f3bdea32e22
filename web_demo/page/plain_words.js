/** What went wrong, and what to do about it, in words for a person. Pure. */

import { FINAL_CLOSE_CODES } from "../client/client_state.js";

/** @param {{code: string, message: string}} error an `error` message of the gateway (docs/PROTOCOL.md, errors) @param {Words} words */
export function errorInWords({ code, message }, words) {
  return words.errors[/** @type {keyof Words["errors"]} */ (code)] ?? words.errorQuoted(message);
}

/**
 * Why a connection was lost or refused. Browsers do not tell a page how a handshake was answered, so `/health`, which is
 * open to all, has to: null if it does not answer either.
 *
 * @param {Pick<import("../client/gateway_client.js").StateChange, "code" | "reason" | "wasReady">} close
 * @param {Health | null} health
 * @param {boolean} hasKey whether a key was shown
 * @param {string | null} refusal why the gateway does not let pages of this address in
 * @param {Words} words
 */
export function lossInWords({ code, reason, wasReady }, health, hasKey, refusal, { loss }) {
  if (code === 4400) return loss.otherGateway;
  if (code === 4401) return loss.keyRevoked;
  if (FINAL_CLOSE_CODES.has(code ?? 0)) return loss.refusedMessage(reason || `${code}`);
  if (code === 4408) return loss.hungUp(reason ?? "");
  if (code === 1001) return loss.restarting;
  if (health === null) return loss.noAnswer;
  if (health.status === "draining") return loss.restarting;
  if (health.status === "failed") return loss.failed(health.detail);
  if (!health.model_loaded) return loss.loading;
  if (wasReady) return loss.lost;
  if (health.connections >= health.max_connections || health.current_requests >= health.max_concurrent_requests) {
    return loss.full;
  }
  if (refusal !== null) return loss.notLetIn(refusal);
  return hasKey ? loss.wrongKey : loss.wantsKey;
}

/** @typedef {import("./words.js").Words} Words */
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
