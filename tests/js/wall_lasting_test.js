/** What a wall needs to go on by itself for months. */

import { deepStrictEqual as same, ok, strictEqual as is } from 'node:assert';
import { shareStream } from '../../assets/scripts/live/sharing.js';
import { EventStream } from '../../assets/scripts/live/stream.js';
import { supportsWebgl } from '../../assets/scripts/map/library.js';
import { tiled } from '../../assets/scripts/map/vector_tiles.js';
import { City } from '../../assets/scripts/wall/city.js';
import { readDay } from '../../assets/scripts/wall/clock.js';
import { Flying } from '../../assets/scripts/wall/flying.js';
import { Grounds } from '../../assets/scripts/wall/grounds.js';
import { reloadWhenAnswered } from '../../assets/scripts/wall/reload.js';
import { readAddress } from '../../assets/scripts/wall/tour/address.js';
import { Beating } from '../../assets/scripts/wall/tour/beating.js';
import { keepClock } from '../../assets/scripts/wall/tour/clock.js';
import { sendCommand } from '../../assets/scripts/wall/tour/commands.js';
import { keepBeating, lenientStore, PlayLog, screenId } from '../../assets/scripts/wall/tour/heartbeat.js';
import { Touring } from '../../assets/scripts/wall/tour/touring.js';
import { Clock } from './clock.js';

const given = /** @type {any} */ (globalThis);
const ID = '0123456789abcdef'.repeat(2);

/**
 * A browser with a clock that the test moves, and a server that answers as the test says.
 *
 * @param {Record<string, unknown>} page What is put in the place of the browser's own.
 * @param {(address: string, options: any) => Promise<any>} answer
 * @param {(clock: Clock, end: AbortController) => Promise<void>} play
 */
async function onBrowser(page, answer, play) {
  const [clock, end] = [new Clock(), new AbortController()];
  const replaced = { ...page, fetch: answer };
  const before = Object.keys(replaced).map((name) => [name, Object.getOwnPropertyDescriptor(given, name)]);
  for (const [name, value] of Object.entries(replaced)) Object.defineProperty(given, name, { value, configurable: true, writable: true });
  clock.install();
  try {
    await play(clock, end);
  } finally {
    end.abort();
    await clock.pass(1000);
    clock.restore();
    for (const [name, kept] of /** @type {[string, any][]} */ (before)) {
      if (kept) Object.defineProperty(given, name, kept);
      else delete given[name];
    }
  }
}

/** Nobody answers, until whoever asked gives up. @param {string} _ @param {{signal?: AbortSignal}} [options] @returns {Promise<any>} */
const silent = (_, { signal } = {}) =>
  new Promise((_, fail) => signal?.addEventListener('abort', () => fail(signal.reason), { once: true }));

/** @returns {import('../../assets/scripts/wall/tour/heartbeat.js').Store} */
const store = () => {
  const held = new Map();
  return { getItem: (name) => held.get(name) ?? null, setItem: (name, value) => void held.set(name, value) };
};

// ---- Nothing that goes wrong once ends it ----

Deno.test('a frame that cannot be drawn is not the last one', () => {
  /** @type {(at: number) => void} */
  let frame = () => {};
  const asked = { requestAnimationFrame: (/** @type {any} */ call) => (frame = call, 1), cancelAnimationFrame() {} };
  return onBrowser(asked, silent, (_, end) => {
    const flying = new Flying(/** @type {any} */ (null), /** @type {any} */ (null), () => {});
    flying.follow = () => {
      throw new Error('no frame');
    };
    flying.start(end.signal);
    for (let n = 1; n <= 3; n += 1) {
      const due = frame;
      frame = () => {};
      try {
        due(n * 16);
      } catch {
        // A browser tells of it, and goes on.
      }
      is(flying.frames, n);
    }
    return Promise.resolve();
  });
});

