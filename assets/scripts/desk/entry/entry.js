/** A new case: the form opens over the list, keeps its draft, foretells what becomes of it, and files it once, however often it is sent. */

import { element, required } from '../../dom.js';
import { part } from '../../lifecycle.js';
import { go, onState, state } from '../address.js';
import { box } from '../cells.js';
import { area, fetchArea } from '../city.js';
import { cases } from '../desk.js';
import { facts, say } from '../facts.js';
import { roundButton } from '../icons.js';
import { newKey, post, sentenceOf } from '../server.js';
import { keepEntry, noteCategory, readEntry } from './draft_store.js';
import { foretell, Foretold, placeText } from './foretold.js';
import { EntryForm } from './form.js';
import { onPlacePicked, wantPlace } from './place_picking.js';
import { fetchSimilar, SimilarList } from './similar.js';

const TYPING_MS = 300;
/** Characters of a description that help to find duplicates; an address has no room for all of a long one. */
const COMPARED = 300;
/** What changes nothing of what is foretold. */
const SILENT = ['name', 'phone', 'title', 'address'];

/** @type {EntryForm} */
let form;
/** @type {Foretold} */
let foretold;
/** @type {SimilarList} */
let similar;
/** Key of the next request: it stays while its outcome is not known, so that a report that is sent twice is filed once. */
let key = newKey();
/** What was foretold last. @type {import('./foretold.js').Told | null} */
let told = null;
let busy = false;
/** Where the focus was before the form opened. @type {Element | null} */
let came = null;
/** Place of the case that was filed last. @type {Pick<import('./draft_store.js').Draft, 'place' | 'placeText' | 'address'> | null} */
let last = null;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
let asking = new AbortController();

export const entry = part((signal) => {
  if (!facts().can.report) return;
  form = new EntryForm({ changed });
  foretold = new Foretold();
  similar = new SimilarList((one) => void send(one.number));
  draw();
  const open = required('#entry-open');
  open.hidden = false;
  open.addEventListener('click', openEntry, { signal });
  onState((now, before) => void (now.entering !== before.entering && show()));
  onPlacePicked((picked) => form.place.pick(picked), signal);
  if (state().entering) show();
});

/** Open the form. */
export function openEntry() {
  if (facts().can.report) go({ entering: true, case: null });
}

/** Open it for another case at the place of the one that was filed last; says whether there is one. */
export function openAtSamePlace() {
  if (!last || !facts().can.report) return false;
  if (!readEntry()) keepEntry({ ...empty(), ...last });
  openEntry();
  return true;
}

/** Close it; the draft stays. */
const closeEntry = () => go({ entering: false });

const host = () => required('#entry');

function draw() {
  const close = roundButton('close', say('close'), closeEntry);
  const discard = box('button', 'plain', say('discard_draft'));
  discard.type = 'button';
  discard.addEventListener('click', startAnew);
  const submit = box('button', 'step first', element('span', '', say('report_case')), box('kbd', '', 'Ctrl ↵'));
  submit.setAttribute('form', 'entry-form');
  form.form.id = 'entry-form';
  host().replaceChildren(
    box('div', 'drawer-head', box('div', 'drawer-title', element('h2', '', say('new_case'))), box('div', 'drawer-tools', discard, close)),
    box('div', 'entry-body', form.form, foretold.host, similar.host),
    box('div', 'drawer-foot', form.fault, box('div', 'steps-row', submit, element('span', 'dim kept', ''))),
  );
  form.photos.listen(host());
  form.form.addEventListener('submit', (event) => {
    event.preventDefault();
    void send(null);
  });
  // Keys are the form's own here: none of the list's may act while somebody types.
  host().addEventListener('keydown', (event) => {
    event.stopPropagation();
    if (event.isComposing) return;
    if (event.key === 'Escape') {
      event.preventDefault();
      closeEntry();
    }
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      void send(null);
    }
  });
}

/** @returns {import('./draft_store.js').Draft} */
const empty = () => ({
  ...{ key: newKey(), place: null, placeText: '', category: '', title: '', ownTitle: false, severity: '', channel: '' },
  ...{ description: '', address: '', ownAddress: false, files: [], reporter: { name: '', phone: '' } },
});

/** Show or hide it, as the address says. */
function show() {
  if (!state().entering) {
    wantPlace(false, null);
    host().hidden = true;
    // The table would select the row that it focuses, and so open another case than the one that was filed.
    if (state().case !== null) required('#drawer').focus();
    else if (came instanceof HTMLElement && came.isConnected && came !== document.body) came.focus();
    else cases().focus();
    return;
  }
  came = document.activeElement;
  host().hidden = false;
  paintDone('');
  begin(readEntry() ?? empty());
  form.place.combobox.input.focus();
}

/** @param {import('./draft_store.js').Draft} draft */
function begin(draft) {
  key = draft.key;
  told = null;
  form.begin(draft);
  foretold.show(null);
  similar.show(null);
  paintKept();
  wantPlace(true, pointOf());
  void beginCategories();
  if (draft.place || draft.category) void ask();
}

/** Categories are those of the city on screen; when the page has just begun, of the one with which this person starts. */
async function beginCategories() {
  const city = area().city || (await fetchArea(facts().start))?.city.code;
  if (!city) return;
  await form.category.begin(city);
  form.category.choose(form.category.code, true);
}

function startAnew() {
  keepEntry(null);
  begin(empty());
  form.place.combobox.input.focus();
}

/** The chosen place as a point of WGS 84, where that is known. */
function pointOf() {
  const { place } = form.place;
  if (told?.place && told.place.lon !== null && told.place.lat !== null) return { lon: told.place.lon, lat: told.place.lat };
  return place?.lon !== undefined && place.lat !== undefined && place.datum === 'wgs84' ? { lon: place.lon, lat: place.lat } : null;
}

