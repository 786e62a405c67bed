/** Sentences as the page says them: places are filled, and of one thing another sentence is said where there is one. */

import { strictEqual as is } from 'node:assert';
import { say } from '../../assets/scripts/desk/facts.js';
import { makePage } from './elements.js';

Deno.test('of one thing another sentence is said, where there is one', () => {
  makePage([], { words: { count: '{n} cases of {of}', count_one: '1 case of {of}', rule: 'Rule {n}' } });
  is(say('count', { n: 1, of: 3 }), '1 case of 3');
  is(say('count', { n: '1', of: 1 }), '1 case of 1', 'numbers come written, too');
  for (const n of [0, 2, 11, '1,001', '10+']) is(say('count', { n, of: 3 }), `${n} cases of 3`);
  is(say('rule', { n: 1 }), 'Rule 1', 'without another sentence the usual one');
  is(say('unknown', { n: 1 }), 'unknown');
});
