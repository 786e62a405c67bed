/** Faces and plates are blurred by hand before others see a photo: in the browser, so that what is sent holds them no more. */

import { element } from '../../dom.js';
import { box } from '../cells.js';
import { openDialog } from '../dialogs.js';
import { say } from '../facts.js';
import { pixelate } from './pixels.js';

/** The server keeps no larger pictures. */
const LONGEST_PX = 4096;
const QUALITY = 0.92;

/** @typedef {import('./pixels.js').Part} Part */

/** Whether a file is a picture that can be shown. @param {Blob} file */
export const isPicture = (file) => ['image/jpeg', 'image/png', 'image/webp'].includes(file.type);

/**
 * Show a photo, let parts of it be blurred, and give back what is to be sent: the same file where nothing was drawn; null: none.
 *
 * @param {Blob} file
 * @param {string} sendText What the button says that ends it.
 * @returns {Promise<Blob | null>}
 */
export async function blurPhoto(file, sendText) {
  const bitmap = await createImageBitmap(file).catch(() => null);
  if (!bitmap) return file; // the server says what is wrong with it
  return new Editor(bitmap, file, sendText).ask();
}

class Editor {
  /** @param {ImageBitmap} bitmap @param {Blob} file @param {string} sendText */
  constructor(bitmap, file, sendText) {
    const scale = Math.min(1, LONGEST_PX / Math.max(bitmap.width, bitmap.height));
    this.bitmap = bitmap;
    this.file = file;
    this.sendText = sendText;
    /** @type {Part[]} */
    this.parts = [];
    this.canvas = document.createElement('canvas');
    this.canvas.width = Math.max(1, Math.round(bitmap.width * scale));
    this.canvas.height = Math.max(1, Math.round(bitmap.height * scale));
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute('role', 'img');
    this.canvas.setAttribute('aria-label', say('blur_canvas'));
    this.frame = box('div', 'blur-frame');
    this.told = element('p', 'hint', say('blur_hint'));
    this.told.setAttribute('role', 'status');
    this.dialog = element('dialog', 'blur');
    /** Where a part begins, in pixels of the picture. @type {{x: number, y: number} | null} */
    this.from = null;
    const { width, height } = this.canvas;
    /** The part that the keyboard moves. @type {Part} */
    this.cursor = { x: width * 0.4, y: height * 0.4, width: width * 0.2, height: height * 0.2 };
    this.paint();
  }

  get context() {
    return /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext('2d', { willReadFrequently: true }));
  }

  /** Draw the photo with every part that was chosen. */
  paint() {
    const { width, height } = this.canvas;
    const { context } = this;
    context.drawImage(this.bitmap, 0, 0, width, height);
    if (!this.parts.length) return;
    const picture = context.getImageData(0, 0, width, height);
    for (const part of this.parts) pixelate(picture, part);
    context.putImageData(picture, 0, 0);
  }

  /** @returns {Promise<Blob | null>} */
  ask() {
    const send = box('button', 'small', this.sendText);
    const back = box('button', 'small second', say('undo'));
    const cancel = box('button', 'small second', say('cancel'));
    for (const made of [send, back, cancel]) made.type = 'button';
    const title = element('h2', '', say('blur_title'));
    title.id = 'blur-title';
    this.dialog.setAttribute('aria-labelledby', title.id);
    this.dialog.append(title, this.told, box('div', 'blur-picture', this.canvas, this.frame), box('div', 'step-acts', send, back, cancel));
    document.body.append(this.dialog);
    this.listen();
    back.addEventListener('click', () => this.take(this.parts.slice(0, -1)));
    return new Promise((resolve) => {
      /** @type {Blob | null} */
      let result = null;
      this.dialog.addEventListener('close', () => {
        this.dialog.remove();
        this.bitmap.close();
        resolve(result);
      });
      cancel.addEventListener('click', () => this.dialog.close());
      send.addEventListener('click', async () => {
        result = this.parts.length ? await this.encode() : this.file;
        this.dialog.close();
      });
      openDialog(this.dialog, (event) => this.pressed(event));
      send.focus();
    });
  }

  /** @returns {Promise<Blob | null>} */
  encode() {
    const kind = this.file.type === 'image/png' ? 'image/png' : 'image/jpeg';
    return new Promise((resolve) => this.canvas.toBlob(resolve, kind, QUALITY));
  }

  /** @param {Part[]} parts */
  take(parts) {
    this.parts = parts;
    this.paint();
    this.told.textContent = say('blurred_parts', { n: parts.length });
  }

  // ---- By pointer ----

  listen() {
    this.canvas.addEventListener('pointerdown', (event) => {
      this.canvas.setPointerCapture(event.pointerId);
      this.from = this.at(event);
    });
    this.canvas.addEventListener('pointermove', (event) => this.from && this.show(between(this.from, this.at(event))));
    this.canvas.addEventListener('pointerup', (event) => {
      const part = this.from ? between(this.from, this.at(event)) : null;
      this.from = null;
      this.frame.hidden = true;
      if (part && part.width > 3 && part.height > 3) this.take([...this.parts, part]);
    });
    this.canvas.addEventListener('pointercancel', () => {
      this.from = null;
      this.frame.hidden = true;
    });
    this.frame.hidden = true;
  }

  /** The pixel of the picture under the pointer. @param {PointerEvent} event */
  at(event) {
    const seen = this.canvas.getBoundingClientRect();
    return {
      x: ((event.clientX - seen.left) * this.canvas.width) / seen.width,
      y: ((event.clientY - seen.top) * this.canvas.height) / seen.height,
    };
  }

  /** Draw the frame around a part. @param {Part} part */
  show(part) {
    const share = (/** @type {number} */ of, /** @type {number} */ whole) => `${(100 * of) / whole}%`;
    Object.assign(this.frame.style, {
      left: share(part.x, this.canvas.width),
      top: share(part.y, this.canvas.height),
      width: share(part.width, this.canvas.width),
      height: share(part.height, this.canvas.height),
    });
    this.frame.hidden = false;
  }

  // ---- By keyboard: arrows move a frame, + and - change its size, Enter blurs what is in it ----

  /** @param {KeyboardEvent} event */
  pressed(event) {
    if (document.activeElement !== this.canvas) return;
    const step = Math.max(1, this.canvas.width / 40);
    const moves = /** @type {Record<string, [number, number]>} */ ({
      ArrowLeft: [-step, 0],
      ArrowRight: [step, 0],
      ArrowUp: [0, -step],
      ArrowDown: [0, step],
    });
    const move = moves[event.key];
    if (move) this.cursor = { ...this.cursor, x: this.cursor.x + move[0], y: this.cursor.y + move[1] };
    else if (event.key === '+' || event.key === '-') this.grow(event.key === '+' ? 1.2 : 1 / 1.2);
    else if (event.key === 'Enter') this.take([...this.parts, this.cursor]);
    else return;
    event.preventDefault();
    this.show(this.cursor);
  }

  /** @param {number} by */
  grow(by) {
    const { x, y, width, height } = this.cursor;
    this.cursor = { x: x - (width * (by - 1)) / 2, y: y - (height * (by - 1)) / 2, width: width * by, height: height * by };
  }
}

/** @param {{x: number, y: number}} one @param {{x: number, y: number}} other @returns {Part} */
const between = (one, other) => ({
  x: Math.min(one.x, other.x),
  y: Math.min(one.y, other.y),
  width: Math.abs(one.x - other.x),
  height: Math.abs(one.y - other.y),
});
