/** A map of a report as the product's own map: it can be moved and pointed at, and shows the values of the report, not those of today. */

import { box } from '../desk/cells.js';
import { facts, say } from '../desk/facts.js';
import { roundButton } from '../desk/icons.js';
import { codeOfLabel, namesWithValues } from '../desk/map/recolouring.js';
import { followTheme } from '../desk/map/scheme.js';
import { get, sentenceOf } from '../desk/server.js';
import { element } from '../dom.js';
import { map } from '../map/grid_map.js';
import { tell } from './told.js';

/** @typedef {{area: string, level: string, tokens: string[], areas: Record<string, [number | null, string]>, span: string}} Told */

/** Colours on which names are white. */
const DARK = ['div-0', 'div-6', 'ramp-4', 'ramp-5'];
/** Made once: one canvas serves every map of the page. @type {HTMLElement | null} */
let host = null;
/** The link of the map that is live. @type {HTMLElement | null} */
let live = null;

/** @param {AbortSignal} signal */
export function beginLiveMaps(signal) {
  followTheme(signal);
  for (const figure of document.querySelectorAll('.report-map[data-live]')) {
    const link = figure.querySelector('.report-live');
    if (!(figure instanceof HTMLElement) || !(link instanceof HTMLElement)) continue;
    // What else the map's page shows stays a link; this one is a button.
    const button = element('button', 'report-live plain', say('open_live'));
    button.type = 'button';
    button.addEventListener('click', () => (live === button ? end() : void begin(figure, button)), { signal });
    link.before(button);
  }
}

function end() {
  host?.remove();
  if (live) live.textContent = say('open_live');
  live?.removeAttribute('aria-pressed');
  live = null;
}

function makeHost() {
  const root = box('div', 'map');
  root.id = 'map';
  root.setAttribute('role', 'application');
  root.setAttribute('aria-label', say('live_map'));
  const nearer = roundButton('plus', say('zoom_in'), () => map.zoom(1)),
    farther = roundButton('minus', say('zoom_out'), () => map.zoom(-1));
  map.tell = (name) => {
    if (name !== 'webgl') return;
    tell(say('map_no_webgl'));
    end();
  };
  return box('div', 'report-alive', root, box('div', 'map-buttons', box('div', 'panel', nearer, farther)));
}

/** @param {HTMLElement} figure @param {HTMLElement} button */
async function begin(figure, button) {
  end();
  const told = /** @type {Told} */ (JSON.parse(figure.dataset.live ?? '{}'));
  const answer = await get('/desk/map', new URLSearchParams({ area: told.area, level: told.level, dim: '2d' }));
  if (!answer.ok) return tell(sentenceOf(answer, say('failed')));
  host ??= makeHost();
  figure.querySelector('.report-ground')?.append(host);
  live = button;
  button.textContent = say('close_live');
  button.setAttribute('aria-pressed', 'true');
  await map.show(coloured(answer.body.spec, told));
}

/**
 * The map's own description with the report's classes and values.
 *
 * @param {Spec} spec
 * @param {Told} told
 * @returns {Spec}
 */
function coloured(spec, told) {
  /** @type {Record<string, number>} */
  const classes = {};
  /** @type {Spec['tips']['of']} */
  const of = {};
  for (const [label, tip] of Object.entries(spec.tips.of)) {
    const [place, text] = told.areas[codeOfLabel(label)] ?? [null, ''];
    classes[label] = place ?? -1;
    of[label] = [tip[0], text || null];
  }
  const inks = told.tokens.map((token) => ({ '@@function': 'ink', token }));
  const invert = Object.keys(classes).filter((label) => DARK.includes(told.tokens[classes[label]]));
  const layers = spec.layers.filter((layer) => layer['@@type'] !== 'IncidentPins').map((layer) => {
    if (layer['@@type'] === 'AreaFill') return { ...layer, inks, alpha: 235 };
    return layer['@@type'] === 'AreaLabels' && layer.texts ? { ...layer, texts: namesWithValues(layer.texts, of), invert } : layer;
  });
  return { ...spec, lang: facts().lang, classes, layers, tips: { unit: '', ref: '', span: told.span, of } };
}
