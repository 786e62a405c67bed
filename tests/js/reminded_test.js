/** Reminders of many cases at once: every open desk hears of each, and asks the server for few, one after the other. */

import { deepStrictEqual as same, strictEqual as is } from 'node:assert';
import { facts } from '../../assets/scripts/desk/facts.js';
import { hearReminder } from '../../assets/scripts/desk/live/reminded.js';
import { Clock } from './clock.js';
import { Made, makePage } from './elements.js';

/** A pill with its words. */
class Pill extends Made {
  words = new Made('span');
  hidden = true;

  querySelector() {
    return this.words;
  }
}

/**
 * A desk of somebody, and a server of which the test says what it answers.
 *
 * @param {(stage: {pill: Pill, clock: Clock, asked: string[], most: () => number, answer: (how: (number: string) => Response) => void})
 *   => Promise<void>} play
 */
async function onDesk(play) {
  const [clock, plain, pill] = [new Clock(), globalThis.fetch, new Pill('button')];
  const words = { reminded_of: 'Reminded of {title}' };
  const parts = makePage(['#told'], { me: 'li', units: ['u1'], lang: 'en', can: { handle: true }, words });
  parts.set('#reminded', pill).set('#reminded span', pill.words);
  /** @type {string[]} */
  const asked = [];
  let [now, most] = [0, 0];
  let how = (/** @type {string} */ _) => Response.json({}, { status: 404 });
  globalThis.fetch = async (address) => {
    const number = new URL(String(address), 'http://desk').pathname.split('/').at(-1) ?? '';
    asked.push(number);
    now += 1;
    most = Math.max(most, now);
    await Promise.resolve();
    now -= 1;
    return how(number);
  };
  clock.install();
  try {
    await play({ pill, clock, asked, most: () => most, answer: (given) => (how = given) });
  } finally {
    await clock.pass(600_000);
    clock.restore();
    globalThis.fetch = plain;
  }
}

/** @param {string} number @param {Partial<DeskCase>} row @param {string} by */
const told = (number, row, by = 'zhou') =>
  Response.json({
    case: { number, city: 'a', title: `Case ${number}`, title_en: null, ...row },
    history: [{ step: 'dispatch', account: 'li' }, { step: 'remind', account: by }],
  });

const remind = (/** @type {number} */ count) => {
  for (let n = 1; n <= count; n += 1) hearReminder({ number: String(n), city: 'a' });
};

Deno.test('of a thousand reminders the latest are asked for, one after the other', () =>
  onDesk(async ({ pill, clock, asked, most, answer }) => {
    answer((number) => told(number, { assignee: null, unit: number === '1000' ? 'u2' : 'u1' }));
    remind(1000);
    await clock.pass(100);
    same(asked, ['1', ...Array.from({ length: 20 }, (_, n) => String(981 + n))]);
    is(most(), 1);
    same([pill.hidden, pill.words.textContent], [false, 'Reminded of Case 999'], 'the latest that this person handles');
  }));

Deno.test('a case of which somebody reminds again is the latest; the own reminder is told to nobody', () =>
  onDesk(async ({ pill, clock, answer }) => {
    answer((number) => told(number, { assignee: 'li' }, number === '3' ? 'li' : 'zhou'));
    remind(3);
    hearReminder({ number: '1', city: 'a' });
    await clock.pass(100);
    is(pill.words.textContent, 'Reminded of Case 1');
  }));

Deno.test('a full server is asked for each case a few times, and then for the next', () =>
  onDesk(async ({ clock, asked, most, answer }) => {
    answer((number) => number === '1' ? Response.json({}, { status: 503 }) : told(number, { assignee: 'li' }));
    remind(2);
    await clock.pass(600_000);
    same(asked, ['1', '1', '1', '1', '2']);
    is(most(), 1);
  }));

Deno.test('who can handle no case asks for none', () =>
  onDesk(async ({ clock, asked }) => {
    facts().can.handle = false;
    remind(3);
    await clock.pass(100);
    same(asked, []);
  }));
