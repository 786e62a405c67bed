import { deepStrictEqual as same, ok, strictEqual as is } from 'node:assert';
import { readAddress, withSettings } from '../../assets/scripts/wall/tour/address.js';
import { storeOf } from '../../assets/scripts/wall/tour/beating.js';
import { Director, eased, FLIGHT_MS, wrapped } from '../../assets/scripts/wall/tour/director.js';
import { keepSettings, keptSettings, screenId } from '../../assets/scripts/wall/tour/heartbeat.js';
import { shownArea, shownAt, turningSince } from '../../assets/scripts/wall/tour/shown.js';
import { place } from '../../assets/scripts/wall/tour/tour.js';
import { Touring } from '../../assets/scripts/wall/tour/touring.js';
import { Clock } from './clock.js';

/** @param {number} id @param {Partial<WallScene>} [more] @returns {WallScene} */
const scene = (id, more = {}) => ({
  ...{ id, name: `s${id}`, name_en: '', playlist: 'day', area: `a${id}`, area_name: '', area_name_en: '', level: 'district', zone: null },
  ...{ bbox: [id, id, id + 1, id + 1], layers: [], measure: '', panels: [], dwell_s: 10 },
  camera: { zoom: null, pitch: 57, bearing: 170, orbit_deg_per_s: 1 },
  ...more,
});

/** @param {Partial<WallTour>} [more] @returns {WallTour} */
const tour = (more = {}) => ({
  ...{ version: '1', city: 'c', wall: 'main', made: false, timezone: 'Asia/Shanghai', server_time_ms: 0 },
  ...{ scenes: [scene(1), scene(2), scene(3)], plan: [{ from_ms: 0, playlist: 'day' }], epoch_ms: 0, set_ms: 0, turns: [], hold: null },
  ...{ interrupt: { serious: true, late_3: true, stays_s: 25, gap_s: 0 }, brightness: [], pixel_shift: { px: 0, every_s: 60 } },
  ...more,
});

const CASE = { category: 'x', category_name: 'X', category_name_en: '', severity: 1, area: 'g', area_name: 'G', area_name_en: '' };

Deno.test('the address says whose tour a screen follows, and which part of the wall it is', () => {
  same(readAddress(''), {
    ...{ wall: 'main', city: null, area: null, preview: null, part: null, wide: false, ahead: 0, isScreen: false, id: null },
    says: { part: false, scenes: null },
  });
  same(readAddress('?wall=lobby&screen=2/3').part, { no: 2, of: 3 });
  is(readAddress('?screen=2/3').wide, true);
  is(readAddress('?screen=3/3&scenes=each').ahead, 2);
  for (const wrong of ['4/3', '0/3', 'x', '2', '2/30']) is(readAddress(`?screen=${wrong}`).part, null, wrong);
});

Deno.test('settings of a screen say which scene is its own, where its address does not', () => {
  const told = (/** @type {string} */ search, /** @type {string | null} */ part, /** @type {string | null} */ scenes) => {
    const { part: found, wide, ahead } = withSettings(readAddress(search), { part, scenes });
    return [found?.no ?? null, wide, ahead];
  };
  same(told('', null, null), [null, false, 0]);
  same(told('', null, 'each'), [null, false, 0]);
  same(told('', '2/3', null), [2, true, 0]);
  same(told('', '2/3', 'each'), [2, false, 1]);
  same(told('?screen=3/3', '2/3', 'each'), [3, false, 2]);
  same(told('?screen=3/3&scenes=wide', '2/3', 'each'), [3, true, 0]);
  same(told('?screen=3/3&scenes=each', '2/3', 'wide'), [3, false, 2]);
  const set = withSettings(readAddress(''), { part: '2/3', scenes: 'each' });
  same(withSettings(set, { part: null, scenes: null }), readAddress(''));
});

Deno.test('screens of one machine are not taken for one', () => {
  const map = new Map();
  const store = {
    getItem: (/** @type {string} */ name) => map.get(name) ?? null,
    setItem: (/** @type {string} */ a, /** @type {string} */ b) => map.set(a, b),
  };
  const [one, two] = [storeOf({ part: { no: 1, of: 2 } }, store), storeOf({ part: { no: 2, of: 2 } }, store)];
  const id = screenId(one);
  ok(screenId(two) !== id);
  is(screenId(one), id);

  is(keptSettings(one), null);
  keepSettings(one, /** @type {any} */ ({ part: '2/3', scenes: 'each' }));
  same([keptSettings(one)?.part, keptSettings(two)], ['2/3', null], 'a page that loads again knows at once which part it is');
  is(withSettings(readAddress(''), /** @type {any} */ (keptSettings(one))).ahead, 1);
  for (const text of ['{', '[]', '7']) {
    one.setItem('gridwell.wall.settings', text);
    is(keptSettings(one), null);
  }
});

// ---- The camera ----

