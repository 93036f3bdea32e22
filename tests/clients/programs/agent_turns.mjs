/** The same turns as agent_turns.py, for clients of Node. */

import { asked, given, heard, tell } from "./harness.mjs";

export const RATE_HZ = 24000;

/** A text as a language model writes it: cut anywhere. */
function piecesOf(text, size = 9) {
  return text.match(new RegExp(`[^]{1,${size}}`, "g"));
}

/** Do what the test asks, in its order. `speak(pieces, onSound)` ends when the speech is complete or was interrupted. */
export async function takeTurns(speak, interrupt) {
  await speak(piecesOf(given.text), (sound) => heard(sound, RATE_HZ));
  tell("spoken");

  await asked("interrupt");
  let speaking;
  await new Promise((begun, failed) => {
    speaking = speak(piecesOf(given.long_text), begun);
    speaking.catch(failed);
  });
  tell("sounding");
  await asked("stop");
  tell("interrupting");
  await interrupt();
  tell("interrupted");
  await speaking;

  await asked("go on");
  const sound = [];
  await speak(piecesOf(given.next_text), (piece) => sound.push(piece));
  tell("next", { sound: Buffer.concat(sound).toString("base64"), rate: RATE_HZ });
}
