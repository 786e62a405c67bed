import { deepStrictEqual as same, ok, strictEqual as is } from 'node:assert';
import { Asking, isBehind, LEAST_MS, LONGEST_MS, OLD_MS, POLL_MS, QUIET_MS } from '../../assets/scripts/wall/asking.js';
import { readCity } from '../../assets/scripts/wall/clock.js';
import { Grounds } from '../../assets/scripts/wall/grounds.js';
import { bareOf, hasColour, inForce, shorten } from '../../assets/scripts/wall/hazard.js';
import { plural } from '../../assets/scripts/wall/head.js';
import { percent } from '../../assets/scripts/wall/key_figures.js';
import { leaveOut } from '../../assets/scripts/wall/room.js';
import { Reloading } from '../../assets/scripts/wall/reload.js';
import { chooseLayout, covered, fitScreen, heightAt, LEAST_ARC, readScreen, SMALLEST, USUAL } from '../../assets/scripts/wall/screen.js';
import { ServerClock } from '../../assets/scripts/wall/tour/clock.js';
import { Clock } from './clock.js';

// ---- The maps of scenes ----

Deno.test('the map of a scene is fetched once while it is young, and the newest are kept', async () => {
  /** @type {string[]} */
  const asked = [];
  const given = /** @type {any} */ (globalThis);
  given.document = { querySelector: () => ({ getAttribute: () => '{"lang":"zh","words":{}}' }) };
  const grounds = new Grounds((address) => (asked.push(address), Promise.resolve(/** @type {any} */ ({ made: asked.length }))));
  const look = (/** @type {number} */ n) => ({ area: `a${n}`, measure: n ? 'overdue' : null, layers: n ? ['grid', 'flood'] : [] });
  const [one, same_one] = await Promise.all([grounds.bring(look(0)), grounds.bring(look(0))]);
  is(one, same_one, 'two who wait share one answer');
  await grounds.bring(look(1));
  same(asked, ['/wall/map?lang=zh&area=a0', '/wall/map?lang=zh&area=a1&measure=overdue&layers=grid%2Cflood']);
  ok(grounds.freshMs(look(0)) > 0);
  for (let n = 2; n < 100; n += 1) await grounds.bring(look(n));
  ok(grounds.kept.size < 20);
  await grounds.bring(look(99));
  is(asked.length, 100, 'the newest is still there');
  await grounds.bring(look(0));
  is(asked.length, 101, 'the oldest is not');
  delete given.document;
});

// ---- The screen ----

Deno.test('the screen chooses the layout, and the address overrides it', () => {
  for (
    const [width, height, layout] of /** @type {const} */ ([
      [1920, 1080, 'standard'],
      [3840, 2160, 'standard'],
      [3840, 1080, 'band'],
      [7680, 2160, 'band'],
      [1080, 1920, 'tall'],
      [1024, 768, 'standard'],
    ])
  ) is(chooseLayout({ width, height }), layout);
  is(chooseLayout({ width: 1920, height: 1080 }, 'band'), 'band');
  is(chooseLayout({ width: 1920, height: 1080 }, 'round'), 'standard');
});

Deno.test('one unit scales everything with the wall', () => {
  const unit = (/** @type {number} */ width, /** @type {number} */ height) => fitScreen({ width, height }).unit;
  is(unit(1920, 1080), 10);
  is(unit(3840, 2160), 20);
  is(unit(3840, 1080), 10);
  is(unit(7680, 2160), 20);
  is(unit(1080, 1920), 10);
});

Deno.test('the smallest text is as large as the farthest reader needs, on every wall', () => {
  for (const [width, height] of [[1920, 1080], [3840, 2160], [3840, 1080], [7680, 2160], [1080, 1920]]) {
    for (const [wallM, viewM] of [[null, null], [2.7, 8], [1.2, 8], [2.7, 14], [0.6, 3], [5, 8]]) {
      const { unit, layout } = fitScreen({ width, height }, { wallM, viewM });
      const mm = ((wallM ?? USUAL[layout].wallM) * 1000 * unit) / height;
      for (const kind of /** @type {const} */ (['chinese', 'latin'])) {
        ok(SMALLEST[kind] * mm >= heightAt(LEAST_ARC[kind], viewM ?? USUAL[layout].viewM) - 1e-9, `${kind} ${width} ${wallM} ${viewM}`);
      }
    }
  }
  is(Math.round(heightAt(25, 8)), 58);
  is(Math.round(heightAt(21, 8)), 49);
  ok(fitScreen({ width: 1920, height: 1080 }, { wallM: 1.2, viewM: 8 }).bare, 'a small wall shows fewer things, not smaller ones');
});

