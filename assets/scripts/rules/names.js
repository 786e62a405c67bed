/** Names of a city's categories, units and areas, and choosers of them. */

import { facts, inLanguage, known, say } from '../desk/facts.js';
import { letters } from '../desk/pinyin.js';
import { get } from '../desk/server.js';
import { chooser, matching } from './chooser.js';
import { nameOf } from './parts.js';

export const GRID_HEAD = '@grid_head';

/** @type {{city: string, categories: Map<string, RuleCategory>, units: Map<string, any>, areas: Map<string, any>}} */
let held = { city: '', categories: new Map(), units: new Map(), areas: new Map() };

/**
 * Take note of the names in an answer.
 *
 * @param {string} city
 * @param {RuleCategory[]} categories
 * @param {any[]} areas
 */
export async function learn(city, categories, areas) {
  if (held.city !== city) {
    held = { city, categories: new Map(), units: new Map(), areas: new Map() };
    const units = await get('/api/units', new URLSearchParams({ city }));
    for (const one of units.body?.units ?? []) held.units.set(one.code, one);
  }
  categories.forEach((one) => held.categories.set(one.code, one));
  areas.forEach((one) => held.areas.set(one.code, one));
}

/** @param {string | null} code */
export function categoryName(code) {
  if (!code) return say('every_category');
  const one = held.categories.get(code);
  return one ? nameOf(one) : code;
}

/** @param {string | null} code */
export const areaName = (code) => code ? nameOf(held.areas.get(code) ?? { code, name: '', name_en: '' }) : say('everywhere');

/** @param {string} code */
export function unitName(code) {
  if (code === GRID_HEAD) return say('grid_head');
  const one = held.units.get(code);
  return one ? nameOf(one) : code;
}

/** Whether a code is one of the city's units. @param {string} code */
export const isUnit = (code) => held.units.has(code);

/** @param {string | null} channel */
export const channelName = (channel) => !channel ? say('every_source') : known(`source_${channel}`) ? say(`source_${channel}`) : channel;

/** Categories as options, each with all above it. */
function categoryOptions() {
  return [...held.categories.values()].map((one) => {
    const above = one.parent ? held.categories.get(one.parent) : null;
    const words = `${one.name} ${one.name_en} ${letters(one.pinyin).join(' ')}`;
    return { value: one.code, label: nameOf(one), note: above ? nameOf(above) : one.code, words };
  });
}

/** @param {string | null} value */
export const categoryChooser = (value) =>
  chooser({
    ...{ name: 'category', label: say('column_category'), value, text: value ? categoryName(value) : '', any: say('every_category') },
    find: (typed) => Promise.resolve(matching(categoryOptions(), typed)),
  });

/** @param {string} value @param {string} today */
export function unitChooser(value, today) {
  const alive = [...held.units.values()].filter((one) => !one.valid_to || one.valid_to >= today);
  const options = [
    { value: GRID_HEAD, label: say('grid_head') },
    ...alive.map((one) => ({
      value: one.code,
      label: nameOf(one),
      note: inLanguage(one.department, one.department_en),
      words: `${one.name} ${one.name_en}`,
    })),
  ];
  const find = (/** @type {string} */ typed) => Promise.resolve(matching(options, typed));
  return chooser({ name: 'unit', label: say('goes_to'), value, text: value ? unitName(value) : '', any: say('choose_unit'), find });
}

/** @param {string | null} value @param {string} city */
export function areaChooser(value, city) {
  /** @param {string} typed */
  const find = async (typed) => {
    if (!typed.trim()) return [...held.areas.values()].map((one) => ({ value: one.code, label: nameOf(one), note: one.code }));
    const { body } = await get('/api/search', new URLSearchParams({ q: typed, city, limit: '20' }));
    const found = (body?.results ?? []).filter((/** @type {any} */ one) => one.kind === 'area' && one.code);
    return found.map((/** @type {any} */ one) => {
      held.areas.set(one.code, { code: one.code, name: one.title, name_en: one.title_en });
      return { value: one.code, label: inLanguage(one.title, one.title_en), note: one.code };
    });
  };
  return chooser({ name: 'area', label: say('area_word'), value, text: value ? areaName(value) : '', any: say('everywhere'), find });
}

/** Codes of the channels that rules may name. */
export const channels = () => Object.keys(facts().words).filter((name) => name.startsWith('source_')).map((name) => name.slice(7));
