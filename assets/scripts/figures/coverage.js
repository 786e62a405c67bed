/** Coverage: how many communities and grids have a head or a worker, and which have nobody. As it stands: it belongs to no period. */

import { box } from '../desk/cells.js';
import { inLanguage, say } from '../desk/facts.js';
import { valueText, whole } from './numbers.js';
import { fetchAnswer, Panel, remark, table } from './panels.js';
import { addressWith, query } from './where.js';

/** @typedef {{code: string, name: string, name_en: string, within: string | null, within_en: string | null}} Gap */
/** @typedef {{level: string, areas: number, headed: number | null, with_worker: number | null, staffed: number | null, gaps: Gap[]}} Coverage */

export const coveragePanel = new Panel('coverage', 'half');

export function showCoverage() {
  coveragePanel.name(say('coverage_title'), say('coverage_how'));
  const asked = new URLSearchParams([...query()].filter(([name]) => name === 'area'));
  coveragePanel.offer('/api/indicators/coverage', asked);
  void coveragePanel.fill((signal) => fetchAnswer('/api/indicators/coverage', asked, signal), paint);
}

/** @param {{levels: Coverage[], workers_seen: boolean}} told */
function paint(told) {
  if (!told.levels.length) return [remark(say('nothing'))];
  const heads = ['column_level', 'column_headed', ...(told.workers_seen ? ['column_worker'] : []), 'column_staffed', 'column_gaps'];
  const rows = told.levels.map((one) => {
    const cells = [one.headed, ...(told.workers_seen ? [one.with_worker] : []), one.staffed].map((n) => share(n, one.areas));
    const missing = one.staffed === null ? say('reason_not_known') : gapLink(one, one.areas - one.staffed);
    return [say(`level_${one.level}`), ...cells, missing];
  });
  return [
    table(say('coverage_title'), heads.map((one) => say(one)), rows),
    ...told.levels.filter(({ gaps }) => gaps.length).map(gapList),
    told.workers_seen ? null : remark(say('coverage_heads_alone')),
  ];
}

/** @param {number | null} n @param {number} of */
function share(n, of) {
  if (n === null || !of) return box('span', 'dim', '–');
  return box('span', 'value-cell', box('b', '', `${valueText('share', n / of)}%`), box('span', 'fraction', `${whole(n)} ÷ ${whole(of)}`));
}

/** How many have nobody; it opens their list. @param {Coverage} one @param {number} n */
function gapLink(one, n) {
  if (!n) return box('span', 'dim', '0');
  const made = box('a', 'behind late', whole(n));
  made.href = `#gaps-${one.level}`;
  made.addEventListener('click', (event) => {
    event.preventDefault();
    const list = /** @type {HTMLDetailsElement | null} */ (document.querySelector(`#gaps-${one.level}`));
    if (!list) return;
    list.open = true;
    /** @type {HTMLElement | null} */ (list.querySelector('summary'))?.focus();
  });
  return made;
}

/** @param {Coverage} one */
function gapList(one) {
  const missing = one.areas - (one.staffed ?? 0);
  const rows = one.gaps.map((gap) => {
    const name = box('a', '', inLanguage(gap.name, gap.name_en) || gap.code);
    name.href = `/?${new URLSearchParams({ area: gap.code })}`;
    const figures = box('a', '', say('view_overview'));
    figures.href = addressWith({ area: gap.code });
    figures.setAttribute('aria-label', `${name.textContent}: ${say('view_overview')}`);
    return [name, inLanguage(gap.within ?? '', gap.within_en ?? ''), figures];
  });
  const title = say('gaps_of', { level: say(`level_${one.level}`), n: whole(missing) });
  const scroller = box('div', 'scroller', table(title, [say('column_area'), say('column_within'), ''], rows));
  scroller.tabIndex = 0;
  scroller.setAttribute('role', 'region');
  scroller.setAttribute('aria-label', title);
  const some = one.gaps.length < missing ? remark(say('rows_shown', { n: one.gaps.length, of: whole(missing) })) : '';
  const made = box('details', 'as-table', box('summary', '', title), scroller, some);
  made.id = `gaps-${one.level}`;
  return made;
}
