// The map's rooms share one namespace. Files are loaded in the order of their names; each adds its part.
(function (gw) {
  'use strict';

  // Results that depend only on an object (fetched data never changes) are made once for it.
  const made = new WeakMap();
  gw.memo = function (object, key, make) {
    if (!made.has(object)) made.set(object, new Map());
    const kept = made.get(object);
    if (!kept.has(key)) kept.set(key, make());
    return kept.get(key);
  };

  gw.mix = (a, b, share) => [0, 1, 2].map((i) => Math.round(a[i] + (b[i] - a[i]) * share)).concat(255);

  gw.clamp = (value, low, high) => Math.max(low, Math.min(high, value));

  gw.fill = (text, facts) => text.replace(/\{(\w+)\}/g, (whole, name) => (name in facts ? facts[name] : whole));

  gw.reduced = () => matchMedia('(prefers-reduced-motion: reduce)').matches;

  gw.lastLabel = (path) => path.slice(path.lastIndexOf('.') + 1);

  // The one way from the map to the page's callbacks.
  gw.tell = function (id, data) {
    if (window.dash_clientside && window.dash_clientside.set_props) window.dash_clientside.set_props(id, { data });
  };

  gw.node = function (tag, className, text) {
    const node = document.createElement(tag);
    if (className) node.className = className;
    // Text is always set as text: names come from other people's files.
    if (text !== undefined) node.textContent = text;
    return node;
  };
})((window.gridwell = window.gridwell || {}));
