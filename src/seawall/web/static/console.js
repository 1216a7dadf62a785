// Keys and small comforts of the console; every page works without them.
"use strict";

(() => {
  const words = document.currentScript.dataset;
  const typing = (target) => target.closest("input, select, textarea, [contenteditable]") !== null;
  const STOP = "[data-rows] a[data-open], [data-rows] > li"; // a table's rows have a link each; posts take the focus
  const row = () => document.activeElement?.closest("[data-rows] tr, [data-rows] > li");

  // j and k move the focus from row to row: what is focused is what Enter, o and t act on.
  const move = (step) => {
    const all = [...document.querySelectorAll(STOP)];
    if (!all.length) return;
    const now = all.findIndex((stop) => row()?.contains(stop));
    const next = now < 0 ? 0 : Math.min(Math.max(now + step, 0), all.length - 1);
    all[next].focus();
    all[next].scrollIntoView({ block: "nearest" });
  };

  const keys = {
    j: () => move(1),
    k: () => move(-1),
    o: () => row()?.querySelector("a[data-open], [hx-post] button, button[hx-post]")?.click(),
    t: () => (row()?.querySelector("[data-take]") ?? document.querySelector(".next-act [data-take]"))?.click(),
    p: () => document.querySelector(".next-act [data-act]")?.click(),
    u: () => document.querySelector("[data-up]")?.click(),
    n: () => document.querySelector("[data-next]")?.click(),
    "/": () => document.querySelector("[data-search]")?.focus(),
    "?": () => document.getElementById("keys")?.showModal(),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (typing(event.target) || document.querySelector("dialog[open]")) return;
    const act = Object.hasOwn(keys, event.key) ? keys[event.key] : null;
    if (!act) return;
    event.preventDefault();
    act();
  });

  for (const button of document.querySelectorAll("[data-opens]")) {
    button.hidden = false;
    button.addEventListener("click", () => document.getElementById(button.dataset.opens).showModal());
  }

  // A button that needs htmx is hidden until htmx is there; so is one in a part that came later.
  const ready = (part) => {
    for (const button of part.querySelectorAll("[data-needs-script]")) button.hidden = false;
  };
  if (window.htmx) ready(document);
  document.addEventListener("htmx:load", (event) => ready(event.detail.elt));

  // What was opened takes the focus, so that a screen reader goes on there.
  document.addEventListener("htmx:afterSwap", (event) => {
    const target = event.detail.target;
    if (!target.matches("li.post, #closed-posts")) return;
    const opener = event.detail.requestConfig?.elt;
    if (opener?.dataset.opened) opener.replaceChildren(opener.dataset.opened);
    const fresh = target.isConnected ? target.querySelector(".post.open") : document.getElementById(target.id);
    fresh?.focus({ preventScroll: true });
  });

  // A rule's conditions and its predicate write each other; the one that somebody is in is left alone.
  const within = (id) => document.getElementById(id)?.contains(document.activeElement);
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const place = event.detail.target.id;
    if (place === "predicate" && within("predicate")) event.detail.shouldSwap = false;
    if ((place === "conditions" || place === "was") && within("conditions")) event.detail.shouldSwap = false;
  });

  // What is so or not so is not counted: choosing it chooses "is".
  document.addEventListener("change", (event) => {
    if (event.target.name !== "what" || !event.target.selectedOptions[0]?.hasAttribute("data-bare")) return;
    const how = event.target.parentElement.querySelector("[data-how]");
    if (!["is", "is_not"].includes(how.value)) how.value = "is";
  }, true);

  // One more box for an example, without asking the server.
  for (const button of document.querySelectorAll("[data-adds]")) {
    button.addEventListener("click", (event) => {
      event.preventDefault();
      const last = [...button.parentElement.querySelectorAll("textarea")].at(-1);
      const fresh = last.cloneNode(false);
      fresh.removeAttribute("id");
      fresh.value = "";
      last.after(fresh);
      fresh.focus();
    });
  }

  // A part that could not be loaded says so, instead of staying as if nothing had been asked.
  const failed = (event) => {
    const place = event.detail.target;
    const note = document.createElement("p");
    note.className = "error";
    note.setAttribute("role", "alert");
    note.textContent = words.failed;
    (place?.matches?.("li") ? place : place ?? document.getElementById("main")).append(note);
  };
  document.addEventListener("htmx:responseError", failed);
  document.addEventListener("htmx:sendError", failed);

  // The proposal's button names the act, and the clauses that fit the conduct come forward.
  const form = document.getElementById("proposal");
  if (form) {
    const fit = () => {
      const verb = form.querySelector("input[name=verb]:checked");
      document.getElementById("propose").textContent = verb ? verb.dataset.propose : form.dataset.button;
      const posts = document.getElementById("f-post");
      if (posts) posts.hidden = !verb || !("item" in verb.dataset);
      const conduct = form.querySelector("input[name=conduct]:checked")?.value;
      const clause = document.getElementById("clause");
      for (const group of clause.querySelectorAll("optgroup")) {
        group.disabled = group.hidden = Boolean(conduct) && group.dataset.conduct !== conduct;
      }
      if (clause.selectedOptions[0]?.parentElement.disabled) clause.value = "";
    };
    form.addEventListener("change", fit);
    fit();
  }
})();
