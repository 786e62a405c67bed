/** The boxes of the table. */

import { box } from '../cells.js';
import { say } from '../facts.js';
import { choose, chooseTo, isChosen, onChosen, release, toggle } from './chosen.js';

/** @param {string} label @param {(event: MouseEvent, input: HTMLInputElement) => void} act */
function makeBox(label, act) {
  const input = document.createElement('input');
  input.type = 'checkbox';
  input.tabIndex = -1;
  input.setAttribute('aria-label', label);
  const shell = box('label', 'choose-box', input);
  // The row behind it is not opened, and its cell is not selected.
  for (const kind of ['mousedown', 'pointerdown', 'dblclick']) shell.addEventListener(kind, (event) => event.stopPropagation());
  shell.addEventListener('click', (event) => {
    event.stopPropagation();
    if (event.target === input) act(event, input);
  });
  return { shell, input };
}

/**
 * The first column of the table.
 *
 * @param {() => {rows: DeskCase[], places: Map<string, number>}} pages What was read of the list.
 */
export function boxColumn(pages) {
  class Cell {
    constructor() {
      this.row = /** @type {DeskCase | undefined} */ (undefined);
      const { shell, input } = makeBox('', (event) => {
        if (!this.row) return;
        if (event.shiftKey) chooseTo(this.row, pages());
        else toggle(this.row);
      });
      this.shell = shell;
      this.input = input;
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
      this.row = data;
      this.shell.hidden = !data;
      if (!data) return true;
      this.input.dataset.number = data.number;
      this.input.setAttribute('aria-label', say('choose_case', { number: data.number }));
      this.input.checked = isChosen(data.number);
      return true;
    }
  }
  class Head {
    init() {
      const { shell, input } = makeBox(say('choose_read'), () => {
        const { rows } = pages();
        if (rows.length && rows.every(({ number }) => isChosen(number))) release(rows.map(({ number }) => number));
        else choose(rows);
      });
      input.dataset.all = '';
      input.tabIndex = 0;
      this.shell = shell;
    }

    getGui() {
      return this.shell;
    }

    refresh() {
      return true;
    }
  }
  return {
    ...{ colId: 'box', headerName: '', width: 44, minWidth: 44, maxWidth: 44, sortable: false, resizable: false, suppressMovable: true },
    ...{ lockPosition: 'left', cellRenderer: Cell, headerComponent: Head, headerTooltip: say('choose_read') },
  };
}

/**
 * Boxes on screen follow what is chosen.
 *
 * @param {HTMLElement} table
 * @param {() => {rows: DeskCase[]}} pages
 */
export function followChosen(table, pages) {
  onChosen(() => {
    for (const input of table.querySelectorAll('input[data-number]')) {
      if (input instanceof HTMLInputElement) input.checked = isChosen(input.dataset.number ?? '');
    }
    const head = table.querySelector('input[data-all]');
    if (!(head instanceof HTMLInputElement)) return;
    const { rows } = pages();
    const some = rows.some(({ number }) => isChosen(number));
    head.checked = some && rows.every(({ number }) => isChosen(number));
    head.indeterminate = some && !head.checked;
  });
}
