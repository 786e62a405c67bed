/** Line icons as elements: nothing is fetched, and no markup is parsed. */

import { element } from '../dom.js';
import { facts } from './facts.js';

const SVG = 'http://www.w3.org/2000/svg';
/** @type {Record<string, string>} */
const GLYPHS = {
  mine: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.500 20c1-4 4-5.500 7.500-5.500s6.500 1.500 7.500 5.500',
  area: 'M4 7l8-3 8 3v10l-8 3-8-3zM12 4v16',
  unit:
    'M9 11a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM3 20c.500-4 3-5.500 6-5.500s5.500 1.500 6 5.500M16 4.500a3.500 3.500 0 0 1 0 6.500M18 15c2 .800 3 2.500 3 5',
  all: 'M4 6h16M4 12h16M4 18h16',
  chevron: 'M6 9l6 6 6-6',
  close: 'M6 6l12 12M18 6 6 18',
  up: 'M12 19V6M6 12l6-6 6 6',
  down: 'M12 5v13M6 12l6 6 6-6',
  edit: 'M4 20l1-4L16 5l3 3L8 19zM14 7l3 3',
  end: 'M6 4v16M10 6h9l-2.500 3.500L19 13h-9',
  previous: 'M15 6l-6 6 6 6',
  next: 'M9 6l6 6-6 6',
  link: 'M9.500 14.500l5-5M8 11l-2.500 2.500a3.500 3.500 0 0 0 5 5L13 16M11 8l2.500-2.500a3.500 3.500 0 0 1 5 5L16 13',
  print: 'M7 9V4h10v5M7 17H4v-8h16v8h-3M7 14h10v6H7z',
  save: 'M12 4v11M7.500 10.500 12 15l4.500-4.500M5 19.500h14',
  call: 'M5 4h4l2 5-2.500 1.500a11 11 0 0 0 5 5L15 13l5 2v4a1 1 0 0 1-1 1A15 15 0 0 1 4 5a1 1 0 0 1 1-1z',
  place: 'M12 21s7-6.200 7-11.500A7 7 0 0 0 5 9.500C5 14.800 12 21 12 21zM12 12a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5z',
  clip: 'M20 11l-8.500 8.500a5 5 0 0 1-7-7L13 4a3.300 3.300 0 0 1 4.700 4.700L9.500 17a1.600 1.600 0 0 1-2.300-2.300L15 7',
  more: 'M5 12h.01M12 12h.01M19 12h.01',
  check: 'M5 12.500l4.500 4.500L19 7.500',
  overdue: 'M12 4 2.500 20h19zM12 10v4.500M12 17v.500',
  amber: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 8v4.500l3 2',
  on_time: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM8.500 12.200l2.500 2.500 4.500-5',
  paused: 'M9 6v12M15 6v12',
  closed: 'M5 12.500l4.500 4.500L19 7.500',
  ended: 'M6 6l12 12M18 6 6 18',
  map: 'M3 6l6-2 6 2 6-2v14l-6 2-6-2-6 2zM9 4v14M15 6v14',
  pencil: 'M4 20l1-4L16 5l3 3L8 19zM14 7l3 3',
  plus: 'M12 5v14M5 12h14',
  minus: 'M5 12h14',
  north: 'M12 4l5 15-5-3-5 3z',
  filter: 'M4 6h16M7 12h10M10 18h4',
  columns: 'M4 5h16v14H4zM10 5v14M15 5v14',
  mark: 'M6 4h12v16l-6-4.500L6 20z',
  incident: 'M12 4 2.500 20h19zM12 10v4.500M12 17v.500',
};

/**
 * @param {string} name
 * @param {Record<string, string>} attributes
 */
function shape(name, attributes) {
  const made = document.createElementNS(SVG, name);
  Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
  return made;
}

/**
 * A line icon in the text's colour; decoration, so screen readers skip it.
 *
 * @param {string} name Of ours, or of a category's symbol.
 * @param {number} [size]
 * @param {number} [width]
 */
export function icon(name, size = 16, width = 1.8) {
  const drawn = shape('svg', {
    ...{ viewBox: '0 0 24 24', width: String(size), height: String(size), fill: 'none', stroke: 'currentColor', 'aria-hidden': 'true' },
    ...{ 'stroke-width': String(width), 'stroke-linecap': 'round', 'stroke-linejoin': 'round' },
  });
  drawn.append(shape('path', { d: GLYPHS[name] ?? facts().icons[name] ?? GLYPHS.incident }));
  return drawn;
}

/**
 * Four rising bars: the more are filled, the more severe. Never a colour: red belongs to deadlines.
 *
 * @param {number} severity 1 is the most severe of four.
 */
export function severityBars(severity) {
  const drawn = shape('svg', { viewBox: '0 0 16 16', width: '16', height: '16', fill: 'currentColor', 'aria-hidden': 'true' });
  [5, 8, 11, 14].forEach((height, place) => {
    drawn.append(shape('rect', {
      ...{ x: String(place * 4 + 0.5), y: String(15 - height), width: '3', height: String(height), rx: '1' },
      opacity: place < 5 - severity ? '1' : '.22',
    }));
  });
  return drawn;
}

/**
 * A round button with an icon alone; what it does is told on hover, and to who does not see it.
 *
 * @param {string} glyph
 * @param {string} label
 * @param {() => void} act
 */
export function roundButton(glyph, label, act) {
  const made = element('button', 'round');
  made.append(icon(glyph, 18));
  made.type = 'button';
  made.title = label;
  made.setAttribute('aria-label', label);
  made.addEventListener('click', act);
  return made;
}
