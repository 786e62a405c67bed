/** A presenter's remote control: what the wall shows now, next, hold, any area, measure and layers; afterwards the tour goes on by itself. */

import { element, required } from '../../dom.js';
import { inLanguage, say } from '../../desk/facts.js';
import { get } from '../../desk/server.js';
import { onStop, part } from '../../lifecycle.js';
import { connect } from '../../live/listening.js';
import { keepClock } from '../tour/clock.js';
import { sendCommand } from '../tour/commands.js';
import { place } from '../tour/tour.js';
import { box, button, choice, clockText, field, given, notice, tell, tick } from './parts.js';

/** @typedef {import('../tour/commands.js').WallCommand} WallCommand */

const EACH_MS = 250;
const MINUTES = [1, 5, 15, 60];
const SEARCH_MS = 250;

/** @type {WallTour | null} */
let tour = null;
let wall = 'main';
/** @type {string | undefined} */
let shownKey;
/** @type {ReturnType<typeof keepClock>} */
let clock;
const now = element('div', 'walls-now');
const list = element('div', 'walls-scenes');
const outcome = element('div', 'walls-outcome');
const holding = button('', () => command({ do: place(required_tour(), clock.now())?.kind === 'scene' ? 'hold' : 'resume' }), 'big');
const minutes = choice([], '');

const required_tour = () => /** @type {WallTour} */ (tour);

/** @param {WallCommand} asked */
async function command(asked) {
  const where = { wall, city: given().city, csrf: given().csrf, lang: given().lang };
  const told = await sendCommand(
    where,
    asked.do === 'hold' || asked.do === 'show' ? { ...asked, for_s: Number(minutes.value) * 60 } : asked,
  );
  outcome.replaceChildren(...(told.sentence === null ? [] : [notice('wrong', told.sentence || say('failed'))]));
  if (told.sentence === null) tell(say('done'));
  await read();
}

async function read() {
  const answer = await get('/api/wall/tour', new URLSearchParams({ wall, city: given().city }));
  if (!answer.ok) return void outcome.replaceChildren(notice('wrong', answer.body?.error?.sentence ?? say('failed')));
  tour = answer.body;
  shownKey = undefined;
  draw();
}

/** Called four times a second: only what changed is drawn anew. */
function draw() {
  if (!tour) return;
  const placed = place(tour, clock.now());
  if (!placed) return void now.replaceChildren(say('no_scene'));
  if (placed.key !== shownKey) {
    shownKey = placed.key;
    const name = placed.kind === 'scene' || !placed.turn?.look?.area
      ? inLanguage(placed.scene.name, placed.scene.name_en)
      : inLanguage(placed.scene.area_name, placed.scene.area_name_en);
    now.replaceChildren(box('p', 'dim', say(`kind_${placed.kind}`)), element('p', 'walls-name', name), element('p', 'dim walls-left'));
    now.dataset.kind = placed.kind;
    holding.textContent = say(placed.kind === 'scene' ? 'hold' : 'resume');
    list.replaceChildren(...sceneButtons(placed));
  }
  const left = placed.kind === 'scene'
    ? say('left', { n: Math.max(0, Math.ceil(placed.seconds_left)) })
    : say('until', { time: clockText(placed.turn?.until_ms ?? 0, tour.timezone) });
  required('.walls-left', now).textContent = left;
}

/** @param {import('../tour/tour.js').Placed} placed */
function sceneButtons(placed) {
  return required_tour().scenes.filter((one) => one.playlist === placed.playlist).map((one, index) => {
    const made = button(inLanguage(one.name, one.name_en), () => command({ do: 'scene', scene: one.id }), 'walls-scene');
    if (index === placed.index) made.setAttribute('aria-current', 'true');
    return made;
  });
}

/** Find an area by its name and show it. */
function finder() {
  const input = element('input');
  Object.assign(input, { type: 'search', autocomplete: 'off', maxLength: 100, placeholder: say('goto_hint') });
  const found = element('div', 'walls-found');
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let waiting;
  let turn = 0;
  const seek = async () => {
    const mine = ++turn;
    const q = input.value.trim();
    if (!q) return found.replaceChildren();
    const { body } = await get('/api/search', new URLSearchParams({ q, city: given().city, kind: 'area', limit: '8' }));
    if (mine !== turn) return;
    const areas = (body?.results ?? []).filter((/** @type {any} */ one) => one.kind === 'area');
    const names = areas.map((/** @type {any} */ one) => {
      const show = () => {
        input.value = '';
        found.replaceChildren();
        return command({ do: 'show', area: one.code });
      };
      return button(inLanguage(one.title, one.title_en), show, 'walls-scene');
    });
    found.replaceChildren(...(names.length ? names : [element('p', 'dim', say('nothing_found'))]));
  };
  input.addEventListener('input', () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => void seek(), SEARCH_MS);
  });
  return box('section', '', field(say('goto'), input), found);
}

/** Another measure or other layers over what is shown. */
function looks() {
  const measures = /** @type {[string, string][]} */ (Object.entries(given().measures));
  const measure = choice([['', say('as_scene')], ...measures], '');
  const layers = Object.entries(given().layers).map(([name, title]) => ({ name, ...tick(String(title), false) }));
  const show = () => {
    const on = layers.filter((one) => one.input.checked).map((one) => one.name);
    return command({ do: 'show', ...(measure.value ? { measure: measure.value } : {}), ...(on.length ? { layers: on } : {}) });
  };
  const ticks = box('fieldset', 'walls-ticks', element('legend', '', say('layers')), ...layers.map((one) => one.label));
  return box('section', '', field(say('measure'), measure), ticks, button(say('show'), show));
}

/** @param {AbortSignal} signal */
function begin(signal) {
  const asked = new URLSearchParams(location.search).get('wall');
  wall = asked && given().walls.includes(asked) ? asked : 'main';
  clock = keepClock(signal);
  minutes.replaceChildren(...choice(MINUTES.map((n) => [String(n), say('minutes', { n })]), '5').childNodes);
  minutes.value = '5';
  const walls = choice(given().walls.map((/** @type {string} */ name) => [name, name]), wall);
  walls.addEventListener('change', () => {
    wall = walls.value;
    history.replaceState(null, '', `${location.pathname}?${new URLSearchParams({ wall, city: given().city })}`);
    void read();
  });
  const steps = box(
    'div',
    'walls-steps',
    button(say('previous'), () => command({ do: 'previous' }), 'second big'),
    holding,
    button(say('next'), () => command({ do: 'next' }), 'second big'),
  );
  required('#panel').replaceChildren(
    given().walls.length > 1 ? field(say('wall'), walls) : '',
    now,
    steps,
    field(say('for'), minutes),
    outcome,
    finder(),
    box('section', '', element('h2', '', say('scenes')), list),
    looks(),
  );
  void read();
  const timer = setInterval(draw, EACH_MS);
  const leave = connect(({ kind, body }) => {
    if (kind === 'reset' || kind === 'live' || (kind === 'wall' && body?.wall === wall)) void read();
  }, signal);
  onStop(signal, () => {
    clearInterval(timer);
    leave();
  });
}

export const remote = part(begin);
