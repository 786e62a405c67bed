/** The data hub as a whole: the address decides what is shown, and each part loads by itself. */

import { facts, say } from '../desk/facts.js';
import { clockOf } from '../desk/moments.js';
import { get, sentenceOf } from '../desk/server.js';
import { element, required } from '../dom.js';
import { onStop, part } from '../lifecycle.js';
import { beginBar, closeMenusByKey } from '../page/desk_bar.js';
import { fillKeys } from '../page/key_list.js';
import { openDialog } from '../desk/dialogs.js';
import { readHistory, readMatrix, readWeeks } from './answers.js';
import { addressWith, followHistory, go, onMove, state } from './here.js';
import { drawKeyFigures, drawLegend, drawWaitingKeys } from './key_figures.js';
import { latestWins } from './latest.js';
import { Matrix } from './matrix.js';
import { Panel } from './panel.js';
import { keyOf, worstOf } from './reckoning.js';
import { DaySlider } from './slider.js';
import { drawWeeks, WEEKS } from './weeks.js';
import { longDay, setZone } from './words.js';
import { drawList, drawWorst } from './worst.js';

const KEYS = /** @type {[string, string][]} */ ([
  ['← → ↑ ↓', 'hub_key_move'],
  ['Home End', 'hub_key_ends'],
  ['Enter', 'hub_key_open'],
  ['Esc', 'key_close'],
  ['?', 'key_help'],
]);
/** With so much room the panel of the pick is always there. */
const WIDE = matchMedia('(min-width: 1600px)');
const PHONE = matchMedia('(max-width: 759px)');
/** With so little the panel lies over the matrix. */
const OVER = matchMedia('(max-width: 1099px)');
const KEPT_DAYS = 90;
/** What is there only where there are feeds. */
const PARTS = ['#hub-keys', '#hub-legend', '#hub-board-middle', '#hub-below', '#hub-side'];

/** @type {any[]} */
let cities = [];
/** @type {HubAnswer | null} */
let shown = null;
/** The crossing that is drawn as picked: the address's, else the worst of the first day that was shown. @type {HubPick | null} */
let pick = null;
/** @type {Map<string, HubAnswer>} */
const kept = new Map();
/** @type {HubHistory | null} */
let past = null;
/** @type {{code: string, told: any} | null} */
let column = null;
/** While the day is dragged or played, only the matrix follows. */
let moving = false;
/** @type {Matrix} */
let matrix;
/** @type {DaySlider} */
let slider;
/** @type {Panel} */
let panel;

export const city = () => cities.find(({ code }) => code === state().city) ?? cities[0] ?? null;

/** @param {URLSearchParams | Record<string, string>} [more] */
const query = (more = {}) =>
  new URLSearchParams({ ...(city() ? { city: city().code } : {}), ...Object.fromEntries(new URLSearchParams(more)) });

// ---- The day ----

const askDay = latestWins(
  async (/** @type {string} */ day) => {
    const held = kept.get(day);
    if (held) return { ok: true, body: held };
    const answer = await get('/api/hub', query(day ? { day } : {}));
    return answer.ok && answer.body ? { ...answer, body: readMatrix(answer.body) } : answer;
  },
  (answer, day) => {
    if (!answer.ok || !answer.body) return fail(/** @type {any} */ (answer));
    if (kept.size > KEPT_DAYS) kept.clear();
    kept.set(day, answer.body);
    draw(answer.body);
  },
);

/** @param {HubAnswer} answer */
function draw(answer) {
  shown = answer;
  const empty = !answer.departments.length;
  required('#hub-nothing').hidden = !empty;
  required('#hub-trouble').hidden = true;
  for (const id of PARTS) {
    required(id).classList.toggle('gone', empty);
  }
  required('#hub').removeAttribute('aria-busy');
  if (empty) return drawNothing();
  pick = state().cell ?? pick ?? worstOf(answer);
  required('#hub-about').textContent = say('hub_about', {
    levels: answer.levels.length,
    n: answer.departments.length,
    day: answer.day ? longDay(answer.day) : '—',
  });
  required('#hub-early').hidden = answer.cells.some(({ arrived, hidden }) => arrived || hidden);
  drawKeyFigures(required('#hub-keys'), answer);
  drawLegend(required('#hub-legend'), answer);
  drawBoard();
  required('#hub').dataset.day = answer.day;
}

