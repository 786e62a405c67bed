/** The table of cases: AG Grid with rows that are asked for page by page while somebody scrolls. The server sorts, filters and counts. */

import { required } from '../dom.js';
import { onStop } from '../lifecycle.js';
import { CARD_PX, definitions, keepLayout, NARROW_PX } from './columns.js';
import { facts, say } from './facts.js';
import { boxColumn } from './many/boxes.js';
import { toggle } from './many/chosen.js';
import { isChoosing, onChoosing } from './many/choosing.js';
import { Pages } from './pages.js';

const ID = 'cases';
export const PAGE = 100;
/** Of longer lists the scroll bar grows while they are read: nobody drags it into the middle of a million cases. */
const MOST_KNOWN = 2000;
const ROW_PX = 44;
const CARD_ROW_PX = 96;
/** The grid's own words; most are never shown. */
const GRID_WORDS = ['noRowsToShow', 'loadingOoo', 'ariaRowSelect', 'ariaRowDeselect', 'ariaRowToggleSelection', 'ariaSortableColumn'];

/**
 * What the page is told: somebody selects a row, another case is selected (in whichever way), a row is opened, the order is another one, other rows are in view.
 *
 * @typedef {{
 *   select: (row: DeskCase) => void, selected: () => void, open: (row: DeskCase) => void, sort: (order: string) => void, view: () => void,
 *   ask: (query: URLSearchParams, cursor: string | null) => Promise<{cases: DeskCase[], next: string | null, total: number | null}>,
 * }} Heard
 */

export class CaseTable {
  /**
   * @param {HTMLElement} host
   * @param {Heard} heard
   */
  constructor(host, heard) {
    this.host = host;
    this.heard = heard;
    /** @type {any} */
    this.api = null;
    this.pages = new Pages(() => Promise.resolve({ cases: [], next: null }));
    this.query = new URLSearchParams();
    this.order = '';
    this.chosen = new Set();
    /** @type {string | null} */
    this.selected = null;
    /** How many the list holds, where that is known. @type {number | null} */
    this.total = null;
    /** Grows with each list: answers to an older one are not wanted. */
    this.turn = 0;
    /** Which columns are drawn, so that they are made anew only when they are others. */
    this.kind = '';
  }

  /**
   * Draw the table.
   *
   * @param {AbortSignal} signal
   */
  async begin(signal) {
    const library = /** @type {any} */ (globalThis);
    const nonce = document.querySelector('[nonce]');
    const localeText = Object.fromEntries(GRID_WORDS.map((name) => [name, say(`grid_${name}`)]));
    const options = {
      ...{ rowHeight: this.rowHeight(), headerHeight: 36, cacheBlockSize: PAGE, maxConcurrentDatasourceRequests: 1, animateRows: false },
      ...{ rowSelection: { mode: 'singleRow', checkboxes: false, enableClickSelection: true }, suppressDragLeaveHidesColumns: true },
      ...{ localeText, styleNonce: nonce instanceof HTMLElement ? nonce.nonce : '', suppressMultiSort: true, infiniteInitialRowCount: 20 },
      ...{ tooltipShowDelay: 600, suppressHeaderFocus: false, enableCellTextSelection: true },
    };
    /** The grid is ready when it asks for rows: from then on it asks us. @type {PromiseWithResolvers<void>} */
    const ready = Promise.withResolvers();
    const setProps = (/** @type {any} */ { getRowsRequest: first }) => {
      if (!first) return;
      first.failCallback(); // otherwise it would wait for these rows before it asks for others
      ready.resolve();
    };
    const props = { id: ID, rowModelType: 'infinite', columnDefs: [], getRowId: 'params.data.number', columnSize: null };
    const grid = library.React.createElement(library.dash_ag_grid.AgGrid, {
      ...props,
      ...{ dashGridOptions: options, className: 'table-grid', style: { height: '100%', width: '100%' }, setProps },
    });
    const root = library.ReactDOM.createRoot(this.host);
    root.render(grid);
    onStop(signal, () => root.unmount());
    await ready.promise;
    this.api = library.dash_ag_grid.getApi(ID);
    this.listen();
    onChoosing(() => this.layout());
    this.layout();
    const watch = new ResizeObserver(() => this.layout());
    watch.observe(this.host);
    onStop(signal, () => watch.disconnect());
  }

