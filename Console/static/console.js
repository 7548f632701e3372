// What every page of the console does in the browser: live updates, "3 s ago", the colours. No page depends on it to be read.
"use strict";

const SILENT_AFTER = 40_000; // ms; the server says something every 15 s
const LONGEST_WAIT = 30_000;
const HIDDEN_CLOSES_AFTER = 20_000;

// An EventSource that gives its connection back while nobody looks at the page (a browser has only six for one host), finds
// out that a connection is dead though nobody closed it, and tries again for ever. The server tells all topics to whoever
// connects, so a page that slept is right again.
class PatientEventSource {
  #url;
  #listeners = [];
  #source = null;
  #heard = 0;
  #failures = 0;
  #timer = 0;
  #closed = false;
  onopen = null;
  onerror = null;

  constructor(url) {
    this.#url = url;
    this.#open();
    document.addEventListener("visibilitychange", () => this.#seen());
    window.addEventListener("online", () => this.#again(0));
    setInterval(() => this.#look(), 5_000);
  }

  // htmx must not try again by itself.
  get readyState() {
    return this.#closed ? EventSource.CLOSED : EventSource.CONNECTING;
  }

  addEventListener(type, listener) {
    this.#listeners.push([type, listener]);
    this.#source?.addEventListener(type, listener);
  }

  removeEventListener(type, listener) {
    this.#listeners = this.#listeners.filter(([one, other]) => one !== type || other !== listener);
    this.#source?.removeEventListener(type, listener);
  }

  close() {
    this.#closed = true;
    this.#drop();
  }

  #open() {
    if (this.#closed || this.#source) return;
    const source = new EventSource(this.#url);
    this.#source = source;
    this.#heard = Date.now();
    source.onopen = (event) => {
      this.#failures = 0;
      this.#heard = Date.now();
      showLive("live");
      this.onopen?.(event);
    };
    source.onerror = (event) => {
      showLive("lost");
      this.onerror?.(event);
      if (source.readyState === EventSource.CLOSED && source === this.#source) this.#refused();
    };
    source.addEventListener("alive", () => (this.#heard = Date.now()));
    for (const [type, listener] of this.#listeners) source.addEventListener(type, listener);
  }

  #drop() {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = null;
  }

  #again(wait) {
    if (this.#closed || document.hidden) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#drop();
      this.#open();
    }, wait);
  }

  async #refused() {
    this.#failures += 1;
    this.#again(Math.min(LONGEST_WAIT, 1_000 * 2 ** this.#failures) * (0.5 + Math.random() / 2));
    await leaveIfSignedOut();
  }

  #seen() {
    if (document.hidden) {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => document.hidden && this.#drop(), HIDDEN_CLOSES_AFTER);
    } else if (this.#source) {
      clearTimeout(this.#timer);
    } else {
      showLive("waiting");
      this.#again(0);
    }
  }

  #look() {
    if (this.#source && !document.hidden && Date.now() - this.#heard > SILENT_AFTER) {
      showLive("lost");
      this.#again(0);
    }
  }
}

let lostSince = null;

function showLive(state) {
  const shown = document.getElementById("live");
  if (!shown) return;
  if (state === "lost" && lostSince === null) lostSince = new Date();
  if (state === "live") lostSince = null;
  const since = lostSince?.toISOString().slice(11, 19);
  const words = { waiting: "connecting", live: "live", lost: `not connected since ${since} UTC: what you see may be old` };
  if (shown.dataset.state !== state) {
    shown.dataset.state = state;
    shown.textContent = words[state];
  }
}

// The session may have ended: the answer to a part says where to sign in.
async function leaveIfSignedOut() {
  try {
    const headers = { "HX-Request": "true", "HX-Current-URL": location.href };
    const target = (await fetch(location.href, { method: "HEAD", headers })).headers.get("HX-Redirect");
    if (target) location.assign(target);
  } catch {
    // Not reachable: the line above the page says so already.
  }
}

// "3 s ago", by the server's clock.
const BEHIND = Date.parse(document.body.dataset.now) - Date.now();
const STEPS = [[172_800, 86_400, "d"], [7_200, 3_600, "h"], [120, 60, "min"]];

function inWords(seconds) {
  for (const [least, unit, name] of STEPS) {
    if (seconds >= least) return `${Math.floor(seconds / unit)} ${name}`;
  }
  return `${Math.floor(seconds)} s`;
}

function tellAges() {
  const now = Date.now() + BEHIND;
  for (const shown of document.querySelectorAll("[data-since]")) {
    const seconds = (now - Date.parse(shown.dataset.since)) / 1_000;
    const words = seconds > -2 && seconds < 1 ? "now" : seconds > 0 ? `${inWords(seconds)} ago` : `in ${inWords(-seconds)}`;
    if (shown.textContent !== words) shown.textContent = words;
  }
}

function offerThemes() {
  const button = document.getElementById("theme");
  if (!button) return;
  const current = () => document.documentElement.dataset.theme; // theme.js sees to it
  const label = () => {
    button.textContent = current() === "dark" ? "Light" : "Dark";
    button.setAttribute("aria-label", `Use ${current() === "dark" ? "light" : "dark"} colours`);
  };
  button.addEventListener("click", () => {
    const next = current() === "dark" ? "light" : "dark";
    document.documentElement.dataset.theme = next;
    try {
      localStorage.setItem("proppr-theme", next);
    } catch {
      // Then only until the next page.
    }
    document.dispatchEvent(new CustomEvent("proppr:theme"));
  });
  document.addEventListener("proppr:theme", label);
  label();
  button.hidden = false;
}

// A click in another program brings no cookie with it, so that we are asked to sign in though we are: look again from here.
async function goOnIfSignedIn() {
  const target = document.body.dataset.signIn;
  if (target === undefined) return;
  const answer = await fetch("/signed-in").catch(() => null);
  if (answer?.status === 204) location.replace(target);
}

// <form data-confirm="Really?">
document.addEventListener("submit", (event) => {
  const question = event.target.dataset.confirm;
  if (question && !window.confirm(question)) event.preventDefault();
}, true);

// A part that could not be read: what stands there stays, and it is said that it is old.
document.addEventListener("htmx:responseError", () => showLive("lost"));
document.addEventListener("htmx:sendError", () => showLive("lost"));
document.addEventListener("htmx:timeout", () => showLive("lost"));
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.successful) showLive("live");
});
document.addEventListener("htmx:afterSwap", tellAges);

