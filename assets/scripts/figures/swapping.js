/** Puts new numbers where old ones stand, without moving what somebody looks at: focus, opened parts, scrolled lists and charts stay. */

import { keepChart } from './charts.js';

const FOCUSABLE = 'a[href], button, summary, input, select, textarea, [tabindex]';

/** Whether somebody has marked text here, to copy it. @param {Node} host */
export function isMarked(host) {
  const marked = getSelection();
  return Boolean(marked && !marked.isCollapsed && marked.anchorNode && host.contains(marked.anchorNode));
}

/**
 * @param {Element} host
 * @param {(Node | string)[]} nodes
 */
export function swap(host, nodes) {
  const back = remember(host);
  const made = document.createElement('div');
  made.append(...nodes);
  const charts = made.querySelectorAll('.chart');
  host.querySelectorAll('.chart').forEach((old, n) => charts[n] && keepChart(old, charts[n]));
  host.replaceChildren(...made.childNodes);
  back();
}

/** The same for one element that is put in the place of another. @param {Element} old @param {HTMLElement} made */
export function swapOne(old, made) {
  if (old.isEqualNode(made)) return;
  const focused = placeOfFocus(old);
  old.replaceWith(made);
  focusAt(made, focused);
}

/** @param {Element} host */
const placeOfFocus = (host) => [...host.querySelectorAll(FOCUSABLE)].indexOf(/** @type {any} */ (document.activeElement));

/** @param {Element} host @param {number} place */
function focusAt(host, place) {
  if (place < 0) return;
  const all = host.querySelectorAll(FOCUSABLE);
  /** @type {HTMLElement | undefined} */ (all[Math.min(place, all.length - 1)])?.focus({ preventScroll: true });
}

/** @param {Element} host */
function remember(host) {
  const focused = placeOfFocus(host);
  const opened = [...host.querySelectorAll('details')].map(({ open }) => open);
  const scrolled = [...host.querySelectorAll('.scroller')].map(({ scrollLeft, scrollTop }) => [scrollLeft, scrollTop]);
  return () => {
    host.querySelectorAll('details').forEach((one, n) => (one.open = opened[n] ?? one.open));
    host.querySelectorAll('.scroller').forEach((one, n) => scrolled[n] && one.scrollTo(scrolled[n][0], scrolled[n][1]));
    focusAt(host, focused);
  };
}
