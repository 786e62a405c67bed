/** Areas and functional zones that are found by typing. */

import { fetchArea } from '../desk/city.js';
import { inLanguage } from '../desk/facts.js';
import { get } from '../desk/server.js';

/** @typedef {{code: string, name: string, name_en?: string | null}} Named */
/** @typedef {import('../rules/chooser.js').Option} Option */

/** @param {Named} one */
export const nameOf = (one) => inLanguage(one.name, one.name_en);

/** @param {Named} one @returns {Option} */
const option = (one) => ({ value: one.code, label: nameOf(one), note: one.code });

/**
 * What fits; before anything is typed, what lies above, beside and below.
 *
 * @param {string} typed
 * @param {string} near Code of the area that is chosen.
 * @returns {Promise<Option[]>}
 */
export async function findAreas(typed, near) {
  const report = await fetchArea(near);
  if (!typed.trim()) {
    if (!report) return [];
    const above = report.ancestors.filter((/** @type {any} */ one) => one.seen);
    const below = report.children.filter((/** @type {any} */ one) => one.origin !== 'unplaced');
    return [...above, ...below, ...(report.zones ?? [])].map(option);
  }
  const { body } = await get('/api/search', new URLSearchParams({ q: typed, city: report?.city.code ?? near, kind: 'area', limit: '20' }));
  return (body?.results ?? []).filter((/** @type {any} */ one) => one.code).map((/** @type {any} */ one) => (
    { value: one.code, label: inLanguage(one.title, one.title_en), note: inLanguage(one.subtitle, one.subtitle_en) || one.code }
  ));
}
