/** The rail at the left: queues, categories and severities, each a filter. */

import { required } from '../dom.js';
import { addressOf, go, state } from './address.js';
import { box, severityName } from './cells.js';
import { area } from './city.js';
import { countText } from './counts.js';
import { facts, inLanguage, say } from './facts.js';
import { icon, severityBars } from './icons.js';
import { QUEUES, toggled } from './state.js';

/** The queues that this person has. */
export const ownQueues = () => QUEUES.filter((queue) => queue !== 'unit' || facts().units.length > 0);

/** @param {string} queue */
export const queueName = (queue) => (queue === 'area' ? area().name : say(`queue_${queue}`));

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
  if (on) made.setAttribute('aria-current', 'true');
  made.addEventListener('click', (event) => {
    if (event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    go(target);
  });
  return made;
}

/**
 * @param {Record<string, {n: number, more: boolean} | undefined>} queues
 */
export function paintRail(queues) {
  const now = state();
  const lines = ownQueues().map((queue) =>
    line(icon(queue), queueName(queue), countText(queues[queue]), now.queue === queue, { ...now, queue })
  );
  const kinds = Object.entries(area().categories).sort(([, one], [, other]) => one.ordinal - other.ordinal);
  const categories = kinds.map(([code, names]) =>
    line(
      icon(names.symbol),
      inLanguage(names.name, names.name_en) || code,
      '',
      now.categories.includes(code),
      toggled(now, 'categories', code),
    )
  );
  const severities = facts().severities.map((severity) =>
    line(
      severityBars(severity),
      severityName(severity),
      '',
      now.severities.includes(String(severity)),
      toggled(now, 'severities', String(severity)),
    )
  );
  required('#rail').replaceChildren(
    box('h2', '', say('queues')),
    ...lines,
    box('h2', '', say('severities')),
    ...severities,
    ...(categories.length ? [box('h2', '', say('categories')), ...categories] : []),
  );
}
