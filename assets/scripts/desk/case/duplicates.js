/** Likely duplicates of the open case: how far, when, how alike, and one button that merges this case into another. */

import { element } from '../../dom.js';
import { go } from '../address.js';
import { box, categoryTile, stageName, titleOf } from '../cells.js';
import { area, now } from '../city.js';
import { openDialog } from '../dialogs.js';
import { say } from '../facts.js';
import { get } from '../server.js';
import { addressed } from './key.js';

/** Two photos that differ in at most so many of their 64 bits show the same; see the machine door. */
const ALIKE_BITS = 12;
const BITS = 64;
/** Cases that ended like this are no longer about anything. */
const OTHERS = ['duplicate', 'void', 'not_responsible', 'referred'];

/**
 * @typedef {DeskCase & {distance_m: number, days: number, photo_distance: number | null}} SimilarCase
 * @typedef {{cases: SimilarCase[], radius_m: number, days: number}} Similar
 */

/**
 * Ask for the likely duplicates of a case; null where there is nothing to ask for, or no answer.
 *
 * @param {CaseTold} told
 * @param {AbortSignal} signal
 * @returns {Promise<Similar | null>}
 */
export async function askSimilar({ case: row }, signal) {
  if (row.lon === null || row.lat === null || OTHERS.includes(row.stage)) return null;
  const { city, category, number, lon, lat } = row;
  const query = new URLSearchParams({ city, category, number, lon: String(lon), lat: String(lat) });
  const answer = await get('/api/cases/similar', query, signal).catch(() => null);
  return answer?.ok ? answer.body : null;
}

/** How like a photo of the other case is, in words; empty where there is nothing to compare. @param {number | null} bits */
export const likeness = (bits) =>
  bits === null || bits > ALIKE_BITS ? '' : say('photo_alike', { n: Math.round((100 * (BITS - bits)) / BITS) });

/** How near a case is: metres, day of the report, photo. @param {SimilarCase} one */
export const nearness = (one) =>
  [`${one.distance_m} m`, area().clock.moment(one.reported_at, now()), likeness(one.photo_distance)].filter(Boolean).join(' · ');

/**
 * The section of the drawer; null where there are none.
 *
 * @param {CaseTold} told
 * @param {Similar | null} similar
 * @param {(step: StepOffered, into: string) => void} merge
 */
export function duplicates(told, similar, merge) {
  if (!similar?.cases.length || OTHERS.includes(told.case.stage)) return null;
  const step = told.steps.find((one) => one.step === 'mark_duplicate');
  const lines = similar.cases.slice(0, 3).map((one) => line(told, one, step, merge));
  return box(
    'section',
    'part duplicates',
    box(
      'div',
      'part-head',
      box('h3', '', say('likely_duplicates')),
      element('span', 'dim', say('reach', { m: similar.radius_m, n: similar.days })),
    ),
    ...lines,
  );
}

/** @param {CaseTold} told @param {SimilarCase} one @param {StepOffered | undefined} step @param {(step: StepOffered, into: string) => void} merge */
function line(told, one, step, merge) {
  const open = box('button', 'linked', titleOf(one));
  open.type = 'button';
  open.title = one.number;
  open.addEventListener('click', () => go(addressed(one)));
  const words = box('div', 'near-words', open, element('span', 'dim', `${nearness(one)} · ${stageName(one.stage)}`));
  const act = step ? box('button', 'small second', say('merge')) : null;
  if (act && step) {
    act.type = 'button';
    act.setAttribute('aria-label', say('merge_into', { number: one.number }));
    act.addEventListener('click', () => confirmMerge(told, one, () => merge(step, one.number)));
  }
  return box('div', 'near', categoryTile(one, 20), words, act);
}

/** @param {CaseTold} told @param {SimilarCase} one @param {() => void} merge */
function confirmMerge(told, one, merge) {
  const dialog = element('dialog', 'confirm');
  const yes = box('button', 'small', say('merge'));
  const cancel = box('button', 'small second', say('cancel'));
  for (const made of [yes, cancel]) made.type = 'button';
  cancel.addEventListener('click', () => dialog.close());
  yes.addEventListener('click', () => {
    dialog.close();
    merge();
  });
  const title = element('h2', '', say('merge_into', { number: one.number }));
  title.id = 'merge-title';
  dialog.setAttribute('aria-labelledby', title.id);
  dialog.append(
    title,
    box('p', '', element('b', '', titleOf(one))),
    element('p', 'dim', nearness(one)),
    element('p', '', say('merge_means', { number: told.case.number, into: one.number })),
    box('div', 'step-acts', yes, cancel),
  );
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  openDialog(dialog);
  yes.focus();
}
