// Runs before the wall's own scripts, in the bench and in tests alone: the time that the page sees, and a tally of what happens on it.
(({ real_ms, shown_ms, rate }) => {
  const steady = performance.now.bind(performance);
  const RealDate = Date;
  const { setTimeout, setInterval, fetch, SharedWorker } = window;
  const hand = { real_ms, shown_ms, leapt: 0 };
  /** What the database's clock shows at a real moment. */
  const shownAt = (/** @type {number} */ ms) => hand.shown_ms + (ms - hand.real_ms) * rate;
  const tally = {
    scenes: 0,
    cases: 0,
    news: 0,
    begins: /** @type {[string, number, number][]} */ ([]),
    seen: new Set(),
    contexts: new Set(),
  };

  if (rate !== 1) {
    const base = RealDate.now();
    performance.now = () => steady() * rate + hand.leapt;
    window.Date = /** @type {any} */ (class extends RealDate {
      constructor(/** @type {any[]} */ ...given) {
        given.length ? super(.../** @type {[any]} */ (given)) : super(base + performance.now());
      }
      static now() {
        return base + performance.now();
      }
    });
    window.setTimeout = /** @type {any} */ ((call, ms = 0, ...more) => setTimeout(call, ms / rate, ...more));
    window.setInterval = /** @type {any} */ ((call, ms = 0, ...more) => setInterval(call, ms / rate, ...more));
    window.fetch = async (what, options) => {
      if (String(what) === '/api/wall/screens/heartbeat') {
        // The server would refuse what was shown at times that are not its own: each play keeps its place in a moment just gone.
        const body = JSON.parse(String(options?.body)), now = RealDate.now();
        const place = (one, n) => ({ ...one, from_ms: now - 2 * (body.plays.length - n), until_ms: now - 2 * (body.plays.length - n) + 1 });
        return fetch(what, { ...options, body: JSON.stringify({ ...body, plays: body.plays.map(place) }) });
      }
      const answer = await fetch(what, options);
      if (String(what) !== '/api/wall/time' || !answer.ok) return answer;
      return Response.json({ server_time_ms: shownAt((await answer.json()).server_time_ms) });
    };
  }

  window.SharedWorker = class extends SharedWorker {
    constructor(/** @type {[any]} */ ...given) {
      super(...given);
      this.port.addEventListener('message', ({ data }) => (data.kind === 'case' ? tally.cases += 1 : tally.news += 1));
    }
  };
  const { getContext } = HTMLCanvasElement.prototype;
  HTMLCanvasElement.prototype.getContext = /** @type {any} */ (function (kind, ...more) {
    const made = getContext.call(this, kind, ...more);
    if (made && /webgl/.test(kind) && ![...tally.contexts].some((one) => one.deref() === made)) tally.contexts.add(new WeakRef(made));
    return made;
  });

  const look = () => {
    const texts = ['#title', '#date', '[data-figure=today] .wall-value span'].map((one) => document.querySelector(one)?.textContent ?? '');
    if (texts[1] && texts[2]) tally.seen.add(JSON.stringify(texts));
  };
  addEventListener('DOMContentLoaded', () => {
    const root = document.documentElement;
    new MutationObserver(() => {
      tally.scenes += 1;
      const key = root.dataset.scene ?? '';
      // When the page has changed to it, and when that is drawn, by the clock of the machine.
      const changed = performance.timeOrigin + steady();
      requestAnimationFrame(() => tally.begins.push([key, changed, performance.timeOrigin + steady()]));
      if (tally.begins.length > 2000) tally.begins.splice(0, 1000);
    }).observe(root, { attributes: true, attributeFilter: ['data-scene'] });
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
  const errors = /** @type {string[]} */ ([]);
  for (const type of ['error', 'unhandledrejection']) {
    addEventListener(type, (event) => errors.length < 20 && errors.push(String(event.reason?.stack ?? event.message)));
  }
  window.bench = {
    errors,
    leap: (/** @type {{real_ms: number, shown_ms: number}} */ next, /** @type {number} */ ms) =>
      Object.assign(hand, next, { leapt: hand.leapt + ms }),
    scenes: () => tally.scenes,
    told: () => ({ cases: tally.cases, news: tally.news }),
    begins: () => tally.begins.splice(0),
    contexts: () => [...tally.contexts].filter((one) => one.deref() && !one.deref().isContextLost()).length,
    seen: () => {
      const found = [...tally.seen].map((one) => JSON.parse(one));
      tally.seen.clear();
      return found;
    },
    now: () => ['#title', '#date', '[data-figure=today] .wall-value span'].map((one) => document.querySelector(one)?.textContent ?? ''),
  };
})
