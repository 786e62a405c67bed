/** The city's calendar: until when it is official, the year, its hours; uploading a year's notice with what it settles. */

import { box } from '../desk/cells.js';
import { facts, inLanguage, say } from '../desk/facts.js';
import { element } from '../dom.js';
import { read, sendCalendar, sentences } from './asking.js';
import { fault } from './chooser.js';
import { ask, button, count, effectTold, faster, history, notice, signButton, tell } from './parts.js';
import { hoursSection } from './hours.js';
import { field } from './routing.js';

/** @type {any} */
let held = null;
/** @type {(year: number) => void} */
let onYear = () => {};

/**
 * Show the tab.
 *
 * @param {HTMLElement} panel
 * @param {string} city
 * @param {number | null} year
 * @param {(year: number) => void} changed
 */
export async function showCalendar(panel, city, year, changed) {
  onYear = changed;
  const answer = await read('calendar', city);
  if (!answer.ok) return panel.replaceChildren(notice('wrong', sentences(answer)));
  held = answer.body;
  draw(panel, year ?? Number(held.city.today.slice(0, 4)));
}

/** @param {HTMLElement} panel @param {number} year */
function draw(panel, year) {
  const { city, gazetted_until: until, region, provisional } = held;
  const official = until ? say('gazetted_until', { day: until }) : held.region ? say('follows_law', { region }) : say('no_calendar');
  const waiting = provisional ? say('provisional_cases', { n: count(provisional) }) : say('nothing_provisional');
  const asked = new URLSearchParams({ city: city.code, lang: facts().lang });
  /** @param {string} text @param {string} more */
  const download = (text, more) => {
    const made = element('a', 'button second small', text);
    made.href = `/api/rules/calendar.csv?${asked}${more}`;
    made.download = '';
    return made;
  };
  const tools = box(
    'div',
    'rule-tools',
    city.may_change ? button(say('upload_calendar'), () => upload(panel), 'small') : element('span', 'hint', say('read_only')),
    download(say('download_year', { year }), `&year=${year}`),
    download(say('download_template'), '&template=true'),
  );
  panel.replaceChildren(...[
    box('div', 'official', element('p', until && until.slice(0, 4) < String(year) ? 'late' : '', official), element('p', 'dim', waiting)),
    tools,
    box(
      'div',
      'year-head',
      signButton('previous', say('year_before'), () => onYear(year - 1)),
      element('h2', '', String(year)),
      signButton('next', say('year_after'), () => onYear(year + 1)),
      legend(),
    ),
    yearTable(year),
    hoursSection(held, () => showCalendar(panel, city.code, year, onYear), (sentence) => panel.prepend(notice('good', [sentence]))),
    history(held.changes, null),
  ].filter((one) => one !== null));
}

function legend() {
  return box(
    'span',
    'day-legend',
    ...['off', 'work', 'unsure'].map((kind) => box('span', '', element('i', `day-${kind}`), say(`day_${kind}`))),
  );
}

/** @param {number} year */
function yearTable(year) {
  const days = new Map(held.days.map((/** @type {any} */ one) => [one.day, one]));
  const months = [...Array(12).keys()].map((month) => monthTable(year, month, days));
  return box('div', 'year', ...months);
}

/** @param {number} year @param {number} month @param {Map<string, any>} days */
function monthTable(year, month, days) {
  const lang = facts().lang === 'zh' ? 'zh-CN' : 'en';
  const made = element('table', 'month');
  made.append(element('caption', '', new Date(year, month, 1).toLocaleString(lang, { month: 'long' })));
  const heads = element('tr');
  for (let day = 0; day < 7; day += 1) {
    const head = element('th', '', new Date(2024, 0, 1 + day).toLocaleString(lang, { weekday: 'narrow' }));
    head.scope = 'col';
    head.abbr = new Date(2024, 0, 1 + day).toLocaleString(lang, { weekday: 'long' });
    heads.append(head);
  }
  const top = element('thead');
  top.append(heads);
  const body = element('tbody');
  let line = element('tr');
  const first = (new Date(year, month, 1).getDay() + 6) % 7;
  for (let skip = 0; skip < first; skip += 1) line.append(element('td'));
  const last = new Date(year, month + 1, 0).getDate();
  for (let day = 1; day <= last; day += 1) {
    if (line.children.length === 7) {
      body.append(line);
      line = element('tr');
    }
    line.append(dayCell(`${year}-${String(month + 1).padStart(2, '0')}-${String(day).padStart(2, '0')}`, day, days));
  }
  body.append(line);
  made.append(top, body);
  return made;
}

