import { deepStrictEqual as same, ok, strictEqual as is } from 'node:assert';
import { fetchJson, pendingAnswers } from '../../assets/scripts/map/json_cache.js';
import { untilFetched } from '../../assets/scripts/map/vector_tiles.js';
import { get } from '../../assets/scripts/desk/server.js';
import { onWaiting, waiting } from '../../assets/scripts/desk/live/waiting.js';
import { untilAnswered } from '../../assets/scripts/page/asking.js';
import { dashRequests } from '../../assets/scripts/page/dash_requests.js';
import { patience, wake } from '../../assets/scripts/page/patience.js';
import { Clock } from './clock.js';

/** A notice of the page. */
class Notice {
  /** @param {string} name */
  constructor(name) {
    this.dataset = { notice: name };
    this.hidden = true;
  }
}

/**
 * A page with its notices, a server that answers as the test says, and a clock of its own.
 *
 * @param {(stage: {clock: Clock, says: (status: number, headers?: Record<string, string>) => void, asked: string[], shown: () => string[],
 *   ask: (output: string) => void, answers: [string, number][]}) => Promise<void>} play
 */
async function onPage(play) {
  const [clock, plain] = [new Clock(), globalThis.fetch];
  /** @type {string[]} */
  const asked = [];
  /** @type {[string, number][]} */
  const answers = [];
  let said = { status: 200, headers: {} };
  const notices = ['busy', 'often', 'silent', 'signed-out'].map((name) => new Notice(name));
  const page = { querySelector: () => null, querySelectorAll: () => notices };
  Object.assign(globalThis, { document: page, HTMLElement: Notice, HTMLMetaElement: Notice, location: { search: '?lang=en' } });
  globalThis.fetch = (address) => {
    asked.push(String(address));
    return Promise.resolve(new Response(said.status === 204 ? null : '{"rows":[1]}', said));
  };
  clock.install();
  patience.start();
  dashRequests.start();
  try {
    await play({
      clock,
      asked,
      answers,
      says: (status, headers = {}) => (said = { status, headers }),
      shown: () => notices.filter((one) => !one.hidden).map((one) => one.dataset.notice),
      ask(output) {
        fetch('/_dash-update-component', { method: 'POST', body: JSON.stringify({ output }) }).then(({ status }) =>
          answers.push([output, status])
        );
      },
    });
  } finally {
    await clock.pass(600_000);
    dashRequests.stop();
    patience.stop();
    clock.restore();
    globalThis.fetch = plain;
  }
}

Deno.test('after 429 nothing is asked until the moment the server named, whoever wants it', () =>
  onPage(async ({ clock, says, asked, shown, ask, answers }) => {
    says(429, { 'Retry-After': '40' });
    ask('a');
    await clock.pass(100);
    same(shown(), ['often']);
    says(200, { 'Cache-Control': 'immutable' });
    ask('b');
    fetchJson('/shapes/1.json');
    const tile = untilFetched(() => fetch('/tiles/1').then(() => [1]), '/tiles/1', new AbortController().signal);
    wake();
    dispatchEvent(new Event('online'));
    await clock.pass(39_800);
    is(asked.length, 1);
    await clock.pass(12_000);
    same([...asked].sort(), [
      '/_dash-update-component?lang=en',
      '/_dash-update-component?lang=en',
      '/_dash-update-component?lang=en',
      '/shapes/1.json',
      '/tiles/1',
    ]);
    same([...answers].sort(), [['a', 200], ['b', 200]]);
    same(await tile, [1]);
    same(shown(), []);
    same(fetchJson('/shapes/1.json'), { rows: [1] });
  }));

Deno.test('a server that keeps refusing is asked less and less', () =>
  onPage(async ({ clock, says, asked, ask }) => {
    says(429, { 'Retry-After': '1' });
    ['a', 'b', 'c'].forEach(ask);
    await clock.pass(120_000);
    ok(asked.length >= 3 * 5 && asked.length <= 3 * 9, `1, 2, 4 … 30 s: ${asked.length}`);
    says(200);
  }));

Deno.test('after 503 a newer question is asked at once', () =>
  onPage(async ({ clock, says, asked, ask, answers, shown }) => {
    says(503, { 'Retry-After': '3' });
    ask('a');
    await clock.pass(2_900);
    is(asked.length, 1);
    says(200);
    ask('a');
    await clock.pass(100);
    same([...answers].sort(), [['a', 200], ['a', 204]], 'the older question is given up: Dash is told that nothing changes');
    same(shown(), []);
  }));

