/** The day slider over the last year: its histogram says how many feeds were late or failed on each day. Moving it moves no layout. */

import { box } from '../desk/cells.js';
import { facts, say } from '../desk/facts.js';
import { element, reducedMotion, required } from '../dom.js';
import { onStop } from '../lifecycle.js';
import { whole } from './numbers.js';
import { daysBetween, monthMarks, peakOf, shiftDay } from './reckoning.js';
import { symbol } from './symbols.js';
import { fullDay, longDay, shortDay } from './words.js';

const SVG = 'http://www.w3.org/2000/svg';
const WEEK = 7;
const MONTH = 30;
const STEP_MS = 280;
/** With less motion: a week in one step. */
const CALM_MS = 1200;
const HEIGHT = 36;

export class DaySlider {
  /**
   * @param {HTMLElement} host
   * @param {(day: string, how: {dragging: boolean, playing: boolean}) => unknown} move
   * @param {AbortSignal} signal
   */
  constructor(host, move, signal) {
    this.move = move;
    this.first = this.last = this.day = '';
    /** @type {Map<string, HubDay>} */
    this.days = new Map();
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.button = box('button', 'hub-play');
    this.button.type = 'button';
    this.head = box('div', 'hub-time-head', element('b', ''), element('span', 'hub-small'));
    this.track = box('div', 'hub-track');
    this.handle = box('div', 'hub-handle');
    Object.assign(this.handle, { tabIndex: 0, role: 'slider' });
    this.handle.setAttribute('aria-label', say('hub_day_slider'));
    this.months = box('div', 'hub-months');
    this.months.setAttribute('aria-hidden', 'true');
    host.replaceChildren(this.button, this.head, box('div', 'hub-line-of-days', this.track, this.months));
    this.button.addEventListener('click', () => (this.timer === undefined ? this.play() : this.stop()), { signal });
    this.track.addEventListener('pointerdown', (event) => this.grab(event), { signal });
    this.track.addEventListener('pointermove', (event) => this.drag(event), { signal });
    this.track.addEventListener('pointerup', (event) => this.release(event), { signal });
    this.track.addEventListener('pointercancel', () => (this.dragging = false), { signal });
    this.handle.addEventListener('keydown', (event) => this.pressed(event), { signal });
    onStop(signal, () => this.stop());
    this.dragging = false;
    this.sign();
  }

