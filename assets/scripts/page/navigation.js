/* The address is the view. Links carry the address they lead to; this file follows them without loading the page again, keeps the
   camera in the address, and hands every answer of the server to the map. */
(() => {
  "use strict";
  const gridwell = (window.gridwell = window.gridwell || {});
  const listeners = [];
  let rendered = new URLSearchParams(); // the address that the links on screen were made for
  let flight = 0; // grows when an address asks the camera to move
  let last = null; // the last answer and the last camera, to keep the address true
  let camera = null;

  const remember = (name, value) => {
    document.cookie = `${name}=${encodeURIComponent(value)};path=/;max-age=31536000;samesite=lax`;
  };
  const remembered = (name) => (document.cookie.match(new RegExp(`(?:^|; )${name}=([^;]*)`)) || [])[1];

  /* What a link changes, applied to where we are now: a second click that comes before the first answer loses nothing. */
  function merged(search) {
    const now = new URLSearchParams(location.search);
    const target = new URLSearchParams(search);
    for (const key of new Set([...rendered.keys(), ...target.keys()])) {
      if (rendered.get(key) === target.get(key)) continue;
      if (target.has(key)) now.set(key, target.get(key));
      else now.delete(key);
    }
    const newCamera = target.get("cam") !== rendered.get("cam") && target.has("cam");
    if (newCamera) flight += 1;
    else if (target.get("area") !== rendered.get("area")) now.delete("cam");
    return asSearch(now);
  }

  function asSearch(parameters) {
    const text = parameters.toString().replaceAll("%2C", ",").replaceAll("%3A", ":");
    return text ? `?${text}` : "";
  }

  /* Go to an address. Dash's Location listens to popstate, which is also how the browser's own Back arrives. */
  function go(search, { replace = false } = {}) {
    if (search === location.search) return;
    history[replace ? "replaceState" : "pushState"](null, "", location.pathname + search);
    window.dispatchEvent(new PopStateEvent("popstate", { state: "own" }));
  }

  /* Change some parameters of the present address; null takes one away. */
  function change(parameters, options) {
    const now = new URLSearchParams(location.search);
    for (const [key, value] of Object.entries(parameters)) {
      if (value === null) now.delete(key);
      else now.set(key, value);
    }
    go(asSearch(now), options);
  }

  function follow(link) {
    const url = new URL(link.href);
    const search = url.search;
    const part = new URLSearchParams(search);
    if (part.get("lang") && part.get("lang") !== rendered.get("lang")) remember("lang", part.get("lang"));
    if (link.classList.contains("theme")) remember("theme", part.get("theme") || "auto");
    if (link.classList.contains("logo")) return home();
    if (link.dataset.again) again();
    go(merged(search));
    link.closest("details.menu")?.removeAttribute("open");
  }

  /* The same address once more; Dash's Location tells only of another one. */
  function again() {
    window.dispatchEvent(new PopStateEvent("popstate"));
    window.dash_clientside.set_props("url", { search: location.search });
  }

  /* The logo leads to the whole city, in the same language and colours. */
  function home() {
    const kept = new URLSearchParams(location.search);
    for (const key of [...kept.keys()]) if (key !== "lang" && key !== "theme") kept.delete(key);
    flight += 1;
    go(asSearch(kept));
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    if (link.target || link.origin !== location.origin || link.pathname !== location.pathname) return;
    event.preventDefault();
    follow(link);
  });

  addEventListener("popstate", (event) => {
    if (event.state !== "own") flight += 1;
    listeners.forEach((tell) => tell("left"));
    document.documentElement.dataset.waiting = "";
  });

  function keep({ lon, lat, zoom, pitch, bearing }) {
    const now = new URLSearchParams(location.search);
    now.set("cam", [lon.toFixed(5), lat.toFixed(5), zoom.toFixed(2), (pitch || 0).toFixed(0), (bearing || 0).toFixed(0)].join(","));
    history.replaceState(null, "", location.pathname + asSearch(now));
  }

  /* ---- Theme and language ---- */

  const system = matchMedia("(prefers-color-scheme: dark)");
  const onWall = () => "wall" in document.documentElement.dataset;
  let theme = "auto";
  function paint() {
    const dark = theme === "dark" || (theme === "auto" && (system.matches || onWall()));
    const now = dark ? "dark" : "light";
    if (document.documentElement.dataset.mantineColorScheme === now) return;
    document.documentElement.dataset.mantineColorScheme = now;
    window.dispatchEvent(new CustomEvent("gridwell:theme", { detail: now }));
  }
  const wanted = () => new URLSearchParams(location.search).get("theme") || "auto";
  if (wanted() === "auto" && (remembered("theme") || "auto") !== "auto") {
    const now = new URLSearchParams(location.search);
    now.set("theme", remembered("theme"));
    history.replaceState(null, "", location.pathname + asSearch(now));
  }
  theme = wanted();
  paint();
  system.addEventListener("change", paint);

  /* ---- A wall display: nobody touches it, so it asks by itself; the camera stays ---- */

  const WALL_MS = 60000;
  function hang() {
    if (onWall()) return;
    document.documentElement.dataset.wall = "";
    setInterval(() => window.dash_clientside.set_props("url", { search: location.search }), WALL_MS);
    window.dispatchEvent(new Event("resize"));
  }

  /* ---- Answers ---- */

  const SETTLED_MS = 200;
  let typed = 0;

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    gridwell: {
      settled(text) {
        const turn = ++typed;
        return new Promise((tell) => {
          setTimeout(() => tell(turn === typed ? text : window.dash_clientside.no_update), SETTLED_MS);
        });
      },
      /* One answer is handed over at once: whoever is not kept waiting any more finds the map asked for what the panels show. */
      shown(shown, spec) {
        if (!shown) return "";
        delete document.documentElement.dataset.waiting;
        if (last?.place === shown.place && camera) keep(camera);
        else camera = null;
        last = shown;
        rendered = new URLSearchParams(shown.search);
        const root = document.documentElement;
        root.lang = shown.html_lang;
        root.dataset.dim = shown.dim;
        if (shown.wall) hang();
        document.title = shown.title;
        for (const [id, label] of Object.entries(shown.labels)) document.getElementById(id)?.setAttribute("aria-label", label);
        theme = wanted();
        paint();
        requestAnimationFrame(() => listeners.forEach((tell) => tell("shown", shown)));
        if (spec) gridwell.map?.show({ ...spec, camera: { ...spec.camera, key: `${spec.camera.key}#${flight}` } });
        return shown.search;
      },
      /* Where a click on the map leads. Dash's Location would write it over an older address: it knows nothing of the camera in ours. */
      goal(goal) {
        if (!goal) return "";
        go(merged(goal.search));
        return goal.search;
      },
      /* While an answer is on its way the camera still stands over the old place. */
      moved(now) {
        if (!now) return "";
        camera = now;
        document.documentElement.style.setProperty("--bearing", `${-(now.bearing || 0)}deg`);
        if (!("waiting" in document.documentElement.dataset)) keep(now);
        return JSON.stringify(now);
      },
    },
  });

  gridwell.page = { go, change, follow, on: (tell) => listeners.push(tell), wide: () => innerWidth > 820 };
})();
