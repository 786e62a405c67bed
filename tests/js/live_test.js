import { deepStrictEqual as same, strictEqual as is } from 'node:assert';
import { newer, shareStream } from '../../assets/scripts/live/sharing.js';
import { EventStream } from '../../assets/scripts/live/stream.js';
import { Refreshing } from '../../assets/scripts/page/refreshing.js';
import { Clock } from './clock.js';

/** A stream of a browser, to which the test says what the server says. */
class Source extends EventTarget {
  /** @param {string} address */
  constructor(address) {
    super();
    this.address = address;
    this.readyState = 0;
  }

  /**
   * @param {string} type
   * @param {unknown} body
   * @param {string} lastEventId
   */
  say(type, body = {}, lastEventId = 'id') {
    this.dispatchEvent(Object.assign(new Event(type), { data: JSON.stringify(body), lastEventId }));
  }

  /** @param {number} readyState */
  fail(readyState) {
    this.readyState = readyState;
    this.dispatchEvent(new Event('error'));
  }

  close() {
    this.readyState = 2;
  }
}

/** @param {(stage: {clock: Clock, stream: EventStream, sources: Source[], told: string[]}) => Promise<void>} play */
async function onStream(play) {
  const clock = new Clock();
  /** @type {Source[]} */
  const sources = [];
  /** @type {string[]} */
  const told = [];
  clock.install();
  const open = (/** @type {string} */ address) => /** @type {any} */ (sources[sources.push(new Source(address)) - 1]);
  const stream = new EventStream(({ kind }) => told.push(kind), open);
  try {
    stream.start();
    await play({ clock, stream, sources, told });
  } finally {
    stream.stop();
    clock.restore();
  }
}

Deno.test('a stream tells what it hears, and that it is open', () =>
  onStream(async ({ stream, sources, told, clock }) => {
    stream.start();
    is(sources.length, 1, 'it is open already');
    sources[0].say('ready');
    sources[0].say('beat');
    sources[0].say('case', { number: '1' });
    await clock.pass(30_000);
    same(told, ['live', 'ready', 'case']);
  }));

Deno.test('a stream that was refused is opened again from where it was, after growing pauses', () =>
  onStream(async ({ sources, told, clock }) => {
    sources[0].say('ready', {}, 'a b');
    sources[0].fail(2);
    same(told, ['live', 'ready', 'lost']);
    await clock.pass(1600);
    same(sources.map((one) => one.address), ['/api/events', '/api/events?after=a%20b']);
    sources[1].fail(2);
    await clock.pass(1900);
    is(sources.length, 2, 'the second pause is longer');
    await clock.pass(1200);
    is(sources.length, 3);
    sources[2].say('ready');
    same(told, ['live', 'ready', 'lost', 'live', 'ready'], 'one interruption is told once');
  }));

Deno.test('a browser that opens an interrupted stream again is let do so', () =>
  onStream(async ({ sources, told, clock }) => {
    sources[0].say('ready');
    sources[0].fail(0);
    await clock.pass(5000);
    is(sources.length, 1);
    sources[0].say('figures', { versions: {} });
    same(told, ['live', 'ready', 'lost', 'live', 'figures']);
  }));

Deno.test('a server that hears nothing itself is not live, since it heard something, until it hears again', () =>
  onStream(async ({ stream, sources, told, clock }) => {
    sources[0].say('ready');
    await clock.pass(8_000);
    const now = Date.now();
    sources[0].say('silence', { seconds: 6.5 });
    is(stream.since, now - 6_500);
    sources[0].say('silence', { seconds: 30 });
    same(told, ['live', 'ready', 'lost'], 'one silence is told once');
    is(sources[0].readyState, 0, 'the connection is well');
    sources[0].say('beat');
    same(told, ['live', 'ready', 'lost', 'live']);
  }));