Deno.test('a scene that cannot be shown, or prepared, does not end the tour', () => {
  const made = { name_en: '', area_name: '', area_name_en: '', level: 'district', zone: null, bbox: [0, 0, 1, 1], layers: [], measure: '' };
  const camera = { zoom: null, pitch: 57, bearing: 170, orbit_deg_per_s: 1 };
  const scenes = [1, 2, 3].map((id) => ({ ...made, id, name: `s${id}`, playlist: 'day', area: `a${id}`, dwell_s: 10, panels: [], camera }));
  const plan = [{ from_ms: 0, playlist: 'day' }];
  const answer = () => {
    const tour = { version: '1', scenes, plan, epoch_ms: Date.now(), set_ms: Date.now(), turns: [] };
    return Promise.resolve({ ok: true, json: () => Promise.resolve(tour) });
  };
  return onBrowser({}, answer, async (clock, end) => {
    /** @type {string[]} */
    const tried = [];
    const fails = (/** @type {any} */ { area }) => {
      tried.push(area);
      throw new Error('cannot be drawn');
    };
    const now = /** @type {any} */ ({ now: () => performance.now() });
    new Touring({ address: readAddress(''), clock: now, show: fails, prepare: fails }, end.signal).begin();
    await clock.pass(20_000);
    same([...new Set(tried)], ['a1', 'a2', 'a3']);
  });
});

Deno.test('a store that is full or closed does not keep a screen from telling', () => {
  const refuse = () => {
    throw new DOMException('no', 'SecurityError');
  };
  for (const broken of [lenientStore(refuse), lenientStore(() => ({ getItem: refuse, setItem: refuse }))]) {
    ok(/^[0-9a-f]{32}$/.test(screenId(broken)));
    const log = new PlayLog(broken);
    log.show('a', { scene: 's', kind: 'scene', tour_version: '1', data_version: 1 }, 1000);
    log.end(2000);
    is(log.next().length, 1);
  }
  const kept = store();
  is(screenId(lenientStore(() => kept)), screenId(kept));
});

Deno.test('a browser that could not draw may draw later, and one that can is not asked again', () => {
  /** @type {unknown[]} */
  const contexts = [null, null, { getExtension: () => null }];
  const document = { createElement: () => ({ getContext: () => contexts.shift() }) };
  Object.defineProperty(given, 'document', { value: document, configurable: true });
  same([1, 2, 3, 4].map(() => supportsWebgl()), [false, false, true, true]);
  delete given.document;
});

Deno.test('colours and lights of a scene come in the middle of the flight to it, and at once where the map stays', () =>
  onBrowser({}, silent, async (clock) => {
    const grounds = /** @type {any} */ ({});
    for (const name of ['a', 'b']) grounds[name] = { name, spec: { layers: [], camera: {} } };
    const look = (/** @type {string} */ area, /** @type {number} */ pitch) => /** @type {any} */ ({
      look: { area },
      sight: { pitch },
      card: null,
    });
    /** @type {[string, number][]} */
    const painted = [];
    const city = /** @type {City} */ (Object.assign(Object.create(City.prototype), {
      ...{ clock: { now: () => performance.now() }, director: { target: {}, flies: () => true }, aim() {} },
      grounds: { bring: (/** @type {any} */ { area }) => Promise.resolve(grounds[area]), freshMs: () => 1e6 },
      ...{
        ground: grounds.a,
        shown: look('a', 1),
        since: 0,
        lit: [],
        leavesUntil: -Infinity,
        unpainted: false,
        due: Infinity,
        lost: false,
      },
      paint() {
        this.unpainted = false;
        painted.push([this.ground.name, this.lit.length]);
      },
    }));
    city.show(look('b', 2), 0, performance.now());
    await clock.pass(500);
    city.light(/** @type {any} */ ([{}]));
    await clock.pass(900);
    same(painted, []);
    await clock.pass(200);
    same(painted, [['b', 1]]);
    city.show(look('b', 3), 0, performance.now());
    await clock.pass(1);
    city.light([]);
    same(painted, [['b', 1], ['b', 0]]);
  }));

// ---- Nobody answers ----

Deno.test('the clock asks again where an answer never comes', () => {
  /** @type {any[]} */
  const asked = [];
  const count = (/** @type {string} */ address, /** @type {any} */ options) => (asked.push(options.headers), silent(address, options));
  return onBrowser({}, count, async (clock, end) => {
    keepClock(end.signal);
    await clock.pass(19_000);
    is(asked.length, 1);
    await clock.pass(60_000);
    ok(asked.length > 2);
    ok(asked.every((headers) => headers['X-Gridwell-By-Itself'] === '1'));
  });
});