  /**
   * @param {HubHistory} history
   * @param {string} day
   */
  draw({ first, last, days }, day) {
    Object.assign(this, { first, last, days: new Map(days.map((one) => [one.day, one])) });
    const n = daysBetween(first, last) + 1;
    const most = Math.max(4, ...days.map(({ late, failed }) => late + failed));
    /** @param {(one: HubDay) => [number, number]} span */
    const bars = (span) =>
      days.map((one) => {
        const [from, to] = span(one).map((value) => HEIGHT - value / most * HEIGHT);
        return from === to ? '' : `M${daysBetween(first, one.day) + .5} ${from.toFixed(2)}V${to.toFixed(2)}`;
      }).join('');
    const drawn = document.createElementNS(SVG, 'svg');
    const given = { viewBox: `0 0 ${n} ${HEIGHT}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' };
    Object.entries(given).forEach(([name, value]) => drawn.setAttribute(name, value));
    for (
      const [name, path] of [['failed', bars(({ failed }) => [0, failed])], ['late', bars(({ failed, late }) => [failed, failed + late])]]
    ) {
      const line = document.createElementNS(SVG, 'path');
      line.setAttribute('class', `is-${name}`);
      line.setAttribute('d', path);
      drawn.append(line);
    }
    const peak = peakOf(days);
    const note = peak ? element('span', 'hub-peak', say('hub_peak', { day: shortDay(peak.day), n: peak.late + peak.failed })) : '';
    if (peak && note) {
      const at = daysBetween(first, peak.day) / n;
      Object.assign(note.style, at > .7 ? { right: `${100 * (1 - at) + 1}%` } : { left: `${100 * at + 1}%` });
    }
    this.track.replaceChildren(drawn, note, this.handle);
    this.months.replaceChildren(
      ...monthMarks(first, last).map(({ month, at, year }) => {
        const made = element('span', '', monthName(month, year));
        made.style.left = `${100 * at}%`;
        return made;
      }),
    );
    this.handle.setAttribute('aria-valuemin', '0');
    this.handle.setAttribute('aria-valuemax', String(n - 1));
    this.show(day);
  }

  /** @param {string} day */
  show(day) {
    this.day = day;
    const n = daysBetween(this.first, this.last) + 1;
    const at = daysBetween(this.first, day);
    this.handle.style.left = `${100 * (at + .5) / n}%`;
    const held = this.days.get(day);
    const text = held
      ? say('hub_day_told', { n: whole(held.late + held.failed), late: whole(held.late), failed: whole(held.failed) })
      : say('hub_day_empty');
    required('b', this.head).textContent = longDay(day);
    required('b', this.head).title = fullDay(day);
    required('span', this.head).textContent = text;
    this.handle.setAttribute('aria-valuenow', String(at));
    this.handle.setAttribute('aria-valuetext', `${fullDay(day)}. ${text}`);
  }

  /** @param {string} day @param {{dragging?: boolean, playing?: boolean}} [how] */
  go(day, { dragging = false, playing = false } = {}) {
    const to = day < this.first ? this.first : day > this.last ? this.last : day;
    if (to === this.day && dragging) return undefined;
    this.show(to);
    return this.move(to, { dragging, playing });
  }

  /** @param {PointerEvent} event */
  dayUnder(event) {
    const { left, width } = this.track.getBoundingClientRect();
    const n = daysBetween(this.first, this.last) + 1;
    return shiftDay(this.first, Math.min(n - 1, Math.max(0, Math.floor((event.clientX - left) / width * n))));
  }

  /** @param {PointerEvent} event */
  grab(event) {
    if (event.button || !this.first) return;
    this.stop();
    this.dragging = true;
    this.track.setPointerCapture(event.pointerId);
    this.handle.focus({ preventScroll: true });
    event.preventDefault();
    void this.go(this.dayUnder(event), { dragging: true });
  }

  /** @param {PointerEvent} event */
  drag(event) {
    if (this.dragging) void this.go(this.dayUnder(event), { dragging: true });
  }

  /** @param {PointerEvent} event */
  release(event) {
    if (!this.dragging) return;
    this.dragging = false;
    void this.go(this.dayUnder(event));
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || !this.first) return;
    /** @type {Record<string, string>} */
    const to = {
      ArrowLeft: shiftDay(this.day, -1),
      ArrowDown: shiftDay(this.day, -1),
      ArrowRight: shiftDay(this.day, 1),
      ArrowUp: shiftDay(this.day, 1),
      PageDown: shiftDay(this.day, event.shiftKey ? -MONTH : -WEEK),
      PageUp: shiftDay(this.day, event.shiftKey ? MONTH : WEEK),
      Home: this.first,
      End: this.last,
    };
    if (!(event.key in to)) return;
    event.preventDefault();
    this.stop();
    void this.go(to[event.key]);
  }

  // ---- Play: the next day waits for the answer to the last one, so that a slow server is never overrun ----

  play() {
    if (!this.first) return;
    const from = this.day >= this.last ? this.first : this.day;
    this.timer = setTimeout(() => void this.step(), 0);
    this.show(from);
    this.sign();
  }

  async step() {
    const by = reducedMotion() ? WEEK : 1;
    const going = this.timer;
    const begun = performance.now();
    await this.go(shiftDay(this.day, by), { playing: true });
    if (this.timer !== going) return;
    if (this.day >= this.last) return this.stop();
    const pause = (reducedMotion() ? CALM_MS : STEP_MS) - (performance.now() - begun);
    this.timer = setTimeout(() => void this.step(), Math.max(0, pause));
  }

  stop() {
    const was = this.timer !== undefined;
    clearTimeout(this.timer);
    this.timer = undefined;
    this.sign();
    if (was && this.day) void this.move(this.day, { dragging: false, playing: false });
  }

  sign() {
    const plays = this.timer !== undefined;
    this.button.replaceChildren(symbol(plays ? 'pause' : 'play', 16));
    this.button.setAttribute('aria-label', say(plays ? 'hub_pause' : 'hub_play'));
    this.button.title = say(plays ? 'hub_pause' : 'hub_play');
  }
}

/** `12`, and in January the year with it; in English `Dec`, `Jan 2026`. @param {string} month @param {boolean} year */
function monthName(month, year) {
  if (facts().lang !== 'en') return year ? month : say('hub_month', { n: Number(month.slice(5)) });
  const how = /** @type {Intl.DateTimeFormatOptions} */ ({ month: 'short', timeZone: 'UTC', ...(year ? { year: 'numeric' } : {}) });
  return new Intl.DateTimeFormat('en-GB', how).format(Date.parse(`${month}-01`));
}
