/** Drawing a polygon over the map: corner by corner or in one go with the pointer, corner by corner with keys, or all that is in view. */

import { element, required } from '../../dom.js';
import { map } from '../../map/grid_map.js';
import { toGround } from '../../map/world.js';
import { go } from '../address.js';
import { box } from '../cells.js';
import { say } from '../facts.js';
import { crossesItself, MOST_CORNERS, ringOfLoop, writeRing } from './polygon.js';

const SVG = 'http://www.w3.org/2000/svg';
/** So far must a pressed pointer go before it draws in one go. */
const LOOP_PX = 8;
const EACH_PX = 4;
/** So near to the first corner a click closes the polygon. */
const CLOSE_PX = 12;
const STEP_PX = 12;
const FAR_STEP_PX = 60;
/** Of the middle of the map: nobody means places beyond it. */
const MOST_LATITUDE = 85;
/** @type {Record<string, Point>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** The drawing that is going on, or null. @type {Drawing | null} */
let present = null;

/** Whether somebody draws. */
export const isDrawing = () => present !== null;

/** Begin to draw, or end it without a polygon. */
export function toggleDrawing() {
  if (present) return present.end();
  if (map.camera) present = new Drawing();
}

class Drawing {
  constructor() {
    this.host = required('#beside');
    /** @type {Point[]} */
    this.corners = [];
    /** What is drawn in one go. @type {Point[] | null} */
    this.loop = null;
    /** @type {Point | null} */
    this.pressed = null;
    /** Where the next corner would be. @type {Point} */
    this.at = [this.host.clientWidth / 2, this.host.clientHeight / 2];
    /** Whether keys move the next corner, so that it has to be seen. */
    this.byKeys = false;
    this.ended = new AbortController();
    this.sheet = document.createElementNS(SVG, 'svg');
    this.line = document.createElementNS(SVG, 'path');
    this.marks = document.createElementNS(SVG, 'path');
    this.bar = this.makeBar();
    this.begin();
  }

  makeBar() {
    const button = (/** @type {string} */ text, /** @type {string} */ name, /** @type {() => void} */ act) => {
      const made = box('button', name, text);
      made.type = 'button';
      made.addEventListener('click', act);
      return made;
    };
    return box(
      'div',
      'panel drawing-bar',
      element('p', '', say('draw_hint')),
      box(
        'div',
        'drawing-acts',
        button(say('draw_view'), 'small second', () => this.takeView()),
        button(say('draw_done'), 'small', () => this.finish(this.corners)),
        button(say('cancel'), 'small second', () => this.end()),
      ),
    );
  }

  begin() {
    const { sheet } = this;
    const { signal } = this.ended;
    sheet.classList.add('drawing');
    sheet.setAttribute('tabindex', '0');
    sheet.setAttribute('role', 'application');
    sheet.setAttribute('aria-label', `${say('draw_area')}. ${say('draw_hint')}`);
    this.line.classList.add('drawing-line');
    this.marks.classList.add('drawing-marks');
    sheet.append(this.line, this.marks);
    this.host.append(sheet, this.bar);
    required('#draw').setAttribute('aria-pressed', 'true');
    sheet.addEventListener('pointerdown', (event) => this.press(event), { signal });
    sheet.addEventListener('pointermove', (event) => this.move(event), { signal });
    sheet.addEventListener('pointerup', (event) => this.release(event), { signal });
    sheet.addEventListener('pointercancel', () => (this.loop = this.pressed = null), { signal });
    this.host.addEventListener('keydown', (event) => this.key(event), { signal });
    sheet.focus({ preventScroll: true });
  }

  end() {
    this.ended.abort();
    this.sheet.remove();
    this.bar.remove();
    present = null;
    const button = required('#draw');
    button.removeAttribute('aria-pressed');
    button.focus();
  }

  // ---- The pointer ----

  /** @param {PointerEvent} event @returns {Point} */
  place(event) {
    const { left, top, width, height } = this.sheet.getBoundingClientRect();
    // The page may be drawn larger than it is measured.
    return [(event.clientX - left) * (this.sheet.clientWidth / width), (event.clientY - top) * (this.sheet.clientHeight / height)];
  }

