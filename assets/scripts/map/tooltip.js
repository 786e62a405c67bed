/** The note beside the pointer. Its texts come from the specification and from fetched rows, and are set as text. */

import { element, screenScale } from '../dom.js';

const GAP = 18;

export class Tooltip {
  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.node = element('div', 'map-tip');
    this.node.setAttribute('role', 'status');
    this.node.hidden = true;
    /** @type {string | null} */
    this.shown = null;
    parent.append(this.node);
  }

  hide() {
    this.node.hidden = true;
    this.shown = null;
  }

  remove() {
    this.node.remove();
  }

  /**
   * @param {Tip | null} tip
   * @param {number} x In pixels of the map.
   * @param {number} y
   * @param {Box} free The part of the map that no panel covers.
   */
  show(tip, x, y, free) {
    if (!tip) return this.hide();
    if (this.shown !== tip.key) {
      this.node.replaceChildren(...contents(tip));
      this.shown = tip.key;
    }
    this.node.hidden = false;
    const [left, top] = tipPlace([x, y], { width: this.node.offsetWidth, height: this.node.offsetHeight }, free, GAP * screenScale());
    this.node.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
  }
}

/**
 * Where a note of some size stands: right of the pointer and above it, else on the other side.
 *
 * @param {Point} pointer
 * @param {Size} size
 * @param {Box} free
 * @param {number} [gap]
 * @returns {Point}
 */
export function tipPlace([x, y], { width, height }, free, gap = GAP) {
  const left = x + gap + width < free[2] ? x + gap : x - gap - width;
  const top = y - gap - height > free[1] ? y - gap - height : y + gap;
  return [Math.max(free[0], left), Math.min(top, free[3] - height)];
}

/** @param {Tip} tip */
function contents(tip) {
  const made = [];
  if (tip.chip) {
    const head = element('div', 'map-tip-head');
    const chip = element('span', 'map-tip-chip', tip.chip);
    chip.dataset.tone = tip.chipTone;
    head.append(chip, element('span', 'map-tip-time', tip.time || ''));
    made.push(head);
  }
  const title = element('div', 'map-tip-title', tip.title);
  if (tip.sub) title.append(element('span', 'map-tip-sub', tip.sub));
  made.push(title);
  if (tip.value) {
    const value = element('div', 'map-tip-value', tip.value);
    for (const text of [tip.unit, tip.ref]) if (text) value.append(element('span', 'map-tip-sub', text));
    made.push(value);
  }
  for (const line of tip.lines || []) if (line) made.push(element('div', 'map-tip-line', line));
  return made;
}