Deno.test('the address says how high the wall is and how far its readers stand', () => {
  same(readScreen('?wall_m=1.5&view_m=6&layout=tall'), { layout: 'tall', wallM: 1.5, viewM: 6 });
  same(readScreen('?wall_m=x&view_m='), { layout: null, wallM: null, viewM: null });
  same(readScreen('?wall_m=-4&view_m=1e9'), { layout: null, wallM: 0.2, viewM: 100 });
});

Deno.test('what has no room is left out, the least important first', () => {
  const left = (/** @type {number} */ room) => {
    const things = [{ height: 5, rank: 1, kept: true }, { height: 5, rank: 3, kept: true }, { height: 4, rank: 2, kept: true }];
    const lacksRoom = () => things.reduce((sum, one) => sum + (one.kept ? one.height : 0), 0) > room;
    leaveOut(things, (one) => one.rank, lacksRoom, (one) => (one.kept = false));
    return things.map((one) => one.kept);
  };
  same(left(14), [true, true, true]);
  same(left(13.9), [true, false, true]);
  same(left(5), [true, false, false]);
  same(left(1), [false, false, false]);
});

// ---- The clock ----

Deno.test('the city counts its days by the server, whatever the clock of the screen says', () => {
  let ticks = 0;
  const clock = new ServerClock(() => ticks);
  clock.take({ delay: 0, offset: Date.parse('2026-12-31T15:59:58Z'), at: 0 });
  is(readCity(clock.now(), 'Asia/Shanghai').day, '2026-12-31');
  ticks += 1999;
  same(readCity(clock.now(), 'Asia/Shanghai'), { day: '2026-12-31', hour: 23, minute: 59, time: '23:59' });
  ticks += 1;
  same(readCity(clock.now(), 'Asia/Shanghai'), { day: '2027-01-01', hour: 0, minute: 0, time: '00:00' });
  is(readCity(clock.now(), 'America/New_York').day, '2026-12-31');
});

// ---- Asking ----

/** @typedef {{clock: Clock, asking: Asking, asked: number[], answer: {versions: Record<string, number>, fails: boolean}}} Stage */

/** @param {(stage: Stage) => Promise<void>} play */
async function onWall(play) {
  const clock = new Clock();
  clock.install();
  const answer = { versions: { incidents: 1 }, fails: false };
  /** @type {number[]} */
  const asked = [];
  const asking = new Asking(() => {
    asked.push(performance.now());
    return answer.fails ? Promise.reject(new Error('away')) : Promise.resolve({ versions: { ...answer.versions } });
  });
  try {
    await play({ clock, asking, asked, answer });
  } finally {
    asking.stop();
    clock.restore();
  }
}

Deno.test('a quiet wall asks once a minute, and is true meanwhile', () =>
  onWall(async ({ clock, asking, asked }) => {
    asking.listen(true);
    await clock.pass(1);
    is(asked.length, 1);
    await clock.pass(QUIET_MS * 3);
    is(asked.length, 4);
    is(asking.age(), null);
  }));

Deno.test('however much happens, the server is asked no faster than it makes figures, and the last change is shown', () =>
  onWall(async ({ clock, asking, asked, answer }) => {
    asking.listen(true);
    await clock.pass(1);
    for (let version = 2; version <= 200; version += 1) {
      answer.versions.incidents = version;
      asking.hear({ incidents: version });
      await clock.pass(50);
    }
    ok(asked.length <= 2 + (200 * 50) / LEAST_MS, String(asked.length));
    await clock.pass(LEAST_MS);
    same(asking.shown, { incidents: 200 });
    is(asking.isTrue, true);
  }));

