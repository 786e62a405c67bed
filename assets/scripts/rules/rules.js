/** The page of rules: its tabs, its address, and the city whose rules they are. */

import { box } from '../desk/cells.js';
import { facts, inLanguage, say } from '../desk/facts.js';
import { get } from '../desk/server.js';
import { element, required } from '../dom.js';
import { part } from '../lifecycle.js';
import { beginBar, closeMenusByKey } from '../page/desk_bar.js';
import { beginKeyList } from '../page/key_list.js';
import { showCalendar } from './calendar.js';
import { showDeadlines } from './deadlines.js';
import { showDuplicates } from './duplicates.js';
import { notice } from './parts.js';
import { showRouting } from './routing.js';
import { readState, TABS, writeState } from './state.js';
import { showWeights } from './weights.js';

/** @typedef {import('./state.js').RulesState} RulesState */

/** @type {RulesState} */
let present = readState('');
/** @type {any[]} */
let cities = [];
let turn = 0;

/** @param {RulesState} wanted */
const addressOf = (wanted) => location.pathname + writeState(wanted, location.search);

/** @param {Partial<RulesState>} changes */
function go(changes) {
  present = { ...present, ...changes };
  const address = addressOf(present);
  if (address !== location.pathname + location.search) history.pushState(null, '', address);
  void show();
}

function drawTabs() {
  const links = TABS.map((tab) => {
    const made = element('a', '', say(`tab_${tab}`));
    made.href = addressOf({ ...present, tab });
    if (tab === present.tab) made.setAttribute('aria-current', 'page');
    made.addEventListener('click', (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      go({ tab });
      required('#tabs').querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
      /** @type {HTMLElement | null} */ (required('#tabs').querySelector('[aria-current]'))?.focus();
    });
    return made;
  });
  required('#tabs').replaceChildren(...links);
  required('#city').replaceChildren(cityChoice());
}

/** The city: its name, or a choice where there are several. */
function cityChoice() {
  const named = (/** @type {any} */ one) => inLanguage(one.name, one.name_en);
  if (cities.length < 2) return element('span', 'dim', cities[0] ? named(cities[0]) : '');
  const select = element('select');
  select.setAttribute('aria-label', say('city_word'));
  select.append(...cities.map((one) => {
    const option = element('option', '', named(one));
    Object.assign(option, { value: one.code, selected: one.code === present.city });
    return option;
  }));
  select.addEventListener('change', () => go({ city: select.value }));
  return select;
}

async function show() {
  const mine = ++turn;
  drawTabs();
  const panel = box('div', 'rule-panel', element('p', 'dim', say('loading')));
  required('#panel').replaceChildren(panel);
  const city = present.city ?? '';
  document.title = document.title.replace(/^.*?(?= · )/, say(`tab_${present.tab}`));
  if (present.tab === 'routing') await showRouting(panel, city);
  else if (present.tab === 'deadlines') await showDeadlines(panel, city, present.old, (old) => go({ old }));
  else if (present.tab === 'duplicates') await showDuplicates(panel, city);
  else if (present.tab === 'weights') await showWeights(panel, city);
  else await showCalendar(panel, city, present.year, (year) => go({ year }));
  if (mine !== turn) return;
  required('#panel').dataset.shown = present.tab;
}

async function begin() {
  present = readState(location.search);
  const { body } = await get('/api/cities');
  cities = body?.cities ?? [];
  if (!present.city) {
    const own = cities.find((one) => facts().start === one.code);
    const report = own || cities.length < 2 ? null : await get(`/api/areas/${encodeURIComponent(facts().start)}`);
    present.city = own?.code ?? report?.body?.city?.code ?? cities[0]?.code ?? null;
  }
  if (!present.city) return required('#panel').replaceChildren(notice('wrong', [say('no_city')]));
  await show();
}

export const rules = part((signal) => {
  beginBar(signal);
  closeMenusByKey(signal);
  beginKeyList(signal, false);
  addEventListener('popstate', () => {
    const city = present.city;
    present = readState(location.search);
    present.city ??= city;
    void show();
  }, { signal });
  void begin();
});
