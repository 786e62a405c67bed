/* A server that is full or silent is asked again by itself, in growing pauses, and the page says so until it has answered. */
(() => {
  "use strict";
  const gridwell = (window.gridwell = window.gridwell || {});
  const FIRST_MS = 2000;
  const LONGEST_MS = 30000;
  const SILENT_MS = 15000;
  const PASSING = new Set([502, 503, 504]);
  const CALLBACK = "_dash-update-component";
  const NOTICES = ["signed-out", "earlier", "beyond", "silent", "busy"]; // the first that applies is shown
  const REFUSED = new Set([401, 403]);
  const READ = "read"; // a notice of rights that somebody has closed
  const PICKED = "goal.data";

  /* ---- What is wrong, by what was asked for ---- */

  const troubles = new Map();
  const sleepers = new Set();

  function trouble(key, name) {
    if (name === "beyond" && troubles.get(key) === READ) return;
    troubles.set(key, name);
    paint();
  }

  function calm(key) {
    if (troubles.delete(key)) paint();
  }

  /* Rights do not come by waiting: whoever has read of them closes the notice. */
  function dismiss() {
    troubles.forEach((name, key) => name === "beyond" && troubles.set(key, READ));
    paint();
  }

  function paint() {
    const now = new Set(troubles.values());
    const shown = NOTICES.find((name) => now.has(name));
    document.querySelectorAll("[data-notice]").forEach((one) => (one.hidden = one.dataset.notice !== shown));
  }

  /* Longer after each failure, not before the server's own wish, and not the same for all who were refused together. */
  function pause(times, answer) {
    const wished = Number(answer?.headers.get("Retry-After")) * 1000 || FIRST_MS;
    return Math.min(LONGEST_MS, wished * 2 ** times) * (1 + Math.random() / 4);
  }

  function rest(ms, signal) {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        sleepers.delete(wake);
        signal?.removeEventListener("abort", wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      sleepers.add(wake);
      signal?.addEventListener("abort", wake);
    });
  }

  /* Ask at once whatever is waiting; says whether anything was. */
  function wake() {
    const waited = sleepers.size > 0;
    [...sleepers].forEach((one) => one());
    return waited;
  }
  addEventListener("online", wake);

  /* Which notice an answer that failed asks for; no answer at all is silence. */
  async function nameOf(answer) {
    if (answer?.status === 401) return "signed-out";
    if (answer?.status !== 403 && answer?.status !== 503) return "silent";
    const said = answer.bodyUsed ? null : await answer.clone().json().catch(() => null);
    if (answer.status === 403) return said?.error?.code === "not_our_form" ? "earlier" : "beyond";
    return ["not_ready", "not_migrated"].includes(said?.error?.code) ? "silent" : "busy";
  }

  /* ---- Dash's questions ---- */

  const plainFetch = window.fetch;
  const latest = new Map(); // by output: what is being asked for it

  /* In the language of the address, also where the browser's own is another. */
  function spoken(address) {
    const lang = new URLSearchParams(location.search).get("lang");
    return lang ? address + (address.includes("?") ? "&" : "?") + "lang=" + encodeURIComponent(lang) : address;
  }

  /* Dash sees only the last answer. Who asks anew for the same output has changed their mind: the older question is given up. */
  async function patient(address, options) {
    const { output } = JSON.parse(options.body);
    latest.get(output)?.abort();
    const turn = new AbortController();
    latest.set(output, turn);
    const answer = await untilAnswered(address, { ...options, signal: turn.signal }, output);
    const failed = answer && (REFUSED.has(answer.status) || answer.status >= 500);
    if (latest.get(output) === turn) {
      latest.delete(output);
      if (!failed) calm(output);
    }
    if (!answer) return unchanged();
    if (failed) trouble(output, await nameOf(answer));
    return REFUSED.has(answer.status) ? unchanged() : answer;
  }

  /* Dash's word for it: the page stays as it is. */
  function unchanged() {
    return new Response(null, { status: 204 });
  }

  /* The answer, or null where it is not wanted any more. */
  async function untilAnswered(address, options, output) {
    for (let times = 0; !options.signal.aborted; times += 1) {
      const silence = setTimeout(() => trouble(output, "silent"), SILENT_MS);
      const answer = await plainFetch(address, options).catch(() => null);
      clearTimeout(silence);
      if (options.signal.aborted) break;
      if (answer && !PASSING.has(answer.status)) return answer;
      trouble(output, await nameOf(answer));
      await rest(pause(times, answer), options.signal);
    }
    return null;
  }

  /* What only a page of ours can know: without it a callback is refused. */
  const token = document.querySelector('meta[name="csrf"]')?.content ?? "";

  window.fetch = (request, options) => {
    const address = String(request?.url ?? request);
    const headers = { ...options?.headers, "X-Gridwell-CSRF": token };
    if (address.includes(CALLBACK)) return patient(spoken(address), { ...options, headers });
    return plainFetch(address.includes("_dash-layout") ? spoken(address) : request, options);
  };

  /* Somebody who has gone elsewhere must not be taken to what they clicked on the map before. */
  addEventListener("popstate", () => latest.get(PICKED)?.abort());

  gridwell.patience = { trouble, calm, pause, rest, wake, nameOf, dismiss };
})();