// Parts that are replaced keep the place of whoever reads them: what has the focus, how far their tables are scrolled.
const places = new WeakMap();

function nameOf(element) {
  return element.id || element.getAttribute("aria-label") || element.getAttribute("href") || "";
}

document.addEventListener("htmx:beforeSwap", (event) => {
  const part = event.detail.target;
  const focused = part.contains(document.activeElement) ? document.activeElement : null;
  const scrolled = [...part.querySelectorAll(".scroll")].map((region) => [nameOf(region), region.scrollLeft]);
  places.set(part, { tag: focused?.tagName, name: focused ? nameOf(focused) : "", scrolled });
});
document.addEventListener("htmx:afterSwap", (event) => {
  const part = event.detail.target;
  const place = places.get(part);
  if (!place) return;
  const regions = [...part.querySelectorAll(".scroll")];
  for (const [name, left] of place.scrolled) {
    const region = regions.find((one) => nameOf(one) === name);
    if (region && left) region.scrollLeft = left;
  }
  if (!place.name || part.contains(document.activeElement)) return;
  [...part.querySelectorAll(place.tag)].find((one) => nameOf(one) === place.name)?.focus({ preventScroll: true });
});

// Fixture: lists that can be folded stay as they were left.
const folded = new WeakMap();
document.addEventListener("htmx:beforeSwap", (event) => {
  const part = event.detail.target;
  folded.set(part, [...part.querySelectorAll("details")].map((list) => list.open));
});
document.addEventListener("htmx:afterSwap", (event) => {
  const part = event.detail.target;
  const before = folded.get(part) ?? [];
  [...part.querySelectorAll("details")].forEach((list, place) => (list.open = before[place] ?? list.open));
});

if (window.htmx) htmx.createEventSource = (url) => new PatientEventSource(url);
// On a phone the navigation scrolls: the page one is on is to be seen in it.
document.querySelector("nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
offerThemes();
goOnIfSignedIn();
setInterval(tellAges, 1_000);
