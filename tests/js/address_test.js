import { deepStrictEqual as same, strictEqual as is } from 'node:assert';
import { asSearch, cameraText, changed, homeOf, merged, opacities, withCamera } from '../../assets/scripts/page/address.js';
import { remembered } from '../../assets/scripts/page/cookies.js';
import { inLanguage } from '../../assets/scripts/page/dash_requests.js';

const HANGZHOU = { lon: 120.123456, lat: 30.654321, zoom: 12.345, pitch: 49.6, bearing: -16.4 };

Deno.test('a camera is written as longitude, latitude, zoom, pitch, bearing', () => {
  is(cameraText(HANGZHOU), '120.12346,30.65432,12.35,50,-16');
  is(cameraText({ lon: -0.5, lat: 51, zoom: 9 }), '-0.50000,51.00000,9.00,0,0');
});

Deno.test('the camera is put into the address and everything else stays', () => {
  is(withCamera('?area=1&cam=1,2,3,0,0', HANGZHOU), '?area=1&cam=120.12346,30.65432,12.35,50,-16');
  is(withCamera('', HANGZHOU), '?cam=120.12346,30.65432,12.35,50,-16');
});

Deno.test('commas and colons stay readable, other characters are escaped', () => {
  is(asSearch(new URLSearchParams({ layers: 'grid,flood', opacity: 'grid:40', q: 'a&b' })), '?layers=grid,flood&opacity=grid:40&q=a%26b');
  is(asSearch(new URLSearchParams()), '');
});

Deno.test('a link changes only what it differs in from the address it was made for', () => {
  const rendered = new URLSearchParams('area=1&lang=en');
  is(merged('?area=1&lang=en&dim=2d', rendered, '?area=1&lang=en&measure=open').search, '?area=1&lang=en&dim=2d&measure=open');
  is(merged('?area=1&lang=en&dim=2d', rendered, '?area=1').search, '?area=1&dim=2d', 'what the link lacks is taken away');
});

Deno.test('another area forgets the camera; the same one keeps it', () => {
  const rendered = new URLSearchParams('area=1');
  same(merged('?area=1&cam=1,2,3,0,0', rendered, '?area=2'), { search: '?area=2', flies: false });
  same(merged('?area=1&cam=1,2,3,0,0', rendered, '?area=1&dim=2d'), { search: '?area=1&cam=1,2,3,0,0&dim=2d', flies: false });
});

Deno.test('a link with a camera of its own makes the map fly', () => {
  const rendered = new URLSearchParams('area=1');
  same(merged('?area=1&cam=1,2,3,0,0', rendered, '?area=2&cam=4,5,6,0,0'), { search: '?area=2&cam=4,5,6,0,0', flies: true });
});

Deno.test('parameters are changed, added and taken away', () => {
  is(changed('?a=1&b=2', { a: '3', b: null, c: '4' }), '?a=3&c=4');
  is(changed('?a=1', { a: null }), '');
});

Deno.test('the logo keeps language and colours only', () => {
  is(homeOf('?area=1&lang=en&theme=dark&cam=1,2,3,0,0'), '?lang=en&theme=dark');
  is(homeOf('?area=1'), '');
});

Deno.test('full opacity is not written', () => {
  is(opacities('?opacity=grid:40,flood:10', 'grid', '100'), 'flood:10');
  is(opacities('?opacity=grid:40', 'grid', '100'), null);
  is(opacities('?opacity=grid:40', 'grid', '99'), 'grid:99');
  is(opacities('', 'flood', '0'), 'flood:0');
});

Deno.test('a cookie is found by its whole name', () => {
  is(remembered('lang', 'xlang=de; lang=en; langs=fr'), 'en');
  is(remembered('lang', 'xlang=de'), undefined);
});

Deno.test('requests are made in the language of the address', () => {
  is(inLanguage('/_dash-layout', ''), '/_dash-layout');
  is(inLanguage('/_dash-layout', '?lang=en'), '/_dash-layout?lang=en');
  is(inLanguage('/_dash-layout?a=1', '?lang=en'), '/_dash-layout?a=1&lang=en');
});
