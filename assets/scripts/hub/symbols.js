/** Symbols of states: the second channel beside colour. Drawn as elements; nothing is fetched. */

const SVG = 'http://www.w3.org/2000/svg';
const RING = 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2z';
/** Path, and whether its line is dashed. @type {Record<string, [string, string?]>} */
const GLYPHS = {
  on_time: ['M3 8.5l3.3 3.3L13 5'],
  late: [`${RING}M8 4.6V8l2.4 1.6`],
  failed: ['M4 4l8 8M12 4l-8 8'],
  empty: [RING],
  never: [`${RING}M5.500 8h5`, '2.4 2'],
  not_due: ['M8 8h.01'],
  none: ['M5.500 8h5'],
  hidden: ['M4 7.500h8v6H4zM5.800 7.500V5.300a2.200 2.200 0 0 1 4.400 0v2.200'],
  file: ['M4 2.500h5l3 3v8H4zM9 2.500v3h3'],
  table: ['M2.500 3.500h11v9h-11zM2.500 6.800h11M6.500 6.800v5.700'],
  page: ['M3 12.500V7M6.500 12.500v-9M10 12.500V6M13.500 12.500V9'],
  play: ['M5.500 3.500v9l7-4.500z'],
  pause: ['M5.500 4v8M10.500 4v8'],
};
/** Drawn with a thicker line. */
const BOLD = ['on_time', 'failed', 'pause'];

/**
 * Decoration: what it means stands beside it in words.
 *
 * @param {string} name
 * @param {number} [size]
 */
export function symbol(name, size = 14) {
  const [path, dashes] = GLYPHS[name] ?? GLYPHS.none;
  const drawn = document.createElementNS(SVG, 'svg');
  const given = {
    ...{ viewBox: '0 0 16 16', width: String(size), height: String(size), fill: name === 'play' ? 'currentColor' : 'none' },
    ...{ stroke: 'currentColor', 'stroke-width': BOLD.includes(name) ? '2.2' : '1.5', 'stroke-linecap': 'round' },
    ...{ 'stroke-linejoin': 'round', 'aria-hidden': 'true', ...(dashes ? { 'stroke-dasharray': dashes } : {}) },
  };
  Object.entries(given).forEach(([key, value]) => drawn.setAttribute(key, value));
  const shape = document.createElementNS(SVG, 'path');
  shape.setAttribute('d', path);
  drawn.append(shape);
  return drawn;
}

/** The symbol of a crossing's or a feed's state. @param {string} tone @param {number} [size] */
export const stateSymbol = (tone, size) => symbol(tone.split(' ')[0], size);
