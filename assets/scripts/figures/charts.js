/** Charts by plotly, all with one template that is made of the product's own colours. plotly.js is loaded when the first one is drawn. */

import { facts } from '../desk/facts.js';
import { box } from '../desk/cells.js';
import { element, reducedMotion } from '../dom.js';

/** @type {Promise<void> | null} */
let loading = null;
/** Charts on the page, each with how it is drawn: colours change with the theme. @type {Map<HTMLElement, () => {data: any[], layout: any}>} */
const drawn = new Map();
/** What a place for a chart was made with. @type {WeakMap<Element, {make: () => {data: any[], layout: any}, clicked?: (point: any) => void}>} */
const made = new WeakMap();

/** Load plotly.js, once. A script that failed is taken away, so that the next try asks again. */
function load() {
  loading ??= new Promise((resolve, reject) => {
    const script = element('script');
    const restore = nonceStyles();
    script.src = facts().plotly ?? '';
    script.onload = () => {
      restore();
      resolve();
    };
    script.onerror = () => {
      restore();
      script.remove();
      loading = null;
      reject(new Error(`cannot load ${script.src}`));
    };
    document.head.append(script);
  });
  return loading;
}

/**
 * plotly.js has styles inside, and adds them when it runs. They carry the nonce of the page, without which its policy refuses them.
 *
 * @returns {() => void} Ends it.
 */
function nonceStyles() {
  const nonce = document.querySelector('style')?.nonce ?? '';
  const make = document.createElement;
  document.createElement = (/** @type {string} */ name, /** @type {ElementCreationOptions | undefined} */ options) => {
    const made = make.call(document, name, options);
    if (made instanceof HTMLStyleElement) made.nonce = nonce;
    return made;
  };
  return () => void (document.createElement = make);
}

/** A colour of the product by its token. @param {string} name */
export const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/** A colour with its opacity. @param {string} name @param {number} share */
export function pale(name, share) {
  const color = token(name);
  const [r, g, b] = [1, 3, 5].map((n) => parseInt(color.slice(n, n + 2), 16));
  return `rgba(${r}, ${g}, ${b}, ${share})`;
}

/** The one template of all charts. */
export function template() {
  const axis = {
    ...{ gridcolor: token('hairline'), linecolor: token('hairline'), zerolinecolor: token('hairline'), tickcolor: token('hairline') },
    ...{ tickfont: { color: token('muted'), size: 12 }, automargin: true, fixedrange: true },
  };
  return {
    layout: {
      ...{ paper_bgcolor: 'rgba(0,0,0,0)', plot_bgcolor: 'rgba(0,0,0,0)', margin: { l: 8, r: 8, t: 8, b: 8 }, showlegend: false },
      font: { family: getComputedStyle(document.body).fontFamily, size: 12, color: token('text') },
      hoverlabel: { bgcolor: token('raised'), bordercolor: token('hairline'), font: { color: token('text'), size: 12 } },
      ...{ xaxis: { ...axis, showgrid: false }, yaxis: axis, dragmode: false, hovermode: 'closest' },
    },
  };
}

/** How much larger the page is drawn on a large screen. plotly.js measures in screen pixels, so charts are not enlarged with the page but made larger. */
const scale = () => (matchMedia('(min-width: 3400px)').matches ? 2 : matchMedia('(min-width: 2560px)').matches ? 1.4 : 1);
/** What of a chart is a length in pixels. */
const LENGTHS = new Set(['size', 'width', 'height', 'l', 'r', 't', 'b', 'xgap', 'ygap', 'xshift', 'yshift']);

/**
 * The same with every length so many times as long.
 *
 * @param {any} value
 * @param {number} by
 * @returns {any}
 */
export function enlarged(value, by) {
  if (by === 1 || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((one) => enlarged(one, by));
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, LENGTHS.has(name) && typeof one === 'number' ? one * by : enlarged(one, by)]),
  );
}

/**
 * A place for a chart, which is drawn when it is on the page.
 *
 * @param {string} label What it shows, for whoever does not see it; the numbers stand in a table beside it.
 * @param {() => {data: any[], layout: any}} make
 * @param {(point: any) => void} [clicked]
 */
export function chart(label, make, clicked) {
  const host = box('div', 'chart');
  host.setAttribute('role', 'img');
  host.setAttribute('aria-label', label);
  made.set(host, { make, clicked });
  const height = make().layout.height ?? 280;
  host.style.height = `${height * scale()}px`;
  // Not before whoever asked has put it on the page.
  void load().then(() => new Promise((put) => setTimeout(put))).then(async () => {
    if (!host.isConnected) return;
    await draw(host, make);
    drawn.set(host, make);
    /** @type {any} */ (host).on('plotly_click', (/** @type {any} */ event) => made.get(host)?.clicked?.(event.points[0]));
    host.dataset.drawn = 'true';
  });
  return host;
}

/**
 * Keep a chart that is drawn in the place of one that is not, and draw in it what the other would show: nothing is blank in between.
 *
 * @param {Element} old
 * @param {Element} fresh
 */
export function keepChart(old, fresh) {
  const wanted = made.get(fresh);
  if (!wanted || !(old instanceof HTMLElement) || !(fresh instanceof HTMLElement) || !drawn.has(old)) return;
  fresh.replaceWith(old);
  made.set(old, wanted);
  drawn.set(old, wanted.make);
  old.style.height = fresh.style.height;
  old.setAttribute('aria-label', fresh.getAttribute('aria-label') ?? '');
  void Promise.resolve().then(() => old.isConnected && draw(old, wanted.make));
}

/** @param {HTMLElement} host @param {() => {data: any[], layout: any}} make */
function draw(host, make) {
  const { data, layout } = enlarged(make(), scale());
  const options = { displayModeBar: false, responsive: true, staticPlot: false };
  return Plotly.react(host, data, {
    ...layout,
    template: enlarged(template(), scale()),
    transition: { duration: reducedMotion() ? 0 : 150 },
  }, options);
}

/** Draw all charts anew: their colours have changed. */
export function repaintCharts() {
  for (const [host, make] of drawn) {
    if (host.isConnected) void draw(host, make);
    else {
      Plotly.purge(host);
      drawn.delete(host);
    }
  }
}
