// Passkeys: shows their buttons where they can work, and says so when one did not.
"use strict";

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  document.getElementById("passkey-trouble").hidden = false;
});

const numbered = /^[0-9.]+$|^\[/.test(window.location.hostname);
const usable = Boolean(window.PublicKeyCredential) && window.isSecureContext && !numbered;
for (const part of document.querySelectorAll("[data-needs-passkeys]")) part.hidden = !usable;
for (const part of document.querySelectorAll("[data-no-passkeys]")) part.hidden = usable;

const hint = document.getElementById("passkey-number");
if (hint && /^127\.|^\[::1\]/.test(window.location.hostname)) {
  const named = new URL(window.location.href);
  named.hostname = "localhost";
  const link = document.getElementById("passkey-name");
  link.href = named.href;
  link.textContent = named.origin;
  hint.hidden = false;
}
