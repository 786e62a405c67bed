/** What stands over the map beside the list: what the colours mean, how many cases it shows, and its buttons. */

import { element, required } from '../../dom.js';
import { map } from '../../map/grid_map.js';
import { go, state } from '../address.js';
import { box } from '../cells.js';
import { area } from '../city.js';
import { countText } from '../counts.js';
import { say } from '../facts.js';
import { icon, roundButton } from '../icons.js';

/** Below this width of the window the map takes the place of the table, and only when somebody wants it. */
const ONE_THING_PX = 820;

/**
 * @typedef {{
 *   title: string, chosen: string | null, choices: [string, string][], span: string, classes: [string, string][], breaks: string[],
 *   note: string, no_data: string | null, wash: number,
 * }} LegendTold
 */

/** Whether the map is wanted now. */
export const isShown = () => (state().map === null ? innerWidth > ONE_THING_PX : state().map === 'on');

/** The switch in the tool row: beside the list, or on a phone instead of it. */
export function mapSwitch() {
  const made = box('button', 'tool', icon('map'), box('span', 'tool-text', say('map')));
  made.type = 'button';
  made.id = 'map-switch';
  made.setAttribute('aria-label', say('map'));
  made.addEventListener('click', () => {
    const wanted = !isShown();
    go({ map: wanted === innerWidth > ONE_THING_PX ? null : wanted ? 'on' : 'off' }, { replace: true });
  });
  return made;
}

/** Put the page's parts where the address wants them. */
export function paintFrame() {
  const shown = isShown();
  const desk = required('#desk');
  desk.classList.toggle('no-map', !shown);
  const top = (/** @type {string} */ part) => required(part).getBoundingClientRect().top;
  desk.style.setProperty('--above-table', `${top('#table') - top('#list')}px`);
  required('#map-switch').setAttribute('aria-pressed', String(shown));
  document.querySelectorAll('#beside [data-dim]').forEach((one) =>
    one.setAttribute('aria-pressed', String(/** @type {HTMLElement} */ (one).dataset.dim === state().dim))
  );
}

/** @param {'2d' | '3d'} dim */
function dimButton(dim) {
  const made = box('button', '', dim.toUpperCase());
  made.type = 'button';
  made.dataset.dim = dim;
  made.addEventListener('click', () => go({ dim }, { replace: true }));
  return made;
}

/** Draw the frame once. @param {() => void} draw Begin to draw a polygon. */
export function beginFrame(draw) {
  const pencil = box('button', 'tool', icon('pencil'), box('span', 'tool-text', say('draw_area')));
  pencil.type = 'button';
  pencil.setAttribute('aria-label', say('draw_area'));
  pencil.id = 'draw';
  pencil.addEventListener('click', draw);
  const dims = box('div', 'segments', dimButton('2d'), dimButton('3d'));
  dims.setAttribute('role', 'group');
  dims.setAttribute('aria-label', '2D / 3D');
  const again = box('button', 'small second', say('try_again'));
  again.type = 'button';
  again.addEventListener('click', () => void map.retry());
  const undrawn = box('p', 'beside-notice', say('map_undrawn'), ' ', again);
  undrawn.dataset.notice = 'undrawn';
  undrawn.hidden = true;
  const missing = box('p', 'beside-notice');
  missing.id = 'beside-missing';
  missing.hidden = true;
  const legend = box('div', 'panel legend', box('div', 'legend-fill'), box('p', 'shown dim'));
  legend.id = 'legend';
  legend.hidden = true;
  required('#beside').append(
    box('div', 'beside-top map-buttons', legend, box('div', 'panel beside-tools', pencil, dims)),
    undrawn,
    missing,
    box(
      'div',
      'panel beside-zoom',
      roundButton('plus', say('zoom_in'), () => map.zoom(1)),
      roundButton('minus', say('zoom_out'), () => map.zoom(-1)),
      roundButton('north', say('north'), () => map.north()),
    ),
  );
}

/** @param {LegendTold} told @returns {Node} */
function title(told) {
  if (told.choices.length < 2) return box('b', '', told.title);
  const made = document.createElement('select');
  made.setAttribute('aria-label', say('colours_show'));
  made.append(...told.choices.map(([value, text]) => new Option(text, value, false, value === told.chosen)));
  made.addEventListener('change', () => go({ measure: made.value }, { replace: true }));
  return made;
}

/** What the washed colours mean, and how many cases the map shows. @param {LegendTold} told */
export function paintLegend(told) {
  const washed = (/** @type {string} */ color) => `color-mix(in srgb, ${color} ${told.wash}%, var(--map-land))`;
  const ramp = box('div', 'ramp');
  for (const [color, text] of told.classes) {
    const cell = element('i', '');
    cell.style.background = washed(color);
    cell.title = text;
    ramp.append(cell);
  }
  const ticks = box('div', 'ticks', ...told.breaks.map((text) => element('span', '', text)));
  const legend = required('#legend');
  required('.legend-fill', legend).replaceChildren(
    box('div', 'legend-head', title(told), element('span', 'dim', say('washed'))),
    ...(told.classes.length ? [ramp, ticks] : []),
  );
  legend.title = [told.span, told.note, told.no_data].filter(Boolean).join('\n');
  legend.hidden = false;
}

/**
 * Say how many of how many cases the map shows; nothing is left out without a word.
 *
 * @param {import('./places.js').Told | null} told
 */
export function paintShown(told) {
  if (!told) return void (required('#legend .shown').textContent = '');
  const n = (/** @type {number} */ number) => number.toLocaleString('en-US');
  const parts = [];
  if (told.cut) parts.push(say('map_cut', { n: n(told.placed), total: countText(told.total) || `${n(told.listed)}+` }));
  const without = told.listed - told.placed;
  if (without) parts.push(say('map_without_place', { n: n(without) }));
  required('#legend .shown').textContent = parts.join(' ');
}

/** This browser cannot draw the map: the list and the areas in the bar do the same. */
export function paintMissing() {
  const link = box('a', '', say('map_flat'));
  link.href = `/?area=${encodeURIComponent(area().code)}&dim=2d`;
  const told = required('#beside-missing');
  told.replaceChildren(say('map_no_webgl'), ' ', link);
  told.hidden = false;
  required('#beside').classList.add('undrawable');
}
