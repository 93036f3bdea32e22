/** The code for what the page would say now, to run as it is. Pure. */

/** @type {Record<string, (request: Request) => string>} */
export const SNIPPETS = {
  python: ({ url, text, voice, language, speed, hasKey }) =>
    [
      "import sayline",
      "",
      "sayline.speak(",
      `    ${JSON.stringify(text)},`,
      ...given({ voice, language, speed }, (name, value) => `    ${name}=${value},`),
      `    url=${JSON.stringify(url.replace(/^http/, "ws"))},`,
      ...(hasKey ? ['    key="YOUR_KEY",'] : []),
      '    out="speech.ogg",',
      ")",
    ].join("\n"),

  javascript: ({ url, text, voice, language, speed, hasKey }) =>
    [
      `import { GatewayClient, Player } from "${url}/gateway_client.js";`,
      "",
      "const player = new Player();",
      "const best = await Player.bestSession();",
      `const gateway = new GatewayClient({ url: "${url}",${hasKey ? ' key: "YOUR_KEY",' : ""} ...best });`,
      "addEventListener(\"click\", async () => {",
      "  player.prepare();",
      `  const speech = gateway.speak({ ${given({ voice, language, speed }, (name, value) => `${name}: ${value}`).join(", ")} });`,
      "  player.play(speech);",
      "  // or the tokens of your model, as they come",
      `  await speech.writeAll([${JSON.stringify(text)}]);`,
      "});",
    ].join("\n"),

  curl: ({ url, text, voice, language, speed, hasKey }) =>
    [
      `curl ${url}/v1/audio/speech \\`,
      ...(hasKey ? ['  -H "Authorization: Bearer $SAYLINE_KEY" \\'] : []),
      '  -H "Content-Type: application/json" \\',
      `  -d ${inShell(JSON.stringify({ input: text, voice, language, speed: speed === 1 ? undefined : speed }))} \\`,
      "  -o speech.mp3",
    ].join("\n"),
};

/**
 * The arguments that say something.
 *
 * @param {{voice?: string, language?: string, speed: number}} options
 * @param {(name: string, value: string) => string} written
 */
function given({ voice, language, speed }, written) {
  return Object.entries({ voice, language, speed: speed === 1 ? undefined : speed })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => written(name, JSON.stringify(value)));
}

/** One word of a POSIX shell. @param {string} text */
function inShell(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** @typedef {{url: string, text: string, voice?: string, language?: string, speed: number, hasKey: boolean}} Request `url` without a slash */