Deno.test('a stream that says nothing is broken', () =>
  onStream(async ({ stream, sources, told, clock }) => {
    sources[0].say('ready');
    await clock.pass(39_000);
    sources[0].say('beat');
    const beat = Date.now();
    await clock.pass(39_000);
    same(told, ['live', 'ready']);
    await clock.pass(4_000);
    same(told, ['live', 'ready', 'lost']);
    is(stream.since, beat, 'nothing is known since its last word');
    is(sources[0].readyState, 2);
    is(sources.length, 2);
    sources[0].say('case');
    same(told, ['live', 'ready', 'lost'], 'nobody listens to the old one any more');
  }));

Deno.test('all pages share one stream, and who comes later hears how things stand', () => {
  /** @type {any} */
  const scope = {};
  const stream = new EventStream(() => {}, (address) => /** @type {any} */ (new Source(address)));
  shareStream(scope, stream);
  const page = () => {
    /** @type {any} */
    const port = { told: [], postMessage: (/** @type {any} */ news) => port.told.push(news) };
    scope.onconnect({ ports: [port] });
    port.onmessage({ data: 'join' });
    return port;
  };
  const one = page();
  const source = /** @type {any} */ (stream.source);
  same(one.told, []);
  source.say('ready', { versions: { incidents: 5, areas: 1 } });
  source.say('figures', { versions: { incidents: 4, base: 2 } });
  const two = page();
  is(stream.source, source);
  same(two.told, [{ kind: 'live' }, { kind: 'figures', body: { versions: { incidents: 5, areas: 1, base: 2 } } }]);
  one.onmessage({ data: 'leave' });
  source.say('reset', {});
  is(one.told.length, 3, 'live, ready, figures');
  is(two.told.at(-1).kind, 'reset');
  source.fail(0);
  is(page().told[0].kind, 'lost');
  two.onmessage({ data: 'leave' });
  is(source.readyState, 0, 'one page is left');
  stream.stop();
});

Deno.test('the newer version of each subject counts', () => {
  same(newer({ a: 1, b: 5 }, { b: 4, c: 2 }), { a: 1, b: 5, c: 2 });
});

/** @param {(stage: {clock: Clock, page: Refreshing, asked: () => number, free: (now: boolean) => void}) => Promise<void>} play */
async function onRefreshing(play) {
  const clock = new Clock();
  clock.install();
  let [asked, free] = [0, true];
  const page = new Refreshing(() => (asked += 1), () => free);
  try {
    page.take(10);
    await play({ clock, page, asked: () => asked, free: (now) => (free = now) });
  } finally {
    page.stop();
    clock.restore();
  }
}

Deno.test('a page asks once for many changes, and not for what it shows already', () =>
  onRefreshing(async ({ clock, page, asked }) => {
    page.hear({ incidents: 10, areas: 3 });
    await clock.pass(60_000);
    is(asked(), 0);
    for (let version = 11; version < 40; version += 1) {
      page.hear({ incidents: version });
      await clock.pass(10);
    }
    await clock.pass(2_000);
    is(asked(), 1);
    page.take(39);
    await clock.pass(60_000);
    is(asked(), 1);
  }));

Deno.test('a busy city is asked for every few seconds, and a slow server less often', () =>
  onRefreshing(async ({ clock, page, asked }) => {
    page.hear({ incidents: 11 });
    await clock.pass(6_000);
    is(asked(), 1);
    page.hear({ incidents: 12 });
    await clock.pass(3_000);
    page.take(11);
    await clock.pass(29_000);
    is(asked(), 1, 'four seconds or more for an answer: none for half a minute');
    await clock.pass(10_000);
    is(asked(), 2);
  }));

Deno.test('a page that begins has asked already', () => {
  const page = new Refreshing(() => {}, () => true);
  page.hear({ incidents: 5 });
  is(page.timer, undefined);
  page.take(5);
  is(page.timer, undefined);
});

Deno.test('a page in which somebody writes waits, and a doubt asks once', () =>
  onRefreshing(async ({ clock, page, asked, free }) => {
    free(false);
    page.doubt();
    await clock.pass(60_000);
    is(asked(), 0);
    free(true);
    page.plan();
    await clock.pass(2_000);
    is(asked(), 1);
    page.take(10);
    await clock.pass(60_000);
    is(asked(), 1);
  }));
