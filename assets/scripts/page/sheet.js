/* On a phone the figures are a sheet with three stops: low, half, full. */
(() => {
  "use strict";
  const { page } = window.gridwell;
  const STOPS = ["low", "half", "full"];
  let drag = null;

  const sheet = () => document.querySelector(".panel.area");
  const shift = (stop) => {
    const style = getComputedStyle(document.documentElement);
    const probe = document.createElement("div");
    probe.style.cssText = `position:absolute;visibility:hidden;height:var(--sheet-${stop})`;
    document.body.append(probe);
    const height = stop === "full" ? sheet().offsetHeight : probe.offsetHeight;
    probe.remove();
    return style && sheet().offsetHeight - height;
  };

  function settle(stop) {
    sheet().dataset.stop = stop;
    document.documentElement.dataset.sheet = stop;
    sheet().style.transform = "";
    window.dispatchEvent(new CustomEvent("gridwell:sheet", { detail: stop }));
  }

  page.sheet = settle;

  document.addEventListener("pointerdown", (event) => {
    const grip = event.target.closest?.(".grip");
    if (!grip) return;
    drag = { y: event.clientY, from: shift(sheet().dataset.stop), moved: false, at: 0 };
    grip.setPointerCapture(event.pointerId);
    sheet().classList.add("dragging");
  });

  document.addEventListener("pointermove", (event) => {
    if (!drag) return;
    drag.moved ||= Math.abs(event.clientY - drag.y) > 4;
    drag.at = Math.max(0, Math.min(shift("low"), drag.from + event.clientY - drag.y));
    if (drag.moved) sheet().style.transform = `translateY(${drag.at}px)`;
  });

  document.addEventListener("pointerup", () => {
    if (!drag) return;
    const { moved, at } = drag;
    drag = null;
    sheet().classList.remove("dragging");
    const now = STOPS.indexOf(sheet().dataset.stop);
    if (!moved) return settle(STOPS[(now + 1) % STOPS.length]);
    const nearest = STOPS.map((stop) => [Math.abs(shift(stop) - at), stop]).sort((a, b) => a[0] - b[0]);
    settle(nearest[0][1]);
  });

  document.addEventListener("keydown", (event) => {
    if (!event.target.matches?.(".grip")) return;
    const by = { ArrowUp: 1, ArrowDown: -1, Enter: 1, " ": 1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const now = STOPS.indexOf(sheet().dataset.stop);
    settle(STOPS[event.key.startsWith("Arrow") ? Math.max(0, Math.min(2, now + by)) : (now + 1) % 3]);
  });

  /* A new area begins at its first line. */
  let last = null;
  page.on((what, shown) => {
    if (what !== "shown") return;
    if (!document.documentElement.dataset.sheet) document.documentElement.dataset.sheet = sheet().dataset.stop;
    if (last !== shown.place) document.querySelector("#panel").scrollTop = 0;
    last = shown.place;
  });
})();
