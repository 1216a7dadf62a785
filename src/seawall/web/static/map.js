// The network map: points and ties from columns of numbers, drawn on a canvas. Its tables say the same without it.
"use strict";

(() => {
  const figure = document.getElementById("map");
  const canvas = figure.querySelector("canvas");
  const said = document.getElementById("map-said");
  const time = document.getElementById("map-time");
  const until = document.getElementById("map-until");
  const data = JSON.parse(document.getElementById("map-data").textContent);
  const words = data.words;
  const count = data.x.length;
  const WHOLE = 10000; // places are from 0 to this
  const MARGIN = 24;
  const NEAR = 12; // pixels from a point that count as on it
  const LABELS = 24; // names that are written without being asked for
  const SHADES = 64; // of ties that lie on each other

  const x = Float32Array.from(data.x);
  const y = Float32Array.from(data.y, (value) => WHOLE - value);
  const part = Uint8Array.from(data.part);
  const starts = Uint32Array.from(data.starts);
  const step = Uint16Array.from(data.step);
  const reach = Uint32Array.from(data.reach);
  const tieOf = Uint32Array.from(data.tieOf);
  const tieBy = Uint32Array.from(data.tieBy);
  const tieStep = Uint16Array.from(data.tieStep);
  const cases = new Map(data.cases.map(([row, name, address]) => [row, { name, address }]));
  const hasCase = Uint8Array.from({ length: count }, (_, n) => (cases.has(n) ? 1 : 0));
  const named = [...cases.keys()]; // the largest reach first
  const now = new Uint32Array(count); // reach until the moment of the slider
  const radius = new Float32Array(count);
  const most = Math.max(1, ...Array.from({ length: count }, (_, n) => sum(n, data.when.length)));

  let last = data.when.length - 1; // step of the slider
  let zoom = 1;
  let left = 0; // where place 0 stands, in pixels
  let top = 0;
  let wide = 0;
  let high = 0;
  let dots = 1; // of the screen in a pixel
  let chosen = -1;
  let under = -1; // the pointer
  let ink = {};
  let asked = 0;
  const sprites = new Map();
  let lines = null; // how many ties lie on each pixel
  let image = null;
  let pixels = null; // the same, a number a pixel

  function sum(n, end) {
    let total = 0;
    for (let j = starts[n]; j < starts[n + 1] && step[j] < end; j += 1) total += reach[j];
    return total;
  }

  const scale = () => (Math.min(wide, high) - 2 * MARGIN) * zoom / WHOLE;

  function whole() {
    zoom = 1;
    left = (wide - WHOLE * scale()) / 2;
    top = (high - WHOLE * scale()) / 2;
  }

  function upTo(end) {
    last = end;
    for (let n = 0; n < count; n += 1) now[n] = sum(n, end + 1);
    until.textContent = data.when[end] ? `${data.when[end]} UTC` : "";
    time.setAttribute("aria-valuetext", until.textContent);
  }

  function sizes() {
    const swell = Math.sqrt(Math.min(zoom, 9));
    for (let n = 0; n < count; n += 1) {
      radius[n] = now[n] ? (2.2 + 13 * Math.sqrt(now[n] / most)) * (0.75 + 0.25 * swell) + hasCase[n] : 0;
    }
  }

  function colours() {
    const style = getComputedStyle(figure);
    const token = (name) => style.getPropertyValue(name).trim();
    const parts = [token("--busy"), token("--warn"), token("--accent"), token("--calm")];
    const ground = rgb(token("--surface"));
    ink = {
      parts,
      faint: parts.map((text) => `rgb(${rgb(text).map((value, i) => Math.round(0.6 * value + 0.4 * ground[i]))})`),
      ink: token("--ink"),
      surface: token("--surface"),
      shades: shades(ground, rgb(token("--line-strong"))),
      font: `12.5px ${token("--sans")}`,
    };
    sprites.clear();
  }

  // 1. ties: each adds one to the pixels it crosses; what is crossed often is darker
  function tiesOn(width, height) {
    if (!lines || lines.length !== width * height) {
      lines = new Uint16Array(width * height);
      image = new ImageData(width, height);
      pixels = new Uint32Array(image.data.buffer);
    }
    lines.fill(0);
    const k = scale() * dots;
    const x0 = left * dots;
    const y0 = top * dots;
    for (let t = 0; t < tieOf.length; t += 1) {
      if (tieStep[t] > last) continue;
      cross(x0 + x[tieOf[t]] * k, y0 + y[tieOf[t]] * k, x0 + x[tieBy[t]] * k, y0 + y[tieBy[t]] * k, width, height);
    }
    for (let i = 0; i < lines.length; i += 1) pixels[i] = ink.shades[lines[i] < SHADES ? lines[i] : SHADES - 1];
  }

  function rgb(text) {
    const value = parseInt(text.slice(1), 16);
    return [value >> 16, (value >> 8) & 255, value & 255];
  }

  function shades(ground, line) {
    return Uint32Array.from({ length: SHADES }, (_, n) => {
      const much = n ? 0.75 * (1 - 0.82 ** n) + 0.07 : 0;
      const [r, g, b] = ground.map((value, i) => Math.round(value + (line[i] - value) * much));
      return (255 << 24) | (b << 16) | (g << 8) | r;
    });
  }

  function cross(x1, y1, x2, y2, width, height) {
    // what lies outside is cut off first (Liang and Barsky 1984)
    const dx = x2 - x1;
    const dy = y2 - y1;
    let from = 0;
    let to = 1;
    for (let side = 0; side < 4; side += 1) {
      const p = side === 0 ? -dx : side === 1 ? dx : side === 2 ? -dy : dy;
      const q = side === 0 ? x1 : side === 1 ? width - 1 - x1 : side === 2 ? y1 : height - 1 - y1;
      if (p === 0) {
        if (q < 0) return;
      } else if (p < 0) {
        if (q / p > from) from = q / p;
      } else if (q / p < to) to = q / p;
    }
    if (from > to) return;
    const length = Math.ceil(Math.max(Math.abs(dx), Math.abs(dy)) * (to - from));
    const ux = (dx * (to - from)) / (length || 1);
    const uy = (dy * (to - from)) / (length || 1);
    let px = x1 + dx * from;
    let py = y1 + dy * from;
    for (let n = 0; n <= length; n += 1) {
      lines[(py | 0) * width + (px | 0)] += 1;
      px += ux;
      py += uy;
    }
  }

  // 2. points: each kind and size is drawn once and stamped
  function outline(pen, kind, middle, size) {
    pen.beginPath();
    if (kind === 2) pen.arc(middle, middle, size, 0, 2 * Math.PI);
    else if (kind === 1) pen.rect(middle - size * 0.89, middle - size * 0.89, size * 1.78, size * 1.78);
    else {
      const corners = kind === 0 ? [[0, -1.25], [1.25, 0], [0, 1.25], [-1.25, 0]] : [[0, -1.2], [1.1, 0.8], [-1.1, 0.8]];
      corners.forEach(([cx, cy], n) => pen[n ? "lineTo" : "moveTo"](middle + cx * size, middle + cy * size));
      pen.closePath();
    }
  }

  function sprite(kind, hasName, size) {
    const key = (size * 4 + kind) * 2 + hasName;
    let found = sprites.get(key);
    if (!found) {
      const half = Math.ceil(size * 0.5 * 1.3) + 2;
      const drawn = document.createElement("canvas");
      drawn.width = drawn.height = Math.ceil(2 * half * dots);
      const pen = drawn.getContext("2d");
      pen.scale(dots, dots);
      outline(pen, kind, half, size * 0.5);
      pen.fillStyle = hasName ? ink.parts[kind] : ink.faint[kind];
      pen.fill();
      pen.lineWidth = hasName ? 1.6 : 0.6;
      pen.strokeStyle = hasName ? ink.ink : ink.surface;
      pen.stroke();
      found = laid(pen.getImageData(0, 0, drawn.width, drawn.height));
      sprites.set(key, found);
    }
    return found;
  }

  // a sprite as what it does to pixels: those it covers whole, and those at its edge with how much it covers of them
  function laid(drawn) {
    const solid = [];
    const edge = [];
    const colours = new Uint32Array(drawn.data.buffer);
    for (let i = 0; i < colours.length; i += 1) {
      const column = i % drawn.width;
      const row = (i - column) / drawn.width;
      const much = colours[i] >>> 24;
      if (much === 255) solid.push([row * image.width + column, colours[i]]);
      else if (much) edge.push([row * image.width + column, colours[i] & 255, (colours[i] >> 8) & 255, (colours[i] >> 16) & 255, much]);
    }
    return {
      side: drawn.width,
      at: Uint32Array.from(solid, ([place]) => place),
      colour: Uint32Array.from(solid, ([, colour]) => colour),
      edgeAt: Uint32Array.from(edge, ([place]) => place),
      edge: Uint8Array.from(edge.flatMap(([, ...rest]) => rest)),
    };
  }

  // laid on the picture pixel by pixel: ten thousand calls of drawImage would take ten times as long
  function stamp(n, k) {
    if (!radius[n]) return;
    const found = sprite(part[n], hasCase[n], Math.round(radius[n] * 2));
    const x0 = Math.round((left + x[n] * k) * dots - found.side / 2);
    const y0 = Math.round((top + y[n] * k) * dots - found.side / 2);
    if (x0 <= -found.side || y0 <= -found.side || x0 >= image.width || y0 >= image.height) return;
    const whole = x0 >= 0 && y0 >= 0 && x0 + found.side <= image.width && y0 + found.side <= image.height;
    const place = y0 * image.width + x0;
    for (let i = 0; i < found.at.length; i += 1) {
      if (whole || inside(found.at[i], x0, y0)) pixels[place + found.at[i]] = found.colour[i];
    }
    for (let i = 0; i < found.edgeAt.length; i += 1) {
      if (!whole && !inside(found.edgeAt[i], x0, y0)) continue;
      pixels[place + found.edgeAt[i]] = mixed(pixels[place + found.edgeAt[i]], found.edge, 4 * i);
    }
  }

  function inside(offset, x0, y0) {
    const column = x0 + (offset % image.width);
    const row = y0 + Math.floor(offset / image.width);
    return column >= 0 && row >= 0 && column < image.width && row < image.height;
  }

  function mixed(old, edge, i) {
    const much = edge[i + 3];
    const rest = 255 - much;
    const r = (edge[i] * much + (old & 255) * rest) >> 8;
    const g = (edge[i + 1] * much + ((old >> 8) & 255) * rest) >> 8;
    const b = (edge[i + 2] * much + ((old >> 16) & 255) * rest) >> 8;
    return (255 << 24) | (b << 16) | (g << 8) | r;
  }

  // A name begins after its point, or ends before it where the map is at its end.
  function begins(pen, n, k) {
    const long = pen.measureText(cases.get(n).name).width;
    const at = left + x[n] * k;
    const after = at + radius[n] + 5;
    return after + long > wide && at > long + radius[n] + 5 ? at - radius[n] - 5 - long : after;
  }

  function name(pen, n, k) {
    const text = cases.get(n).name;
    const px = begins(pen, n, k);
    const py = top + y[n] * k;
    pen.lineWidth = 3.5;
    pen.strokeStyle = ink.surface;
    pen.strokeText(text, px, py);
    pen.fillStyle = ink.ink;
    pen.fillText(text, px, py);
  }

  function ring(pen, n, k) {
    pen.lineWidth = 2.5;
    pen.strokeStyle = ink.ink;
    pen.beginPath();
    pen.arc(left + x[n] * k, top + y[n] * k, radius[n] + 5, 0, 2 * Math.PI);
    pen.stroke();
  }

  function own(pen, n, k) {
    pen.globalAlpha = 0.45;
    pen.beginPath();
    for (let t = 0; t < tieOf.length; t += 1) {
      if (tieStep[t] > last || (tieOf[t] !== n && tieBy[t] !== n)) continue;
      pen.moveTo(left + x[tieOf[t]] * k, top + y[tieOf[t]] * k);
      pen.lineTo(left + x[tieBy[t]] * k, top + y[tieBy[t]] * k);
    }
    pen.lineWidth = 1;
    pen.strokeStyle = ink.ink;
    pen.stroke();
    pen.globalAlpha = 1;
  }

  function draw() {
    asked = 0;
    const pen = canvas.getContext("2d");
    tiesOn(canvas.width, canvas.height);
    const k = scale();
    sizes();
    for (let n = count - 1; n >= 0; n -= 1) if (!hasCase[n]) stamp(n, k);
    for (let i = named.length - 1; i >= 0; i -= 1) stamp(named[i], k);
    pen.putImageData(image, 0, 0);
    pen.setTransform(dots, 0, 0, dots, 0, 0);
    if (chosen >= 0) own(pen, chosen, k);
    pen.font = ink.font;
    pen.textBaseline = "middle";
    pen.textAlign = "left";
    pen.direction = "ltr";
    const taken = []; // boxes of names already written
    for (const n of named) {
      if (taken.length >= LABELS) break;
      const at = left + x[n] * k;
      const py = top + y[n] * k;
      if (!radius[n] || at < 0 || py < 0 || at > wide || py > high) continue;
      const px = begins(pen, n, k);
      const end = px + pen.measureText(cases.get(n).name).width + 4;
      if (taken.some(([x1, x2, y1]) => px < x2 && end > x1 && Math.abs(py - y1) < 16)) continue;
      name(pen, n, k);
      taken.push([px, end, py]);
    }
    for (const n of new Set([chosen, under])) {
      if (n < 0 || !radius[n]) continue;
      ring(pen, n, k);
      if (cases.has(n)) name(pen, n, k);
    }
  }

  const again = () => {
    if (!asked) asked = requestAnimationFrame(draw);
  };

  // 3. what somebody asks for
  function around(px, py, by) {
    const next = Math.min(Math.max(zoom * by, 0.6), 60);
    left = px - ((px - left) * next) / zoom;
    top = py - ((py - top) * next) / zoom;
    zoom = next;
    again();
  }

  function at(px, py) {
    const k = scale();
    let best = -1;
    let nearest = NEAR * NEAR;
    for (let n = 0; n < count; n += 1) {
      if (!radius[n]) continue;
      const dx = left + x[n] * k - px;
      const dy = top + y[n] * k - py;
      const inside = Math.max(0, Math.hypot(dx, dy) - radius[n]) - (cases.has(n) ? 2 : 0);
      if (inside < 0 ? best < 0 || !cases.has(best) : inside * inside < nearest) {
        nearest = Math.max(0, inside) ** 2;
        best = n;
      }
    }
    return best;
  }

  function tell(n) {
    if (n < 0) {
      said.textContent = words.hint;
      return;
    }
    const who = cases.has(n) ? cases.get(n).name : words.nameless;
    said.replaceChildren();
    const bold = document.createElement("bdi");
    bold.textContent = who;
    said.append(bold, ` · ${words.parts[part[n]]} · ${words.reach}: ${now[n]}`);
    if (cases.has(n)) {
      const link = document.createElement("a");
      link.href = cases.get(n).address;
      link.textContent = words.open;
      said.append(" · ", link);
    }
  }

  function choose(n) {
    chosen = n;
    tell(n);
    again();
  }

  function bring(n) {
    const k = scale();
    const px = left + x[n] * k;
    const py = top + y[n] * k;
    if (px < 40 || py < 40 || px > wide - 40 || py > high - 40) {
      left += wide / 2 - px;
      top += high / 2 - py;
    }
    choose(n);
  }

  function next(by) {
    const shown = named.filter((n) => now[n]);
    if (!shown.length) return;
    const place = shown.indexOf(chosen);
    bring(shown[place < 0 ? 0 : (place + by + shown.length) % shown.length]);
  }

  const keys = {
    ArrowLeft: () => { left += 60; again(); },
    ArrowRight: () => { left -= 60; again(); },
    ArrowUp: () => { top += 60; again(); },
    ArrowDown: () => { top -= 60; again(); },
    "+": () => around(wide / 2, high / 2, 1.5),
    "=": () => around(wide / 2, high / 2, 1.5),
    "-": () => around(wide / 2, high / 2, 1 / 1.5),
    0: () => { whole(); again(); },
    j: () => next(1),
    k: () => next(-1),
    Enter: () => { if (cases.has(chosen)) window.location.assign(cases.get(chosen).address); },
    Escape: () => choose(-1),
  };
  keys.o = keys.Enter;

  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !Object.hasOwn(keys, event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    keys[event.key]();
  });

  let held = null;
  canvas.addEventListener("pointerdown", (event) => {
    held = { x: event.offsetX, y: event.offsetY, moved: false };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (held) {
      const dx = event.offsetX - held.x;
      const dy = event.offsetY - held.y;
      if (!held.moved && Math.hypot(dx, dy) < 4) return;
      left += dx;
      top += dy;
      held = { x: event.offsetX, y: event.offsetY, moved: true };
      again();
      return;
    }
    const found = at(event.offsetX, event.offsetY);
    canvas.classList.toggle("on", found >= 0 && cases.has(found));
    if (found === under) return;
    under = found;
    tell(found >= 0 ? found : chosen);
    again();
  });
  canvas.addEventListener("pointerup", (event) => {
    const moved = held?.moved;
    held = null;
    if (moved) return;
    const found = at(event.offsetX, event.offsetY);
    if (cases.has(found)) window.location.assign(cases.get(found).address);
    else choose(found);
  });
  canvas.addEventListener("pointercancel", () => { held = null; });
  canvas.addEventListener("pointerleave", () => { under = -1; tell(chosen); again(); });
  canvas.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && document.activeElement !== canvas) return; // a page that is scrolled goes on scrolling
    event.preventDefault();
    around(event.offsetX, event.offsetY, Math.exp(-event.deltaY / 400));
  }, { passive: false });
  for (const button of figure.querySelectorAll("[data-key]")) button.addEventListener("click", () => keys[button.dataset.key]());
  time.addEventListener("input", () => { upTo(Number(time.value)); tell(chosen); again(); });
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { colours(); again(); });

  new ResizeObserver(() => {
    const before = wide;
    const middle = [wide / 2 - left, high / 2 - top];
    wide = canvas.clientWidth;
    high = canvas.clientHeight;
    dots = Math.min(window.devicePixelRatio || 1, 2);
    canvas.width = Math.max(1, Math.round(wide * dots));
    canvas.height = Math.max(1, Math.round(high * dots));
    sprites.clear();
    if (!before || zoom === 1) whole();
    else [left, top] = [wide / 2 - middle[0], high / 2 - middle[1]];
    again();
  }).observe(canvas);

  figure.hidden = false;
  document.getElementById("map-without").hidden = true;
  colours();
  upTo(last);
  tell(-1);
})();