/** Matrix or list, with the pick. */
function drawBoard() {
  if (!shown) return;
  const list = state().list || PHONE.matches;
  required('#hub-matrix').hidden = list;
  required('#hub-list').hidden = !list;
  matrix.picked = pick;
  if (list) drawList(required('#hub-list'), shown, isOpen() ? pick : null, (to) => open(to));
  else matrix.draw(shown);
  drawWorst(required('#hub-worst'), shown, pick, ({ level, department, feed }) => open({ level, department }, { feed }));
  drawColumn();
}

function drawNothing() {
  required('#hub-about').textContent = '';
  required('#hub-nothing').replaceChildren(element('b', '', say('hub_nothing')), element('p', 'dim', say('hub_nothing_how')));
}

/** @param {import('../desk/server.js').Answer} answer */
function fail(answer) {
  const trouble = required('#hub-trouble');
  trouble.hidden = false;
  const again = element('button', 'second small', say('try_again'));
  again.type = 'button';
  again.addEventListener('click', () => void askDay(state().day ?? ''));
  trouble.replaceChildren(element('p', '', sentenceOf(answer, say('hub_trouble'))), again);
  required('#hub').removeAttribute('aria-busy');
  if (!shown) {
    for (const id of PARTS) {
      required(id).classList.add('gone');
    }
  }
}

// ---- The pick ----

const isOpen = () => Boolean(pick && (state().cell || WIDE.matches));

/** @param {HubPick} to Where the arrow keys lead: an open panel follows. */
function movePick(to) {
  pick = to;
  if (state().cell) go({ cell: to, feed: null }, { replace: true });
  else drawPick();
}

/** @param {HubPick} to @param {{feed?: string | null, byKey?: boolean}} [how] */
function open(to, { feed = null, byKey = false } = {}) {
  pick = to;
  go({ cell: to, feed });
  if (byKey || OVER.matches) required('#hub-side').focus();
}

function close() {
  go({ cell: null, feed: null });
  if (pick && !PHONE.matches && !state().list) matrix.select(pick, { focus: true });
}

function drawPick() {
  matrix.select(pick);
  if (shown) {
    drawWorst(required('#hub-worst'), shown, pick, ({ level, department, feed }) => open({ level, department }, { feed }));
    if (state().list || PHONE.matches) drawList(required('#hub-list'), shown, isOpen() ? pick : null, (to) => open(to));
  }
  drawColumn();
  drawSide();
}

const askColumn = latestWins(
  (/** @type {string} */ code) => get(`/api/hub/departments/${encodeURIComponent(code)}`, query(shown ? { day: shown.day } : {})),
  (answer, code) => {
    column = { code: columnKey(code), told: answer.ok ? answer.body : null };
    paintColumn();
    drawSide();
  },
);

/** @param {string} code */
const columnKey = (code) => `${code} ${shown?.day}`;

function drawColumn() {
  if (!pick || !shown?.day || moving) return;
  if (column?.code === columnKey(pick.department)) return paintColumn();
  void askColumn(pick.department);
}

function paintColumn() {
  if (!shown || !pick || !column?.told) return;
  const department = shown.departments.find(({ code }) => code === pick?.department);
  const last = shown.day;
  const rows = readWeeks(column.told, last, WEEKS);
  drawWeeks(required('#hub-weeks'), department?.short ?? '', last, rows, pick.level);
}

function drawSide() {
  const side = required('#hub-side');
  side.classList.toggle('closed', !isOpen());
  required('#hub').classList.toggle('open', isOpen());
  if (!isOpen() || !shown || !pick) return panel.clear();
  const cell = shown.cells.find((one) => pick && keyOf(one) === keyOf(pick)) ?? null;
  const isThere = column?.code === columnKey(pick.department);
  // What is shown of this crossing stays until the answer to the new day is there.
  if (!isThere && panel.crossing === keyOf(pick)) return undefined;
  if (isThere && !column?.told) return panel.say(say('hub_trouble'));
  const feeds = isThere ? column?.told.feeds.filter((/** @type {any} */ one) => one.level === pick?.level) : null;
  return panel.show({ answer: shown, pick, cell, feeds, feed: state().feed });
}

// ---- The page ----

function show() {
  pick = state().cell ?? pick;
  drawSwitch();
  const day = state().day ?? '';
  if (past) slider.show(day || past.last);
  if (!shown || (day || past?.last || shown.day) !== shown.day) void askDay(day);
  else drawBoard();
  drawPick();
}

