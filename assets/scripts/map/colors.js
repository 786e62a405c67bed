// Colours by token, read from the page's style sheet, so that the map and the panels can never differ.
(function (gw) {
  'use strict';

  const scheme = 'data-mantine-color-scheme';
  let known = new Map();

  gw.theme = () => (document.documentElement.getAttribute(scheme) === 'dark' ? 'dark' : 'light');

  gw.ink = function (token, alpha) {
    if (!known.has(token)) {
      const value = getComputedStyle(document.documentElement).getPropertyValue('--' + token).trim();
      if (!/^#[0-9a-f]{6}$/i.test(value)) throw new Error('no colour --' + token);
      known.set(token, [1, 3, 5].map((i) => parseInt(value.slice(i, i + 2), 16)));
    }
    return [...known.get(token), alpha === undefined ? 255 : alpha];
  };

  gw.onTheme = function (changed) {
    new MutationObserver(() => {
      known = new Map();
      changed();
    }).observe(document.documentElement, { attributes: true, attributeFilter: [scheme] });
  };
})(window.gridwell);
