// Small comforts; every page works without them.
"use strict";

// A menu closes on Escape and when something else is clicked.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// Menus and tabs that are wider than the window begin where the reader is.
for (const here of document.querySelectorAll(".nav [aria-current], .tabs [aria-current]")) {
  const strip = here.closest(".nav, .tabs");
  const [its, all] = [here.getBoundingClientRect(), strip.getBoundingClientRect()];
  strip.scrollLeft += its.left + its.width / 2 - all.left - all.width / 2;
}

// <button type="button" data-copy="id"> copies the text of that element; it is shown only where that can work.
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copy);
    await navigator.clipboard.writeText(source.value || source.textContent.trim());
    if (button.dataset.copied) button.textContent = button.dataset.copied;
  });
}

// A form is sent once, however often the button is pressed.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || form.hasAttribute("hx-post")) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});
