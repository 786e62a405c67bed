/** Parts of a case's drawer that touch no page: blurred pixels, templates, addresses of cases in two cities. */

import { deepStrictEqual as same, strictEqual as is } from 'node:assert';
import { arrange, listPhotos } from '../../assets/scripts/desk/case/photos.js';
import { blockSide, clip, pixelate } from '../../assets/scripts/desk/case/pixels.js';
import { actorOf } from '../../assets/scripts/desk/case_parts.js';
import { fill, fitting } from '../../assets/scripts/desk/case/templates.js';
import { readState, sameList, writeState } from '../../assets/scripts/desk/state.js';

/** A picture in which every pixel has a value of its own. @param {number} width @param {number} height */
function picture(width, height) {
  const data = new Uint8ClampedArray(4 * width * height).map((_, n) => (n % 4 === 3 ? 255 : (n * 37) % 256));
  return { data, width, height };
}

/** @param {ReturnType<typeof picture>} of @param {number} x @param {number} y */
const pixel = ({ data, width }, x, y) => String(data.subarray(4 * (y * width + x), 4 * (y * width + x) + 4));

Deno.test('a part is few blocks of one colour each, and nothing outside changes', () => {
  const before = picture(100, 80);
  const after = { ...before, data: before.data.slice() };
  const part = { x: 20, y: 10, width: 50, height: 50 };
  pixelate(after, part);
  const side = blockSide(part);
  is(side, 10);
  const colours = new Set();
  let inside = 0;
  for (let y = 0; y < 80; y += 1) {
    for (let x = 0; x < 100; x += 1) {
      if (x >= 20 && x < 70 && y >= 10 && y < 60) {
        colours.add(pixel(after, x, y));
        inside += Number(pixel(after, x, y) !== pixel(before, x, y));
        is(pixel(after, x, y), pixel(after, x - ((x - 20) % side), y - ((y - 10) % side)));
      } else is(pixel(after, x, y), pixel(before, x, y));
    }
  }
  is(colours.size <= 25, true);
  is(inside > 2400, true);
});

Deno.test('the colour of a block is the mean of what it hides', () => {
  const made = { data: new Uint8ClampedArray([0, 0, 0, 255, 100, 200, 50, 255]), width: 2, height: 1 };
  pixelate(made, { x: 0, y: 0, width: 2, height: 1 });
  same([...made.data], [50, 100, 25, 255, 50, 100, 25, 255]);
});

Deno.test('parts end at the edge of the picture', () => {
  same(clip({ x: -5, y: -5, width: 10, height: 10 }, 100, 80), { x: 0, y: 0, width: 5, height: 5 });
  same(clip({ x: 95.5, y: 70.2, width: 50, height: 50 }, 100, 80), { x: 95, y: 70, width: 5, height: 10 });
  is(clip({ x: 100, y: 0, width: 5, height: 5 }, 100, 80), null);
  is(blockSide({ x: 0, y: 0, width: 4, height: 900 }), 8);
  is(blockSide({ x: 0, y: 0, width: 600, height: 101 }), 21);
});

Deno.test('templates are filled in from the case, and what it does not have stays', () => {
  is(fill('{number}：请 {unit} 处置，{nothing}', { number: 'A1', unit: '' }), 'A1：请 {unit} 处置，{nothing}');
  const all = [{ id: 1, step: null, text: '', text_en: null }, { id: 2, step: 'handle', text: '', text_en: null }, {
    id: 3,
    step: 'reply',
    text: '',
    text_en: null,
  }];
  same(fitting(all, 'remark', ['handle', 'reply']).map(({ id }) => id), [1, 2]);
  same(fitting(all, 'remark', ['reply']).map(({ id }) => id), [1]);
  same(fitting(all, 'reply', ['reply']).map(({ id }) => id), [3]);
});

Deno.test('the address names the city of a case, and no city without a case', () => {
  is(writeState(readState('?case=A1&city=990100')), '?case=A1&city=990100');
  is(writeState(readState('?city=990100')), '');
  is(readState('?case=A1').city, null);
  is(sameList(readState('?case=A1&city=1'), readState('?case=A1&city=2')), true);
});

/** @param {[string, string[], Record<string, unknown>?][]} steps @returns {any[]} */
const history = (steps) => steps.map(([step, attachments, details = {}], seq) => ({ seq, step, attachments, details }));

Deno.test('the photo of the report stands beside the last one of the handling, and a blurred one for its first', () => {
  const { all, blurred } = listPhotos(history([
    ['report', ['a', 'b']],
    ['remark', ['c']],
    ['handle', ['d']],
    ['handle', ['e', 'f']],
    ['blur', ['g'], { photo: 'f' }],
    ['remark', ['h']],
  ]));
  is(blurred, 1);
  const { before, after, order } = arrange(all);
  same([before?.hash, after?.hash, order.map(({ hash }) => hash).join('')], ['a', 'g', 'agbcdeh']);
});

Deno.test('a photo is called before or after only where it is', () => {
  const of = (/** @type {[string, string[]][]} */ ...steps) => {
    const { before, after } = arrange(listPhotos(history(steps)).all);
    return [before?.hash ?? null, after?.hash ?? null];
  };
  same(of(['remark', ['a']]), [null, null]);
  same(of(['report', ['a']]), ['a', null]);
  same(of(['handle', ['a']]), [null, 'a'], 'one photo is not both');
  same(of(['remark', ['a']], ['handle', ['b']]), ['a', 'b']);
  same(of(['handle', ['a', 'b']]), ['a', 'b'], 'two of the handling: the first shows how it was found');
});

Deno.test('a step that nobody took says why it was taken: a rule of routing, or the end of a pause', () => {
  const words = { the_rules: 'the rules', pause_over: 'the pause was over' };
  const page = { querySelector: () => ({ getAttribute: () => JSON.stringify({ words, lang: 'en' }) }) };
  Object.assign(globalThis, { document: page });
  is(actorOf({ account: '@rules', actor: '@rules', step: 'dispatch' }), 'the rules');
  is(actorOf({ account: '@rules', actor: '@rules', step: 'resume' }), 'the pause was over');
  is(actorOf({ account: 'wang', actor: 'Wang', step: 'resume' }), 'Wang');
});