const camera = (/** @type {number} */ longitude, /** @type {number} */ bearing) => ({
  longitude,
  latitude: 0,
  zoom: 12,
  pitch: 57,
  bearing,
});
/** @param {Camera} a @param {Camera} b @param {number} t */
const between = (a, b, t) => ({
  ...b,
  longitude: a.longitude + (b.longitude - a.longitude) * t,
  bearing: a.bearing + (b.bearing - a.bearing) * t,
});

Deno.test('the camera turns by the clock, so that every screen sees the same', () => {
  const [one, late] = [new Director(between), new Director(between)];
  one.aim(camera(1, 175), { orbit: 1, begin: 1000 }, null);
  is(one.cameraAt(1000)?.bearing, 175);
  is(one.cameraAt(11000)?.bearing, -175);
  late.aim(camera(1, 175), { orbit: 1, begin: 1000 }, null);
  same(late.cameraAt(400000), one.cameraAt(400000));
  is(new Director(between).cameraAt(0), null);
});

Deno.test('a flight begins where the camera is, takes the shorter way round, and ends in the turn without a jump', () => {
  const made = new Director(between);
  made.aim(camera(2, 170), { orbit: 2, begin: 0 }, { from: camera(1, -170), at: 5000 });
  same(made.cameraAt(5000), { ...camera(1, -170) });
  same(made.cameraAt(4000), { ...camera(1, -170) }, 'a clock that was set back a little');
  const steps = Array.from({ length: 61 }, (_, n) => made.cameraAt(5000 + (n * (FLIGHT_MS + 1000)) / 60) ?? camera(0, 0));
  steps.slice(1).forEach((step, n) => {
    ok(Math.abs(wrapped(step.bearing - steps[n].bearing)) < 3, 'never round the long way');
    ok(step.longitude >= steps[n].longitude - 1e-9);
  });
  ok(Math.abs(wrapped((made.cameraAt(5000 + FLIGHT_MS - 1)?.bearing ?? 0) - (made.cameraAt(5000 + FLIGHT_MS)?.bearing ?? 0))) < 0.01);
  is(made.flies(5000 + FLIGHT_MS - 1), true);
  is(made.flies(5000 + FLIGHT_MS), false);
  same([eased(0), eased(0.5), eased(1)], [0, 0.5, 1]);
});

// ---- What is shown ----

Deno.test('a scene says whose figures stand there, what the map shows and how it is seen', () => {
  const given = tour({ scenes: [scene(1, { zone: 'z1', measure: 'overdue', layers: ['grid'], panels: ['ticker'] })] });
  const shown = shownAt(given, /** @type {any} */ (place(given, 1000)));
  is(shown.area, 'z1');
  same(shown.look, { area: 'z1', measure: 'overdue', layers: ['grid'] });
  same(shown.sight, { box: [1, 1, 2, 2], at: null, zoom: null, pitch: 57, bearing: 170, orbit: 1 });
  same(shown.panels, ['ticker']);
  is(shownArea('x').area, 'x');
});

Deno.test('while a case breaks in the figures stay, and the map flies to the cell of the case', () => {
  const look = { area: 'g', area_name: 'G', bbox: [3.4, 3.4, 3.6, 3.6], camera: { zoom: 16, pitch: 50, bearing: 0, orbit_deg_per_s: 0 } };
  const turn = /** @type {any} */ ({ id: 9, kind: 'serious', from_ms: 3000, until_ms: 28000, scene: null, look });
  const given = tour({ turns: [{ ...turn, case: { ...CASE, lon: 3.5, lat: 3.5 } }] });
  const shown = shownAt(given, /** @type {any} */ (place(given, 4000)));
  same([shown.kind, shown.area, shown.name], ['serious', 'a1', 's1']);
  is(shown.look.area, 'a3', 'the case lies outside the scene that it interrupts: the map is that of the scene that holds it');
  same([shown.sight.at, shown.sight.zoom, shown.sight.pitch], [[3.5, 3.5], 16, 50]);
  is(shown.card?.area, 'g');
  is(place(given, 28000)?.key, place(given, 2999)?.key, 'afterwards the tour goes on where it was');
});

Deno.test('a presenter shows another area with the camera of the scene, but so that the area fills the picture', () => {
  const turn = /** @type {any} */ ({ id: 9, kind: 'hold', from_ms: 3000, until_ms: 90000, scene: null, case: null });
  const near = scene(1, { camera: { zoom: 15, pitch: 40, bearing: 0, orbit_deg_per_s: 0 } });
  const given = tour({ scenes: [near], turns: [{ ...turn, look: { area: 'q', area_name: 'Q', area_name_en: 'Q', bbox: [5, 5, 6, 6] } }] });
  const shown = shownAt(given, /** @type {any} */ (place(given, 4000)));
  same([shown.area, shown.name, shown.sight.zoom, shown.sight.pitch], ['q', 'Q', null, 40]);
  const held = tour({ scenes: [near], turns: [{ ...turn, look: null }] });
  const placed = /** @type {any} */ (place(held, 4000));
  is(turningSince(placed, 4000), 0, 'a scene that is held goes on turning');
  is(shownAt(held, placed).sight.zoom, 15);
});

