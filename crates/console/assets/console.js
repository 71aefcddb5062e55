// What pages can do where scripts run: times in the reader's zone, copying, dialogs, keys.
// Nothing here is needed for reading. No inline code, no eval: the policy forbids both.
"use strict";

(() => {
  const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long" });
  const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
  const steps = [["second", 60], ["minute", 60], ["hour", 24], ["day", 30], ["month", 12], ["year", Infinity]];

  /** "3 minutes ago" for what is near, in the reader's language. */
  function distance(from, to) {
    let amount = (from - to) / 1000;
    for (const [unit, size] of steps) {
      if (Math.abs(amount) < size) return relative.format(Math.round(amount), unit);
      amount /= size;
    }
    return "";
  }

  function showTimes(root) {
    const now = Date.now();
    for (const time of root.querySelectorAll("time[datetime]")) {
      const at = Date.parse(time.dateTime);
      if (Number.isNaN(at)) continue;
      const full = exact.format(at);
      const text = time.closest("[data-exact]") ? full : distance(at, now);
      if (time.textContent !== text) time.textContent = text;
      time.title = `${full} (${time.dateTime})`;
    }
  }

  // Screen readers read what changes here.
  const said = document.createElement("p");
  said.className = "unseen";
  said.setAttribute("role", "status");
  document.body.append(said);

  /** Marks what is to be copied: where it stands, or in a field of its own. */
  function mark(text, button) {
    const shown = button.parentElement.querySelector("code, pre");
    if (shown?.textContent === text) {
      getSelection().selectAllChildren(shown);
      return null;
    }
    const field = document.createElement("textarea");
    Object.assign(field, { value: text, readOnly: true, rows: 1 });
    field.setAttribute("aria-label", "To copy");
    button.after(field);
    field.select();
    return field;
  }

  /** Where there is no clipboard: over plain http, and in frames that may not write to it. */
  function copyByHand(text, button) {
    button.parentElement.querySelector("textarea[readonly]")?.remove();
    const field = mark(text, button);
    if (document.execCommand("copy")) {
      field?.remove();
      button.focus();
      return true;
    }
    return false;
  }

  /** Copies what the button names: a text, or the address of a page. */
  async function copy(button) {
    if (button.dataset.before) return;
    const text = button.dataset.copy || new URL(button.dataset.page, location.href).href;
    let copied = true;
    try { await navigator.clipboard.writeText(text); } catch { copied = copyByHand(text, button); }
    const keys = /Mac|iP/.test(navigator.platform) ? "⌘C" : "Ctrl+C";
    button.dataset.before = button.textContent;
    button.textContent = said.textContent = copied ? "Copied" : `Could not copy: it is selected, press ${keys}`;
    setTimeout(() => {
      button.textContent = button.dataset.before;
      delete button.dataset.before;
      said.textContent = "";
    }, copied ? 2000 : 8000);
  }

  /** A button that does what cannot be undone works when the named word stands in the field. */
  function checkTyped(field) {
    const button = field.form.querySelector("button[data-guarded]");
    if (button) button.disabled = field.value.trim() !== field.dataset.expects;
  }

  function rows() {
    return [...document.querySelectorAll("tr[data-href]")];
  }

  function choose(step) {
    const all = rows();
    if (!all.length) return;
    const now = all.findIndex((row) => row.classList.contains("chosen"));
    const next = all[Math.min(all.length - 1, Math.max(0, now + step))] ?? all[0];
    all[now]?.classList.remove("chosen");
    next.classList.add("chosen");
    next.querySelector("a")?.focus();
    next.scrollIntoView({ block: "nearest" });
  }

  function retry() {
    const chosen = document.querySelector("tr.chosen form[data-retry], main form[data-retry]:not(tr *)");
    chosen?.requestSubmit();
  }

  // Keys that people press without meaning it can be switched off (WCAG 2.1.4). Where storage is
  // closed, as in some frames, they work.
  const SINGLE_KEYS = "carehook-single-keys";
  function singleKeysWork() {
    try { return localStorage.getItem(SINGLE_KEYS) !== "off"; } catch { return true; }
  }
  function setSingleKeys(work) {
    try { localStorage.setItem(SINGLE_KEYS, work ? "on" : "off"); } catch { /* stays as it is */ }
  }

  function onKey(event) {
    if (!singleKeysWork()) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, select, textarea, dialog")) return;
    const actions = {
      "/": () => document.getElementById("find")?.focus(),
      j: () => choose(1),
      k: () => choose(-1),
      r: retry,
      "?": () => document.getElementById("keys")?.showModal(),
    };
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  }

  document.addEventListener("click", (event) => {
    const copied = event.target.closest("[data-copy]");
    if (copied) copy(copied);
    const opener = event.target.closest("[data-opens]");
    if (opener) {
      // A link leads, without scripts, to a page that asks the same.
      event.preventDefault();
      document.getElementById(opener.dataset.opens)?.showModal();
    }
    const closer = event.target.closest("[data-closes]");
    if (closer) closer.closest("dialog")?.close();
  });
  document.addEventListener("input", (event) => {
    if (event.target.dataset?.expects !== undefined) checkTyped(event.target);
    if (event.target.dataset?.narrows) narrow(event.target);
  });
  document.addEventListener("change", (event) => {
    if (event.target.closest("[data-single-keys]")) setSingleKeys(event.target.checked);
  });
  document.addEventListener("keydown", onKey);
  /** An address says only what is asked for. */
  document.addEventListener("formdata", (event) => {
    if (!event.target.matches("[data-sparing]")) return;
    for (const [name, value] of [...event.formData]) if (value === "") event.formData.delete(name);
  });

  /** Hides the choices of a list that do not hold what was typed. */
  function narrow(field) {
    const wanted = field.value.trim().toLowerCase();
    for (const one of document.querySelectorAll(field.dataset.narrows)) {
      one.hidden = wanted !== "" && !one.textContent.toLowerCase().includes(wanted);
    }
    for (const group of document.querySelectorAll("[data-group]")) {
      const found = [...group.querySelectorAll(field.dataset.narrows)].some((one) => !one.hidden);
      group.hidden = !found;
      if (wanted !== "") group.open = true;
    }
  }

  /** What stands in a chart begins with a time in UTC. */
  function placeInTime(title) {
    const at = exact.format(new Date(title.dataset.at));
    title.textContent = title.textContent.replace(/^.* UTC/, () => at);
    title.removeAttribute("data-at");
  }

  /** A form is sent once: the answer to a second press would come without what was made. */
  function onSubmit(event) {
    const form = event.target;
    if (event.defaultPrevented || !form.elements.once) return;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "yes";
    setTimeout(() => { delete form.dataset.sent; }, 10000);
  }
  // What shows the same page otherwise leaves the focus at its button. Where storage is closed, the
  // page begins at its top.
  const STAYS = "carehook-stays";
  function stay(event) {
    if (event.target.dataset.stays === undefined) return;
    try { sessionStorage.setItem(STAYS, event.target.id); } catch { /* begins at the top */ }
  }
  function takeUp() {
    try {
      const form = document.getElementById(sessionStorage.getItem(STAYS));
      sessionStorage.removeItem(STAYS);
      form?.querySelector("button")?.focus();
    } catch { /* begins at the top */ }
  }

  /** Escape closes the menu of a phone; what had the focus in it is seen no more. */
  function closeMenu(event) {
    const menu = document.querySelector("details[data-menu][open]");
    if (event.key !== "Escape" || !menu || document.querySelector("dialog[open]")) return;
    const focused = document.activeElement;
    menu.open = false;
    if (!focused.checkVisibility()) menu.querySelector("summary").focus();
  }
  document.addEventListener("keydown", closeMenu);
  document.addEventListener("submit", stay);
  document.addEventListener("submit", onSubmit);
  addEventListener("pageshow", () => { for (const form of document.forms) delete form.dataset.sent; });

  function prepare(root) {
    showTimes(root);
    for (const title of root.querySelectorAll("title[data-at]")) placeInTime(title);
    for (const field of root.querySelectorAll("[data-expects]")) checkTyped(field);
    for (const button of root.querySelectorAll("[data-script]")) button.hidden = false;
    // Written, it is restored with the other fields when the reader comes back: the same form.
    for (const field of root.querySelectorAll("[name=once]")) field.value = String(field.value);
    for (const box of root.querySelectorAll("[data-single-keys]")) box.checked = singleKeysWork();
  }
  prepare(document);
  takeUp();
  for (const what of ["htmx:after:swap", "carehook:drawn"]) document.addEventListener(what, () => prepare(document));
  setInterval(() => { if (!document.hidden) showTimes(document); }, 10000);
})();
