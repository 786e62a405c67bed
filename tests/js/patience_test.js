import { deepStrictEqual as same, ok, strictEqual as is } from 'node:assert';
import { untilFetched } from '../../assets/scripts/map/vector_tiles.js';
import { firstNotice } from '../../assets/scripts/page/notices.js';
import { nameOf, pause, rest, wake, wished } from '../../assets/scripts/page/patience.js';

/**
 * @param {number} status
 * @param {string} [retryAfter]
 * @param {string} [code]
 */
const answer = (status, retryAfter, code) =>
  new Response(JSON.stringify({ error: { code } }), { status, headers: retryAfter === undefined ? {} : { 'Retry-After': retryAfter } });

Deno.test('pauses double from two seconds to thirty', () => {
  same([0, 1, 2, 3, 4, 5, 9].map((times) => pause(times, null, 0)), [2000, 4000, 8000, 16000, 30000, 30000, 30000]);
});

Deno.test('pauses differ by up to a quarter', () => {
  is(pause(0, null, 1), 2500);
  is(pause(9, null, 1), 37500);
});

Deno.test('nobody comes back before the server said, however long that is', () => {
  is(pause(0, answer(503, '3'), 0), 3000);
  is(pause(1, answer(503, '3'), 0), 6000);
  is(pause(5, answer(503, '3'), 0), 30000);
  is(pause(0, answer(429, '31'), 0), 31000, 'longer than our own longest pause');
  is(pause(3, answer(429, '60'), 0), 60000);
});

Deno.test('a Retry-After that is no number of seconds is not used', () => {
  is(wished(answer(503)), 0);
  is(wished(answer(503, 'soon')), 0);
  is(wished(answer(503, '-5')), 0);
  is(wished(answer(503, '2')), 2000);
  is(wished(null), 0);
});

Deno.test('each answer has its notice', async () => {
  is(await nameOf(null), 'silent');
  is(await nameOf(answer(401)), 'signed-out');
  is(await nameOf(answer(403, undefined, 'not_open')), 'beyond');
  is(await nameOf(answer(403, undefined, 'not_our_form')), 'earlier');
  is(await nameOf(answer(500)), 'silent');
  is(await nameOf(answer(503, undefined, 'busy')), 'busy');
  is(await nameOf(answer(503, undefined, 'not_ready')), 'silent');
  is(await nameOf(answer(503, undefined, 'not_migrated')), 'silent');
});

Deno.test('the most important notice is shown', () => {
  is(firstNotice(['busy', 'silent', 'signed-out']), 'signed-out');
  is(firstNotice(['busy', 'often']), 'often');
  is(firstNotice(['read']), undefined);
  is(firstNotice([]), undefined);
});

Deno.test('whoever rests is woken, or stops when nobody wants the answer any more', async () => {
  const woken = rest(60_000);
  is(wake(), true);
  await woken;
  is(wake(), false, 'nobody is left');
  const turn = new AbortController();
  const stopped = rest(60_000, turn.signal);
  turn.abort();
  await stopped;
  await rest(60_000, turn.signal);
  is(wake(), false);
});

Deno.test('a tile is asked for once where it arrives', async () => {
  let asked = 0;
  const ask = () => Promise.resolve([++asked]);
  same(await untilFetched(ask, '/tiles/1', new AbortController().signal), [1]);
});

Deno.test('a tile that nobody wants any more is not asked for', async () => {
  const turn = new AbortController();
  turn.abort();
  is(await untilFetched(() => Promise.reject(new Error('asked')), '/tiles/1', turn.signal), null);
  ok(turn.signal.aborted);
});