Deno.test('an answer that is older than what was heard is asked for again until it is not', () =>
  onWall(async ({ clock, asking, answer }) => {
    asking.listen(true);
    await clock.pass(1);
    asking.hear({ incidents: 5 });
    await clock.pass(LEAST_MS * 4);
    is(asking.isTrue, false, 'the server answers from memory');
    is(asking.awaited, 5, 'the server may wait with its answer until it holds this');
    answer.versions.incidents = 5;
    await clock.pass(LEAST_MS + 1);
    is(asking.isTrue, true);
    is(asking.awaited, 0);
    asking.turn();
    asking.hear({ incidents: 6 });
    is(asking.awaited, 0, 'where nothing is shown yet, older figures are better than none');
    ok(!isBehind({ incidents: 5 }, { incidents: 5 }) && isBehind({ population: 1 }, {}));
  }));

Deno.test('old figures are called old while they are, and only then', () =>
  onWall(async ({ clock, asking, answer }) => {
    is(asking.age(), null, 'before anything was shown nothing is old');
    asking.listen(true);
    await clock.pass(1);
    answer.fails = true;
    asking.listen(false);
    const cut = performance.now();
    await clock.pass(OLD_MS - 100);
    is(asking.age(), null, 'a restart of the server is shorter');
    await clock.pass(60000);
    is(asking.age(), performance.now() - cut);
    answer.fails = false;
    await clock.pass(POLL_MS * 2);
    is(asking.age(), null, 'it asks by itself, so its figures are of now also without events');
    asking.listen(true);
    await clock.pass(LEAST_MS);
    is(asking.isTrue, true);
  }));

Deno.test('what is noticed late is as old as it is: a stream that fell silent, a page that slept', () =>
  onWall(async ({ clock, asking, answer }) => {
    for (
      const notice of [(/** @type {number} */ since) => asking.listen(false, since), (/** @type {number} */ since) => asking.doubt(since)]
    ) {
      answer.fails = false;
      asking.listen(true);
      await clock.pass(LONGEST_MS + QUIET_MS);
      is(asking.isTrue, true);
      const last = performance.now();
      await clock.pass(OLD_MS);
      answer.fails = true;
      notice(last);
      is(asking.age(), null, 'old figures are older than that');
      await clock.pass(1);
      is(asking.age(), OLD_MS + 1);
      answer.fails = false;
      await clock.pass(LONGEST_MS);
      is(asking.age(), null);
    }
    asking.listen(true);
    await clock.pass(LEAST_MS);
    asking.doubt(-Infinity);
    is(asking.age(), null, 'what was answered meanwhile was true');
  }));

Deno.test('a database that was put back has older versions', () =>
  onWall(async ({ clock, asking, answer }) => {
    answer.versions.incidents = 50;
    asking.listen(true);
    await clock.pass(1);
    answer.versions.incidents = 40;
    asking.doubt();
    asking.begin({ incidents: 40 });
    await clock.pass(LEAST_MS + 1);
    same([asking.shown, asking.isTrue], [{ incidents: 40 }, true]);
  }));

// ---- A new version ----

Deno.test('a new version is loaded when nobody steers and the server has the page', async () => {
  let ticks = 0;
  let loaded = 0;
  const reloading = new Reloading('a', { ticks: () => ticks, chance: () => 0.5, reload: () => (loaded += 1) });
  const pass = (/** @type {number} */ ms, /** @type {boolean} */ answers) => {
    ticks += ms;
    return reloading.tick(() => Promise.resolve(answers));
  };
  reloading.hear('a');
  reloading.hear(null);
  is(await pass(1e7, true), false, 'the version is the same');
  reloading.hear('b');
  is(await pass(59999, true), false, 'walls do not load all at once');
  reloading.touch();
  is(await pass(59999, true), false, 'somebody steers');
  is(await pass(2, false), false, 'the server does not answer');
  is(await pass(119999, true), false);
  is(await pass(1, true), true);
  is(loaded, 1);
});

