/** Photos of a case: the one that came with the report beside the last one of its handling, named; the others behind them. */

import { element } from '../../dom.js';
import { box } from '../cells.js';
import { area, now } from '../city.js';
import { say } from '../facts.js';
import { icon } from '../icons.js';

/** So many are shown in the drawer; the rest is one click away. */
const MOST_SHOWN = 3;

/** @typedef {{hash: string, event: CaseEventTold}} Photo */

/**
 * Photos and papers of a history, the oldest first, each as the blurred one that stands for it.
 *
 * @param {CaseEventTold[]} history
 * @returns {{all: Photo[], blurred: number}}
 */
export function listPhotos(history) {
  const blurred = new Map(history.filter(({ step }) => step === 'blur').map(({ details, attachments }) => [details.photo, attachments[0]]));
  const shownAs = (/** @type {string} */ hash) => {
    let found = hash;
    while (blurred.has(found)) found = blurred.get(found) ?? '';
    return found;
  };
  const all = history.filter(({ step }) => step !== 'blur')
    .flatMap((event) => event.attachments.map((hash) => ({ hash: shownAs(hash), event })));
  return { all, blurred: blurred.size };
}

/**
 * The first photo with the report and the last one with the handling, where there are such, and all in the order in which they are shown.
 *
 * @param {Photo[]} all
 * @returns {{before: Photo | null, after: Photo | null, order: Photo[]}}
 */
export function arrange(all) {
  const after = all.findLast(({ event }) => event.step === 'handle') ?? null;
  const before = all.find(({ event }) => event.step === 'report') ?? (after && all[0] !== after ? all[0] : null);
  const named = [before, after].filter((one) => one !== null);
  return { before, after, order: [...named, ...all.filter((one) => !named.includes(one))] };
}

/**
 * The section of the drawer; null where there are none. A click opens them in large.
 *
 * @param {CaseTold} told
 * @param {(hashes: string[], place: number) => void} enlarge
 */
export function photos({ history }, enlarge) {
  const { all, blurred } = listPhotos(history);
  if (!all.length) return null;
  const { before, after, order } = arrange(all);
  const hashes = order.map(({ hash }) => hash);
  const moment = (/** @type {Photo} */ { event }) => area().clock.moment(event.at, now());
  const shown = order.slice(0, MOST_SHOWN).map((one, place) => {
    const name = one === before && after ? say('before') : one === after ? say('after') : '';
    const made = picture(one.hash, `${one.event.step_name} · ${moment(one)}`, name, () => enlarge(hashes, place));
    const more = order.length - MOST_SHOWN;
    if (place === MOST_SHOWN - 1 && more > 0) made.append(element('span', 'photo-more', `+${more}`));
    return made;
  });
  const captions = [
    before && after ? say('named_at', { name: say('before'), time: moment(before) }) : '',
    after ? say('named_at', { name: say('after'), time: moment(after) }) : '',
  ].filter(Boolean);
  const aside = blurred ? say('n_blurred', { n: all.length, of: blurred }) : String(all.length);
  return box(
    'section',
    'part',
    box('div', 'part-head', box('h3', '', say('photos')), element('span', 'dim', aside)),
    box('div', `photos photos-${shown.length}`, ...shown),
    captions.length ? element('p', 'dim photo-when', captions.join(' · ')) : null,
  );
}

/** @param {string} hash @param {string} what @param {string} name @param {() => void} act */
function picture(hash, what, name, act) {
  const image = document.createElement('img');
  image.src = `/api/attachments/${hash}?size=small`;
  image.alt = say('photo_of', { what: name ? `${name} · ${what}` : what });
  image.loading = 'lazy';
  const made = box('button', 'photo', image, name ? element('span', 'photo-mark', name) : null);
  made.type = 'button';
  made.title = what;
  made.addEventListener('click', act);
  image.addEventListener('error', () => {
    const paper = box('a', 'paper', icon('clip', 14), say('paper'));
    paper.href = `/api/attachments/${hash}`;
    made.replaceWith(paper);
  });
  return made;
}
