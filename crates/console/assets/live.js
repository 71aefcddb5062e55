// The delivery log as it goes on: new rows come in while nobody reads further down, has selected or
// focused something, or has a menu open; else they wait behind a count. States change in place.
"use strict";

(() => {
  const AT_ONCE = 5; // Rows that come in together, once a beat.
  const BEAT = 1000;
  const MARKED = 4000; // How long a new row is marked.
  const SPOKEN = 10000; // Between two announcements.
  const STILL = 2000; // After the pointer has moved over the rows, which somebody may be about to press.
  const LONGEST = 100; // Rows of a page; afterwards it begins with one part again.
  const KNOWN = 500;

  function watch(box) {
    const find = (what) => document.querySelector(what);
    const [body, button, voice] = [find("[data-rows]"), box.querySelector("[data-arrivals]"), box.querySelector("[data-spoken]")];
    const [state, toggle] = [find("[data-live-state]"), find("[data-live-pause]")];
    const known = new Map(), changed = new Set();
    let source = null, paused = false, mark = "", order = [], older = null;
    let first = false, away = false, asked = false, ended = false, timer = null;
    let grewAt = 0, movedAt = 0, spokenAt = 0, arrived = [], waiting = 0;

    const rows = () => [...(body?.rows ?? [])];
    const shown = () => new Map(rows().map((row) => [row.dataset.delivery, row]));
    for (const [id, row] of shown()) known.set(id, row.outerHTML);

    /** Whether nothing that is being read or done would move. */
    function isCalm() {
      const focused = document.activeElement;
      return scrollY < 8 && getSelection()?.isCollapsed !== false && !body.contains(focused)
        && !focused?.matches("select") && !find("dialog[open], details[data-menu][open]")
        && Date.now() - movedAt > STILL;
    }

    function made(id) {
      const template = document.createElement("template");
      template.innerHTML = known.get(id).trim();
      return template.content.firstElementChild;
    }

    /** Gives a row its new state where it stands; whether that could be done now. */
    function change(row, id) {
      if (getSelection()?.containsNode(row, true) && !getSelection().isCollapsed) return false;
      const fresh = [...made(id).cells];
      const cells = [...row.cells];
      if (cells.some((cell) => cell.contains(document.activeElement))) {
        // What has the focus keeps it; the state beside it is shown.
        cells[0].replaceWith(fresh[0]);
        return false;
      }
      cells.forEach((cell, at) => cell.replaceWith(fresh[at]));
      return true;
    }

    function insert(id, there) {
      const row = made(id), at = order.indexOf(id);
      const next = order.slice(at + 1).find((other) => there.has(other));
      const before = order.slice(0, at).findLast((other) => there.has(other));
      if (next) there.get(next).before(row);
      else if (before) there.get(before).after(row);
      else body.prepend(row);
      there.set(id, row);
      row.classList.add("arrived");
      setTimeout(() => row.classList.remove("arrived"), MARKED);
      arrived.push(row);
    }

    /** Shows the newest part, and nothing else. */
    function begin() {
      const there = shown();
      body.replaceChildren(...order.map((id) => there.get(id) ?? made(id)));
      const link = find("a[rel=next]");
      if (link) [link.hidden, link.href] = [!older, older ?? ""];
      drawn();
    }

    function drawn() {
      const empty = find("[data-empty]");
      if (empty && body.rows.length) empty.remove();
      body.closest(".scroll").hidden = !body.rows.length;
      document.dispatchEvent(new Event("carehook:drawn"));
    }

    /** What is new is said now and then, and together. */
    function speak() {
      if (Date.now() - spokenAt < SPOKEN) return;
      const failed = arrived.filter((row) => row.querySelector(".state.failed")).length;
      const parts = [];
      if (arrived.length) parts.push(`New deliveries: ${arrived.length}${failed ? `, failed: ${failed}` : ""}.`);
      if (waiting) parts.push(`Waiting to be shown: ${waiting}.`);
      const text = parts.join(" ");
      if (!text || voice.textContent === text && !arrived.length) return;
      [voice.textContent, spokenAt, arrived] = ["", Date.now(), []];
      requestAnimationFrame(() => { voice.textContent = text; });
    }

    /** Brings the page nearer to what there is; goes on later with what is left. */
    function beat() {
      clearTimeout(timer);
      timer = null;
      const there = shown();
      let touched = false;
      for (const id of [...changed]) {
        const row = there.get(id);
        if (!row || change(row, id)) changed.delete(id);
        if (row) touched = true;
      }
      let fresh = order.filter((id) => !there.has(id));
      const isFull = fresh.length === order.length && rows().length > 0;
      const mayGrow = fresh.length && isCalm() && !isFull && Date.now() - grewAt >= BEAT;
      if (mayGrow) {
        for (const id of fresh.slice(-AT_ONCE).reverse()) insert(id, there);
        fresh = fresh.slice(0, -AT_ONCE);
        [grewAt, touched] = [Date.now(), true];
        if (!fresh.length && rows().length > LONGEST) begin();
      }
      if (touched) drawn();
      waiting = fresh.length;
      button.hidden = !waiting || (isCalm() && !isFull && waiting <= AT_ONCE);
      button.textContent = button.hidden ? "" : `${waiting}${isFull && older ? "+" : ""} new: show`;
      speak();
      if (waiting || changed.size || arrived.length) timer = setTimeout(beat, BEAT);
    }

    function told({ data, lastEventId }) {
      const news = JSON.parse(data);
      [mark, order, older] = [lastEventId, news.order, news.older];
      if (!body) {
        // A page about one delivery.
        if (news.rows.length) [button.hidden, button.textContent] = [false, "1 changed: show"];
        return;
      }
      for (const [id, html] of news.rows) {
        known.delete(id);
        known.set(id, html);
        changed.add(id);
      }
      for (const id of known.keys()) {
        if (known.size <= KNOWN) break;
        known.delete(id);
      }
      find("[data-matches]").textContent = news.matches;
      const lost = [...shown().keys()].filter((id) => !order.includes(id));
      if (first && away && order.length && isCalm()) begin();
      else if (first && !asked && lost.length) {
        // What is shown further down may have changed while nothing was heard.
        return open(lost.slice(0, 50));
      }
      [first, away] = [false, false];
      beat();
    }

    /** The last thing that is told: there is nobody any more whom to tell. */
    function signedOut() {
      close();
      ended = true;
      say("paused", "signed out");
      const link = document.createElement("a");
      link.href = `/console/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`;
      link.textContent = "Sign in again";
      const told = document.createElement("p");
      told.className = "notice bad";
      told.setAttribute("role", "alert");
      told.append("You were signed out; what is shown here stays as it is. ", link);
      button.hidden = true;
      box.append(told);
    }

    function say(style, word) {
      if (state) [state.className, state.textContent] = [`state ${style}`, word];
    }
    function close() {
      source?.close();
      source = null;
    }
    function open(also) {
      close();
      const address = new URL(box.dataset.live, location.href);
      if (mark) address.searchParams.set("at", mark);
      if (also) address.searchParams.set("also", also.join(","));
      let asks = Boolean(also);
      source = new EventSource(address);
      source.onopen = () => {
        [first, asked, asks] = [true, asks, false];
        say("active", "live");
      };
      source.onmessage = told;
      source.addEventListener("signed-out", signedOut);
      source.onerror = () => say("warn", source?.readyState === EventSource.CLOSED ? "not live: reload" : "connecting");
    }
    function run() {
      close();
      if (ended) return;
      if (paused) return say("paused", "paused");
      if (document.hidden) {
        away = true;
        return;
      }
      open();
    }
    toggle?.addEventListener("click", () => {
      paused = !paused;
      toggle.textContent = paused ? "Go on" : "Pause";
      run();
    });
    button.addEventListener("click", () => {
      if (!body) return location.reload();
      begin();
      scrollTo(0, 0);
      document.getElementById("content")?.focus({ preventScroll: true });
      beat();
    });
    for (const what of ["pointermove", "pointerdown"]) body?.addEventListener(what, () => { movedAt = Date.now(); });
    document.addEventListener("visibilitychange", run);
    addEventListener("pagehide", close);
    addEventListener("pageshow", (event) => { if (event.persisted) run(); });
    run();
  }

  for (const box of document.querySelectorAll("[data-live]")) watch(box);
})();
