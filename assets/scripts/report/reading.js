/** A report that is read: files, address, printing, issuing; where one is in it; charts and maps that answer to pointers. */

import { facts, say } from '../desk/facts.js';
import { openDialog } from '../desk/dialogs.js';
import { newKey, post, sentenceOf } from '../desk/server.js';
import { closest, required } from '../dom.js';
import { download, nameOf } from '../download.js';
import { part } from '../lifecycle.js';
import { untilAnswered } from '../page/asking.js';
import { beginCharts } from './charts.js';
import { beginWhy } from './why.js';
import { beginLiveMaps } from './live_map.js';
import { tell } from './told.js';

/** How often a file is asked for while it is being written. */
const MOST_TRIES = 40;

export const reading = part((signal) => {
  const root = /** @type {HTMLElement | null} */ (document.querySelector('#reading'));
  if (!root) return;
  const id = root.dataset.report ?? '';
  required('#print').addEventListener('click', () => print(), { signal });
  required('#copy').addEventListener('click', () => void copy(), { signal });
  root.addEventListener('click', (event) => {
    const link = closest(event, '[data-form]');
    if (!(link instanceof HTMLAnchorElement) || event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    void save(link);
  }, { signal });
  beginIssuing(id, signal);
  beginConfirming(id, signal);
  beginContents(signal);
  beginList(signal);
  beginWhy(signal);
  beginCharts(signal);
  beginLiveMaps(signal);
});

async function copy() {
  try {
    await navigator.clipboard.writeText(location.href);
    tell(say('link_copied'));
  } catch {
    tell(say('not_copied'));
  }
}

/** A file; while the server writes it, it is asked for again. @param {HTMLAnchorElement} link */
async function save(link) {
  if (link.getAttribute('aria-busy')) return;
  link.setAttribute('aria-busy', 'true');
  tell(say('file_begun'));
  const asked = `${link.pathname}?${new URLSearchParams({ lang: facts().lang })}`;
  const answer = await untilAnswered(() => fetch(asked), { tries: MOST_TRIES });
  link.removeAttribute('aria-busy');
  if (!answer?.ok) {
    const body = await answer?.json().catch(() => null);
    return tell(body?.error?.sentence ?? say('failed'));
  }
  download(await answer.blob(), nameOf(answer.headers.get('Content-Disposition'), `report.${link.dataset.form}`));
  tell(say('file_done'));
}

/** @param {string} id @param {AbortSignal} signal */
function beginIssuing(id, signal) {
  const dialog = /** @type {HTMLDialogElement | null} */ (document.querySelector('#issue-dialog'));
  if (!dialog) return;
  const reason = /** @type {HTMLTextAreaElement | null} */ (dialog.querySelector('#reason'));
  const failed = required('#issue-failed');
  const now = /** @type {HTMLButtonElement} */ (required('#issue-now'));
  let key = newKey();
  required('#issue').addEventListener('click', () => {
    failed.hidden = true;
    key = newKey();
    openDialog(dialog);
  }, { signal });
  required('#issue-not').addEventListener('click', () => dialog.close(), { signal });
  required('form', dialog).addEventListener('submit', async (event) => {
    event.preventDefault();
    now.disabled = true;
    const answer = reason
      ? await post(`/api/reports/${id}/correct`, { reason: reason.value.trim() }, key)
      : await post(`/api/reports/${id}/issue`, {}, key);
    now.disabled = false;
    if (answer.ok) {
      tell(say(reason ? 'correcting' : 'issued'));
      return reason ? location.assign(`/report/${answer.body.id}${location.search}`) : location.reload();
    }
    failed.textContent = sentenceOf(answer, say('failed'));
    failed.hidden = false;
  }, { signal });
}

/** Whom it was sent to confirms and answers here. @param {string} id @param {AbortSignal} signal */
function beginConfirming(id, signal) {
  const form = /** @type {HTMLFormElement | null} */ (document.querySelector('#seen'));
  if (!form) return;
  const answer = /** @type {HTMLTextAreaElement} */ (required('#seen-answer'));
  const now = /** @type {HTMLButtonElement} */ (required('#seen-now'));
  const failed = required('#seen-failed');
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    now.disabled = true;
    failed.hidden = true;
    const told = await post(`/api/reports/${id}/seen`, { answer: answer.value.trim() }, newKey());
    now.disabled = false;
    if (told.ok) return location.reload();
    failed.textContent = sentenceOf(told, say('failed'));
    failed.hidden = false;
  }, { signal });
}

/** A figure that an address names is shown, although its list is folded. @param {AbortSignal} signal */
function beginList(signal) {
  const show = () => {
    const named = document.getElementById(location.hash.slice(1));
    const list = named?.closest('details');
    if (!list || list.open) return;
    list.open = true;
    named?.scrollIntoView();
  };
  addEventListener('hashchange', show, { signal });
  show();
}

/** Mark where one is in the list of contents. @param {AbortSignal} signal */
function beginContents(signal) {
  const links = [...document.querySelectorAll('.report-contents a')];
  const places = links.map((link) => document.querySelector(link.getAttribute('href') ?? '#none'));
  const mark = () => {
    const above = places.findLastIndex((place) => place && place.getBoundingClientRect().top < innerHeight / 3);
    links.forEach((link, at) => link.toggleAttribute('aria-current', at === Math.max(above, 0)));
    links[Math.max(above, 0)]?.setAttribute('aria-current', 'true');
  };
  addEventListener('scroll', mark, { signal, passive: true });
  mark();
}
