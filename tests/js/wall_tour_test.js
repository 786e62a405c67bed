import { deepStrictEqual as same, ok, strictEqual as is } from 'node:assert';
import moments from '../wall/moments.json' with { type: 'json' };
import { best, reading, ServerClock } from '../../assets/scripts/wall/tour/clock.js';
import { bodyOf, brightnessText, draftOf, moved, newScene, playlists, readBrightness } from '../../assets/scripts/wall/scenes/draft.js';
import { keyCommand, sendCommand } from '../../assets/scripts/wall/tour/commands.js';
import { beat, PlayLog, screenId, sendPicture } from '../../assets/scripts/wall/tour/heartbeat.js';
import { bearingOf, brightnessAt, hourOf, place, shiftAt } from '../../assets/scripts/wall/tour/tour.js';

/** @param {number} id @param {number} dwell_s @param {Partial<WallScene>} [more] @returns {WallScene} */
const scene = (id, dwell_s, more = {}) => ({
  ...{ id, name: `s${id}`, name_en: '', playlist: 'day', area: `a${id}`, area_name: '', area_name_en: '', level: 'district', zone: null },
  ...{ bbox: null, layers: [], measure: '', camera: { zoom: null, pitch: 57, bearing: 170, orbit_deg_per_s: 1 }, dwell_s, panels: [] },
  ...more,
});

/** @param {Partial<WallTour>} [more] @returns {WallTour} */
const tour = (more = {}) => ({
  ...{ version: '1', city: 'c', wall: 'main', made: false, timezone: 'Asia/Shanghai', server_time_ms: 0 },
  ...{ scenes: [scene(1, 10), scene(2, 20)], plan: [{ from_ms: 0, playlist: 'day' }], epoch_ms: 0, set_ms: 0, turns: [], hold: null },
  ...{
    interrupt: { serious: true, late_3: true, stays_s: 25, gap_s: 0 },
    brightness: Array(24).fill(1),
    pixel_shift: { px: 2, every_s: 60 },
  },
  ...more,
});

/** @param {number} id @param {number} from_ms @param {number} until_ms @param {Partial<WallTurn>} [more] @returns {WallTurn} */
const turn = (id, from_ms, until_ms, more = {}) => ({ id, kind: 'hold', from_ms, until_ms, scene: null, look: null, case: null, ...more });

for (const told of moments.moments) {
  Deno.test(`the tour stands where the server counts it: ${told.why}`, () => {
    const turns = told.turns.map(([from, until], n) => turn(n + 1, from, until));
    const plan = [{ from_ms: told.changed, playlist: 'day' }];
    const shown = tour({
      scenes: told.dwell_s.map((dwell, n) => scene(n + 1, dwell)),
      plan,
      epoch_ms: told.epoch,
      set_ms: told.set,
      turns,
    });
    const placed = place(shown, told.now);
    is(placed?.index, told.index);
    if (placed?.kind === 'scene') is(placed.seconds_in * 1000, told.passed);
  });
}

Deno.test('the seconds left end with the scene, the schedule or the next turn, whichever comes first', () => {
  is(place(tour(), 4000)?.seconds_left, 6);
  is(place(tour({ turns: [turn(1, 6000, 9000)] }), 4000)?.seconds_left, 2);
  is(place(tour({ turns: [turn(1, 6000, 9000)] }), 7000)?.seconds_left, 2);
  is(place(tour({ plan: [{ from_ms: 0, playlist: 'day' }, { from_ms: 5000, playlist: 'x' }] }), 4000)?.seconds_left, 1);
});

Deno.test('a playlist has its own scenes, and one without any shows all', () => {
  const shown = tour({
    scenes: [scene(1, 10), scene(2, 20, { playlist: 'night' })],
    plan: [{ from_ms: 0, playlist: 'day' }, { from_ms: 60000, playlist: 'night' }],
  });
  is(place(shown, 59999)?.scene.id, 1);
  is(place(shown, 60000)?.scene.id, 2);
  same([place(shown, 60000)?.count, place(shown, 60000)?.playlist], [1, 'night']);
  is(place({ ...shown, plan: [{ from_ms: 0, playlist: 'gone' }] }, 0)?.count, 2);
  is(place(tour({ scenes: [] }), 0), null);
});

Deno.test('what a presenter holds, shows, or a case that interrupts', () => {
  const held = place(tour({ turns: [turn(7, 12000, 90000)] }), 80000);
  same([held?.kind, held?.scene.id, held?.seconds_left, held?.key], ['hold', 2, 10, 't7']);
  const shown = place(tour({ turns: [turn(7, 0, 90000, { look: { area: 'a9', measure: 'overdue' } })] }), 1000);
  same([shown?.scene.area, shown?.scene.measure, shown?.scene.id, shown?.scene.dwell_s], ['a9', 'overdue', -7, 10]);
  const colour = place(tour({ turns: [turn(7, 0, 90000, { look: { measure: 'open' } })] }), 1000);
  same([colour?.scene.area, colour?.scene.measure, colour?.scene.id], ['a1', 'open', 1], 'another measure is no other place');
  is(place(tour({ turns: [turn(1, 0, 90000), turn(2, 5000, 8000, { kind: 'late_3' })] }), 6000)?.turn?.id, 2, 'the later one counts');
});

