"""Cut the texts of ``release.py`` into tokens as three public tokenizers do, and keep the lengths beside the texts.

Run with a folder: ``python benchmarks/release_tokens.py FOLDER``. pip and npm fetch the tokenizers into it; they are
not kept in the project. Needed only when ``release_texts.json`` gets another text.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path
from typing import Final

from release import TEXTS, TOKENS

# A token that ends inside a character shows nothing; servers send it with the next one.
_NODE: Final = """
const texts = JSON.parse(require("fs").readFileSync(0, "utf8"));
const gpt = require("gpt-tokenizer");
import(process.argv[1]).then((module) => {
  const llama = module.default;
  const coders = {
    gpt: [(text) => gpt.encode(text), (ids) => gpt.decode(ids)],
    llama3: [
      (text) => llama.encode(text, { bos: false, eos: false }),
      (ids) => llama.decode(ids),
    ],
  };
  const cut = ([encode, decode], text) => {
    const ids = encode(text), tokens = [];
    let begun = 0;
    for (let end = 1; end <= ids.length; end++) {
      const token = decode(ids.slice(begun, end));
      if (token.endsWith("\\uFFFD") && end < ids.length) continue;
      tokens.push(token);
      begun = end;
    }
    return tokens;
  };
  const made = {};
  for (const [name, coder] of Object.entries(coders)) made[name] = texts.map((text) => cut(coder, text));
  process.stdout.write(JSON.stringify(made));
});
"""


def fetch(folder: Path) -> None:
    """Fetch the three tokenizers, if they are not there."""
    if not (folder / "python").exists():
        command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(folder / "python")]
        subprocess.run([*command, "mistral-common", "tiktoken", "regex"], check=True)  # noqa: S603 - pip
    if not (folder / "node_modules").exists():
        packages = ["gpt-tokenizer", "llama3-tokenizer-js"]
        command = ["npm", "install", "--silent", "--prefix", str(folder)]
        subprocess.run([*command, *packages], check=True)  # noqa: S603 - npm, wherever it lies


def cut_by_all(texts: list[str], folder: Path) -> dict[str, list[list[str]]]:
    """Cut texts into what each tokenizer's decoder gives at each step: whole characters only, as servers send them."""
    fetch(folder)
    llama = next((folder / "node_modules/llama3-tokenizer-js/bundle").glob("llama3*.js"))
    made = subprocess.run(  # noqa: S603 - node, wherever it lies, with a program of our own
        ["node", "-e", _NODE, str(llama)],  # noqa: S607
        input=json.dumps(texts), capture_output=True, text=True, check=True, cwd=folder,
    )  # fmt: skip
    cut: dict[str, list[list[str]]] = json.loads(made.stdout)
    cut["mistral"] = _mistral(texts, folder / "python")
    for name, each in cut.items():
        joined = ["".join(tokens) for tokens in each]
        if joined != texts:
            raise SystemExit(f"{name} does not give the texts back")
    return cut


def _mistral(texts: list[str], packages: Path) -> list[list[str]]:
    sys.path.insert(0, str(packages))
    import tiktoken  # noqa: PLC0415 - fetched a moment ago

    table = json.loads(max((packages / "mistral_common/data").glob("tekken*.json")).read_text())
    config = table["config"]
    count = config["default_vocab_size"] - config["default_num_special_tokens"]
    ranks = {base64.b64decode(entry["token_bytes"]): entry["rank"] for entry in table["vocab"][:count]}
    coder = tiktoken.Encoding("tekken", pat_str=config["pattern"], mergeable_ranks=ranks, special_tokens={})
    cut = []
    for text in texts:
        tokens, held = [], b""
        for token in coder.encode_ordinary(text):
            held += coder.decode_single_token_bytes(token)
            try:
                tokens.append(held.decode())
            except UnicodeDecodeError:
                continue
            held = b""
        cut.append(tokens)
    return cut


def main() -> None:
    """Write the lengths."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    texts = [text for kinds in json.loads(TEXTS.read_text()).values() for text in kinds.values()]
    cut = cut_by_all(texts, folder)
    lines = {name: [" ".join(str(len(token)) for token in tokens) for tokens in each] for name, each in cut.items()}
    TOKENS.write_text(json.dumps(lines, indent=1) + "\n")


if __name__ == "__main__":
    main()