  listen() {
    this.api.addEventListener('rowClicked', (/** @type {any} */ { data }) => data && this.touched(data));
    this.api.addEventListener('cellFocused', (/** @type {any} */ { rowIndex }) => this.focused(rowIndex));
    this.api.addEventListener('bodyScrollEnd', () => this.heard.view());
    this.api.addEventListener('columnMoved', (/** @type {any} */ told) => this.keepLayout(told));
    this.api.addEventListener('columnResized', (/** @type {any} */ told) => this.keepLayout(told));
    this.api.addEventListener('modelUpdated', () => {
      this.markSelected();
      this.heard.view();
    });
  }

  /** @param {DeskCase} row */
  touched(row) {
    if (this.isCard() && isChoosing()) toggle(row);
    else this.heard.open(row);
  }

  /** What somebody does to columns by hand stays. @param {{finished: boolean, source: string, type: string, column: any}} told */
  keepLayout({ finished, source, type, column }) {
    if (!finished || !source?.startsWith('ui') || this.host.clientWidth < NARROW_PX) return;
    /** @type {any[]} */
    const shown = this.api.getAllDisplayedColumns();
    const order = shown.map((one) => one.getColId()).filter((id) => id !== 'box');
    keepLayout(order, type === 'columnResized' && column ? { [column.getColId()]: Math.round(column.getActualWidth()) } : {});
  }

  isCard() {
    return this.host.clientWidth < CARD_PX;
  }

  rowHeight() {
    return this.isCard() ? CARD_ROW_PX : ROW_PX;
  }

  /** Columns as wide as there is room, after the window or the chosen columns have changed. */
  layout() {
    const width = this.host.clientWidth;
    const kind = `${width < CARD_PX ? 'card' : width < NARROW_PX ? 'narrow' : 'wide'} ${[...this.chosen]} ${this.order} ${isChoosing()}`;
    if (!this.api || !width || kind === this.kind) return;
    const heights = this.kind !== '' && this.kind.startsWith('card') !== kind.startsWith('card');
    this.kind = kind;
    this.host.classList.toggle('narrow', width < NARROW_PX);
    required('#desk').classList.toggle('as-cards', this.isCard());
    const boxes = facts().bulk.length && (!this.isCard() || isChoosing()) ? [boxColumn(() => this.pages)] : [];
    this.api.setGridOption('columnDefs', [...boxes, ...definitions(this.chosen, width, this.order)]);
    this.api.setGridOption('headerHeight', this.isCard() ? 0 : 36);
    if (heights || this.isCard()) {
      this.api.setGridOption('rowHeight', this.rowHeight());
      this.api.purgeInfiniteCache();
    }
  }

  /**
   * Show another list.
   *
   * @param {URLSearchParams} query
   * @param {Set<string>} chosen Columns.
   */
  show(query, chosen) {
    this.query = query;
    this.chosen = chosen;
    this.order = query.get('sort') ?? '';
    this.turn += 1;
    this.total = null;
    const turn = this.turn;
    this.pages = new Pages(async (cursor) => {
      const found = await this.heard.ask(query, cursor);
      if (turn === this.turn && found.total !== null) this.total = found.total;
      return found;
    });
    this.layout();
    this.api.setGridOption('datasource', { getRows: (/** @type {any} */ wanted) => void this.getRows(wanted) });
  }

  /** The same columns in another choice. @param {Set<string>} chosen */
  choose(chosen) {
    this.chosen = chosen;
    this.layout();
  }

