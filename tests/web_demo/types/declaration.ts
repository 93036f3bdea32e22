/**
 * gateway_client.d.ts is kept by hand, for people who read it. This file compiles only as long as it declares what
 * connection.js and player.js have: the same names, the same parameters, and nothing that is given back otherwise.
 */

import type * as declared from "../../../web_demo/client/gateway_client.js";
import type { endpointUrl, GatewayClient, Speech, subprotocols } from "../../../web_demo/client/connection.js";
import type { Player, Track } from "../../../web_demo/client/player.js";

// -- what is compared ---------------------------------------------------------------------------------------------------

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Of `Declared`, the names of members that are missing, take something else, or give something else. */
type Wrong<Declared, Written> = {
  [Name in keyof Declared]-?: Name extends keyof Written
    ? Fits<Declared[Name], Written[Name]> extends true ? never : Name
    : Name;
}[keyof Declared];

type Fits<Declared, Written> = [Declared, Written] extends [
  (...given: infer Told) => infer Promised,
  (...given: infer Taken) => infer Given,
]
  ? [Same<Told, Taken>, Given] extends [true, Promised] ? true : false
  : Written extends Declared ? true : false;

/** Members that are written and not declared, those whose names say that they are nobody else's left out. */
type Undeclared<Declared, Written> = Exclude<keyof Written, keyof Declared | `_${string}`>;

/** The overloads of `addEventListener` only name the events; the method is EventTarget's own. */
type Of<Instance> = Omit<Instance, "addEventListener">;

function none<Names extends never>(): Names[] {
  return [];
}

// -- what is asked ------------------------------------------------------------------------------------------------------

none<Wrong<Of<declared.GatewayClient>, GatewayClient>>();
none<Wrong<Of<declared.Speech>, Speech>>();
none<Wrong<Of<declared.Player>, Player>>();
none<Wrong<Of<declared.Track>, Track>>();

none<Undeclared<declared.GatewayClient, GatewayClient>>();
none<Exclude<Undeclared<declared.Speech, Speech>, "told">>(); // told: from the client
none<Exclude<Undeclared<declared.Player, Player>, "newOutput" | "finished" | "heardTime">>(); // from and for a track
none<Exclude<Undeclared<declared.Track, Track>, "release">>(); // from the player

none<Wrong<Omit<typeof declared.Player, "prototype">, typeof Player>>();
none<Undeclared<typeof declared.Player, typeof Player>>();
none<Undeclared<typeof declared.GatewayClient, typeof GatewayClient>>();

export const constructorsTakeTheSame: [
  Same<ConstructorParameters<typeof declared.GatewayClient>, ConstructorParameters<typeof GatewayClient>>,
  Same<ConstructorParameters<typeof declared.Player>, ConstructorParameters<typeof Player>>,
] = [true, true];

export const functionsAreTheSame: [
  Same<typeof declared.endpointUrl, typeof endpointUrl>,
  Same<typeof declared.subprotocols, typeof subprotocols>,
] = [true, true];

// -- what a page may write, and what it may not -------------------------------------------------------------------------

export async function spoken(
  gateway: declared.GatewayClient,
  player: declared.Player,
  source: AsyncIterable<string>,
): Promise<string> {
  const speech = gateway.speak({ voice: "ada", speed: 1.5 });
  const track = player.play(speech);
  track.addEventListener("firstsound", ({ detail }) => detail.toFixed());
  speech.addEventListener("audio", ({ detail }) => detail.payload.byteLength + detail.duration);
  speech.addEventListener("written", ({ detail }) => detail.trim());
  await speech.writeAll(source);
  // @ts-expect-error - a number is no text
  speech.write(5);
  // @ts-expect-error - there is no such option
  gateway.speak({ vioce: "ada" });
  // @ts-expect-error - there is no such event
  speech.addEventListener("finished", ({ detail }: CustomEvent<string>) => detail.trim());
  return (await speech.done).text_spoken;
}
