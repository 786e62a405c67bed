/* The time slider: drag a window over the histogram, move it with the arrow keys, or let it play. */
(() => {
  "use strict";
  const { page } = window.gridwell;
  const DAY = 86400000;
  const STEP_MS = 900;
  let playing = null;
  let drag = null;

  const histogram = () => document.querySelector(".histogram");
  const brush = () => document.querySelector(".brush");
  const facts = () => ({ days: Number(histogram().dataset.days), first: Date.parse(histogram().dataset.first) });
  const place = () => ({ start: Number(brush().dataset.start), end: Number(brush().dataset.end) });
  const iso = (first, day) => new Date(first + day * DAY).toISOString().slice(0, 10);

  function draw(start, end) {
    const { days } = facts();
    brush().classList.toggle("all", start <= 0 && end >= days);
    brush().style.left = `${(start / days) * 100}%`;
    brush().style.width = `${((end - start) / days) * 100}%`;
    Object.assign(brush().dataset, { start, end });
  }

  function choose(start, end, options) {
    const { days, first } = facts();
    const all = start <= 0 && end >= days;
    page.change({ wfrom: all ? null : iso(first, start), wto: all ? null : iso(first, end - 1) }, options);
  }

  function dayAt(x) {
    const box = histogram().getBoundingClientRect();
    return Math.max(0, Math.min(facts().days - 1, Math.floor(((x - box.left) / box.width) * facts().days)));
  }

  document.addEventListener("pointerdown", (event) => {
    if (!event.target.closest?.(".histogram") || event.button) return;
    stop();
    const day = dayAt(event.clientX);
    const { start, end } = place();
    const whole = brush().classList.contains("all");
    const edge = event.target.closest(".edge");
    const kind = edge ? (edge.classList.contains("left") ? "left" : "right") : !whole && event.target.closest(".brush") ? "move" : "new";
    drag = { kind, day, start, end, moved: false };
    histogram().setPointerCapture(event.pointerId);
    brush().classList.add("dragging");
    event.preventDefault();
  });

  document.addEventListener("pointermove", (event) => {
    if (!drag || !histogram()) return;
    const { days } = facts();
    const day = dayAt(event.clientX);
    drag.moved ||= day !== drag.day;
    if (drag.kind === "new") draw(Math.min(day, drag.day), Math.max(day, drag.day) + 1);
    if (drag.kind === "left") draw(Math.min(day, drag.end - 1), drag.end);
    if (drag.kind === "right") draw(drag.start, Math.max(day + 1, drag.start + 1));
    if (drag.kind === "move") {
      const length = drag.end - drag.start;
      const start = Math.max(0, Math.min(days - length, drag.start + day - drag.day));
      draw(start, start + length);
    }
  });

  document.addEventListener("pointerup", () => {
    if (!drag) return;
    const { kind, moved, day } = drag;
    drag = null;
    brush()?.classList.remove("dragging");
    if (!brush()) return;
    if (kind === "new" && !moved) draw(day, day + 1);
    const { start, end } = place();
    if (moved || kind === "new") choose(start, end);
  });

  document.addEventListener("keydown", (event) => {
    if (!event.target.matches?.(".brush")) return;
    const by = { ArrowLeft: -1, ArrowRight: 1, PageDown: -7, PageUp: 7 }[event.key];
    if (event.key === "Delete") choose(0, facts().days);
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    let { start, end } = place();
    const { days } = facts();
    if (brush().classList.contains("all")) [start, end] = [Math.max(0, days - 7), days];
    else if (event.shiftKey) end = Math.max(start + 1, Math.min(days, end + by));
    else {
      const length = end - start;
      start = Math.max(0, Math.min(days - length, start + by));
      end = start + length;
    }
    draw(start, end);
    choose(start, end, { replace: true });
  });

  /* ---- Play ---- */

  function stop() {
    clearTimeout(playing);
    playing = null;
    document.body.classList.remove("playing");
    document.querySelector(".play")?.setAttribute("aria-pressed", "false");
  }

  function next() {
    const { days } = facts();
    const { start, end } = place();
    if (end >= days) return stop();
    const by = Math.max(1, Math.round(days / 60));
    draw(Math.min(start + by, days - 1), Math.min(end + by, days));
    choose(place().start, place().end, { replace: true });
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest?.(".play")) {
      if (playing) return stop();
      const { days } = facts();
      const { start, end } = place();
      const length = brush().classList.contains("all") ? Math.min(7, Math.ceil(days / 4)) : end - start;
      playing = setTimeout(stop, 30000);
      document.body.classList.add("playing");
      document.querySelector(".play").setAttribute("aria-pressed", "true");
      draw(end >= days ? 0 : start, end >= days ? length : end);
      choose(place().start, place().end, { replace: true });
    } else if (playing && event.isTrusted) stop();
  });

  /* The next step waits for the answer to the last one, so a slow server is never overrun. */
  page.on((what) => {
    if (what !== "shown" || !playing) return;
    clearTimeout(playing);
    playing = setTimeout(next, STEP_MS);
    document.querySelector(".play")?.setAttribute("aria-pressed", "true");
  });
})();
