/** The scenes of a wall: written here, or as a file; saved as a whole. */

import { element, required } from '../../dom.js';
import { inLanguage, say } from '../../desk/facts.js';
import { get } from '../../desk/server.js';
import { onStop, part } from '../../lifecycle.js';
import { box, button, choice, field, given, notice, tell } from '../remote/parts.js';
import { bodyOf, draftOf, moved, newScene } from './draft.js';
import { sceneForm } from './form.js';
import { Preview } from './preview.js';
import { settingsForm } from './settings.js';

/** @typedef {import('./draft.js').TourDraft} TourDraft */

/** @type {TourDraft} */
let draft;
let wall = 'main';
let chosen = 0;
let dirty = false;
let mayChange = false;
const outcome = element('div', 'walls-outcome');
const list = element('div', 'walls-scenes');
const form = element('div', 'walls-edit');
const more = element('div', 'walls-more');
/** @type {Preview} */
let preview;

const where = () => ({ wall, city: given().city });

async function read() {
  const answer = await get('/api/wall/tour/draft', new URLSearchParams(where()));
  if (!answer.ok) return void outcome.replaceChildren(notice('wrong', answer.body?.error?.sentence ?? say('failed')));
  take(answer.body);
}

/** @param {any} told */
function take(told) {
  draft = draftOf(told);
  mayChange = told.may_change;
  dirty = false;
  chosen = Math.min(chosen, Math.max(0, draft.scenes.length - 1));
  draw();
}

function changed() {
  dirty = true;
  drawList();
  preview.show(draft.scenes[chosen]);
  required('#save', required('#panel')).toggleAttribute('disabled', !mayChange);
}

function draw() {
  drawList();
  const scene = draft.scenes[chosen];
  form.replaceChildren(
    ...(scene ? [element('h2', '', inLanguage(scene.name, scene.name_en)), sceneForm(scene, draft, changed), actions()] : []),
  );
  preview.show(scene);
  more.replaceChildren(...settingsForm(draft.settings, changed, draw));
  required('#save', required('#panel')).toggleAttribute('disabled', !mayChange);
}

function drawList() {
  list.replaceChildren(...draft.scenes.map((one, index) => {
    const name = inLanguage(one.name, one.name_en) || say('unnamed');
    const made = button('', () => choose(index), 'walls-scene');
    made.append(element('span', '', name), element('span', 'dim', `${one.playlist} · ${one.dwell_s} s`));
    if (index === chosen) made.setAttribute('aria-current', 'true');
    return made;
  }));
}

/** @param {number} index */
function choose(index) {
  chosen = index;
  draw();
}

/** What can be done with the scene that is open. */
function actions() {
  const move = (/** @type {number} */ by) => {
    draft.scenes = moved(draft.scenes, chosen, by);
    chosen = Math.min(draft.scenes.length - 1, Math.max(0, chosen + by));
    changed();
    draw();
  };
  const copy = () => {
    draft.scenes.splice(chosen + 1, 0, { ...structuredClone(draft.scenes[chosen]), id: 0 });
    chosen += 1;
    changed();
    draw();
  };
  const remove = () => {
    draft.scenes.splice(chosen, 1);
    chosen = Math.max(0, chosen - 1);
    changed();
    draw();
  };
  return box(
    'div',
    'walls-actions',
    button(say('up'), () => move(-1)),
    button(say('down'), () => move(1)),
    button(say('copy'), copy),
    button(say('remove'), remove),
  );
}

/**
 * Send a tour, and take what is kept.
 *
 * @param {unknown} body
 */
async function send(body) {
  const headers = { 'Content-Type': 'application/json', 'X-Gridwell-CSRF': given().csrf };
  const answer = await fetch(`/api/wall/tour?lang=${given().lang}`, { method: 'POST', headers, body: JSON.stringify(body) }).catch(() =>
    null
  );
  const told = await answer?.json().catch(() => null);
  if (!answer?.ok) {
    outcome.replaceChildren(notice('wrong', told?.error?.sentence ?? say('failed')));
    outcome.scrollIntoView({ block: 'nearest' });
    return false;
  }
  take(told);
  outcome.replaceChildren(notice('good', say('saved')));
  tell(say('saved'));
  return true;
}

const save = () => send(bodyOf(draft, where()));

function file() {
  const input = Object.assign(element('input'), { type: 'file', accept: '.toml', hidden: true });
  input.addEventListener('change', async () => {
    const given_file = input.files?.[0];
    if (given_file) await send({ ...where(), seen: draft.version, toml: await given_file.text() });
    input.value = '';
  });
  const out = element('a', 'button second', say('toml_out'));
  out.href = `/api/wall/tour.toml?${new URLSearchParams({ ...where(), lang: given().lang })}`;
  out.download = '';
  return [out, button(say('toml_in'), () => input.click()), input];
}

/** @param {string} name */
function go(name) {
  if (dirty && !confirm(say('leave_sure'))) return;
  location.search = `?${new URLSearchParams({ wall: name, city: given().city })}`;
}

function head() {
  const walls = choice([...new Set([...given().walls, wall])].map((name) => [name, name]), wall);
  walls.addEventListener('change', () => go(walls.value));
  const name = Object.assign(element('input'), { type: 'text', maxLength: 40, pattern: '[a-z0-9][a-z0-9_-]*' });
  const open = button(say('open'), () => name.value && name.checkValidity() && go(name.value));
  return box('div', 'walls-head', field(say('wall'), walls), field(say('other_wall'), name), open);
}

export const scenes = part((signal) => {
  wall = new URLSearchParams(location.search).get('wall') || 'main';
  preview = new Preview(signal);
  const add = button(say('add_scene'), () => {
    draft.scenes.push(newScene(given().city, say('new_scene'), ''));
    chosen = draft.scenes.length - 1;
    changed();
    draw();
  });
  const keep = button(say('save'), save, '');
  keep.id = 'save';
  required('#panel').replaceChildren(
    head(),
    box('div', 'walls-bar', keep, ...file()),
    outcome,
    box(
      'div',
      'walls-two',
      box('section', '', element('h2', '', say('scenes')), list, box('div', 'walls-actions', add)),
      box('div', 'walls-beside', preview.host, form),
    ),
    more,
  );
  const stay = (/** @type {BeforeUnloadEvent} */ event) => dirty && event.preventDefault();
  addEventListener('beforeunload', stay, { signal });
  onStop(signal, () => {});
  void read();
});
