/* Keyboard, menus, and the few buttons that are not links. */
(() => {
  "use strict";
  const { page } = window.gridwell;
  const all = (selector, root = document) => [...root.querySelectorAll(selector)].filter((one) => one.getClientRects().length);
  const field = () => document.querySelector("#search");
  const typing = (target) => target.matches?.("input, textarea, select, [contenteditable]");

  function closeMenus(except) {
    const open = [...document.querySelectorAll("details.menu[open]")].filter((menu) => menu !== except && !menu.contains(except));
    open.forEach((menu) => menu.removeAttribute("open"));
    return open;
  }

  function key(name) {
    const link = document.querySelector(`a[data-key="${name}"]`);
    if (link) page.follow(link);
    return Boolean(link);
  }

  function escape() {
    const open = closeMenus();
    if (open.length) return open[0].querySelector("summary").focus();
    if (document.body.classList.contains("layers-open")) return document.body.classList.remove("layers-open");
    if (document.activeElement?.closest(".search")) {
      clear(field());
      return document.activeElement.blur();
    }
    return key("up");
  }

  /* React keeps its own copy of a field's value; the native setter tells it. */
  function clear(input) {
    if (!input?.value) return;
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(input, "");
    input.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function step(list, back) {
    const now = list.indexOf(document.activeElement);
    list[(now + (back ? -1 : 1) + list.length) % list.length]?.focus();
  }

  function arrows(event) {
    const back = event.key === "ArrowUp" || event.key === "ArrowLeft";
    const upDown = event.key === "ArrowUp" || event.key === "ArrowDown";
    const inside = event.target.closest("details.menu[open], .search, .ranking, .count-bars, .day-bars");
    if (inside?.matches("details.menu") && upDown) return step(all(".menu-list a, .menu-list button", inside), back), true;
    if (inside?.matches(".search") && upDown) return step([field(), ...all(".results a")], back), true;
    if (inside?.matches(".ranking, .count-bars") && upDown) return step(all("a, summary", inside), back), true;
    if (inside?.matches(".day-bars") && !upDown) return step(all("a", inside), back), true;
    if (event.target === document.body && !upDown) return key(back ? "previous" : "next");
    if (event.target === document.body && event.key === "ArrowDown") return all(".ranking a")[0]?.focus(), true;
    return false;
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const link = event.target.closest?.('a[role="switch"]');
    let done = false;
    if (event.key === "Escape") done = (escape(), true);
    else if (event.key === " " && link) done = (page.follow(link), true);
    else if (event.key === "Enter" && event.target === field()) done = Boolean(all(".results a")[0]?.click() ?? true);
    else if (event.key.startsWith("Arrow") && (!typing(event.target) || event.target === field())) done = arrows(event);
    else if (typing(event.target)) return;
    else if (event.key === "/") done = (field()?.focus(), true);
    else if (event.key === "Backspace") done = key("up");
    if (done) event.preventDefault();
  });

  document.addEventListener("click", (event) => {
    closeMenus(event.target.closest?.("details.menu") || event.target);
    if (event.target.closest?.(".results a")) {
      clear(field());
      field().blur();
    }
    const act = event.target.closest?.("[data-act]")?.dataset.act;
    if (act) acts[act]?.();
  });

  const acts = {
    in: () => window.gridwell.map?.zoom?.(1),
    out: () => window.gridwell.map?.zoom?.(-1),
    north: () => window.gridwell.map?.north?.(),
    layers: () => document.body.classList.toggle("layers-open"),
    shade: () => document.body.classList.remove("layers-open"),
    dim: () => document.querySelector(".tools .dims a:not([aria-current])")?.click(),
    again: () => window.gridwell.patience.wake() || location.reload(),
    reload: () => location.reload(),
    dismiss: () => window.gridwell.patience.dismiss(),
  };

  /* Free days: two date fields instead of a ready-made period. */
  document.addEventListener("submit", (event) => {
    const form = event.target.closest(".own-days");
    if (!form) return;
    event.preventDefault();
    const [from, to] = ["from", "to"].map((name) => form.querySelector(`input[name="${name}"]`).value);
    const wrong = !from || !to || from > to;
    form.querySelector(".form-error").hidden = !wrong;
    if (wrong) return;
    closeMenus();
    page.change({ from, to, wfrom: null, wto: null });
  });

  /* Opacity: shown while dragging, asked for on release. */
  const slider = (event) => event.target.closest?.(".opacity");
  document.addEventListener("input", (event) => {
    if (slider(event)) slider(event).querySelector("output").textContent = `${event.target.value}%`;
  });
  document.addEventListener("change", (event) => {
    const label = slider(event);
    if (!label) return;
    const now = new URLSearchParams(location.search).get("opacity") || "";
    const kept = Object.fromEntries(now.split(",").filter(Boolean).map((pair) => pair.split(":")));
    if (event.target.value === "100") delete kept[label.dataset.layer];
    else kept[label.dataset.layer] = event.target.value;
    const text = Object.entries(kept).map((pair) => pair.join(":")).join(",");
    page.change({ opacity: text || null });
  });
})();
