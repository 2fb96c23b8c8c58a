// What htmx leaves: addresses that follow the filters, keys for next and previous, and the parts of a live page.
"use strict";

// A filtered list has an address of its own, which can be copied and gone back to.
document.addEventListener("htmx:after:swap", (event) => {
  const form = event.target.closest?.("form[data-address]") ?? event.detail?.ctx?.sourceElement;
  if (!(form instanceof HTMLFormElement) || !form.hasAttribute("data-address")) return;
  const query = new URLSearchParams([...new FormData(form)].filter(([, value]) => value !== ""));
  history.replaceState(null, "", query.size ? `${form.getAttribute("action")}?${query}` : form.getAttribute("action"));
});

// j, k and the arrows follow the links to the next and the one before, unless somebody is typing or scrolling a table.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  if (event.target.closest("input, select, textarea, [role=region], summary")) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const to = { j: "next", ArrowRight: "next", k: "prev", ArrowLeft: "prev" }[event.key];
  const link = to && document.querySelector(`a[rel=${to}]`);
  if (link) {
    event.preventDefault();
    link.click();
  } else if (event.key === "/") {
    const search = document.querySelector("input[type=search]");
    if (search) {
      event.preventDefault();
      search.focus();
    }
  }
});

// A live page: each event carries one part, as HTML that the server has escaped. A page that nobody sees asks for nothing.
const live = document.querySelector("[data-events]");
let source = null;

function show(part, html) {
  const focused = part.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  part.innerHTML = html;
  if (focused) [...part.querySelectorAll("a")].find((link) => link.getAttribute("href") === focused)?.focus();
}

function follow() {
  source?.close();
  source = null;
  if (document.hidden) return;
  source = new EventSource(live.dataset.events);
  for (const part of live.querySelectorAll("[data-part]")) {
    source.addEventListener(part.dataset.part, (event) => show(part, event.data));
  }
}

if (live) {
  document.addEventListener("visibilitychange", follow);
  follow();
}
