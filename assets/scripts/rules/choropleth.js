/** Streets or districts as shapes, coloured by a share, with a legend. Drawn from the shapes that the map draws. */

import { box } from '../desk/cells.js';
import { say } from '../desk/facts.js';
import { get } from '../desk/server.js';
import { element } from '../dom.js';
import { count, nameOf } from './parts.js';
import { shareClass } from './state.js';

const SVG = 'http://www.w3.org/2000/svg';
const WIDTH = 640;

/** @param {string} name @param {Record<string, string>} attributes */
function shape(name, attributes) {
  const made = document.createElementNS(SVG, name);
  Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
  return made;
}

/**
 * How degrees become pixels: north is up, and a degree east is as long as it is on the ground.
 *
 * @param {number[][]} points
 */
export function project(points) {
  const wests = points.map(([lon]) => lon);
  const souths = points.map(([, lat]) => lat);
  const edge = (/** @type {number[]} */ all, /** @type {(a: number, b: number) => number} */ pick) => all.reduce((a, b) => pick(a, b));
  const [west, east, south, north] = [edge(wests, Math.min), edge(wests, Math.max), edge(souths, Math.min), edge(souths, Math.max)];
  const narrow = Math.cos(((south + north) / 2) * Math.PI / 180);
  const scale = WIDTH / Math.max((east - west) * narrow, (north - south) * 0.8, 1e-9);
  return {
    width: (east - west) * narrow * scale,
    height: (north - south) * scale,
    place: (/** @type {number[]} */ [lon, lat]) => [(lon - west) * narrow * scale, (north - lat) * scale],
  };
}

/**
 * @param {string} city
 * @param {RulesTried} tried
 */
export async function drawShares(city, tried) {
  const { ok, body } = await get(`/shapes/${encodeURIComponent(city)}/${tried.level}.json`);
  if (!ok || !body.areas.length) return null;
  const known = new Map(tried.areas.map((one) => [one.code, one]));
  const rings = (/** @type {any} */ area) => area.polygons.flat();
  const view = project(body.areas.flatMap((/** @type {any} */ area) => rings(area).flat()));
  const drawn = shape('svg', { viewBox: `-2 -2 ${view.width + 4} ${view.height + 4}`, role: 'img', 'aria-label': say('map_of_change') });
  for (const area of body.areas) {
    const one = known.get(area.code);
    const share = one?.cases ? one.changed / one.cases : 0;
    const path = rings(area).map((/** @type {number[][]} */ ring) =>
      `M${ring.map((at) => view.place(at).map((n) => n.toFixed(1)).join(',')).join('L')}Z`
    );
    const made = shape('path', {
      d: path.join(''),
      class: one ? `share share-${shareClass(share)}` : 'share share-none',
      'fill-rule': 'evenodd',
    });
    const title = shape('title', {});
    const facts = {
      name: nameOf(area),
      share: String(Math.round(share * 100)),
      changed: count(one?.changed ?? 0),
      cases: count(one?.cases ?? 0),
    };
    title.textContent = say(one ? 'share_of' : 'no_cases_in', facts);
    made.append(title);
    drawn.append(made);
  }
  const classes = [
    ['share-none', say('no_cases')],
    ['share--1', '0'],
    ...[0, 1, 2, 3, 4, 5].map((n) => [`share-${n}`, `${Math.round(n / 6 * 100)}–${Math.round((n + 1) / 6 * 100)} %`]),
  ];
  const legend = box(
    'div',
    'share-legend',
    element('span', 'dim', say('share_changed')),
    ...classes.map(([name, text]) => box('span', '', element('i', name), text)),
  );
  const figure = box('figure', 'share-map');
  figure.append(drawn, legend);
  return figure;
}
