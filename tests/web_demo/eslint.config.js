/** What `make js` asks of the browser's modules and their tests beside what tsc finds. Started from the repository's root. */

import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

// The tools lie in build/js, where no import from here would look for them.
const tools = createRequire(new URL("../../build/js/", import.meta.url));
const eslint = tools("@eslint/js");
const typescript = tools("typescript-eslint");

/** @param {string} name of a tsconfig beside this file: the rules that need types ask it */
const typed = (name) => ({ parserOptions: { project: `${fileURLToPath(new URL(".", import.meta.url))}${name}.json` } });

export default typescript.config(
  { ignores: ["**/*.d.ts", "**/eslint.config.js"] },
  eslint.configs.recommended,
  typescript.configs.recommendedTypeCheckedOnly,
  { files: ["web_demo/**/*.js", "tests/web_demo/tap.js"], languageOptions: typed("tsconfig") },
  {
    files: ["web_demo/client/playback_worklet.js", "tests/web_demo/tap_worklet.js"],
    languageOptions: typed("tsconfig.worklet"),
  },
  {
    files: ["tests/web_demo/**/*.{mjs,ts}"],
    languageOptions: typed("tsconfig.tests"),
    rules: {
      // Node's runner waits for its tests itself.
      "@typescript-eslint/no-floating-promises": [
        "error",
        { allowForKnownSafeCalls: [{ from: "package", name: ["test", "describe"], package: "node:test" }] },
      ],
    },
  },
  {
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      // tsc finds both, and knows which names each kind of script has.
      "no-undef": "off",
      "no-unused-vars": "off",
      // JSON and ports give `any`. In JavaScript these see no JSDoc cast, so each of our borders would be an error.
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-unsafe-return": "off",
      eqeqeq: "error",
      "no-var": "error",
      "object-shorthand": "error",
      "prefer-const": "error",
    },
  },
);
