/** The list on paper. The table itself draws only the rows in view, so a plain table is made of what it holds. */

import { state } from '../address.js';
import { box, categoryOf, severityName, sourceName, stageName, titleOf, unitOf } from '../cells.js';
import { area, now } from '../city.js';
import { facts, inLanguage, known, say } from '../facts.js';
import { get } from '../server.js';
import { listQuery } from '../state.js';

/** Cases of one print-out; more belong into a file. */
const MOST = 1000;
const PAGE = 200;
const COLUMNS = ['number', 'case', 'severity', 'category', 'stage', 'deadline', 'place', 'unit', 'source', 'reported'];

/** What the next print-out shows, where it was fetched for that. @type {DeskCase[]} */
const fetched = [];

/** @param {string | null} moment */
const momentText = (moment) => (moment ? area().clock.moment(moment, now()) : '');

/** @param {DeskCase} row @returns {string[]} */
const cellsOf = (row) => [
  row.number,
  titleOf(row),
  severityName(row.severity),
  categoryOf(row),
  stageName(row.stage),
  [momentText(row.due_at), row.state && known(`state_${row.state}`) ? say(`state_${row.state}`) : ''].filter(Boolean).join(' '),
  [inLanguage(row.above_name, row.above_name_en), inLanguage(row.grid_name, row.grid_name_en)].filter(Boolean).join(' '),
  unitOf(row),
  sourceName(row.channel),
  momentText(row.reported_at),
];

/** What is listed, how many, in which order, and the filters in force, as the page says them. */
const listedText = () =>
  ['.listed-name', '.listed-count', '#strip [aria-pressed="true"] .count-label', '#toolrow .filter-chip']
    .flatMap((part) => [...document.querySelectorAll(part)].map((one) => one.textContent?.trim() ?? ''))
    .filter(Boolean).join(' · ');

/** @param {DeskCase[]} rows */
function sheet(rows) {
  const head = box('tr', '', ...COLUMNS.map((id) => box('th', '', say(`column_${id}`))));
  const body = rows.map((row) => box('tr', '', ...cellsOf(row).map((text) => box('td', '', text))));
  const count = say('printed_note', { n: rows.length, time: momentText(new Date().toISOString()), who: facts().shown });
  return box(
    'section',
    'on-paper',
    box('h1', '', document.querySelector('#crumb')?.textContent ?? ''),
    box('p', '', `${listedText()} · ${count}`),
    box('table', '', box('thead', '', head), box('tbody', '', ...body)),
  );
}

/** Who has printed a case, and when: paper outlives what it says. */
const paperNote = () =>
  box('p', 'paper-note', say('paper_note', { who: facts().shown, time: area().clock.moment(Date.now(), Date.now()) }));

const removePaper = () => document.querySelectorAll('.on-paper, .paper-note').forEach((one) => one.remove());

/** @param {() => DeskCase[]} rows Those that the table holds: enough where somebody prints without asking the menu. */
export function beginPaper(rows) {
  addEventListener('beforeprint', () => {
    removePaper();
    if (state().case) document.querySelector('#drawer .drawer-body')?.append(paperNote());
    else document.body.append(sheet(fetched.length ? fetched : rows()));
  });
  addEventListener('afterprint', () => {
    removePaper();
    fetched.length = 0;
  });
}

/** Fetch what the list holds, up to what fits on paper, and print it. */
export async function printList() {
  const query = listQuery(state(), facts());
  query.set('limit', String(PAGE));
  query.set('counts', 'false');
  fetched.length = 0;
  for (let cursor = ''; fetched.length < MOST;) {
    if (cursor) query.set('cursor', cursor);
    const { ok, body } = await get('/api/cases', query);
    if (!ok) break;
    fetched.push(...body.cases);
    if (!body.next) break;
    cursor = body.next;
  }
  globalThis.print();
}
