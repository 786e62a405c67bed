/** The matrix: departments crossed with levels, drawn as a table, and the pick drawn as 井. */

import { box } from '../desk/cells.js';
import { facts, say } from '../desk/facts.js';
import { element } from '../dom.js';
import { onStop } from '../lifecycle.js';
import { BAR_FROM, barFilled, percent, whole } from './numbers.js';
import { classOf, keyOf, layOut, moved, toneOf } from './reckoning.js';
import { stateSymbol } from './symbols.js';
import { cellState, crossingText, levelName, short } from './words.js';

/** Narrower columns show the symbol alone. */
const FULL_COLUMN = 38;
/** Between two cells. */
const GAP = 2;
/** English names of levels, and “100.0 % on time” below them, are longer. */
const ROW_HEAD = { zh: 86, en: 104 };
const NARROW_HEAD = 56;
/** The lines of the pick run so far past the table. */
const PAST = 7;

const rowHead = () => (facts().lang === 'en' ? ROW_HEAD.en : ROW_HEAD.zh);

export class Matrix {
  /**
   * @param {HTMLElement} host
   * @param {(pick: HubPick) => void} pick
   * @param {(pick: HubPick, byKey: boolean) => void} open
   * @param {AbortSignal} signal
   */
  constructor(host, pick, open, signal) {
    this.host = host;
    this.pick = pick;
    this.open = open;
    /** @type {HubAnswer | null} */
    this.answer = null;
    /** @type {HubPick | null} */
    this.picked = null;
    /** @type {Map<string, HTMLTableCellElement>} */
    this.cells = new Map();
    /** @type {Map<string, HTMLElement>} */
    this.heads = new Map();
    this.built = '';
    this.well = box('div', 'hub-well');
    this.lines = ['above', 'below', 'left', 'right', 'across', 'along'].map((name) => {
      const line = box('i', `hub-line ${name}`);
      line.setAttribute('aria-hidden', 'true');
      return line;
    });
    host.replaceChildren(this.well);
    const seen = new ResizeObserver(() => this.fit());
    seen.observe(host);
    onStop(signal, () => seen.disconnect());
    host.addEventListener('keydown', (event) => this.pressed(event), { signal });
    host.addEventListener('click', (event) => this.clicked(event), { signal });
  }

  /** @param {HubAnswer} answer */
  draw(answer) {
    this.answer = answer;
    const frame = JSON.stringify([answer.departments, answer.levels]);
    if (frame !== this.built) this.build(answer);
    this.built = frame;
    const { rows } = layOut(answer);
    for (const { level, cells, feeds } of rows) {
      cells.forEach((cell, n) => fill(this.cells.get(`${level}.${answer.departments[n].code}`), level, answer.departments[n].short, cell));
      fillHead(this.heads.get(level), level, feeds, answer.on_time?.[level] ?? null);
    }
    this.select(this.picked);
  }

  /** @param {HubAnswer} answer */
  build(answer) {
    const { departments, levels } = answer;
    const { groups } = layOut(answer);
    this.cells.clear();
    this.heads.clear();
    const begins = new Set(groups.map(({ from }) => from));
    const table = element('table', 'hub-table');
    table.setAttribute('role', 'grid');
    table.setAttribute('aria-label', say('hub_matrix_label'));
    const top = element('tr', '');
    top.append(element('td', ''));
    for (const { name, size } of groups) {
      const th = box('th', 'hub-group', element('span', '', name));
      Object.assign(th, { colSpan: size, scope: 'colgroup', title: name });
      top.append(th);
    }
    const names = element('tr', 'hub-names');
    names.append(element('td', ''));
    departments.forEach(({ code, name, short: brief }, n) => {
      const th = box('th', begins.has(n) ? 'hub-name first' : 'hub-name', element('span', '', brief || name));
      Object.assign(th, { scope: 'col', title: name });
      th.dataset.department = code;
      this.heads.set(code, th);
      names.append(th);
    });
    const body = element('tbody', '');
    for (const level of levels) {
      const row = element('tr', '');
      const th = element('th', 'hub-level');
      th.scope = 'row';
      th.dataset.level = level;
      this.heads.set(level, th);
      row.append(th);
      for (const { code } of departments) {
        const td = element('td', 'hub-cell');
        td.dataset.cell = `${level}.${code}`;
        td.tabIndex = -1;
        this.cells.set(`${level}.${code}`, td);
        row.append(td);
      }
      body.append(row);
    }
    const columns = element('colgroup', '');
    columns.append(element('col', 'hub-col-head'), ...departments.map(() => element('col', '')));
    table.append(columns, box('thead', '', top, names), body);
    this.well.style.setProperty('--columns', String(departments.length));
    this.well.replaceChildren(...this.lines, table);
    this.fit();
  }

  /** As wide as there is room, and with symbols alone where columns are narrow. */
  fit() {
    if (!this.answer) return;
    const n = this.answer.departments.length;
    const room = this.host.clientWidth - 2 * PAST;
    this.well.classList.toggle('compact', (room - rowHead() - GAP * (n + 2)) / n < FULL_COLUMN);
    this.well.style.setProperty('--head', `${this.well.classList.contains('compact') ? NARROW_HEAD : rowHead()}px`);
    this.place();
  }

