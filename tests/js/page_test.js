import { deepStrictEqual as same, strictEqual as is } from 'node:assert';
import { onStop, part } from '../../assets/scripts/lifecycle.js';
import { coversAll, dayAt, dragged, isoDay, moved, stretched } from '../../assets/scripts/page/days.js';
import { stepped } from '../../assets/scripts/page/keyboard.js';
import { nearestStop } from '../../assets/scripts/page/sheet.js';

const FIRST = Date.parse('2026-02-27');

Deno.test('days are counted in UTC, over the ends of months', () => {
  same([0, 1, 2].map((day) => isoDay(FIRST, day)), ['2026-02-27', '2026-02-28', '2026-03-01']);
});

Deno.test('the day at a place on the slider; beyond its ends the first and the last', () => {
  const box = { left: 100, width: 300 };
  same([99, 100, 109.9, 110, 399, 400, 500].map((x) => dayAt(x, box, 30)), [0, 0, 0, 1, 29, 29, 29]);
});

Deno.test('a span that begins at the first day and ends after the last covers all', () => {
  is(coversAll({ start: 0, end: 30 }, 30), true);
  is(coversAll({ start: 1, end: 30 }, 30), false);
  is(coversAll({ start: 0, end: 29 }, 30), false);
});

Deno.test('a span is moved with its length, and stops at the ends', () => {
  same(moved({ start: 3, end: 10 }, -3, 30), { start: 0, end: 7 });
  same(moved({ start: 3, end: 10 }, -7, 30), { start: 0, end: 7 });
  same(moved({ start: 20, end: 27 }, 3, 30), { start: 23, end: 30 });
  same(moved({ start: 20, end: 27 }, 7, 30), { start: 23, end: 30 });
});

Deno.test('a span is stretched at its end; one day stays', () => {
  same(stretched({ start: 5, end: 6 }, -1, 30), { start: 5, end: 6 });
  same(stretched({ start: 5, end: 7 }, -1, 30), { start: 5, end: 6 });
  same(stretched({ start: 5, end: 29 }, 7, 30), { start: 5, end: 30 });
});

Deno.test('a drag makes, moves or resizes a span', () => {
  const drag = { day: 10, start: 5, end: 12 };
  same(dragged({ ...drag, kind: 'new' }, 10, 30), { start: 10, end: 11 });
  same(dragged({ ...drag, kind: 'new' }, 7, 30), { start: 7, end: 11 });
  same(dragged({ ...drag, kind: 'new' }, 12, 30), { start: 10, end: 13 });
  same(dragged({ ...drag, kind: 'left' }, 20, 30), { start: 11, end: 12 });
  same(dragged({ ...drag, kind: 'right' }, 0, 30), { start: 5, end: 6 });
  same(dragged({ ...drag, kind: 'right' }, 20, 30), { start: 5, end: 21 });
  same(dragged({ ...drag, kind: 'move' }, 13, 30), { start: 8, end: 15 });
});

Deno.test('arrow keys go round a list, and begin at its ends', () => {
  same([stepped(0, false, 3), stepped(2, false, 3), stepped(0, true, 3)], [1, 0, 2]);
  is(stepped(-1, false, 3), 0, 'nothing had the focus');
});

Deno.test('a sheet that is let go settles at the nearest stop', () => {
  /** @type {[string, number][]} */
  const stops = [['low', 500], ['half', 250], ['full', 0]];
  same([0, 124, 126, 374, 376, 900].map((at) => nearestStop(at, stops)), ['full', 'full', 'half', 'half', 'low', 'low']);
});

Deno.test('a part runs once however often it is started, ends what it made, and can begin again', () => {
  /** @type {string[]} */
  const seen = [];
  const one = part((signal) => {
    seen.push('begin');
    onStop(signal, () => seen.push('end'));
  });
  one.start();
  one.start();
  same(seen, ['begin']);
  one.stop();
  one.stop();
  same(seen, ['begin', 'end']);
  one.start();
  same(seen, ['begin', 'end', 'begin']);
});
