/** What a link to the page asks for: `?say=…&voice=…&language=…&speed=…`. Pure. */

/** Longer addresses are cut by some servers and chats. */
export const LONGEST_SHARED = 1500;

/** @param {string} search of an address @returns {Partial<Shared>} */
export function sharedIn(search) {
  const asked = new URLSearchParams(search);
  const speed = Number(asked.get("speed"));
  return {
    say: asked.get("say")?.slice(0, LONGEST_SHARED) || undefined,
    voice: asked.get("voice") || undefined,
    language: asked.get("language") || undefined,
    speed: speed >= 0.5 && speed <= 2 ? speed : undefined,
  };
}

/** @param {string} page its address @param {Shared} shared */
export function linkTo(page, { say, voice, language, speed }) {
  const link = new URL(page);
  link.search = link.hash = "";
  link.searchParams.set("say", say.slice(0, LONGEST_SHARED));
  if (voice) link.searchParams.set("voice", voice);
  if (language) link.searchParams.set("language", language);
  if (speed !== 1) link.searchParams.set("speed", `${speed}`);
  return link.href;
}

/** @typedef {{say: string, voice?: string, language?: string, speed: number}} Shared */
