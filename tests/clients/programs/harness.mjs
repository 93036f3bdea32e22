/** What a program shares with the test that started it: see tests/client_programs.py, and harness.py beside this file. */

import { appendFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

export const given = JSON.parse(process.argv[2]);
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
let isHeard = false;

/** Tell the test something; `at` is the clock that Python calls time.monotonic(). */
export function tell(event, facts = {}) {
  console.log(JSON.stringify({ event, at: Number(process.hrtime.bigint()) / 1e9, ...facts }));
}

/** Keep sound: bytes of 16-bit little-endian mono. */
export function heard(samples, rate) {
  if (samples.length > 0 && !isHeard) {
    isHeard = true;
    tell("first_sound", { rate });
  }
  appendFileSync(given.sound_path, samples);
}

/** Wait until the test asks for this. */
export async function asked(name) {
  const { value, done } = await lines.next();
  if (done) throw new Error(`the test has gone; it was to ask for ${name}`);
  const said = JSON.parse(value);
  if (said.name !== name) throw new Error(`asked for ${said.name}, not for ${name}`);
  return said;
}

/** Import a package of build/clients/node: Node looks for packages beside the program, and these lie elsewhere. */
export async function load(name) {
  const from = createRequire(pathToFileURL(`${process.env.SAYLINE_CLIENTS}/node/`));
  return import(pathToFileURL(from.resolve(name)));
}

/** The test's end of standard input must not keep the program alive. */
export function finish() {
  process.stdin.destroy();
}
