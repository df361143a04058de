// Small conveniences; every page works without them.
"use strict";

// A page that waits for something reads itself again and puts the new state in place of the old one.
(function watch() {
  const live = document.querySelector("[data-live]");
  if (!live || !live.hasAttribute("data-busy")) return;
  let wait = 1500;
  async function look() {
    try {
      const answer = await fetch(location.href, { headers: { "X-Requested-With": "watch" }, redirect: "error" });
      if (answer.ok) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const fresh = page.querySelector("[data-live]");
        const shown = document.querySelector("[data-live]");
        if (!fresh) return location.reload();
        if (shown.innerHTML !== fresh.innerHTML && !shown.contains(document.activeElement)) shown.replaceWith(fresh);
        if (!fresh.hasAttribute("data-busy")) return undefined;
      }
    } catch {
      // The server is away for a moment: look again later.
    }
    wait = Math.min(wait * 1.2, 10000);
    return setTimeout(look, wait);
  }
  setTimeout(look, wait);
})();

// An upload goes straight to the object store and shows how far it has come; whatever stands in its way, the form is sent
// as a form.
(function upload() {
  const form = document.querySelector("form[data-upload]");
  const progress = form && form.querySelector("progress");
  if (!form || !progress) return;
  // So that the store refuses what was damaged on its way. Browsers digest what is in memory, and only on a safe page.
  const LARGEST = 256 * 1024 * 1024;
  const digest = async (file) => {
    if (!window.crypto.subtle || file.size > LARGEST) return null;
    const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  };
  const put = (url, headers, file) =>
    new Promise((done, failed) => {
      const request = new XMLHttpRequest();
      request.open("PUT", url);
      // The browser sends the length by itself and lets nobody else set it.
      for (const [name, value] of Object.entries(headers)) if (name !== "content-length" && name !== "host") request.setRequestHeader(name, value);
      request.upload.onprogress = (event) => {
        if (event.lengthComputable) progress.value = event.loaded / event.total;
      };
      request.onload = () => (request.status >= 200 && request.status < 300 ? done() : failed(new Error("refused")));
      request.onerror = () => failed(new Error("broken off"));
      request.send(file);
    });
  form.addEventListener("submit", async (event) => {
    const file = form.elements.file.files[0];
    if (!file) return;
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    progress.hidden = false;
    try {
      const fields = new URLSearchParams();
      for (const [name, value] of new FormData(form)) if (typeof value === "string") fields.append(name, value);
      fields.append("file_name", file.name);
      fields.append("size", file.size);
      const sha256 = await digest(file);
      if (sha256) fields.append("sha256", sha256);
      const begun = await fetch(form.dataset.upload, { method: "POST", body: fields });
      if (!begun.ok) throw new Error("not begun");
      const place = await begun.json();
      await put(place.upload_url, place.upload_headers, file);
      const token = new URLSearchParams({ csrf: form.elements.csrf.value });
      const noted = await fetch(place.uploaded_url, { method: "POST", body: token });
      if (!noted.ok) throw new Error("not noted");
      location.assign(place.page_url);
    } catch {
      button.disabled = false;
      form.submit();
    }
  });
})();

// After a refusal, back to the form with what was typed.
(function back() {
  const link = document.querySelector("[data-back]");
  if (!link || history.length < 2) return;
  link.addEventListener("click", (event) => {
    event.preventDefault();
    history.back();
  });
})();

// A choice of format or table shows only the fields that belong to it.
(function dependent() {
  const form = document.querySelector("form[data-dependent]");
  if (!form) return;
  const apply = () => {
    const chosen = new FormData(form);
    for (const part of form.querySelectorAll("[data-when]")) {
      const shown = part.dataset.when.split(";").every((rule) => {
        const [name, values] = rule.split("=");
        return values.split(",").includes(String(chosen.get(name)));
      });
      part.hidden = !shown;
      for (const field of part.querySelectorAll("input, select, textarea")) field.disabled = !shown;
    }
  };
  form.addEventListener("change", apply);
  apply();
})();
