/** The screens of all walls: how each is, a picture of what it shows on request, its settings, and what screens have shown. */

import { element, required } from '../../dom.js';
import { noteFailure } from '../../failures.js';
import { say } from '../../desk/facts.js';
import { get } from '../../desk/server.js';
import { onStop, part } from '../../lifecycle.js';
import { ALONE, isAlone } from '../../page/presence.js';
import { agoText, box, button, choice, clockText, field, given, notice, tell, tick } from '../remote/parts.js';
import { BEAT_MS } from '../tour/heartbeat.js';

/** Screens tell of themselves every `BEAT_MS`: what is shown here is never much older. */
const READ_MS = BEAT_MS / 3;
/** Before a device token ends; as `WARNED_DAYS` in data/accounts/tokens.py. */
const WARNED_DAYS = 30;
const LAYOUTS = ['wide', 'double', 'tall'];
const SHOWN = ['wide', 'each'];

/** @typedef {any} ScreenRow */

/** Of the screen whose settings are open: its card is not drawn anew meanwhile. */
let open = '';
/** Pictures that are shown, by screen, and of which moments they are. @type {Map<string, {at: string, address: Promise<string>}>} */
const pictures = new Map();

/**
 * Change something of a screen; gives back the sentence that says why not, or null.
 *
 * @param {string} path
 * @param {unknown} [body]
 */
async function send(path, body = {}) {
  const headers = { 'Content-Type': 'application/json', 'X-Gridwell-CSRF': given().csrf };
  const address = `/api/wall/screens/${path}?lang=${given().lang}`;
  const answer = await fetch(address, { method: 'POST', headers, body: JSON.stringify(body) }).catch(() => null);
  if (answer?.ok) return null;
  return (await answer?.json().catch(() => null))?.error?.sentence ?? say('failed');
}

async function read() {
  const answer = await get('/api/wall/screens', new URLSearchParams({ city: given().city }));
  if (answer.ok) draw(answer.body.screens);
}

/** @param {ScreenRow[]} rows */
function draw(rows) {
  const place = required('#screens');
  const kept = open ? place.querySelector(`[data-screen="${open}"]`) : null;
  const cards = rows.map((row) => row.id === open && kept ? kept : card(row));
  place.replaceChildren(...(cards.length ? cards : [element('p', 'dim', say('no_screens'))]));
}

/** @param {ScreenRow} row */
export const nameOf = (row) => row.settings.title || say('untitled', { id: row.id.slice(0, 8) });

/** @param {ScreenRow} row */
function card(row) {
  const seen = (Date.now() - Date.parse(row.seen_at)) / 1000;
  const wrong = row.silent ? 'silent' : row.ill ? `ill_${row.ill}` : '';
  const state = element('b', wrong ? 'walls-silent' : 'walls-alive', say(wrong || 'alive'));
  /** @type {[string, string | null][]} */
  const told = [
    ['seen', agoText(seen)],
    ['scene', row.scene || null],
    ['data_age', row.data_age_s === null ? null : say('seconds', { n: Math.round(row.data_age_s) })],
    ['fps', row.fps === null ? null : String(Math.round(row.fps))],
    ['memory', row.heap_mb === null ? null : say('mb', { n: Math.round(row.heap_mb) })],
    ['size', row.size ? row.size.replace('x', ' × ') : null],
    ['version', row.version || null],
  ];
  const lines = told.filter(([, value]) => value !== null).flatMap(([name, value]) => [
    element('dt', '', say(name)),
    element('dd', '', value ?? ''),
  ]);
  const made = box(
    'article',
    'walls-card',
    box('header', '', element('h2', '', nameOf(row)), state),
    element('p', 'dim', [row.wall, row.part ? say('part', { part: row.part }) : ''].filter(Boolean).join(' · ')),
    ...warnings(row),
    picture(row),
    box('dl', '', ...lines),
    element('div', 'walls-outcome'),
    box('div', 'walls-actions', ...actions(row)),
  );
  made.dataset.screen = row.id;
  return made;
}

/** What somebody should do about a screen. @param {ScreenRow} row */
function warnings(row) {
  const days = row.token_ends_at ? Math.ceil((Date.parse(row.token_ends_at) - Date.now()) / 86_400_000) : Infinity;
  return [
    days <= WARNED_DAYS ? element('p', 'notice wrong', say('token_ends', { n: Math.max(0, days) })) : null,
    row.left_out ? element('p', 'notice wrong', say('left_out', { n: row.left_out })) : null,
  ];
}

/** @param {ScreenRow} row */
function picture(row) {
  if (!row.picture_at) return row.wanted ? element('p', 'dim', say('picture_waits')) : null;
  const shown = element('img');
  void pictureOf(row).then((address) => (shown.src = address), noteFailure);
  shown.alt = say('picture_of', { screen: nameOf(row), time: clockText(Date.parse(row.picture_at)) });
  shown.title = shown.alt;
  return box('div', 'walls-picture', shown, row.wanted ? element('p', 'dim', say('picture_waits')) : null);
}

