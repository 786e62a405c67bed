/** The time slider: drag a window over the histogram, move it with the arrow keys, or let it play. */

import { closest, required } from '../dom.js';
import { onStop, part } from '../lifecycle.js';
import { coversAll, dayAt, dragged, isoDay, moved, stretched } from './days.js';
import { change, onPage } from './navigation.js';

const STEP_MS = 900;
/** So long a step may take before playing gives up. */
const ANSWER_MS = 30000;
const STEPS = 60;
const WEEK = 7;
/** @type {Record<string, number>} */
const KEYS = { ArrowLeft: -1, ArrowRight: 1, PageDown: -WEEK, PageUp: WEEK };

/** @type {ReturnType<typeof setTimeout> | undefined} */
let playing;
/** @type {({kind: string, day: number, moved: boolean} & import('./days.js').Span) | null} */
let drag = null;

/** Listens to pointer, keys and the play button. */
export const timeSlider = part((signal) => {
  document.addEventListener('pointerdown', pointerDown, { signal });
  document.addEventListener('pointermove', pointerMove, { signal });
  document.addEventListener('pointerup', pointerUp, { signal });
  document.addEventListener('keydown', pressed, { signal });
  document.addEventListener('click', clicked, { signal });
  onPage((what) => what === 'shown' && playing !== undefined && nextSoon(), signal);
  onStop(signal, stop);
});

const histogram = () => required('.histogram');
const brush = () => required('.brush');
const isWhole = () => brush().classList.contains('all');
const dayCount = () => Number(histogram().dataset.days);
const span = () => ({ start: Number(brush().dataset.start), end: Number(brush().dataset.end) });
/** @param {PointerEvent} event */
const dayUnder = (event) => dayAt(event.clientX, histogram().getBoundingClientRect(), dayCount());

/** @param {import('./days.js').Span} span */
function draw({ start, end }) {
  const days = dayCount();
  const { style, classList, dataset } = brush();
  classList.toggle('all', coversAll({ start, end }, days));
  style.left = `${(start / days) * 100}%`;
  style.width = `${((end - start) / days) * 100}%`;
  Object.assign(dataset, { start, end });
}

/**
 * Ask for the figures of a span.
 *
 * @param {import('./days.js').Span} span
 * @param {{replace?: boolean, breaks?: string | null}} [options] `breaks`: of classes that are kept.
 */
function choose({ start, end }, options) {
  const first = Date.parse(histogram().dataset.first ?? '');
  const all = coversAll({ start, end }, dayCount());
  change({ wfrom: all ? null : isoDay(first, start), wto: all ? null : isoDay(first, end - 1), breaks: options?.breaks ?? null }, options);
}

/** @param {PointerEvent} event */
function pointerDown(event) {
  if (!closest(event, '.histogram') || event.button) return;
  stop();
  drag = { kind: kindOfDrag(event), day: dayUnder(event), ...span(), moved: false };
  histogram().setPointerCapture(event.pointerId);
  brush().classList.add('dragging');
  event.preventDefault();
}

/** @param {PointerEvent} event */
function kindOfDrag(event) {
  const edge = closest(event, '.edge');
  if (edge) return edge.classList.contains('left') ? 'left' : 'right';
  return !isWhole() && closest(event, '.brush') ? 'move' : 'new';
}

/** @param {PointerEvent} event */
function pointerMove(event) {
  if (!drag || !document.querySelector('.histogram')) return;
  const day = dayUnder(event);
  drag.moved ||= day !== drag.day;
  draw(dragged(drag, day, dayCount()));
}

function pointerUp() {
  if (!drag) return;
  const { kind, moved: hasMoved, day } = drag;
  drag = null;
  const brush = document.querySelector('.brush');
  brush?.classList.remove('dragging');
  if (!brush) return;
  if (kind === 'new' && !hasMoved) draw({ start: day, end: day + 1 });
  if (hasMoved || kind === 'new') choose(span());
}

/** @param {KeyboardEvent} event */
function pressed(event) {
  if (!(event.target instanceof Element) || !event.target.matches('.brush')) return;
  const days = dayCount();
  if (event.key === 'Delete') choose({ start: 0, end: days });
  const by = KEYS[event.key];
  if (!by) return;
  event.preventDefault();
  event.stopPropagation();
  const to = isWhole()
    ? { start: Math.max(0, days - WEEK), end: days }
    : event.shiftKey
    ? stretched(span(), by, days)
    : moved(span(), by, days);
  draw(to);
  choose(to, { replace: true });
}

// ---- Play ----

function stop() {
  clearTimeout(playing);
  playing = undefined;
  document.body.classList.remove('playing');
  document.querySelector('.play')?.setAttribute('aria-pressed', 'false');
}

/** The next step waits for the answer to the last one, so a slow server is never overrun. */
function nextSoon() {
  clearTimeout(playing);
  playing = setTimeout(next, STEP_MS);
  document.querySelector('.play')?.setAttribute('aria-pressed', 'true');
}

function next() {
  const days = dayCount();
  const { start, end } = span();
  if (end >= days) return stop();
  const by = Math.max(1, Math.round(days / STEPS));
  draw({ start: Math.min(start + by, days - 1), end: Math.min(end + by, days) });
  choose(span(), { replace: true, breaks: firstBreaks() });
}

/** The class breaks of the first days played: the following ones keep them, so that a colour means the same throughout. */
function firstBreaks() {
  const ramp = document.querySelector('.layers .ramp[data-breaks]');
  return new URLSearchParams(location.search).get('breaks') ?? (ramp instanceof HTMLElement ? ramp.dataset.breaks ?? null : null);
}

function play() {
  const days = dayCount();
  const { start, end } = span();
  const length = isWhole() ? Math.min(WEEK, Math.ceil(days / 4)) : end - start;
  playing = setTimeout(stop, ANSWER_MS);
  document.body.classList.add('playing');
  required('.play').setAttribute('aria-pressed', 'true');
  draw(end >= days ? { start: 0, end: length } : { start, end });
  choose(span(), { replace: true });
}

/** @param {MouseEvent} event */
function clicked(event) {
  if (closest(event, '.play')) return playing === undefined ? play() : stop();
  if (playing !== undefined && event.isTrusted) stop();
}
