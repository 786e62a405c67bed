/** The area that the desk shows: its names, its city's clock and categories, and the units that handle cases. */

import { facts, inLanguage } from './facts.js';
import { clockOf } from './moments.js';
import { get } from './server.js';

/**
 * @typedef {{code: string, name: string, name_en: string, level: string}} AreaName
 * @typedef {{
 *   code: string, city: string, level: string, name: string, above: (AreaName & {seen: boolean})[], children: any[], siblings: any[], head: any,
 *   categories: Record<string, {name: string, name_en: string, symbol: string, ordinal: number}>,
 *   units: Map<string, string>, allUnits: any[], everyUnit: any[], timezone: string, clock: ReturnType<typeof clockOf>,
 * }} Shown
 */

/** @type {Shown} */
let shown = {
  code: '',
  city: '',
  level: '',
  name: '',
  above: [],
  children: [],
  siblings: [],
  head: null,
  categories: {},
  units: new Map(),
  allUnits: [],
  everyUnit: [],
  timezone: 'UTC',
  clock: clockOf('UTC', 'zh'),
};
/** What the server's clock is ahead of this device's, in milliseconds: deadline states stand for the server's moment. */
let ahead = 0;
/** @type {Map<string, Promise<any>>} */
const asked = new Map();

/** What is shown now. */
export const area = () => shown;

/** The present moment by the city's figures. */
export const now = () => Date.now() + ahead;

/** Take note of the moment that an answer stands for. @param {string} moment */
export function setMoment(moment) {
  ahead = Date.parse(moment) - Date.now();
}

/**
 * An area with its city, children and head; asked for once.
 *
 * @param {string} code
 * @param {boolean} [anew] Whether to ask although the answer is known.
 */
export function fetchArea(code, anew = false) {
  const known = asked.get(code);
  if (known && !anew) return known;
  const answer = get(`/api/areas/${encodeURIComponent(code)}`).then(({ ok, body }) => (ok ? body : null));
  if (!known) asked.set(code, answer);
  // Where the server does not answer, what is known stays known.
  else void answer.then((body) => body && asked.set(code, answer));
  return answer;
}

/**
 * Show another area.
 *
 * @param {string} code
 */
export async function showArea(code) {
  if (shown.code === code) return shown;
  const [report, units] = await Promise.all([fetchArea(code), fetchUnits()]);
  if (!report) return shown;
  shown = {
    code,
    city: report.city.code,
    level: report.level,
    name: inLanguage(report.name, report.name_en),
    above: report.ancestors,
    children: report.children.filter((/** @type {any} */ one) => one.origin !== 'unplaced'),
    siblings: report.siblings,
    head: report.head,
    categories: report.categories,
    everyUnit: units,
    units: new Map(
      units.filter((/** @type {any} */ one) => one.city === report.city.code).map((
        /** @type {any} */ one,
      ) => [one.code, inLanguage(one.name, one.name_en)]),
    ),
    allUnits: units.filter((/** @type {any} */ one) => one.city === report.city.code),
    timezone: report.city.timezone,
    clock: clockOf(report.city.timezone, facts().lang),
  };
  return shown;
}

/** @type {Promise<any[]> | null} */
let units = null;

function fetchUnits() {
  units ??= get('/api/units').then(({ ok, body }) => (ok ? body.units : []));
  return units;
}