// ---- Following ----

/** @typedef {{clock: Clock, touring: Touring, told: {key: string, at: number}[], ahead: string[], asked: string[], sent: unknown[], set: (tour: WallTour) => void, begun: number}} Stage */

/** @param {(stage: Stage) => Promise<void>} play @param {{search?: string, steers?: boolean}} [given] */
async function staged(play, { search = '', steers = false } = {}) {
  const clock = new Clock();
  clock.install();
  const [fetched, given] = [globalThis.fetch, /** @type {any} */ (globalThis)];
  const end = new AbortController();
  const begun = Date.now();
  let answer = tour({ epoch_ms: begun, set_ms: begun });
  const stage = /** @type {Stage} */ (/** @type {unknown} */ ({
    clock,
    told: [],
    ahead: [],
    asked: [],
    sent: [],
    begun,
    set: (/** @type {WallTour} */ made) => (answer = made),
  }));
  given.fetch = (/** @type {string} */ address) => {
    stage.asked.push(address);
    return Promise.resolve({ ok: true, json: () => Promise.resolve(structuredClone(answer)) });
  };
  try {
    stage.touring = new Touring({
      address: readAddress(search),
      clock: /** @type {any} */ ({ now: () => performance.now() }),
      show: ({ key }, _, at) => stage.told.push({ key, at: at - begun }),
      prepare: ({ key }) => stage.ahead.push(key),
      steer: steers ? (command) => stage.sent.push(command) : undefined,
    }, end.signal);
    stage.touring.begin();
    await clock.pass(0);
    await play(stage);
  } finally {
    end.abort();
    clock.restore();
    given.fetch = fetched;
  }
}

Deno.test('scenes change by themselves at their moments, each is prepared before, and the server is asked once', () =>
  staged(async ({ clock, told, ahead, asked }) => {
    same(told.map((one) => one.key), ['s1/0']);
    await clock.pass(9999);
    same(ahead, ['s2/0']);
    is(told.length, 1);
    await clock.pass(1);
    same(told[1], { key: 's2/0', at: 10000 });
    await clock.pass(3600_000);
    is(told.length, 362);
    is(asked.length, 1, 'a quiet wall asks for nothing');
  }));

Deno.test('a tour that was changed is read when the wall hears of it, and the same one changes nothing', () =>
  staged(async ({ clock, touring, told, asked, set, begun }) => {
    touring.hear({ kind: 'wall', body: { wall: 'other' } });
    touring.hear({ kind: 'live' });
    await clock.pass(0);
    is(asked.length, 2);
    is(told.length, 1);
    const turn =
      /** @type {any} */ ({ id: 7, kind: 'hold', from_ms: begun + 2000, until_ms: begun + 62000, scene: 3, look: null, case: null });
    set(tour({ version: '2', epoch_ms: begun, set_ms: begun, turns: [turn] }));
    touring.hearVersion('2');
    await clock.pass(2000);
    same(told.at(-1), { key: 't7', at: 2000 });
    await clock.pass(60000);
    same(told.at(-1), { key: 's1/0', at: 62000 });
  }));

Deno.test('keys steer the wall where the account may, and otherwise this screen alone for a while', async () => {
  await staged(({ touring, sent, told }) => {
    for (const key of ['ArrowRight', 'ArrowLeft', '3', ' ', 'a', '9']) touring.press(key);
    same(sent, [{ do: 'next' }, { do: 'previous' }, { do: 'scene', scene: 3 }, { do: 'hold' }]);
    is(told.length, 1);
    return Promise.resolve();
  }, { steers: true });
  await staged(async ({ clock, touring, sent, told, asked }) => {
    is(touring.press('ArrowRight'), true);
    is(touring.shown?.area, 'a2');
    touring.press('3');
    is(touring.shown?.area, 'a3');
    await clock.pass(60000);
    is(touring.shown?.area, 'a3', 'it stays while somebody looks at it');
    is(touring.press('x'), false);
    touring.press(' ');
    is(touring.shown?.area, 'a1', 'and then the tour is where it would have been');
    touring.press('ArrowLeft');
    is(touring.shown?.area, 'a3');
    await clock.pass(300_000);
    ok(told.at(-1)?.key.startsWith('s'), 'after five minutes the tour goes on by itself');
    is(asked.length, 1);
    same(sent, []);
  });
});

Deno.test('an area of the address stands for good, without any tour', () =>
  staged(async ({ clock, touring, told, asked }) => {
    touring.hear({ kind: 'live' });
    await clock.pass(100000);
    same(told.map((one) => one.key), ['area x']);
    is(asked.length, 0);
    is(touring.press('ArrowRight'), false);
  }, { search: '?area=x' }));

Deno.test('each screen of a wall may show a scene of its own', () =>
  staged(async ({ clock, touring }) => {
    is(touring.shown?.area, 'a3');
    await clock.pass(10000);
    is(touring.shown?.area, 'a1');
  }, { search: '?screen=3/3&scenes=each' }));
