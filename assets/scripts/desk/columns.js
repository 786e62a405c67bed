/** The columns of the table: what each shows, how wide it is, by what it sorts, and which of them a person has chosen. */

import {
  agoCell,
  cardCell,
  caseCell,
  categoryOf,
  deadlineCell,
  momentCell,
  photoCell,
  placeCell,
  severityCell,
  sourceName,
  stageCell,
  textCell,
  unitCell,
} from './cells.js';
import { facts, say } from './facts.js';
import { keep } from './kept/columns_kept.js';

/** Below this width of the table only the most important columns have room. */
export const NARROW_PX = 760;
/** Below this width a case is one card. */
export const CARD_PX = 480;

/**
 * @typedef {{id: string, sort?: string, width?: number, flex?: number, first: boolean, narrow?: boolean, cell: (row: DeskCase) => HTMLElement}} Column
 */

/** @type {Column[]} */
export const COLUMNS = [
  { id: 'severity', sort: 'severity', width: 84, first: true, narrow: true, cell: severityCell },
  { id: 'case', sort: 'number', flex: 1, first: true, narrow: true, cell: caseCell },
  { id: 'number', sort: 'number', width: 168, first: false, cell: (row) => textCell(row.number) },
  { id: 'category', sort: 'category', width: 128, first: false, cell: (row) => textCell(categoryOf(row)) },
  { id: 'photo', width: 60, first: true, narrow: false, cell: photoCell },
  { id: 'deadline', sort: 'due_at', width: 200, first: true, narrow: true, cell: deadlineCell },
  { id: 'stage', sort: 'stage', width: 92, first: true, cell: stageCell },
  { id: 'place', sort: 'area', width: 132, first: true, cell: placeCell },
  { id: 'unit', sort: 'unit', width: 160, first: true, cell: unitCell },
  { id: 'source', sort: 'channel', width: 110, first: false, cell: (row) => textCell(sourceName(row.channel)) },
  { id: 'reported', sort: 'reported_at', width: 120, first: false, cell: (row) => momentCell(row.reported_at) },
  { id: 'changed', sort: 'stage_at', width: 104, first: false, cell: (row) => agoCell(row.stage_at) },
];

/** How wide columns are where there is little room. @type {Record<string, number>} */
const NARROW_WIDTHS = { severity: 48, deadline: 200 };

/** Chosen columns in their order, each with the width that somebody gave it. @type {Map<string, number | null> | null} */
let held = null;

/** @returns {Map<string, number | null>} */
function choice() {
  if (held) return held;
  const kept = (facts().columns ?? []).filter(({ id }) => COLUMNS.some((one) => one.id === id));
  const usual = COLUMNS.filter(({ first }) => first).map(({ id }) => ({ id, width: null }));
  held = new Map((kept.length ? kept : usual).map(({ id, width }) => [id, width]));
  return held;
}

/** Which columns this person wants to see, in their order. */
export const chosenColumns = () => new Set(choice().keys());

/** @param {Set<string>} chosen A new one stands where it usually does. */
export function keepColumns(chosen) {
  const before = choice();
  const order = [...before.keys()].filter((id) => chosen.has(id));
  for (const [place, { id }] of COLUMNS.entries()) {
    if (!chosen.has(id) || order.includes(id)) continue;
    const behind = COLUMNS.slice(0, place).findLast((one) => order.includes(one.id));
    order.splice(behind ? order.indexOf(behind.id) + 1 : 0, 0, id);
  }
  held = new Map(order.map((id) => [id, before.get(id) ?? null]));
  keep(held);
}

/**
 * Somebody has moved columns or made one wider.
 *
 * @param {string[]} order
 * @param {Record<string, number>} widths Of those that were changed.
 */
export function keepLayout(order, widths) {
  const before = choice();
  const wanted = [...order.filter((id) => before.has(id)), ...[...before.keys()].filter((id) => !order.includes(id))];
  held = new Map(wanted.map((id) => [id, widths[id] ?? before.get(id) ?? null]));
  keep(held);
}

/**
 * A renderer for AG Grid: rows that are still on their way show a grey line.
 *
 * @param {(row: DeskCase) => HTMLElement} draw
 */
function renderer(draw) {
  return class {
    constructor() {
      this.shell = document.createElement('div');
      this.shell.className = 'cell';
    }

    /** @param {{data?: DeskCase}} given */
    init(given) {
      this.refresh(given);
    }

    getGui() {
      return this.shell;
    }

    /** @param {{data?: DeskCase}} given */
    refresh({ data }) {
      const ghost = document.createElement('i');
      ghost.className = 'ghost';
      this.shell.replaceChildren(data ? draw(data) : ghost);
      return true;
    }
  };
}

/**
 * Definitions for AG Grid.
 *
 * @param {Set<string>} chosen
 * @param {number} width Of the table.
 * @param {string} sort As in the address.
 */
export function definitions(chosen, width, sort) {
  if (width < CARD_PX) {
    return [{ colId: 'case', headerName: say('column_case'), flex: 1, sortable: false, cellRenderer: renderer(cardCell) }];
  }
  const narrow = width < NARROW_PX;
  const column = sort.replace(/^-/, '');
  let marked = false;
  const own = choice();
  const rank = (/** @type {string} */ id) => ([...own.keys()].indexOf(id) + 1 || COLUMNS.length + 1);
  const ordered = narrow ? COLUMNS : COLUMNS.toSorted((one, other) => rank(one.id) - rank(other.id));
  return ordered.map(({ id, sort: by, width: wide, flex, narrow: kept, cell }) => {
    const given = narrow ? null : own.get(id) ?? null;
    const hide = narrow ? !kept : !chosen.has(id);
    const sorted = !hide && !marked && by === column && !(id === 'case' && chosen.has('number') && !narrow);
    marked ||= sorted;
    return {
      colId: id,
      headerName: say(narrow && id === 'severity' ? 'column_severity_short' : `column_${id}`),
      headerTooltip: say(`column_${id}`),
      cellRenderer: renderer(cell),
      // The case itself takes what is left, but never less than a title needs.
      ...(flex && !given
        ? { flex, minWidth: narrow ? 200 : 280 }
        : { width: given ?? (narrow ? NARROW_WIDTHS[id] : null) ?? wide, minWidth: 48 }),
      ...{ hide, sortable: Boolean(by), sort: sorted ? (sort.startsWith('-') ? 'desc' : 'asc') : null },
      ...{ suppressMovable: narrow, lockVisible: true, context: { by } },
    };
  });
}