Deno.test('a clock that may be far off is read again sooner', async () => {
  for (const [delay, asks] of [[10, 8], [100, 11]]) {
    let asked = 0;
    const answered = { ok: true, json: () => Promise.resolve({ server_time_ms: 5 }) };
    const answer = () => (asked += 1, new Promise((done) => setTimeout(() => done(answered), delay)));
    await onBrowser({}, answer, async (clock, end) => {
      keepClock(end.signal);
      await clock.pass(75_000);
    });
    is(asked, asks);
  }
});

Deno.test('whoever steers hears that nobody answers', () =>
  onBrowser({}, silent, async (clock) => {
    const told = sendCommand({ wall: 'main', city: null, csrf: 'c', lang: 'en' }, { do: 'next' });
    await clock.pass(20_000);
    same(await told, { version: null, sentence: '' });
  }));

Deno.test('a display whose token was withdrawn loads the page again when the server itself answers', () => {
  /** @type {(number | null)[]} */
  const statuses = [0, 502, null, 401];
  let [loaded, asked] = [0, 0];
  const answer = (/** @type {string} */ address, /** @type {any} */ options) => {
    asked += 1;
    is(options.headers['X-Gridwell-By-Itself'], '1');
    const status = statuses.shift();
    if (status === null) return silent(address, options);
    return status ? Promise.resolve(new Response('', { status })) : Promise.reject(new TypeError('no network'));
  };
  return onBrowser({ location: { href: 'http://wall/wall', reload: () => (loaded += 1) } }, answer, async (clock) => {
    reloadWhenAnswered();
    await clock.pass(45_000);
    same([asked, loaded], [3, 0], 'an error page of a proxy is none of the server');
    await clock.pass(34_000);
    is(loaded, 0);
    await clock.pass(2_000);
    same([asked, loaded], [4, 1]);
  });
});

Deno.test('tiles that a camera needs which moves by itself keep no session in use', () => {
  class TileLayer {
    /** @param {any} props */
    constructor(props) {
      this.props = props;
    }
  }
  return onBrowser({ deck: { TileLayer, MVTLayer: { defaultProps: { loaders: [] } } } }, silent, async (_, end) => {
    const layer = tiled({ id: 'x', data: '/tiles/{z}/{x}/{y}' }, () => null, []);
    /** @type {any} */
    let seen;
    layer.props.fetch = (/** @type {string} */ address, /** @type {any} */ { loadOptions }) => {
      seen = [address, loadOptions.core.fetch.headers];
      return Promise.resolve([]);
    };
    await layer.getTileData({ index: { z: 3, x: 1, y: 2 }, signal: end.signal });
    same(seen, ['/tiles/3/1/2', { 'X-Gridwell-By-Itself': '1' }]);
  });
});

// ---- What was shown ----

Deno.test('what nobody can see is not told as shown', () => {
  const plays = new PlayLog(store());
  const clock = { now: () => 5000 };
  const shown = { key: 's1/0', name: 'All', kind: 'scene', area: 'a' };
  const wall = { shown, touring: { tour: { version: '3' } }, clock, told: { versions: { incidents: 7 } } };
  const beating = /** @type {Beating} */ (Object.assign(Object.create(Beating.prototype), { wall, shownKey: '', screen: { plays } }));
  const document = { visibilityState: 'hidden' };
  Object.defineProperty(given, 'document', { value: document, configurable: true });
  beating.note();
  plays.end(9000);
  same(plays.next(), []);
  document.visibilityState = 'visible';
  beating.note();
  plays.end(9000);
  same(plays.next(), [{ scene: 'All', kind: 'scene', tour_version: '3', data_version: 7, from_ms: 5000, until_ms: 9000 }]);
  delete given.document;
});

Deno.test('what stands for good is told in pieces, without a gap', () => {
  const log = new PlayLog(store());
  log.divide(0);
  log.show('a', { scene: 's', kind: 'scene', tour_version: '1', data_version: 7 }, 1000);
  log.divide(600_999);
  is(log.next().length, 0);
  for (let now = 601_000; now <= 1_801_000; now += 30_000) log.divide(now);
  log.show('a', { scene: 's', kind: 'scene', tour_version: '1', data_version: 7 }, 1_900_000);
  log.end(1_901_000);
  const spans = log.next().map((one) => [one.from_ms, one.until_ms]);
  same(spans, [[1000, 601_000], [601_000, 1_201_000], [1_201_000, 1_801_000], [1_801_000, 1_901_000]]);
  ok(log.next().every((one) => one.scene === 's' && !('key' in one)));
});