Deno.test('screens that show a scene each show the next ones', () => {
  same([0, 1, 2].map((ahead) => place(tour(), 4000, ahead)?.scene.id), [1, 2, 1]);
});

Deno.test('the key changes exactly with what is shown', () => {
  const keys = [0, 9999, 10000, 29999, 30000].map((now) => place(tour(), now)?.key);
  is(keys[0], keys[1]);
  is(keys[2], keys[3]);
  is(new Set(keys).size, 3, 'also when the same scene comes again');
  const alone = tour({ scenes: [scene(1, 10)] });
  is(place(alone, 0)?.key, place(alone, 45000)?.key, 'a single scene just stays');
});

Deno.test('the camera turns from where the scene begins, and stands for who asked for less motion', () => {
  const placed = /** @type {any} */ (place(tour(), 9000));
  is(bearingOf(placed, false), 179);
  is(bearingOf({ ...placed, seconds_in: 20 }, false), -170);
  is(bearingOf(placed, true), 170);
});

Deno.test('brightness follows the hour of the city, without a jump', () => {
  const brightness = Array(24).fill(1);
  brightness[22] = 0.5;
  const shown = tour({ brightness });
  const shanghai = (/** @type {string} */ time) => Date.parse(`2026-12-03T${time}:00+08:00`);
  is(hourOf(shanghai('21:30'), 'Asia/Shanghai'), 21.5);
  same(['21:00', '21:30', '22:00', '22:30', '23:00'].map((time) => brightnessAt(shown, shanghai(time))), [1, 0.75, 0.5, 0.75, 1]);
  is(brightnessAt(tour({ brightness: Array(24).fill(0) }), 0), 0.2, 'never dark');
});

Deno.test('the picture moves by one step at a time and comes back', () => {
  const steps = Array.from({ length: 20 }, (_, n) => shiftAt(tour(), n * 60000));
  ok(steps.slice(1).every(([x, y], n) => Math.abs(x - steps[n][0]) + Math.abs(y - steps[n][1]) <= 2));
  same(steps.slice(0, 10), steps.slice(10));
  is(new Set(steps.map(String)).size, 9);
  same(shiftAt(tour({ pixel_shift: { px: 0, every_s: 60 } }), 999999), [0, 0]);
});

// ---- The clock ----

Deno.test('the quickest answer counts, and tells how wrong the clock can be', () => {
  const readings = [reading(0, 200, 1_000_150), reading(300, 340, 1_000_321), reading(400, 900, 1_000_405)];
  is(best(readings, 1000).offset, 1_000_001);
  let now = 1000;
  const clock = new ServerClock(() => now);
  readings.forEach((one) => clock.take(one));
  is(clock.doubt, 20);
  is(Math.round(clock.now()), 1_001_001);
  now += 31 * 60_000;
  is(best(readings, now).delay, 500, 'of old ones the last');
});

Deno.test('a better reading moves the clock slowly, a far one at once, and it never goes back', () => {
  let now = 0;
  const clock = new ServerClock(() => now);
  for (let n = 0; n < 8; n += 1) clock.take(reading(0, 0, 50_000));
  now = 1000;
  clock.take({ delay: -1, offset: 49_900, at: 1000 });
  let before = clock.now();
  for (let n = 0; n < 100; n += 1) {
    now += 100;
    const after = clock.now();
    ok(after > before, 'forward only');
    before = after;
  }
  is(Math.round(clock.now() - now), 49_900);
  clock.take({ delay: -2, offset: 90_000, at: now });
  is(clock.now(), now + 90_000);
});

Deno.test('before anything was read the own clock has to do', () => {
  const clock = new ServerClock();
  is(clock.isSet, false);
  ok(Math.abs(clock.now() - Date.now()) < 1000);
});

// ---- What a screen tells ----

/** @returns {{getItem(name: string): string | null, setItem(name: string, value: string): void, held: Map<string, string>}} */
const store = () => {
  /** @type {Map<string, string>} */
  const held = new Map();
  return { held, getItem: (name) => held.get(name) ?? null, setItem: (name, value) => void held.set(name, value) };
};
const WHAT = { scene: 's', kind: 'scene', tour_version: '1', data_version: 7 };

/**
 * @param {number[]} statuses Of the answers; 0: none.
 * @param {() => Promise<void>} work
 */
async function answered(statuses, work) {
  const before = globalThis.fetch;
  /** @type {{address: string, body: any}[]} */
  const asked = [];
  globalThis.fetch = /** @type {any} */ ((/** @type {string} */ address, /** @type {any} */ options) => {
    asked.push({ address, body: typeof options.body === 'string' ? JSON.parse(options.body) : options.body });
    const status = statuses.shift() ?? 200;
    return status ? Promise.resolve(new Response('{"picture": false}', { status })) : Promise.reject(new TypeError('no network'));
  });
  try {
    await work();
  } finally {
    globalThis.fetch = before;
  }
  return asked;
}

