/** Makes the picture as large as the screen: one unit for everything, and fewer things where not all have room. */

import { required } from '../dom.js';
import { fitColumn, fitHead } from './room.js';
import { covered, fitScreen, readScreen } from './screen.js';

/** Names on the map are as large as the smallest text, and a little more; this is their size in the specification. */
const NAME_UNITS = 2.6;
const NAME_PX = 17;

/** A column may begin by so many units before the band of hazards ends: its first line has some room above its letters. */
const BAND_REACH = 0.2;

/** The layouts of a screen's settings. @type {Record<string, string>} */
const LAYOUT_OF = { wide: 'standard', double: 'band', tall: 'tall' };

/**
 * Fit the picture; gives back the unit in pixels. What the address says wins over the settings of the screen.
 *
 * @param {WallTold['screen'] | null} settings
 */
export function fitPicture(settings) {
  const { layout, wallM, viewM } = readScreen(location.search);
  const screen = fitScreen({ width: innerWidth, height: innerHeight }, {
    layout: layout ?? LAYOUT_OF[settings?.layout ?? ''],
    wallM: wallM ?? settings?.height_m,
    viewM: viewM ?? settings?.distance_m,
  });
  const root = document.documentElement;
  root.dataset.layout = screen.layout;
  root.toggleAttribute('data-bare', screen.bare);
  root.toggleAttribute('data-unnamed', screen.unnamed);
  root.style.fontSize = `${screen.unit}px`;
  root.style.setProperty('--foot', `${screen.foot}rem`);
  root.style.setProperty('--scale', String((NAME_UNITS * screen.unit) / NAME_PX));
  for (const [side, units] of Object.entries(covered(screen, makeRoomForBand()))) {
    required('#map').style.setProperty(`--map-${side}`, String(Math.max(0, units * screen.unit)));
  }
  return screen.unit;
}

/** Columns that the band of hazards reaches begin below it. Gives back where it ends, in units; 0: there is none. */
function makeRoomForBand() {
  const { style } = document.documentElement;
  style.setProperty('--band', '0px');
  const band = required('#hazard');
  if (!band.offsetHeight) return 0;
  const [unit, end] = [parseFloat(style.fontSize), band.offsetTop + band.offsetHeight];
  const { left, right } = band.getBoundingClientRect();
  const below = ['#key-figures', '#panels'].map((name) => required(name)).filter((one) => {
    const box = one.getBoundingClientRect();
    return box.width && box.left < right && box.right > left;
  });
  style.setProperty('--band', `${Math.max(0, ...below.map((one) => end - BAND_REACH * unit - one.offsetTop))}px`);
  return end / unit;
}

/** On a narrow wall fewer things are shown, not smaller ones. */
export function drop() {
  fitHead();
  for (const name of ['#key-figures', '#panels']) fitColumn(required(name));
}

/**
 * On one of several screens that show one picture stand only the things of its part: figures at the left, panels at the right.
 *
 * @param {import('./tour/address.js').Address} address
 */
export function markPart({ part, wide }) {
  const root = document.documentElement;
  const one = part && wide && part.of > 1 ? part : null;
  if (one) root.dataset.part = one.no === 1 ? 'first' : one.no === one.of ? 'last' : 'middle';
  else delete root.dataset.part;
  root.toggleAttribute('data-middle', one?.no === Math.ceil((one?.of ?? 0) / 2));
}

/** What a scene may leave out, and where it stands. */
const PANELS = {
  figures: '#key-figures',
  rhythm: '[data-panel="rhythm"]',
  week: '[data-panel="week"]',
  changes: '[data-panel="changed"]',
  ticker: '#ticker',
};

/** Show the panels that a scene names, or all. @param {string[]} wanted */
export function showPanels(wanted) {
  for (const [name, selector] of Object.entries(PANELS)) {
    document.querySelector(selector)?.toggleAttribute('data-off', wanted.length > 0 && !wanted.includes(name));
  }
  makeRoomForBand();
}

/** Map and drawings become darker, texts only as far as they can be read. @param {number} brightness From 0.2 to 1. */
export function dimTo(brightness) {
  const opacity = (1 - brightness).toFixed(3);
  const { style } = required('#dim');
  if (style.opacity === opacity) return;
  style.opacity = opacity;
  document.documentElement.style.setProperty('--bright', String(brightness));
}

/** Move the whole picture a little, against panels that burn in. @param {[number, number]} pixels */
export function shiftBy([x, y]) {
  const { style } = required('#wall');
  const wanted = x || y ? `translate(${x}px, ${y}px)` : '';
  if (style.transform !== wanted) style.transform = wanted;
}