Deno.test('an address may name the screen, for browsers that forget', async () => {
  is(readAddress(`?id=${ID}`).id, ID);
  for (const wrong of ['', 'x', ID.toUpperCase(), `${ID}0`, ` ${ID}`]) is(readAddress(`?id=${encodeURIComponent(wrong)}`).id, null, wrong);
  /** @type {any[]} */
  const told = [];
  const answer = (/** @type {string} */ _, /** @type {any} */ { body, headers }) => {
    told.push([JSON.parse(body).screen, headers['X-Gridwell-By-Itself']]);
    return Promise.resolve(new Response('{}'));
  };
  const rest = { facts: () => /** @type {any} */ ({}), heard() {}, picture: () => Promise.resolve(null), now: () => 0, store: store() };
  await onBrowser({}, answer, async (clock, end) => {
    keepBeating({ wall: 'main', csrf: 'c', id: ID, ...rest }, end.signal);
    const own = keepBeating({ wall: 'main', csrf: 'c', id: null, ...rest }, end.signal);
    await clock.pass(1);
    same(told, [[ID, '1'], [own.id, '1']]);
    is(own.id, screenId(rest.store));
  });
});

// ---- What is shown is of now ----

Deno.test('figures of yesterday are not taken for those of today, but only where the day is known', () => {
  const told = { today: '2026-12-03', current: true, timezone: 'Asia/Shanghai' };
  const at = (/** @type {string} */ time, isSet = true) => ({ now: () => Date.parse(`${time}+08:00`), isSet });
  const read = (/** @type {any} */ figures, /** @type {any} */ clock) => {
    const { isOver, today } = readDay(figures, clock);
    return [isOver, today];
  };
  same(read(told, at('2026-12-03T23:59:59.999')), [false, '2026-12-03']);
  same(read(told, at('2026-12-04T00:00:00')), [true, '2026-12-04']);
  same(read(told, at('2026-12-04T00:00:00', false)), [false, '2026-12-03'], 'the clock of the device may be wrong');
  same(read({ ...told, current: false }, at('2026-12-09T12:00:00')), [false, '2026-12-03'], 'a city whose data stand still');
});

Deno.test('maps that were kept are fetched again after the day changed or the page slept, and shown meanwhile', async () => {
  Object.defineProperty(given, 'document', {
    value: { querySelector: () => ({ getAttribute: () => '{"lang":"zh"}' }) },
    configurable: true,
  });
  let asked = 0;
  const grounds = new Grounds(() => (asked += 1, Promise.resolve(/** @type {any} */ ({ spec: 1 }))));
  const look = { area: 'a', measure: null, layers: [] };
  const first = await grounds.bring(look);
  grounds.expire();
  is(grounds.freshMs(look), 0);
  is(await grounds.bring(look), first, 'the same map is not drawn anew');
  is(asked, 2);
  ok(grounds.freshMs(look) > 0);
  delete given.document;
});

Deno.test('a page that comes after a database was put back hears its versions, not those before', () => {
  /** @type {any} */
  const scope = {};
  const stream = new EventStream(() => {}, () => /** @type {any} */ (Object.assign(new EventTarget(), { close() {} })));
  shareStream(scope, stream);
  /** @type {any} */
  const port = { told: [], postMessage: (/** @type {any} */ news) => port.told.push(news) };
  scope.onconnect({ ports: [port] });
  port.onmessage({ data: 'join' });
  const say = (/** @type {string} */ type, /** @type {unknown} */ body) =>
    stream.hear(/** @type {any} */ ({ type, data: JSON.stringify(body), lastEventId: 'x' }));
  say('ready', { versions: { incidents: 50, areas: 3 } });
  say('ready', { versions: { incidents: 40, areas: 3 } });
  say('figures', { versions: { incidents: 41 } });
  port.onmessage({ data: 'join' });
  same(port.told.at(-1), { kind: 'figures', body: { versions: { incidents: 41, areas: 3 } } });
  stream.stop();
});
