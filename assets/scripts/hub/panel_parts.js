/** The parts of the panel of a feed. Each is made from what the machine door says of the feed, and stands even where there is nothing to say. */

import { box } from '../desk/cells.js';
import { known, say } from '../desk/facts.js';
import { element } from '../dom.js';
import { contractOn, readDeliveries } from './answers.js';
import { barFilled, percent, whole } from './numbers.js';
import { classOf, toneOf } from './reckoning.js';
import { stateSymbol, symbol } from './symbols.js';
import { fullDay, longDay, shortDay, stateText } from './words.js';

/** Bars of qualities begin at this share, and are amber below the other. */
const QUALITY_FROM = 0.6;
const QUALITY_LOW = 0.9;
const SHOWN_DELIVERIES = 6;
const SHOWN_FILES = 4;
const SHOWN_CHANGES = 3;

/** @typedef {{moment: (moment: string | number, now: number) => string}} Clock */

/** A moment by the city's clock. @param {Clock} clock @param {string} moment */
const at = (clock, moment) => clock.moment(moment, Date.now());

/** @param {string} title @param {string} note @param {...(Node | string)} inside */
const section = (title, note, ...inside) =>
  box(
    'div',
    'hub-side-part',
    box('div', 'hub-part-head', element('h2', '', title), note ? element('span', 'hub-small', note) : ''),
    ...inside,
  );

/** What is expected, beside what is there. @param {any} told @param {Clock} clock */
export function head({ name, now, paused_until: paused, deliveries: all }, clock) {
  const state = now.state ?? 'not_due';
  const tone = toneOf({ state, late_days: now.late_days, feeds: 1, hidden: false });
  const expected = [now.due_at ? say('hub_expected', { when: at(clock, now.due_at) }) : say('hub_nothing_expected')];
  expected.push(now.arrived_at ? say('hub_arrived', { when: at(clock, now.arrived_at) }) : say('hub_not_arrived'));
  if (paused && now.day && paused >= now.day) expected.push(say('hub_paused', { day: shortDay(paused) }));
  const problem = state === 'failed' ? all.find((/** @type {any} */ one) => one.state === 'failed')?.problem : null;
  return box(
    'div',
    '',
    box(
      'div',
      'hub-feed-name',
      element('h2', 'hub-feed-title', name),
      box('span', `hub-chip ${classOf(tone)}`, stateSymbol(tone), stateText(state, now.late_days)),
    ),
    element(
      'p',
      'hub-small',
      now.day ? say('hub_as_of_day', { day: longDay(now.day), what: expected.join(say('hub_comma')) }) : expected[0],
    ),
    problem ? element('p', 'hub-problem', problem) : '',
  );
}

/** What came: read = loaded + rejected; what is in quarantine was loaded. @param {any} told @param {Clock} clock */
export function deliveries(told, clock) {
  const all = readDeliveries(told);
  if (!all.length) return section(say('hub_deliveries'), '', element('p', 'dim', say('hub_deliveries_none')));
  const heads = [['hub_due', ''], ['hub_came', ''], ['hub_read', 'n'], ['hub_loaded', 'n'], ['hub_rejected', 'n'], [
    'hub_quarantined',
    'n',
  ]];
  const heading = element('tr', '');
  heading.append(...heads.map(([name, kind]) => Object.assign(element('th', kind, say(name)), { scope: 'col' })));
  const rows = all.slice(0, SHOWN_DELIVERIES).map((one) => deliveryRow(one, clock));
  const table = box('table', 'hub-rows', box('thead', '', heading), box('tbody', '', ...rows));
  return section(say('hub_deliveries'), say('hub_account'), table);
}

/** @param {any} one @param {Clock} clock */
function deliveryRow(one, clock) {
  const row = element('tr', '');
  const when = one.received_at ? at(clock, one.received_at) : stateText(one.tone, one.late_days);
  /** @param {string} name */
  const count = (name) => element('td', 'n', one.received_at ? whole(one[name]) : '—');
  row.append(
    element('td', '', one.due_at ? at(clock, one.due_at) : '—'),
    box('td', '', box('span', `hub-of ${classOf(one.tone)}`, stateSymbol(one.tone), when)),
    ...['rows', 'loaded', 'rejected', 'quarantined'].map(count),
  );
  if (one.id) row.id = `delivery-${one.id}`;
  row.tabIndex = -1;
  row.title = [one.name, one.received_at && known(`hub_delivery_${one.state}`) ? say(`hub_delivery_${one.state}`) : '', one.problem].filter(
    Boolean,
  )
    .join('\n');
  return row;
}

