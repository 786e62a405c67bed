/** The area in the bar, with a menu of the areas around it, and the way to the map with the same area. */

import { required } from '../dom.js';
import { addressOf, go, state } from './address.js';
import { box } from './cells.js';
import { area } from './city.js';
import { inLanguage, say } from './facts.js';
import { icon } from './icons.js';
import { railInMenu } from './rail.js';

const MOST = 400;

/** @param {{code: string, name: string, name_en: string, incidents?: {open: number}}} one */
function choice(one) {
  const target = { ...state(), area: one.code, queue: state().queue === 'all' ? 'area' : state().queue };
  const open = one.incidents ? one.incidents.open.toLocaleString('en-US') : '';
  const made = box('a', 'choice', box('span', '', inLanguage(one.name, one.name_en)), box('span', 'dim', open));
  made.href = addressOf(target);
  if (one.code === area().code) made.setAttribute('aria-current', 'true');
  made.addEventListener('click', (event) => {
    event.preventDefault();
    made.closest('details')?.removeAttribute('open');
    go(target);
  });
  return made;
}

/** Draw it for the area that is shown. @param {Record<string, {n: number, more: boolean} | undefined>} queues */
export function paintCrumb(queues) {
  const shown = area();
  const above = shown.above.filter(({ seen }) => seen);
  required('#crumb').replaceChildren(
    ...above.slice(-1).flatMap((one) => [box('span', 'dim', inLanguage(one.name, one.name_en)), box('i', 'dim', '›')]),
    box('b', '', shown.name),
    icon('chevron', 16, 2),
  );
  /** @param {string} title @param {any[]} list */
  const group = (title, list) => (list.length ? [box('p', 'menu-head', say(title)), ...list.slice(0, MOST).map(choice)] : []);
  const menu = required('#areas');
  const of = `${addressOf(state())} ${shown.code}`;
  // Numbers change all the time: a menu that is open is not drawn anew under somebody's hand.
  if (menu.closest('details')?.open && menu.dataset.of === of) return;
  menu.dataset.of = of;
  menu.replaceChildren(
    box('div', 'rail-in-menu', ...railInMenu(queues)),
    ...group('areas_above', above),
    ...group('areas_below', shown.children),
    ...group('areas_beside', shown.siblings.length > 1 ? shown.siblings : []),
  );
  const search = new URLSearchParams();
  if (shown.code) search.set('area', shown.code);
  document.querySelectorAll('a[data-map]').forEach((link) => link.setAttribute('href', `/?${search}`));
  document.querySelectorAll('a[data-reports]').forEach((link) => link.setAttribute('href', `/report?${search}`));
  document.querySelectorAll('a[data-figures]').forEach((link) => link.setAttribute('href', `/desk/figures?${search}`));
}