/** The picture of a screen, fetched once: a list that is read again and again by itself keeps no session in use. @param {ScreenRow} row */
function pictureOf(row) {
  const kept = pictures.get(row.id);
  if (kept && kept.at === row.picture_at) return kept.address;
  void kept?.address.then(URL.revokeObjectURL, () => {});
  const address = fetchPicture(row.id);
  pictures.set(row.id, { at: row.picture_at, address });
  address.catch(() => pictures.delete(row.id));
  return address;
}

/** @param {string} id */
async function fetchPicture(id) {
  const answer = await fetch(`/api/wall/screens/${id}/picture?lang=${given().lang}`, { headers: isAlone() ? ALONE : {} });
  if (!answer.ok) throw new Error(`picture: ${answer.status}`);
  return URL.createObjectURL(await answer.blob());
}

/** @param {ScreenRow} row */
function actions(row) {
  const act = async (/** @type {string} */ path) => {
    const sentence = await send(path);
    if (sentence) return outcomeOf(row.id).replaceChildren(notice('wrong', sentence));
    tell(say('done'));
    await read();
  };
  const made = [button(say('picture'), () => act(`${row.id}/want-picture`))];
  if (!given().can.manage) return made;
  made.push(button(say('settings'), () => edit(row)));
  if (row.silent) made.push(button(say('forget'), () => confirm(say('forget_sure')) && act(`${row.id}/forget`)));
  return made;
}

/** @param {string} id */
const outcomeOf = (id) => required(`[data-screen="${id}"] .walls-outcome`);

/** The settings of a screen in the place of its actions. @param {ScreenRow} row */
function edit(row) {
  open = row.id;
  const { settings } = row;
  const input = (/** @type {string} */ type, /** @type {unknown} */ value) =>
    Object.assign(element('input'), { type, value: String(value ?? ''), step: 'any', maxLength: 60 });
  const [title, height, distance] = [
    input('text', settings.title),
    input('number', settings.height_m),
    input('number', settings.distance_m),
  ];
  const options = /** @type {[string, string][]} */ ([['', say('layout_auto')], ...LAYOUTS.map((one) => [one, say(`layout_${one}`)])]);
  const layout = choice(options, settings.layout ?? '');
  const place = Object.assign(input('text', settings.part), { pattern: '[1-9]/[1-9]', placeholder: '2/3' });
  const shares = choice(
    [['', say('scenes_auto')], ...SHOWN.map((one) => /** @type {[string, string]} */ ([one, say(`scenes_${one}`)]))],
    settings.scenes ?? '',
  );
  const watched = tick(say('watched'), settings.watched);
  const number = (/** @type {HTMLInputElement} */ one) => one.value === '' ? null : Number(one.value);
  const form = element('form', 'walls-form');
  const save = element('button', '', say('save'));
  const cancel = button(say('cancel'), () => close());
  form.append(
    field(say('title'), title),
    field(say('height'), height),
    field(say('distance'), distance),
    field(say('layout'), layout),
    field(say('place'), place),
    field(say('shares'), shares),
    watched.label,
    box('div', 'walls-actions', save, cancel),
  );
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const values = {
      title: title.value,
      height_m: number(height),
      distance_m: number(distance),
      layout: layout.value,
      part: place.value.trim(),
      scenes: shares.value,
      watched: watched.input.checked,
    };
    const sentence = await send(row.id, values);
    if (sentence) return outcomeOf(row.id).replaceChildren(notice('wrong', sentence));
    tell(say('done'));
    await close();
  });
  required(`[data-screen="${row.id}"] .walls-actions`).replaceWith(form);
  title.focus();
}

async function close() {
  open = '';
  await read();
}

/** Files with what screens have shown. */
function plays() {
  const link = (/** @type {string} */ form) => {
    const made = element('a', 'button second', form.toUpperCase());
    made.href = `/api/wall/plays?${new URLSearchParams({ city: given().city, format: form, lang: given().lang })}`;
    made.download = '';
    return made;
  };
  return box(
    'section',
    '',
    element('h2', '', say('plays')),
    element('p', 'dim', say('plays_hint')),
    box('div', 'walls-actions', link('xlsx'), link('csv')),
  );
}

export const screens = part((signal) => {
  const list = element('div', 'walls-cards');
  list.id = 'screens';
  list.append(element('p', 'dim', say('loading')));
  required('#panel').replaceChildren(list, plays());
  void read();
  const timer = setInterval(() => document.visibilityState === 'visible' && void read(), READ_MS);
  onStop(signal, () => clearInterval(timer));
});
