/**
 * The browser client of `tts.v1`. Import this file as it is; it needs nothing but its neighbours in this folder.
 *
 *     import { GatewayClient, Player } from "https://gateway.example/gateway_client.js";
 *
 *     const player = new Player();
 *     const gateway = new GatewayClient({ url: "https://gateway.example", ...(await Player.bestSession()) });
 *     const speakButton = document.querySelector("#speak");
 *     const stopButton = document.querySelector("#stop");  // its id alone would not do: `stop` is window.stop
 *
 *     speakButton.onclick = async () => {
 *       player.prepare();                              // inside the click, or browsers keep the page silent
 *       const speech = gateway.speak();
 *       const track = player.play(speech);
 *       stopButton.onclick = () => track.interrupt();  // silence within 5 ms; `speech.done` tells what had been heard
 *       await speech.writeAll(tokensOfYourModel());    // deltas as they come; it is heard from the first sentence on
 *     };
 *
 * Types stand in gateway_client.d.ts; docs/WEB_DEMO.md tells the rest.
 */

export { GatewayClient, Speech, endpointUrl, subprotocols } from "./connection.js";
export { Player, Track } from "./player.js";