  /** @param {any} wanted */
  async getRows({ startRow, endRow, sortModel, successCallback, failCallback }) {
    const order = this.readOrder(sortModel);
    if (order && order !== this.order) return this.heard.sort(order);
    const pages = this.pages;
    try {
      const rows = await pages.take(startRow, endRow);
      if (pages !== this.pages) return failCallback();
      const known = this.total !== null && this.total <= MOST_KNOWN && !pages.complete ? this.total : -1;
      successCallback(rows, pages.complete ? pages.rows.length : known);
      this.api.setGridOption('loading', false);
      if (!pages.rows.length) this.api.showNoRowsOverlay();
      else this.api.hideOverlay();
    } catch {
      failCallback();
    }
  }

  /** The order that somebody has chosen in the head of the table. @param {{colId: string, sort: string}[]} model */
  readOrder(model) {
    if (!model?.length) return '';
    const by = this.api.getColumnDef(model[0].colId)?.context?.by;
    return by ? `${model[0].sort === 'desc' ? '-' : ''}${by}` : '';
  }

  // ---- One row ----

  /** @param {number | null} place */
  focused(place) {
    const node = place === null ? null : this.api.getDisplayedRowAtIndex(place);
    if (!node?.data || node.data.number === this.selected) return;
    this.heard.select(node.data);
  }

  /** Select a case, where it is on screen or was read. @param {string | null} number */
  select(number) {
    const other = this.selected !== number;
    this.selected = number;
    if (this.api) this.markSelected();
    if (other) this.heard.selected();
  }

  markSelected() {
    const node = this.selected === null ? null : this.api.getRowNode(this.selected);
    if (node) {
      if (!node.isSelected()) node.setSelected(true, true);
    } else this.api.deselectAll();
  }

  /** Move to the next case, or the one before; says which one it is. @param {number} by */
  async move(by) {
    const place = this.selected === null ? -1 : (this.pages.places.get(this.selected) ?? -1);
    const wanted = Math.max(0, place + by);
    const [row] = await this.pages.take(wanted, wanted + 1);
    if (!row) return null;
    this.api?.ensureIndexVisible(wanted);
    return row;
  }

  /** Put the focus into the table, on the row of the selected case. */
  focus() {
    if (!this.api) return;
    const place = this.selected === null ? 0 : (this.pages.places.get(this.selected) ?? 0);
    const column = this.api.getAllDisplayedColumns().find((/** @type {any} */ one) => one.getColId() !== 'box');
    if (column && this.pages.rows.length) this.api.setFocusedCell(place, column);
  }

  /**
   * A case has changed: its row is drawn anew where it stands, and shows for a moment that somebody did something.
   *
   * @param {string} number
   * @param {Partial<DeskCase>} changes
   * @param {boolean} told Whether the change is somebody else's.
   */
  patch(number, changes, told = true) {
    const row = this.pages.patch(number, changes);
    const node = row && this.api?.getRowNode(number);
    if (!node) return;
    node.setData(row);
    if (!told) return;
    for (const line of this.host.querySelectorAll(`[row-id="${CSS.escape(number)}"]`)) {
      line.classList.remove('told');
      void (/** @type {HTMLElement} */ (line)).offsetWidth;
      line.classList.add('told');
    }
  }

  /** The cases on screen, and the places of the first and the last. */
  inView() {
    if (!this.api) return { first: -1, last: -1, rows: [] };
    const { top, bottom } = this.api.getVerticalPixelRange();
    const first = Math.round(top / this.rowHeight());
    const rows = this.pages.rows.slice(first, Math.max(first, Math.floor(bottom / this.rowHeight())));
    return { first, last: first + rows.length - 1, rows };
  }

  /** A column is drawn anew, because what stands beside its values has changed. @param {string} column */
  redraw(column) {
    this.api?.refreshCells({ force: true, suppressFlash: true, columns: [column] });
  }

  /** Deadlines move on: what is on screen is drawn anew. */
  tick() {
    if (this.api) this.api.refreshCells({ force: true, suppressFlash: true });
  }
}
