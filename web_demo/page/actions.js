/** What can be taken along: the code for what the page would say, a link that says it, and the sound that was heard. */

import { linkTo } from "./sharing.js";
import { SNIPPETS } from "./snippets.js";
import { words } from "./words.js";

/** How long a button says that it has done something. */
const SAID_MS = 1500;

export class Actions {
  /** @param {import("./elements.js").Page} page @param {string} gateway its address @param {import("./choices.js").Choices} choices */
  constructor(page, gateway, choices) {
    this._page = page;
    this._gateway = gateway;
    this._choices = choices;
    this._kind = "python";
    for (const button of this._kinds) {
      button.addEventListener("click", () => this._chooseKind(button.dataset.kind ?? ""));
    }
    page.copy.addEventListener("click", () => void this._copyCode());
    page.share.addEventListener("click", () => void this._shareLink());
    this.showCode();
  }

  /** The code follows what is in the box and what was chosen. */
  showCode() {
    const url = this._gateway.replace(/\/$/, "");
    const hasKey = this._page.gatewayKey.value !== "";
    this._page.code.textContent = SNIPPETS[this._kind]({ url, hasKey, text: this._text, ...this._choices.speechOptions(null) });
  }

  get _text() {
    return this._page.text.value.trim();
  }

  get _kinds() {
    return this._page.codeKinds.querySelectorAll("button");
  }

  /** @param {string} kind */
  _chooseKind(kind) {
    this._kind = kind;
    for (const button of this._kinds) button.ariaPressed = `${button.dataset.kind === kind}`;
    this.showCode();
  }

  async _copyCode() {
    const before = this._page.copy.textContent;
    if (!(await copied(this._page.code.textContent ?? ""))) return selectAll(this._page.code);
    this._page.copy.textContent = words.copied;
    setTimeout(() => (this._page.copy.textContent = before), SAID_MS);
  }

  async _shareLink() {
    const link = linkTo(location.href, { say: this._text, ...this._choices.speechOptions(null) });
    history.replaceState(null, "", link);
    this._page.status.textContent = (await copied(link)) ? words.linkCopied : words.notCopied;
  }
}

/** Only https and localhost have a clipboard. @param {string} text */
async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/** What the page may not copy, a key does. @param {HTMLElement} element */
function selectAll(element) {
  getSelection()?.selectAllChildren(element);
}

/** Have the browser save a file. @param {{suffix: string, type: string, bytes: Uint8Array<ArrayBuffer>}} file */
export function save({ suffix, type, bytes }) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([bytes], { type }));
  link.download = `sayline.${suffix}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), SAID_MS); // the browser has taken it by then
}