/** Something was entered. @param {string} what */
function changed(what) {
  if (what === 'place') {
    form.fillAddress();
    told = null;
    form.place.say('');
    wantPlace(true, pointOf());
  }
  if (['place', 'category', 'address'].includes(what)) form.foretellTitle(shortPlace());
  keep();
  if (SILENT.includes(what)) return;
  clearTimeout(timer);
  timer = setTimeout(() => void ask(), what === 'description' ? TYPING_MS * 2 : TYPING_MS);
}

function keep() {
  if (state().entering) keepEntry(form.isEmpty ? null : { key, ...form.kept });
  paintKept();
}

function paintKept() {
  required('.kept', host()).textContent = form.isEmpty ? '' : say('draft_kept');
}

/** The two smallest areas of the place, for a title. */
const shortPlace = () => placeText(told?.place ?? null).split(' › ').slice(-2).join(facts().lang === 'en' ? ', ' : '');

/** Ask what would become of it, and what is like it. */
async function ask() {
  const { body } = form;
  const turn = asking = (asking.abort(), new AbortController());
  if (!form.place.place && !form.category.code) {
    foretold.show(null);
    return similar.show(null);
  }
  const answer = await foretell({ ...body, title: body.title ?? '-' });
  if (turn.signal.aborted || !answer) return;
  told = answer;
  form.fillSources(answer.channel);
  foretold.show(answer);
  showPlace(answer);
  form.foretellTitle(shortPlace());
  keep();
  const { place } = answer;
  if (place) await form.category.begin(place.city);
  const { lon, lat, city } = place ?? { lon: null, lat: null, city: '' };
  if (lon === null || lat === null || !form.category.code) return similar.show(null);
  const asked = {
    city,
    category: form.category.code,
    lon,
    lat,
    description: form.description.value.trim().slice(0, COMPARED),
    photos: form.photos.hashes,
  };
  const found = await fetchSimilar(asked, turn.signal);
  if (!turn.signal.aborted) similar.show(found);
}

/** Say where it is, or why not: a place is told at once, all other faults when it is sent. @param {import('./foretold.js').Told} answer */
function showPlace({ place, fields }) {
  const wrong = fields.find(({ field }) => ['lon', 'lat', 'area'].includes(field));
  if (wrong && form.place.place) form.showFault('place', wrong.sentence);
  const words = [placeText(place), place?.sentence].filter(Boolean).join('. ');
  form.place.say(words, place?.sentence ? 'noted' : '');
  wantPlace(true, pointOf());
}

// ---- Filing ----

/** File it once; where a case is named, the new one is merged into that. @param {string | null} into */
async function send(into) {
  if (busy) return;
  setBusy(true);
  try {
    await form.photos.settle();
    if (form.photos.hasFailed) return form.showFaults([{ field: 'attachments', sentence: say('photos_failed') }]);
    keep();
    const answer = await post('/api/cases', form.body, key);
    if (answer.ok) return await filed(answer.body, into);
    refuse(answer);
  } finally {
    setBusy(false);
  }
}

/** @param {boolean} on */
function setBusy(on) {
  busy = on;
  required('.drawer-foot', host()).toggleAttribute('data-busy', on);
}

/** @param {import('../server.js').Answer} answer */
function refuse(answer) {
  // While its outcome is not known the key stays: sent again, it is filed once.
  if ([0, 429, 502, 503, 504].includes(answer.status)) return form.say(sentenceOf(answer, say('not_sent')));
  const faults = /** @type {{field: string, code: string, sentence: string}[]} */ (answer.body?.error?.fields ?? []);
  const reused = faults.some(({ code }) => code === 'key_reused');
  key = newKey();
  keep();
  if (reused) return form.say(say('draft_filed_before'));
  form.showFaults(faults);
  if (!faults.length) form.say(sentenceOf(answer, say('failed')));
}

/** @param {any} made @param {string | null} into */
async function filed(made, into) {
  noteCategory(form.category.code);
  const { place, placeText: text, address } = form.kept;
  last = { place, placeText: text, address };
  const merged = into ? await merge(made, into) : null;
  keepEntry(null);
  key = newKey();
  const number = merged?.ok && into ? into : made.number;
  // The drawer gives the focus back to where it was: that must not be a field of a form that is closed.
  host().hidden = true;
  // Not a row of it: the table would select that row, and open its case instead of the one that was filed.
  required('#table').focus();
  go({ entering: false, case: number, city: told?.place?.city ?? null });
  const fault = merged && !merged.ok ? ` ${sentenceOf(merged, say('not_sent'))}` : '';
  const done = merged?.ok ? say('merged_told', { number: made.number, into: number }) : say('filed_told', { number: made.number });
  paintDone(done + fault);
  required('#drawer').focus();
}

/** Who reported it goes to the case that is there already. @param {any} made @param {string} into */
function merge(made, into) {
  const query = new URLSearchParams({ city: told?.place?.city ?? area().city });
  const body = { step: 'mark_duplicate', version: made.case_version, into };
  return post(`/api/cases/${encodeURIComponent(made.number)}/steps`, body, `${key}-into`, query);
}

/** Say over the list what was filed, with the way to another one there; an empty text takes it away. @param {string} text */
function paintDone(text) {
  const line = required('#entered');
  line.hidden = text === '';
  if (text === '') return line.replaceChildren();
  const again = box('button', 'small second', say('same_place'), box('kbd', '', 'a'));
  again.type = 'button';
  again.addEventListener('click', openAtSamePlace);
  line.replaceChildren(element('span', '', text), again, roundButton('close', say('close'), () => paintDone('')));
  required('#told').textContent = `${text} ${say('same_place_told')}`;
}
