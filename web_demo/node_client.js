/** The package's entry in Node.js: the same client. Node.js before 22 has no WebSocket of its own; there `ws` stands in. */

import { GatewayClient } from "./client/gateway_client.js";

if (globalThis.WebSocket === undefined) {
  const { WebSocket } = await import(/** @type {string} */ ("ws"));
  GatewayClient.WebSocket = WebSocket;
}

export * from "./client/gateway_client.js";