Deno.test('what Dash asks at its start is asked until it is there', () =>
  onPage(async ({ clock, says, asked }) => {
    const told = { layout: 0, dependencies: 0 };
    says(503, { 'Retry-After': '3' });
    fetch('/_dash-layout', { method: 'GET' }).then(({ status }) => (told.layout = status));
    fetch('/_dash-dependencies', { method: 'GET' }).then(({ status }) => (told.dependencies = status));
    await clock.pass(2_900);
    same([asked, told], [['/_dash-layout?lang=en', '/_dash-dependencies'], { layout: 0, dependencies: 0 }]);
    says(200);
    await clock.pass(1_000);
    same([asked.length, told], [4, { layout: 200, dependencies: 200 }]);
  }));

Deno.test('an answer of the map that fails is asked for again by whoever still wants it', () =>
  onPage(async ({ clock, says, asked }) => {
    let seen = null;
    const look = () => (seen = fetchJson('/incidents/2.json', look));
    says(500);
    look();
    await clock.pass(1_900);
    same([asked.length, pendingAnswers()], [1, 1]);
    says(200);
    await clock.pass(700);
    same([asked.length, pendingAnswers(), seen], [2, 0, { rows: [1] }]);
  }));

Deno.test('a stopped page gives the browser its own fetch back', async () => {
  const before = globalThis.fetch;
  await onPage(() => Promise.resolve());
  is(globalThis.fetch, before);
});

Deno.test('while figures of a newer version are on their way the older ones are shown, but never those of other rights or filters', () =>
  onPage(async ({ clock, says }) => {
    says(200, { 'Cache-Control': 'immutable' });
    const at = (/** @type {string} */ query) => fetchJson(`/incidents/7.json?${query}`);
    is(at('cat=a&v=1&r=x'), null);
    await clock.pass(10);
    same(at('cat=a&v=1&r=x'), { rows: [1] });
    same(at('cat=a&v=2&r=x'), { rows: [1] });
    is(at('cat=b&v=2&r=x'), null);
    is(at('cat=a&v=2&r=y'), null);
  }));

Deno.test('the desk asks a full server again when it says, and says quietly that it waits, and since when', () =>
  onPage(async ({ clock, says, asked }) => {
    /** @type {(string | null)[]} */
    const told = [];
    onWaiting((now) => told.push(now?.notice ?? null));
    says(503, { 'Retry-After': '3' });
    const began = Date.now();
    const answer = get('/api/cases');
    const other = new AbortController();
    const unwanted = get('/api/cases/facets', undefined, other.signal).then(() => 'answered', () => 'given up');
    await clock.pass(2_900);
    same([asked.length, waiting()?.since], [2, began]);
    other.abort();
    is(await unwanted, 'given up');
    says(200);
    await clock.pass(900);
    is((await answer).ok, true);
    is(asked.length, 3, 'what is not wanted any more is not asked again');
    same([told[0], told.at(-1), waiting()], ['busy', null, null]);
  }));

Deno.test('a step that is refused is tried so many times, and then its refusal is told', () =>
  onPage(async ({ clock, says, asked }) => {
    says(503, { 'Retry-After': '1' });
    const answer = untilAnswered(() => fetch('/step'), { tries: 3 });
    await clock.pass(60_000);
    same([asked.length, (await answer)?.status], [3, 503]);
    globalThis.fetch = () => Promise.reject(new TypeError('no network'));
    const none = untilAnswered(() => fetch('/step'), { tries: 2 });
    await clock.pass(60_000);
    is(await none, null);
  }));

Deno.test('an answer of the map that never comes is given up, and asked for again', () =>
  onPage(async ({ clock, asked }) => {
    const answers = globalThis.fetch;
    globalThis.fetch = /** @type {any} */ ((/** @type {string} */ address, /** @type {{signal: AbortSignal}} */ { signal }) => {
      asked.push(address);
      return new Promise((_, fail) => signal.addEventListener('abort', () => fail(signal.reason), { once: true }));
    });
    let seen = null;
    const look = () => (seen = fetchJson('/incidents/3.json', look));
    look();
    await clock.pass(59_000);
    same([asked.length, pendingAnswers()], [1, 1]);
    globalThis.fetch = answers;
    await clock.pass(4_000);
    same([asked.length, pendingAnswers(), seen], [2, 0, { rows: [1] }]);
  }));