/** @param {string} date @param {number} day @param {Map<string, any>} days */
function dayCell(date, day, days) {
  const special = days.get(date);
  const cell = element('td', special ? `day-${special.kind}` : '', String(day));
  if (held.gazetted_until && date > held.gazetted_until) cell.classList.add('day-unsure');
  if (special) {
    const name = inLanguage(special.name, special.name_en) || say(`day_${special.kind}`);
    cell.title = `${date} ${name}${special.origin === 'uploaded' ? ` (${say('uploaded')})` : ''}`;
    cell.append(element('span', 'unseen', ` ${name}`));
    if (special.kind === 'work') cell.append(element('sup', '', say('work_mark')));
  }
  if (date === held.city.today) cell.setAttribute('aria-current', 'date');
  return cell;
}

/** @param {HTMLElement} panel */
function upload(panel) {
  const { city } = held;
  const input = element('input');
  Object.assign(input, { type: 'file', id: 'field-file', name: 'file', accept: '.csv,text/csv', required: true });
  const title = element('label', '', say('calendar_file'));
  title.htmlFor = input.id;
  const next = `${Number(city.today.slice(0, 4)) + (city.today.slice(5, 7) >= '10' ? 1 : 0)}-12-31`;
  const until = field('until', say('complete_until'), next, { type: 'date' });
  const place = box('div', 'foretold');
  place.setAttribute('aria-live', 'polite');
  let foretold = '';
  const dialog = ask(
    say('upload_calendar'),
    [
      element('p', 'hint', say('upload_note')),
      box('div', 'field', title, input, fault('file')),
      until,
      element('p', 'hint', say('until_note')),
      place,
    ],
    say('foretell'),
    async (form) => {
      const file = input.files?.[0];
      if (!file) {
        place.replaceChildren(notice('wrong', [say('choose_file')]));
        return false;
      }
      const last = String(new FormData(form).get('until') ?? '');
      const query = { city: city.code, seen: held.seen, ...(last ? { until: last } : {}) };
      const told = JSON.stringify([query, file.name, file.size, file.lastModified]);
      const sure = foretold === told;
      const answer = await sendCalendar(file, sure ? query : { ...query, preview: 'true' });
      const action = form.querySelector('.actions button:not([type="button"])');
      if (answer.ok && !sure) {
        foretold = told;
        const days = answer.body.days;
        const changed = days.length
          ? say('days_changed', { n: days.length, days: days.slice(0, 20).join(say('comma')) })
          : say('no_days_changed');
        place.replaceChildren(element('p', '', changed), effectTold(answer.body.effect, city.code));
        if (action) action.textContent = say('confirm');
        return false;
      }
      if (answer.ok) {
        await showCalendar(panel, city.code, Number((last || city.today).slice(0, 4)), onYear);
        const sentence = say('calendar_saved', { n: count(answer.body.effect.touched), settled: count(answer.body.effect.settled) });
        panel.prepend(notice('good', [sentence]));
        tell(sentence);
        return true;
      }
      foretold = '';
      if (action) action.textContent = say('foretell');
      if (answer.status !== 409) place.replaceChildren(notice('wrong', sentences(answer)));
      else {
        const error = answer.body.error;
        const keep = () => {
          held.seen = error.version;
          place.replaceChildren(notice('', [say('kept_mine')]));
        };
        place.replaceChildren(faster(error, keep, () => {
          dialog.close();
          void showCalendar(panel, city.code, null, onYear);
        }));
      }
      return false;
    },
  );
}
