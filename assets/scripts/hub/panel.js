/** The panel of a crossing: its feeds, and of one of them what came, what was refused, what was agreed and what waits for it. */

import { box } from '../desk/cells.js';
import { say } from '../desk/facts.js';
import { roundButton } from '../desk/icons.js';
import { get, sentenceOf } from '../desk/server.js';
import { element } from '../dom.js';
import { swap } from '../figures/swapping.js';
import { addressWith } from './here.js';
import { latestWins } from './latest.js';
import { whole } from './numbers.js';
import { contract, deliveries, head, lineage, quality, refused } from './panel_parts.js';
import { byWorst, classOf, keyOf, toneOf } from './reckoning.js';
import { stateSymbol } from './symbols.js';
import { crossingText, levelName } from './words.js';

/**
 * @typedef {{answer: HubAnswer, pick: HubPick, cell: HubCell | null, feeds: any[] | null, feed: string | null}} Wanted
 */

export class Panel {
  /**
   * @param {HTMLElement} host
   * @param {() => void} close
   * @param {(feed: string) => void} choose
   */
  constructor(host, close, choose) {
    this.host = host;
    this.close = close;
    this.choose = choose;
    /** @type {any} Writes moments by the city's clock. */
    this.clock = null;
    /** @type {(more?: any) => URLSearchParams} */
    this.query = () => new URLSearchParams();
    /** What is drawn, so that the same is not drawn twice. */
    this.drawn = '';
    /** The crossing that is shown with its feeds. */
    this.crossing = '';
    /** @type {{key: string, told: any} | null} */
    this.held = null;
    this.top = box('div', 'hub-side-head');
    this.body = box('div', 'hub-side-body');
    this.body.tabIndex = 0; // it scrolls
    this.ask = latestWins(
      (/** @type {{feed: string, day: string}} */ { feed, day }) => get(`/api/feeds/${encodeURIComponent(feed)}`, this.query({ day })),
      (answer, { feed, day }) => this.take(answer, `${feed} ${day}`),
    );
  }

  clear() {
    this.drawn = this.crossing = '';
    this.held = null;
    this.host.replaceChildren();
  }

  /** What is held may be old. */
  forget() {
    this.drawn = '';
  }

  /** @param {Wanted} wanted */
  show(wanted) {
    const { answer, pick, cell, feeds, feed } = wanted;
    const own = (feeds ?? []).toSorted(byWorst);
    const chosen = own.find((one) => one.feed === feed) ?? own[0] ?? null;
    const key = JSON.stringify([
      answer.day,
      keyOf(pick),
      cell,
      own.map(({ feed: code, state, late_days: late }) => [code, state, late]),
      chosen?.feed,
    ]);
    this.wanted = chosen ? `${chosen.feed} ${answer.day}` : '';
    if (this.host.firstChild !== this.top) this.host.replaceChildren(this.top, this.body);
    if (key === this.drawn) return;
    this.drawn = key;
    this.crossing = feeds || !cell?.feeds ? keyOf(pick) : '';
    this.drawTop(wanted, own, chosen);
    if (cell?.hidden) return this.say(say('hub_side_hidden'));
    if (!cell?.feeds) return this.say(say('hub_side_none'));
    if (!chosen) return this.wait();
    if (this.held?.key.split(' ')[0] !== chosen.feed) this.wait();
    void this.ask({ feed: chosen.feed, day: answer.day });
  }

  /** @param {Wanted} wanted @param {any[]} own @param {any} chosen */
  drawTop({ answer, pick, cell }, own, chosen) {
    const department = answer.departments.find(({ code }) => code === pick.department);
    const name = department?.short || department?.name || pick.department;
    const place = say('hub_crossing', { level: levelName(pick.level), department: name });
    const counts = cell?.feeds && !cell.hidden
      ? [say('hub_feeds', { n: whole(cell.feeds) }), say('hub_records', { n: whole(cell.records ?? 0) })]
      : [];
    const close = roundButton('close', say('close'), this.close);
    close.classList.add('hub-close');
    this.host.setAttribute('aria-label', crossingText(pick.level, name, cell));
    const tabs = box('nav', 'hub-tabs', ...own.map((one) => this.tab(one, chosen, pick.department)));
    tabs.setAttribute('aria-label', say('hub_side_feeds'));
    swap(this.top, [
      box('div', 'hub-side-line', element('span', 'hub-small', [place, ...counts].join(' · ')), close),
      own.length ? tabs : '',
    ]);
  }

  /** @param {any} one @param {any} chosen @param {string} department */
  tab(one, chosen, department) {
    const tone = toneOf({ ...one, feeds: 1, hidden: false });
    const made = box('a', `hub-tab ${classOf(tone)}`, stateSymbol(tone, 14), one.name);
    made.href = addressWith({ cell: { level: one.level, department }, feed: one.feed });
    if (one === chosen) made.setAttribute('aria-current', 'true');
    made.addEventListener('click', (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      this.choose(one.feed);
    });
    return made;
  }

  /** @param {import('../desk/server.js').Answer} answer @param {string} key */
  take(answer, key) {
    if (key !== this.wanted) return;
    if (!answer.ok) return this.say(sentenceOf(answer, say('hub_trouble')));
    this.held = { key, told: answer.body };
    const told = answer.body;
    swap(this.body, [head, deliveries, refused, contract, quality, lineage].map((part) => part(told, this.clock)));
    this.host.dataset.shown = key;
  }

  /** @param {string} sentence */
  say(sentence) {
    this.held = null;
    this.host.dataset.shown = 'sentence';
    this.body.replaceChildren(element('p', 'hub-side-note', sentence));
  }

  /** Grey bars of about the size that the answer will have. */
  wait() {
    const bars = [28, 120, 96, 80, 120, 96].map((height) => {
      const bar = box('i', 'hub-wait');
      bar.style.height = `${height}px`;
      return bar;
    });
    this.body.replaceChildren(box('div', 'hub-waits', ...bars));
  }
}
