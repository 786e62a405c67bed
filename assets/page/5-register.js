/* Questions to the register of people: a button or form carries its question, the drawer gets the answer. */
(() => {
  "use strict";
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

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && event.target.closest?.(".drawer")) ask({ do: "close" });
  });
})();
