/** What rules would have done with the cases of the last 30 days: by unit, on the map, and what no rule takes. */

import { box } from '../desk/cells.js';
import { facts, inLanguage, say } from '../desk/facts.js';
import { element } from '../dom.js';
import { areaName, categoryName, isUnit, learn, unitName } from './names.js';
import { count, nameOf, table } from './parts.js';
import { trialMap } from './trial_map.js';

/** Rows that are shown at once; the others open on request. */
const FIRST = 12;
const MOST_LISTED = 100;
const ALL_STATES = 'overdue,amber,on_time,paused,closed,ended';

/**
 * A number as a link to the desk's list of the same cases.
 *
 * @param {number} value
 * @param {Record<string, string>} filters
 * @param {RulesTried} tried
 */
function linked(value, filters, tried) {
  if (!value) return '0';
  const made = element('a', '', count(value));
  const query = new URLSearchParams({
    queue: 'area',
    state: ALL_STATES,
    ...filters,
    from: tried.first,
    to: tried.last,
    sort: '-reported_at',
  });
  made.href = `/desk?${query.toString().replaceAll('%2C', ',')}&lang=${facts().lang}`;
  return made;
}

/**
 * A table whose first rows are shown at once.
 *
 * @param {string} caption
 * @param {string[]} heads
 * @param {(Node | string | null)[][]} rows
 * @param {string} [className]
 */
function longTable(caption, heads, rows, className = '') {
  const kind = `numbers ${className}`;
  const first = table(caption, heads, rows.slice(0, FIRST), kind);
  if (rows.length <= FIRST) return first;
  const more = element('details', 'more-rows');
  more.append(
    element('summary', '', say('more_rows', { n: count(rows.length - FIRST) })),
    table(caption, heads, rows.slice(FIRST), kind),
  );
  return box('div', '', first, more);
}

/**
 * The numbers behind the map.
 *
 * @param {string} city
 * @param {RulesTried} tried
 */
function shareTable(city, tried) {
  const byShare = [...tried.areas].sort((one, other) => other.changed / (other.cases || 1) - one.changed / (one.cases || 1));
  const rows = byShare.map((one) => {
    const share = `${Math.round(one.changed / (one.cases || 1) * 100)} %`;
    return [nameOf(one), linked(one.cases, { area: one.code || city }, tried), count(one.changed), share];
  });
  const made = element('details', 'more-rows');
  made.append(
    element('summary', '', say('as_table')),
    table(say('map_of_change'), [say('column_place'), say('cases'), say('share_changed'), '%'], rows, 'numbers'),
  );
  return made;
}

/** The pins as a table, for whoever does not see the map. @param {RulesTried} tried */
function movedTable(tried) {
  const rows = tried.moved.slice(0, MOST_LISTED).map((one) => {
    const link = element('a', '', one.number);
    link.href = `/desk?${new URLSearchParams({ queue: 'all', case: one.number, lang: facts().lang })}`;
    return [link, inLanguage(one.title, one.title_en ?? ''), unitOrNobody(one.before), unitOrNobody(one.after)];
  });
  if (!rows.length) return null;
  const made = element('details', 'more-rows');
  const title = say('moved_cases', { n: count(rows.length) });
  made.append(element('summary', '', title), table(title, [say('column_case'), '', say('went'), say('would_go')], rows, 'places'));
  return made;
}

/** @param {string} code */
const unitOrNobody = (code) => code ? unitName(code) : say('nobody');

/**
 * @param {string} city
 * @param {RulesTried} tried
 */
export async function showTrial(city, tried) {
  await learn(city, [], tried.areas);
  const head = say('tried', {
    ...{ cases: count(tried.cases), first: tried.first, last: tried.last },
    ...{ routed: count(tried.routed), changed: count(tried.changed), waiting: count(tried.waiting) },
  });
  const rows = tried.units.map((one) => {
    const difference = one.after - one.before;
    const bar = element('i', `change-bar ${difference < 0 ? 'less' : 'more'}`);
    bar.style.width = `${Math.min(100, Math.abs(difference) / Math.max(1, tried.cases) * 200)}%`;
    const sign = `${difference > 0 ? '+' : difference < 0 ? '−' : ''}${count(Math.abs(difference))}`;
    // Only units are a filter of the list.
    const before = isUnit(one.unit) ? linked(one.before, { area: city, unit: one.unit }, tried) : count(one.before);
    return [
      unitOrNobody(one.unit),
      before,
      count(one.after),
      box('span', 'change', element('span', '', sign), bar),
      count(one.come),
      count(one.leave),
    ];
  });
  const heads = [say('column_unit'), say('went'), say('would_go'), say('difference'), say('come'), say('leave')];
  const untaken = tried.untaken.map((one) => [
    categoryName(one.category),
    areaName(one.area || null),
    linked(one.cases, { area: one.area || city, category: one.category }, tried),
  ]);
  return box(
    'section',
    'trial',
    element('h2', '', say('trial')),
    element('p', '', head),
    box(
      'div',
      'trial-sides',
      box('div', '', longTable(say('trial'), heads, rows, 'moves')),
      box('div', '', trialMap(city, tried), shareTable(city, tried), movedTable(tried)),
    ),
    untaken.length ? element('h3', '', say('untaken')) : null,
    untaken.length ? element('p', 'hint', say('untaken_note')) : null,
    untaken.length ? longTable(say('untaken'), [say('column_category'), say('column_place'), say('cases')], untaken, 'places') : null,
  );
}