/** Rows that could not be read, and rows that break a rule, by reason. @param {any} told @param {Clock} clock */
export function refused({ rejects, quarantine, deliveries: all }, clock) {
  /** @param {any[]} counted @param {string} name */
  const column = (counted, name) =>
    box(
      'div',
      '',
      element('div', 'dim', say(name, { n: whole(counted.reduce((sum, { rows }) => sum + rows, 0)) })),
      box('dl', 'hub-pairs', ...counted.flatMap(({ sentence, rows }) => [element('dt', '', sentence), element('dd', '', whole(rows))])),
    );
  if (!rejects.length && !quarantine.length) return section(say('hub_refused'), '', element('p', 'dim', say('hub_refused_none')));
  const newest = all.find((/** @type {any} */ { state }) => state !== 'received' && state !== 'landing');
  const parts = box('div', 'hub-two', column(rejects, 'hub_rejected_rows'), column(quarantine, 'hub_quarantined_rows'));
  return section(say('hub_refused'), newest ? say('hub_of_delivery', { when: at(clock, newest.received_at) }) : '', parts);
}

/** What was agreed, and what changed in it. @param {any} told */
export function contract({ contracts, now }) {
  const agreed = contractOn(contracts, now.day ?? '9999');
  if (!agreed) return section(say('hub_contract'), '', element('p', 'dim', say('hub_contract_none')));
  const by = known(`hub_via_${agreed.by}`) ? say(`hub_via_${agreed.by}`) : agreed.by;
  const facts = [
    ['hub_cadence', agreed.cadence],
    ['hub_via', [by, agreed.fields.length ? fieldsOf(agreed.fields) : ''].filter(Boolean).join(say('hub_comma'))],
    ['hub_contact', [agreed.contact, agreed.phone].filter(Boolean).join(' ')],
    ['hub_changes', agreed.changes.slice(0, SHOWN_CHANGES).join('')],
  ].filter(([, value]) => value);
  return section(
    say('hub_contract'),
    say('hub_contract_version', { n: agreed.version, day: fullDay(agreed.since) }),
    box('dl', 'hub-facts', ...facts.flatMap(([name, value]) => [element('dt', '', say(name)), element('dd', '', value)])),
  );
}

/** @param {{kept: string}[]} fields */
function fieldsOf(fields) {
  const restricted = fields.filter(({ kept }) => kept !== 'ordinary').length;
  return restricted ? say('hub_fields_sensitive', { n: fields.length, m: restricted }) : say('hub_fields', { n: fields.length });
}

/** Six qualities, each with what it was counted from. One that cannot be told says so. @param {any} told */
export function quality({ quality: told }) {
  const rows = told.flatMap((/** @type {any} */ { name, sentence, share: { numerator, denominator, value } }) => {
    const low = value !== null && value < QUALITY_LOW;
    const fill = box('span', low ? 'hub-fill low' : 'hub-fill', box('i', ''));
    fill.style.setProperty('--filled', `${100 * barFilled(value, QUALITY_FROM)}%`);
    fill.title = value === null ? sentence : `${sentence} ${whole(numerator)} ÷ ${whole(denominator)}`;
    return [element('span', '', name), fill, element('b', low ? 'low' : '', value === null ? '–' : percent(value))];
  });
  return section(say('hub_quality'), say('hub_quality_note'), box('div', 'hub-qualities', ...rows));
}

/** Where it comes from, and what waits for it. Files lead to their delivery above. @param {any} told */
export function lineage({ lineage: { up, table, down }, name, now }) {
  const files = up.slice(0, SHOWN_FILES).map((/** @type {any} */ one) => {
    const link = element('a', '', one.name);
    link.href = `#delivery-${one.delivery}`;
    link.title = say('hub_rows_of', { n: whole(one.rows) });
    link.addEventListener('click', (event) => {
      event.preventDefault();
      document.getElementById(`delivery-${one.delivery}`)?.focus();
    });
    return box('li', '', symbol('file', 14), link);
  });
  if (up.length > SHOWN_FILES) files.push(element('li', 'dim', say('hub_more', { n: up.length - SHOWN_FILES })));
  const readers = down.map((/** @type {any} */ one) =>
    box('li', '', symbol('page', 14), box('span', '', one.name, ' ', element('span', 'dim', say(`hub_sort_${one.sort}`))))
  );
  const middle = box('div', 'hub-middle', element('b', '', name), say('hub_rows_of', { n: whole(now.records) }));
  middle.title = table;
  return section(
    say('hub_lineage'),
    say('hub_lineage_note', { n: up.length, m: down.length }),
    box(
      'div',
      'hub-lineage',
      files.length ? box('ul', '', ...files) : element('span', 'dim', say('hub_lineage_none_from')),
      box('span', 'hub-joint'),
      middle,
      box('span', 'hub-joint onward'),
      readers.length ? box('ul', '', ...readers) : element('span', 'dim', say('hub_lineage_none_to')),
    ),
  );
}