  /** @param {PointerEvent} event */
  press(event) {
    if (event.button) return;
    this.byKeys = false;
    this.sheet.setPointerCapture(event.pointerId);
    this.pressed = this.place(event);
  }

  /** @param {PointerEvent} event */
  move(event) {
    this.at = this.place(event);
    if (this.pressed && !this.loop && !this.corners.length && far(this.at, this.pressed, LOOP_PX)) this.loop = [this.pressed];
    if (this.loop && far(this.at, this.loop[this.loop.length - 1], EACH_PX)) this.loop.push(this.at);
    this.paint();
  }

  /** @param {PointerEvent} event */
  release(event) {
    if (!this.pressed) return;
    this.pressed = null;
    this.at = this.place(event);
    const { loop } = this;
    this.loop = null;
    if (loop) return this.finish(ringOfLoop(loop));
    if (event.detail > 1 || (this.corners.length > 2 && !far(this.at, this.corners[0], CLOSE_PX))) return this.finish(this.corners);
    this.add();
  }

  // ---- Keys ----

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.key === 'Escape') this.end();
    else if (event.target !== this.sheet || !this.act(event)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {KeyboardEvent} event */
  act({ key, shiftKey }) {
    if (key in ARROWS) {
      const [x, y] = ARROWS[key];
      const by = shiftKey ? FAR_STEP_PX : STEP_PX;
      this.byKeys = true;
      this.at = [within(this.at[0] + x * by, this.host.clientWidth), within(this.at[1] + y * by, this.host.clientHeight)];
    } else if (key === ' ') this.add();
    else if (key === 'Backspace') this.corners.pop();
    else if (key === 'Enter') return this.finish(this.corners), true;
    else return false;
    this.paint();
    return true;
  }

  // ---- The polygon ----

  add() {
    const last = this.corners.at(-1);
    if ((!last || far(this.at, last, 1)) && this.corners.length < MOST_CORNERS) this.corners.push(this.at);
    required('#told').textContent = say('draw_corners', { n: this.corners.length });
    this.paint();
  }

  /** The rectangle that the map shows. */
  takeView() {
    const [left, top, right, bottom] = map.freeBox();
    this.finish([[left, top], [right, top], [right, bottom], [left, bottom]], true);
  }

  /**
   * Filter the list by the polygon, if it is one.
   *
   * @param {Point[]} corners Pixels.
   * @param {boolean} [ofMap] In pixels of the map, not of the page's.
   */
  finish(corners, ofMap = false) {
    if (corners.length < 3) return this.say('draw_few');
    if (crossesItself(corners)) return this.say('draw_crossed');
    if (!map.camera) return this.end(); // the map was lost meanwhile
    const scale = ofMap ? 1 : map.root.clientWidth / this.host.clientWidth;
    const viewport = map.viewport();
    const ring = corners.map(([x, y]) => toGround(viewport, [x * scale, y * scale]));
    if (ring.some(([lon, lat]) => !Number.isFinite(lon) || !(Math.abs(lat) < MOST_LATITUDE))) return this.say('draw_few');
    this.end();
    go({ within: writeRing(ring) });
  }

  /** Say why it is no polygon yet; what was drawn stays. @param {string} name */
  say(name) {
    const line = required('p', this.bar);
    line.textContent = say(name);
    line.setAttribute('role', 'alert');
    this.paint();
  }

  paint() {
    const { corners, loop, at, byKeys } = this;
    const drawn = loop ?? (corners.length ? [...corners, at] : []);
    this.line.setAttribute(
      'd',
      drawn.length ? `M${drawn.map((point) => point.join(' ')).join('L')}${loop || corners.length > 1 ? 'Z' : ''}` : '',
    );
    const marks = corners.map(([x, y]) => `M${x - 4} ${y}a4 4 0 1 0 8 0a4 4 0 1 0-8 0`);
    if (byKeys) marks.push(`M${at[0] - 10} ${at[1]}h20M${at[0]} ${at[1] - 10}v20`);
    this.marks.setAttribute('d', marks.join(''));
  }
}

/** @param {Point} one @param {Point} other @param {number} px */
const far = (one, other, px) => Math.hypot(one[0] - other[0], one[1] - other[1]) >= px;

/** @param {number} value @param {number} most */
const within = (value, most) => Math.min(most, Math.max(0, value));