Deno.test('at night a wall that has run for a day loads again, and never while something breaks in', async () => {
  let [ticks, loaded] = [0, 0];
  const reloading = new Reloading('a', { ticks: () => ticks, chance: () => 0.25, reload: () => (loaded += 1) });
  const at = (/** @type {number} */ minute, isBusy = false, answers = true) => {
    ticks += 120_001;
    return reloading.tick(() => Promise.resolve(answers), { minute, isBusy });
  };
  is(await at(220), false, 'it has run for minutes');
  ticks = 20 * 3600_000;
  is(await at(209), false, 'each wall has a minute of its own: this one 3:30');
  is(await at(210, true), false, 'somebody presents');
  is(await at(211, false, false), false, 'the server is away');
  is(await at(300), false, 'the night is over');
  is(await reloading.tick(() => Promise.resolve(true)), false, 'the time is not known');
  reloading.touch();
  is(await reloading.tick(() => Promise.resolve(true), { minute: 240 }), false, 'somebody has just pressed a key');
  is(await at(299), true);
  is(loaded, 1);
  reloading.hear('b');
  ticks += 1e7;
  is(await at(900, true), false, 'a new version waits for the presenter, too');
  is(await at(901), true);
});

// ---- The band of hazards ----

Deno.test('a level is said once, whatever the feed calls the hazard', () => {
  same(['暴雨', '暴雨预警', '暴雨预警信号', '预警', 'Gale warning', 'Warning'].map(bareOf), [
    '暴雨',
    '暴雨',
    '暴雨',
    '预警',
    'Gale',
    'Warning',
  ]);
  same(['暴雨橙色预警信号', 'Orange rainstorm warning', '暴雨预警'].map((one) => hasColour(one, 'orange')), [true, true, false]);
  is(hasColour('Red tide', null), false);
});

Deno.test('a long name of an event ends where a word ends', () => {
  same(['暴雨', '强对流天气（雷暴大风、冰雹和短时强降水）'].map((one) => shorten(one, 14)), ['暴雨', '强对流天气（雷暴大风、冰雹…']);
  same(
    ['Heavy rain and local flooding', 'Rain, gale and hail', 'Raininthewholecityandaround'].map((one) => shorten(one, 15)),
    ['Heavy rain…', 'Rain, gale…', 'Raininthewhole…'],
  );
});

Deno.test('names on the map stand below the band of hazards', () => {
  for (
    const size of [{ width: 1920, height: 1080 }, { width: 3840, height: 1080 }, { width: 1080, height: 1920 }, { width: 800, height: 600 }]
  ) {
    const screen = fitScreen(size);
    same(covered(screen, 17), covered(screen), 'one line takes nothing from the map');
    const { top } = covered(screen);
    ok(covered(screen, top).top > top, 'but many do');
  }
});

Deno.test('hazards begin and end by the clock', () => {
  const of = (/** @type {string} */ starts_at, /** @type {string} */ ends_at) => /** @type {any} */ ({ starts_at, ends_at });
  const hazards = [
    of('2026-11-30T08:00:00+00:00', '2026-11-30T09:00:00+00:00'),
    of('2026-11-30T06:00:00+08:00', '2026-11-30T23:00:00+08:00'),
  ];
  const count = (/** @type {string} */ now) => inForce(hazards, Date.parse(now)).map((one) => hazards.indexOf(one));
  same(count('2026-11-30T07:59:59Z'), [1]);
  same(count('2026-11-30T08:00:00Z'), [0, 1], 'the most serious stays the first');
  same(count('2026-11-30T09:00:00Z'), [1]);
  same(count('2026-11-30T15:00:00Z'), []);
});

// ---- Words ----

Deno.test('a share is never rounded up to all', () => {
  same([percent(1), percent(0.99999), percent(0.9184), percent(0)], ['100', '99.9', '91.8', '0.0']);
});

Deno.test('levels are counted as in a sentence', () => {
  same(['District', 'Street or town', 'City', 'Way'].map((name) => plural(name, 2)), ['districts', 'streets and towns', 'cities', 'ways']);
  is(plural('Street or town', 1), 'street or town');
});

Deno.test('of another scene nothing was asked yet, and an answer about the one before does not count', () =>
  onWall(async ({ clock, asking, asked, answer }) => {
    asking.listen(true);
    await clock.pass(0);
    is(asked.length, 1);
    asking.turn();
    await clock.pass(0);
    is(asked.length, 2, 'the server is asked at once');
    answer.fails = true;
    asking.turn();
    await clock.pass(OLD_MS + 5000);
    ok((asking.age() ?? 0) > OLD_MS, 'what stands there is of the scene before');
    asking.showOld(asking.ticks() - 90000);
    is(asking.age(), 90000);
    answer.fails = false;
    await clock.pass(20000);
    is(asking.age(), null);
  }));
