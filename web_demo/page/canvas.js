/** A canvas that is as sharp as the screen, and takes its colours from the style sheet. */

/** Beyond two pixels to a CSS pixel a curve looks no better, and a phone pays for it. */
const LARGEST_SCALE = 2;

export class Canvas {
  /** @param {HTMLCanvasElement} element */
  constructor(element) {
    this.element = element;
    this.pen = /** @type {CanvasRenderingContext2D} */ (element.getContext("2d"));
    /** Kept, because to ask for it is dear. @type {CSSStyleDeclaration | undefined} */
    this._style = undefined;
    this.width = 0;
    this.height = 0;
    new ResizeObserver(() => this._fit()).observe(element);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this._changed());
    /** Called when what is shown has to be drawn anew: another size, other colours. @type {() => void} */
    this.onchange = () => {};
  }

  /** A colour by the name of its custom property. @param {string} name */
  colour(name) {
    this._style ??= getComputedStyle(this.element);
    return this._style.getPropertyValue(name);
  }

  clear() {
    this.pen.clearRect(0, 0, this.width, this.height);
  }

  _fit() {
    const scale = Math.min(LARGEST_SCALE, devicePixelRatio);
    this.width = this.element.clientWidth;
    this.height = this.element.clientHeight;
    this.element.width = Math.round(this.width * scale);
    this.element.height = Math.round(this.height * scale);
    this.pen.scale(scale, scale);
    this._changed();
  }

  _changed() {
    this._style = undefined;
    this.onchange();
  }
}