function drawSwitch() {
  const views = [['hub_view_matrix', false], ['hub_view_list', true]];
  const links = views.map(([name, list]) => {
    const made = element('a', '', say(/** @type {string} */ (name)));
    made.href = addressWith({ list: /** @type {boolean} */ (list) });
    if (state().list === list) made.setAttribute('aria-current', 'true');
    made.addEventListener('click', (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      go({ list: /** @type {boolean} */ (list) });
      /** @type {HTMLElement | null} */ (required('#hub-views').querySelector('[aria-current]'))?.focus();
    });
    return made;
  });
  required('#hub-views').replaceChildren(...links);
  required('#hub-city').replaceChildren(cityChoice());
}

/** The city: nothing where there is one, a choice where there are several. */
function cityChoice() {
  if (cities.length < 2) return '';
  const select = element('select');
  select.setAttribute('aria-label', say('city_word'));
  select.append(...cities.map((one) => {
    const option = element('option', '', facts().lang === 'en' ? one.name_en || one.name : one.name);
    return Object.assign(option, { value: one.code, selected: one.code === city()?.code });
  }));
  select.addEventListener('change', () => {
    kept.clear();
    [shown, past, column, pick] = [null, null, null, null];
    go({ city: select.value, cell: null, feed: null, day: null });
    void load();
  });
  return select;
}

/** Ask for all that is shown anew, quietly. */
export async function refresh() {
  kept.clear();
  column = null;
  panel.forget();
  await Promise.all([askDay(state().day ?? ''), askHistory()]);
}

async function askHistory() {
  const { ok, body } = await get('/api/hub/history', query());
  past = ok && body ? readHistory(body) : null;
  required('#hub-time').classList.toggle('gone', !past);
  if (past) slider.draw(past, state().day ?? past.last);
}

async function load() {
  const chosen = city();
  panel.clock = clockOf(chosen?.timezone ?? 'UTC', facts().lang);
  setZone(chosen?.timezone ?? 'UTC');
  panel.query = query;
  drawSwitch();
  await Promise.all([askDay(state().day ?? ''), askHistory()]);
  drawSide();
}

async function begin() {
  const { ok, body } = await get('/api/cities');
  cities = ok ? body?.cities ?? [] : [];
  if (!state().city && cities.length > 1) {
    const own = cities.find((one) => facts().start === one.code);
    const report = own ? null : await get(`/api/areas/${encodeURIComponent(facts().start)}`);
    const code = own?.code ?? report?.body?.city?.code ?? cities[0].code;
    go({ city: code }, { replace: true });
  }
  await load();
}

export const hub = part((signal) => {
  beginBar(signal);
  closeMenusByKey(signal);
  matrix = new Matrix(required('#hub-matrix'), movePick, (to, byKey) => open(to, { byKey }), signal);
  slider = new DaySlider(required('#hub-time'), (day, how) => moveDay(day, how), signal);
  panel = new Panel(required('#hub-side'), close, (feed) => go({ cell: pick, feed }));
  drawWaitingKeys(required('#hub-keys'));
  followHistory(signal);
  onMove(show);
  WIDE.addEventListener('change', drawPick, { signal });
  PHONE.addEventListener('change', drawBoard, { signal });
  document.addEventListener('keydown', pressed, { signal });
  onStop(signal, () => kept.clear());
  void begin();
});

/** @param {string} day @param {{dragging: boolean, playing: boolean}} how */
function moveDay(day, { dragging, playing }) {
  const to = day === past?.last ? null : day;
  moving = dragging || playing;
  if (dragging || playing) {
    // The address follows when the day stays: a browser allows only so many changes of it in a while.
    return askDay(to ?? '');
  }
  go({ day: to });
  return undefined;
}

/** @param {KeyboardEvent} event */
function pressed(event) {
  const typing = event.target instanceof HTMLElement && event.target.matches('input, textarea, select');
  if (
    event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || document.querySelector('dialog[open], details.menu[open]')
  ) return;
  if (event.key === 'Escape' && state().cell) return close();
  if (typing) return;
  if (event.key === '/' && document.querySelector('#search')) {
    event.preventDefault();
    required('#search').focus();
  }
  if (event.key === '?') {
    event.preventDefault();
    const dialog = element('dialog', '');
    dialog.id = 'keys';
    dialog.setAttribute('aria-label', say('keys'));
    const came = document.activeElement;
    dialog.addEventListener('close', () => {
      dialog.remove();
      if (came instanceof HTMLElement && came.isConnected) came.focus();
    });
    fillKeys(dialog, KEYS);
    document.body.append(dialog);
    openDialog(dialog);
  }
}