Deno.test('a screen keeps its id', () => {
  const kept = store();
  const id = screenId(kept);
  ok(/^[0-9a-f]{32}$/.test(id));
  is(screenId(kept), id);
  kept.setItem('gridwell.wall.screen', 'broken');
  ok(screenId(kept) !== 'broken');
});

Deno.test('what was shown has a begin and an end, and another version of the data begins anew', () => {
  const log = new PlayLog(store());
  log.show('a', WHAT, 1000);
  log.show('a', WHAT, 5000);
  log.show('a', { ...WHAT, data_version: 8 }, 6000);
  log.show('b', { ...WHAT, data_version: 8, scene: 't' }, 9000);
  log.end(9500);
  log.end(9900);
  same(log.next().map((one) => [one.scene, one.from_ms, one.until_ms, one.data_version]), [['s', 1000, 6000, 7], ['s', 6000, 9000, 8], [
    't',
    9000,
    9500,
    8,
  ]]);
  log.show('c', WHAT, 9900);
  log.end(9900);
  is(log.next().length, 3, 'what lasted no time was not shown');
});

Deno.test('nothing that was shown is lost while nobody answers, or the page is loaded again', async () => {
  const kept = store();
  const log = new PlayLog(kept);
  log.show('a', WHAT, 1000);
  log.show('b', WHAT, 2000);
  const facts = { part: '2/3', scene: 's', version: '1', data_age_s: 1, fps: 60, heap_mb: null, size: '1920x1080' };
  const screen = { id: 'x', wall: 'main', city: null, csrf: 'c', plays: log };
  const asked = await answered([0, 503, 200, 200], async () => {
    is(await beat(screen, facts), null);
    is(await beat(screen, facts), null);
    const again = { ...screen, plays: new PlayLog(kept) };
    ok(await beat(again, facts));
    ok(await beat(again, facts));
    is(new PlayLog(kept).next().length, 0);
  });
  same(asked.map((one) => one.body.plays.length), [1, 1, 1, 0]);
  same([asked[0].body.part, asked[0].body.wall, asked[0].address], ['2/3', 'main', '/api/wall/screens/heartbeat']);
});

Deno.test('a picture is sent only where it is small enough', async () => {
  const asked = await answered([200, 200], async () => {
    is(await sendPicture({ id: 'x', csrf: 'c' }, new Blob([new Uint8Array(100_001)])), false);
    is(await sendPicture({ id: 'x', csrf: 'c' }, null), false);
    is(await sendPicture({ id: 'x', csrf: 'c' }, new Blob([new Uint8Array(100_000)])), true);
  });
  is(asked.length, 1);
});

Deno.test('keys of a remote control', () => {
  same(['ArrowRight', 'PageUp', ' ', '2', '3', '0', 'a'].map((key) => keyCommand(key, 2)), [
    { step: 1 },
    { step: -1 },
    { hold: true },
    { index: 1 },
    null,
    null,
    null,
  ]);
});

Deno.test('a command tells the new version, or why not', async () => {
  const where = { wall: 'main', city: null, csrf: 'c', lang: 'en' };
  await answered([200, 403, 0], async () => {
    same(await sendCommand(where, { do: 'next' }), { version: null, sentence: null });
    same(await sendCommand(where, { do: 'next' }), { version: null, sentence: '' });
    same(await sendCommand(where, { do: 'next' }), { version: null, sentence: '' });
  });
});

// ---- A tour while somebody writes it ----

Deno.test('what is sent is what was written, without what only the answer has', () => {
  const told = { version: '3', made: true, scenes: [{ ...scene(-5, 10), area_name: 'x' }], settings: { schedule: [], brightness: [] } };
  const draft = draftOf(told);
  draft.scenes.push(newScene('a', 'b', ''));
  const body = bodyOf(draft, { wall: 'w', city: 'c' });
  same(body.scenes.map((one) => [one.id, one.area, 'area_name' in one]), [[0, 'a-5', false], [0, 'a', false]]);
  same([body.seen, body.wall, body.city], ['3', 'w', 'c']);
  same(playlists(draft), ['day']);
});

Deno.test('scenes move within their list', () => {
  same(moved([1, 2, 3], 0, 1), [2, 1, 3]);
  same(moved([1, 2, 3], 2, -1), [1, 3, 2]);
  same(moved([1, 2, 3], 0, -1), [1, 2, 3]);
  same(moved([1, 2, 3], 2, 1), [1, 2, 3]);
});

Deno.test('brightness is written in percent', () => {
  const hours = Array(24).fill(0.5);
  same(readBrightness(brightnessText(hours)), hours);
  is(readBrightness('100 '.repeat(23)), null);
  is(readBrightness('100 '.repeat(23) + '19'), null);
  is(readBrightness('100 '.repeat(23) + '20')?.[23], 0.2);
  is(readBrightness('100 '.repeat(23) + 'x'), null);
});
