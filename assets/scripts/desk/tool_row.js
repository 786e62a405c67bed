/** The row over the table: what is listed, filters in force, new cases, and the menus of filters and columns. */

import { required } from '../dom.js';
import { throughTexts, without } from '../figures/behind.js';
import { go, state } from './address.js';
import { box, categoryOf, severityName, sourceName, stageName } from './cells.js';
import { area } from './city.js';
import { chosenColumns, COLUMNS, keepColumns } from './columns.js';
import { countText } from './counts.js';
import { exportMenu } from './export/menu.js';
import { facts, inLanguage, known, say } from './facts.js';
import { icon } from './icons.js';
import { remindedPill } from './live/reminded.js';
import { chooseSwitch } from './many/choosing.js';
import { MOST_LISTED, personFilter, unitFilter } from './many/filter_fields.js';
import { mapSwitch } from './map/frame.js';
import { queueName } from './rail.js';
import { ALL_STATES, FIRST_ORDER, OPEN_STAGES, OPEN_STATES, orderOf, toggled } from './state.js';

const ENDED_STAGES = ['closed', 'evaluated', 'void', 'duplicate', 'not_responsible', 'referred'];

/** How a value of each filter is called. @type {Record<string, (value: string) => string>} */
const NAMES = {
  states: (value) => (known(`state_${value}`) ? say(`state_${value}`) : value),
  stages: stageName,
  severities: (value) => severityName(Number(value)),
  categories: (value) => nameCategory(value),
  units: (value) => area().units.get(value) ?? value,
  sources: sourceName,
};

/** @param {string} code */
function nameCategory(code) {
  const names = area().categories[code];
  return names ? inLanguage(names.name, names.name_en) : categoryOf(/** @type {any} */ ({ category: code }));
}

/** @param {string} text @param {() => void} act */
function chip(text, act) {
  const made = box('button', 'filter-chip', box('span', '', text), icon('close', 12, 2.2));
  made.type = 'button';
  made.setAttribute('aria-label', say('remove_filter', { name: text }));
  made.addEventListener('click', act);
  return made;
}

/** The filters in force, each with the way to remove it; those of the strip show it there already. */
function chips() {
  const now = state();
  const strip = new Set([...OPEN_STATES, ...OPEN_STAGES]);
  const found = Object.entries(NAMES).flatMap(([name, title]) => {
    const key = /** @type {'states'} */ (name);
    return now[key].filter((value) => !strip.has(value)).map((value) => chip(title(value), () => go(toggled(state(), key, value))));
  });
  for (const { names, text } of throughTexts(now.through ?? {}, say)) {
    found.push(chip(text, () => go({ through: without(state().through ?? {}, names) })));
  }
  if (now.within) found.push(chip(say('drawn_area'), () => go({ within: null })));
  if (now.area && now.area !== facts().start && now.queue !== 'all') found.push(chip(area().name || now.area, () => go({ area: null })));
  if (now.q) found.push(chip(`“${now.q}”`, () => go({ q: '' })));
  if (found.length < 2) return found;
  const clear = box('button', 'plain', say('clear_all'));
  clear.type = 'button';
  clear.addEventListener(
    'click',
    () => go({ states: [], stages: [], severities: [], categories: [], units: [], sources: [], q: '', through: {}, within: null }),
  );
  return [...found, clear];
}

/**
 * A menu of boxes to tick.
 *
 * @param {string} name
 * @param {string} title
 * @param {string} glyph
 * @param {() => Node[]} fill
 */
function menu(name, title, glyph, fill) {
  const list = box('div', 'menu-list');
  const button = box('summary', 'tool', icon(glyph), box('span', 'tool-text', title));
  button.setAttribute('aria-label', title);
  const made = box('details', `menu right ${name}`, button, list);
  made.addEventListener('toggle', () => made.open && list.replaceChildren(...fill()));
  return made;
}

/** @param {string} text @param {boolean} on @param {(on: boolean) => void} act */
function tick(text, on, act) {
  const input = document.createElement('input');
  input.type = 'checkbox';
  input.checked = on;
  input.addEventListener('change', () => act(input.checked));
  return box('label', 'tick', input, box('span', '', text));
}

