/** The dry run on the product's own map: each street in the colour of its share that would go elsewhere, and these cases as pins. */

import { box } from '../desk/cells.js';
import { codeOfLabel, namesWithValues } from '../desk/map/recolouring.js';
import { followTheme } from '../desk/map/scheme.js';
import { facts, inLanguage, say } from '../desk/facts.js';
import { roundButton } from '../desk/icons.js';
import { get, sentenceOf } from '../desk/server.js';
import { element } from '../dom.js';
import { map } from '../map/grid_map.js';
import { unitName } from './names.js';
import { count } from './parts.js';
import { shareClass } from './state.js';

const CLASSES = 6;
/** From this class on names are white. */
const FIRST_DARK = 5;
/** Room for the "+n" of each pin, in parts of its size. */
const PIN_ROOM = 0.9;

/** Made once: one canvas serves every dry run of the page. @type {HTMLElement | null} */
let host = null;
const told = box('p', 'trial-picked', '');
const missing = box('p', 'trial-missing', '');
/** @type {{tried: RulesTried, spec: Spec} | null} */
let shown = null;

function makeHost() {
  const root = box('div', 'map');
  root.id = 'map';
  root.setAttribute('role', 'application');
  root.setAttribute('aria-label', say('map_of_change'));
  const zoom = box(
    'div',
    'trial-zoom map-buttons',
    box(
      'div',
      'panel',
      roundButton('plus', say('zoom_in'), () => map.zoom(1)),
      roundButton('minus', say('zoom_out'), () => map.zoom(-1)),
      roundButton('north', say('north'), () => map.north()),
    ),
  );
  told.setAttribute('role', 'status');
  missing.hidden = true;
  map.tell = hear;
  followTheme(new AbortController().signal);
  return box('figure', 'trial-map', box('div', 'trial-canvas', root, zoom, missing), legend(), told);
}

function legend() {
  const classes = [
    ['share-none', say('no_cases')],
    ['share--1', '0'],
    ...Array.from({ length: CLASSES }, (_, n) => [
      `share-${n}`,
      `${Math.round(n / CLASSES * 100)}–${Math.round((n + 1) / CLASSES * 100)} %`,
    ]),
  ];
  return box(
    'div',
    'share-legend',
    element('span', 'dim', say('share_changed')),
    ...classes.map(([name, text]) => box('span', '', element('i', name), text)),
  );
}

/**
 * A place for the map, which is drawn once it is on the page.
 *
 * @param {string} city
 * @param {RulesTried} tried
 */
export function trialMap(city, tried) {
  host ??= makeHost();
  told.textContent = tried.moved.length < tried.changed
    ? say('pins_some', { n: count(tried.moved.length), of: count(tried.changed) })
    : say('pins_all', { n: count(tried.moved.length) });
  setTimeout(() => void draw(city, tried));
  return host;
}

/** @param {string} city @param {RulesTried} tried */
async function draw(city, tried) {
  const answer = await get('/desk/map', new URLSearchParams({ area: city, level: tried.level, dim: '2d' }));
  missing.hidden = answer.ok;
  if (!answer.ok) return void (missing.textContent = sentenceOf(answer, say('failed')));
  if (!host?.isConnected) return;
  const spec = coloured(answer.body.spec, tried);
  shown = { tried, spec };
  await map.show(spec);
}

/**
 * The map's own description, with the shares as its colours and the cases as its pins.
 *
 * @param {Spec} spec
 * @param {RulesTried} tried
 * @returns {Spec}
 */
function coloured(spec, tried) {
  const known = new Map(tried.areas.map((one) => [one.code, one]));
  /** @type {Record<string, number>} */
  const classes = {};
  /** @type {Spec['tips']['of']} */
  const of = {};
  for (const [label, tip] of Object.entries(spec.tips.of)) {
    const one = known.get(codeOfLabel(label));
    const share = one?.cases ? one.changed / one.cases : 0;
    // The first colour is for areas of which nothing goes elsewhere.
    classes[label] = one ? shareClass(share) + 1 : -1;
    const numbers = one ? say('share_in', { changed: count(one.changed), cases: count(one.cases) }) : say('no_cases');
    of[label] = [tip[0], one ? `${Math.round(share * 100)} %` : null, numbers];
  }
  const ink = (/** @type {string} */ token) => ({ '@@function': 'ink', token });
  const invert = Object.keys(classes).filter((label) => classes[label] >= FIRST_DARK);
  const inks = [ink('soft'), ...Array.from({ length: CLASSES }, (_, n) => ink(`ramp-${n}`))];
  const data = { kind: 'points', as_of: spec.words.as_of_time, rows: tried.moved.map(pinOf) };
  const layers = spec.layers.map((layer) => {
    if (layer['@@type'] === 'AreaFill') return { ...layer, inks, alpha: 225 };
    if (layer['@@type'] === 'AreaLabels' && layer.texts) return { ...layer, texts: namesWithValues(layer.texts, of), invert };
    return layer['@@type'] === 'IncidentPins' ? { ...layer, data, fromZoom: 0, room: PIN_ROOM } : layer;
  });
  return { ...spec, classes, layers, tips: { unit: '', ref: '', span: `${tried.first} – ${tried.last}`, of } };
}

/** @param {RulesTried['moved'][number]} one @returns {CaseRow} */
const pinOf = (one) => ({ ...one, key: one.number, title: inLanguage(one.title, one.title_en ?? '') });

/** @param {string} code */
const unitOrNobody = (code) => code ? unitName(code) : say('nobody');

/** What the map tells. @param {string} name @param {any} data */
function hear(name, data) {
  if (name === 'webgl') {
    missing.textContent = say('map_no_webgl');
    missing.hidden = false;
  }
  if (name === 'camera') document.documentElement.style.setProperty('--bearing', `${-(data.bearing || 0)}deg`);
  if (name !== 'pick' || data.kind !== 'incident' || !shown) return;
  const one = shown.tried.moved.find(({ number }) => number === data.key);
  if (!one) return;
  const link = element('a', '', one.number);
  link.href = `/desk?${new URLSearchParams({ queue: 'all', case: one.number, lang: facts().lang })}`;
  told.replaceChildren(
    link,
    ` ${inLanguage(one.title, one.title_en ?? '')}: ${unitOrNobody(one.before)} → `,
    element('b', '', unitOrNobody(one.after)),
  );
  void map.show({ ...shown.spec, picked: { building: null, incident: one.number } });
}
