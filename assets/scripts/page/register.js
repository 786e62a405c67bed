/* Questions to the register of people: a button or form carries its question, the drawer gets the answer. */
(() => {
  "use strict";
  const { page } = window.gridwell;
  const ASKED = "asked-people";

  /* Each question is news, also the same one again: hence the moment. */
  const ask = (question) => window.dash_clientside.set_props(ASKED, { data: { ...question, at: Date.now() } });

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button[data-people]");
    if (button) ask(JSON.parse(button.dataset.people));
  });

  document.addEventListener("submit", (event) => {
    const form = event.target.closest?.("form[data-people]");
    if (!form) return;
    event.preventDefault();
    ask({ ...JSON.parse(form.dataset.people), ...Object.fromEntries(new FormData(form)) });
  });

  /* What was read belongs to where it was asked: a step elsewhere closes the drawer, a move of the map does not. */
  const where = () => ["area", "building", "incident", "facility"].map((part) => new URLSearchParams(location.search).get(part)).join("|");
  let here = where();
  addEventListener("popstate", () => {
    const gone = here !== where();
    here = where();
    if (gone && document.querySelector(".drawer")?.childElementCount) ask({ do: "close" });
  });

  /* ---- While the drawer is open the keyboard stays in it; afterwards it is where it was ---- */

  let opener = null;
  let stop = null; // of the sheet on a phone, before the drawer took all of it
  const drawer = () => document.querySelector(".drawer");
  const opened = () => Boolean(drawer()?.childElementCount);
  const stops = () => [...drawer().querySelectorAll("button, input, summary")].filter((one) => one.checkVisibility());

  function changed() {
    const panel = document.querySelector("#panel");
    if (opened()) {
      if (!panel.inert) opener = document.activeElement;
      panel.inert = true;
      drawer().querySelector("h2").focus();
      if (page.wide()) return;
      stop ??= document.querySelector(".panel.area").dataset.stop;
      page.sheet("full");
    } else {
      put(panel);
    }
  }

  function put(panel) {
    panel.inert = false;
    if (opener?.isConnected) opener.focus();
    if (stop) page.sheet(stop);
    opener = stop = null;
  }

  page.on((what) => {
    if (what !== "shown" || !drawer() || drawer().dataset.watched) return;
    drawer().dataset.watched = "";
    new MutationObserver(changed).observe(drawer(), { childList: true });
  });

  function round(event) {
    const [list, now] = [stops(), document.activeElement];
    const leaving = event.shiftKey ? [list[0], drawer().querySelector("h2")].includes(now) : now === list.at(-1);
    if (!leaving && drawer().contains(now)) return;
    event.preventDefault();
    list.at(event.shiftKey ? -1 : 0)?.focus();
  }

  /* Before the page's own keys: there Escape leads to the area above. */
  document.addEventListener(
    "keydown",
    (event) => {
      if (!opened() || document.querySelector("details.menu[open]")) return;
      if (event.key === "Tab" && drawer().contains(event.target)) round(event);
      if (event.key !== "Escape" || event.isComposing) return;
      event.stopPropagation();
      event.preventDefault();
      ask({ do: "close" });
    },
    true,
  );
})();
