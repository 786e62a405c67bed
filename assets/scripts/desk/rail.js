/** The rail at the left: queues, categories and severities, each a filter. */

import { required } from '../dom.js';
import { addressOf, go, state } from './address.js';
import { box, severityName } from './cells.js';
import { area } from './city.js';
import { countText, kindText } from './counts.js';
import { facts, inLanguage, say } from './facts.js';
import { icon, severityBars } from './icons.js';
import { savedLines } from './kept/saved.js';
import { QUEUES, toggled } from './state.js';

/** The queues that this person has. */
export const ownQueues = () => QUEUES.filter((queue) => queue !== 'unit' || facts().units.length > 0);

/** @param {string} queue */
export const queueName = (queue) => (queue === 'area' ? area().name : say(`queue_${queue}`));

/** @typedef {(sign: Node, text: string, number: string, on: boolean, target: DeskState) => HTMLAnchorElement} MakeLine */

/**
 * A line: a link, so that it can be opened elsewhere, too.
 *
 * @param {Node} sign
 * @param {string} text
 * @param {string} number
 * @param {boolean} on
 * @param {DeskState} target
 */
function line(sign, text, number, on, target) {
  const made = box('a', 'line', sign, box('span', 'line-text', text), box('span', 'line-count', number));
  made.href = addressOf(target);
  made.dataset.line = text;
  if (number === '0') made.classList.add('none');
  if (on) made.setAttribute('aria-current', 'true');
  made.addEventListener('click', (event) => {
    if (event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    go(target);
  });
  return made;
}

/** @typedef {Awaited<ReturnType<typeof import('./counts.js').countKinds>>} Kinds */

/** The lines of the queues. @param {Record<string, {n: number, more: boolean} | undefined>} queues */
const queueLines = (queues) =>
  ownQueues().map((queue) => line(icon(queue), queueName(queue), countText(queues[queue]), state().queue === queue, { ...state(), queue }));

/**
 * @param {Record<string, {n: number, more: boolean} | undefined>} queues
 * @param {Kinds} kinds
 */
export function paintRail(queues, kinds) {
  const now = state();
  const order = Object.entries(area().categories).sort(([, one], [, other]) => one.ordinal - other.ordinal);
  const categories = order.map(([code, names]) =>
    line(
      icon(names.symbol),
      inLanguage(names.name, names.name_en) || code,
      kinds ? kindText(kinds.categories[code], kinds.complete) : '',
      now.categories.includes(code),
      toggled(now, 'categories', code),
    )
  );
  const severities = facts().severities.map((severity) =>
    line(
      severityBars(severity),
      severityName(severity),
      kinds ? kindText(kinds.severities[severity], kinds.complete) : '',
      now.severities.includes(String(severity)),
      toggled(now, 'severities', String(severity)),
    )
  );
  const rail = required('#rail');
  const held = document.activeElement instanceof HTMLElement && rail.contains(document.activeElement)
    ? document.activeElement.dataset.line
    : null;
  rail.replaceChildren(
    box('h2', '', say('queues')),
    ...queueLines(queues),
    savedLines(line),
    ...(categories.length ? [box('h2', '', say('categories')), ...categories] : []),
    box('h2', '', say('severities')),
    ...severities,
  );
  // What has the focus keeps it while numbers change.
  if (held) /** @type {HTMLElement | null} */ (rail.querySelector(`[data-line="${CSS.escape(held)}"]`))?.focus();
}

/** Where there is no rail, its queues and saved filters stand over the areas. @param {Record<string, {n: number, more: boolean} | undefined>} queues */
export const railInMenu = (queues) => [box('p', 'menu-head', say('queues')), ...queueLines(queues), savedLines(line)];