  /**
   * Draw the pick.
   *
   * @param {HubPick | null} pick
   * @param {{focus?: boolean}} [how]
   */
  select(pick, { focus = false } = {}) {
    this.picked = pick;
    const key = pick ? keyOf(pick) : '';
    for (const [name, td] of this.cells) {
      td.setAttribute('aria-selected', String(name === key));
      td.tabIndex = name === key ? 0 : -1;
    }
    if (!this.cells.has(key)) [...this.cells.values()].slice(0, 1).forEach((td) => (td.tabIndex = 0));
    for (const [name, head] of this.heads) head.classList.toggle('on', name === pick?.level || name === pick?.department);
    this.place();
    if (focus) this.cells.get(key)?.focus();
  }

  /** The two lines around the row and the two around the column. */
  place() {
    const td = this.picked ? this.cells.get(keyOf(this.picked)) : null;
    this.lines.forEach((line) => (line.hidden = !td));
    const table = this.well.querySelector('table');
    const row = td?.parentElement;
    if (!td || !table || !row) return;
    const [above, below, left, right, tintRow, tintColumn] = this.lines;
    const top = this.heads.get(this.picked?.department ?? '')?.offsetTop ?? 0;
    const [x, y] = [table.offsetLeft, table.offsetTop];
    const wide = { left: x - PAST, width: table.offsetWidth + 2 * PAST };
    const high = { top: y + top - PAST, height: table.offsetHeight - top + 2 * PAST };
    const [start, end] = [x + td.offsetLeft, x + td.offsetLeft + td.offsetWidth];
    const [head, foot] = [y + row.offsetTop, y + row.offsetTop + row.offsetHeight];
    set(above, { ...wide, top: head - 3, height: 3 });
    set(below, { ...wide, top: foot, height: 3 });
    set(left, { ...high, left: start - 3, width: 3 });
    set(right, { ...high, left: end, width: 3 });
    set(tintRow, { ...wide, top: head, height: foot - head });
    set(tintColumn, { ...high, left: start, width: end - start });
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    const at = this.cellOf(event);
    if (!at || !this.answer || event.altKey || event.metaKey) return;
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      return this.open(at, true);
    }
    const to = moved(at, event, this.answer);
    if (!to) return;
    event.preventDefault();
    this.select(to, { focus: true });
    this.pick(to);
  }

  /** @param {MouseEvent} event */
  clicked(event) {
    const at = this.cellOf(event);
    if (at) return this.open(at, false);
    const head = event.target instanceof Element ? event.target.closest('.hub-name, .hub-level') : null;
    if (!(head instanceof HTMLElement) || !this.picked) return;
    const to = { ...this.picked, ...head.dataset };
    this.pick({ level: to.level, department: to.department });
  }

  /** The crossing that an event came from. @param {Event} event @returns {HubPick | null} */
  cellOf(event) {
    const td = event.target instanceof Element ? event.target.closest('.hub-cell') : null;
    const [level, department] = td instanceof HTMLElement ? (td.dataset.cell ?? '').split('.') : [];
    return level ? { level, department } : null;
  }
}

/** @param {HTMLElement} line @param {Record<string, number>} places */
const set = (line, places) => Object.assign(line.style, Object.fromEntries(Object.entries(places).map(([side, n]) => [side, `${n}px`])));

/**
 * A cell: symbol and number of feeds, state, records, completeness and its bar.
 *
 * @param {HTMLTableCellElement | undefined} td
 * @param {string} level
 * @param {string} department
 * @param {HubCell | null} cell
 */
function fill(td, level, department, cell) {
  if (!td) return;
  const tone = toneOf(cell);
  const text = crossingText(level, department, cell);
  if (td.getAttribute('aria-label') === text && td.dataset.tone === tone) return;
  td.setAttribute('aria-label', text);
  td.title = text;
  td.dataset.tone = tone;
  td.className = `hub-cell ${classOf(tone)}`;
  if (!cell || tone === 'none' || tone === 'hidden') return td.replaceChildren(stateSymbol(tone));
  const { completeness, records } = cell;
  const bar = box('i', 'hub-bar', box('i', ''));
  bar.style.setProperty('--filled', `${100 * barFilled(completeness ?? null, BAR_FROM)}%`);
  td.replaceChildren(
    box('span', 'hub-top', stateSymbol(tone), element('span', '', String(cell.feeds))),
    element('span', 'hub-state', cellState(cell)),
    element('span', '', typeof records === 'number' && records > 0 ? short(records) : '—'),
    element('span', 'hub-share', typeof completeness === 'number' ? `${percent(completeness)}%` : ''),
    typeof completeness === 'number' ? bar : '',
  );
}

/**
 * @param {HTMLElement | undefined} th
 * @param {string} level
 * @param {number} feeds
 * @param {number | null} onTime
 */
function fillHead(th, level, feeds, onTime) {
  th?.replaceChildren(
    element('b', '', levelName(level)),
    element('span', 'hub-small', feeds ? say('hub_feeds', { n: whole(feeds) }) : say('hub_no_feeds')),
    element('span', 'hub-small', onTime === null ? '' : say('hub_on_time_share', { n: percent(onTime) })),
  );
}