/** @param {'states' | 'stages' | 'severities' | 'categories' | 'units' | 'sources'} name @param {string} title @param {string[]} values */
function group(name, title, values) {
  if (!values.length) return [];
  const ticks = values.map((value) => tick(NAMES[name](value), state()[name].includes(value), () => go(toggled(state(), name, value))));
  return [...(title ? [box('p', 'menu-head', title)] : []), ...ticks];
}

function filterMenu() {
  const sources = ['grid_worker', 'hotline', 'public', 'building_head', 'video', 'sensor', 'superior', 'media', 'business_system'];
  const kinds = Object.entries(area().categories).sort(([, one], [, other]) => one.ordinal - other.ordinal).map(([code]) => code);
  const many = area().allUnits.length > MOST_LISTED;
  return [
    ...group('severities', say('severities'), ['1', '2', '3', '4']),
    ...group('categories', say('categories'), kinds),
    ...group('sources', say('source_filter'), sources),
    ...(many ? unitFilter() : []),
    ...group('units', many ? '' : say('column_unit'), many ? state().units : area().allUnits.map(({ code }) => code)),
    ...personFilter(),
    ...group('states', say('ended_too'), ['closed', 'ended']),
    ...group('stages', say('stage_filter'), ENDED_STAGES),
  ];
}

/** @param {(chosen: Set<string>) => void} changed */
function columnMenu(changed) {
  const chosen = chosenColumns();
  const ticks = COLUMNS.map(({ id }) =>
    tick(say(`column_${id}`), chosen.has(id), (on) => {
      if (on) chosen.add(id);
      else chosen.delete(id);
      keepColumns(chosen);
      changed(chosen);
    })
  );
  return [...ticks, box('p', 'menu-note', say('columns_kept'))];
}

/** In which order, in words. */
function orderText() {
  const sort = orderOf(state());
  if (sort === FIRST_ORDER) return say('order_urgency');
  const by = sort.replace(/^-/, '');
  const column = COLUMNS.find((one) => one.sort === by && one.id !== 'case') ?? COLUMNS.find((one) => one.sort === by);
  if (state().sort === FIRST_ORDER) return say(by === 'closed_at' ? 'order_closed' : 'order_reported');
  return column ? say('order_other', { column: say(`column_${column.id}`) }) : '';
}

/**
 * Draw the frame of the row once.
 *
 * @param {{columns: (chosen: Set<string>) => void, news: () => void, rows: () => DeskCase[]}} acts
 */
export function beginToolRow(acts) {
  const pill = box('button', 'pill', icon('up', 14, 2.4), box('span', ''));
  pill.type = 'button';
  pill.id = 'news';
  pill.hidden = true;
  pill.addEventListener('click', acts.news);
  required('#toolrow').replaceChildren(
    box('div', 'listed', box('b', 'listed-name'), box('span', 'dim listed-count')),
    pill,
    remindedPill(),
    box('div', 'chips'),
    box(
      'div',
      'tools-right',
      menu('filters', say('more_filters'), 'filter', filterMenu),
      menu('columns', say('columns'), 'columns', () => columnMenu(acts.columns)),
      chooseSwitch(),
      mapSwitch(),
      exportMenu(acts.rows),
    ),
  );
}

/** Where words are sought among open cases, the way to the ended ones. @param {{n: number, more: boolean} | null | undefined} ended */
function endedButton(ended) {
  if (!ended?.n) return [];
  const made = box('button', 'plain ended-too', say('ended_found', { n: countText(ended) }));
  made.type = 'button';
  made.addEventListener('click', () => go({ states: ALL_STATES, sort: '-reported_at' }));
  return [made];
}

/**
 * @param {{n: number, more: boolean} | null | undefined} held
 * @param {{n: number, more: boolean} | null} [ended] How many ended cases the words would find.
 */
export function paintToolRow(held, ended) {
  const row = required('#toolrow');
  required('.listed-name', row).textContent = queueName(state().queue);
  const number = held ? say(held.more ? 'count_more' : 'count_cases', { n: countText(held).replace('+', '') }) : '';
  required('.listed-count', row).textContent = [number, orderText()].filter(Boolean).join(' · ');
  required('.chips', row).replaceChildren(...chips(), ...endedButton(ended));
}

/** Say how many new cases wait; they never push. @param {number} n */
export function paintNews(n) {
  const pill = required('#news');
  pill.hidden = n === 0;
  required('span', pill).textContent = say('new_cases', { n });
  pill.setAttribute('aria-label', say('show_new'));
  if (n) required('#told').textContent = say('new_cases_told', { n });
}
