// Functions for all pages. They use only features that recent TV browsers have.
document.documentElement.classList.add("scripted");

const $ = (id) => document.getElementById(id);
// The prefix of all paths, if a proxy publishes the server below a path.
const base = document.documentElement.dataset.base || "";
const on = (target, type, action, isFirst) => target.addEventListener(type, action, isFirst);

const make = (tag, properties) => Object.assign(document.createElement(tag), properties);

// The settings are one item of local storage. In a private window, the browser may refuse access.
const store = {
  // Servers below different paths of one host share the storage, so each server has its own key.
  key: `videoserve${base}`,
  read() {
    try {
      return Object(JSON.parse(localStorage.getItem(store.key)));
    } catch (error) {
      return {};
    }
  },
  change(how) {
    const all = store.read();
    how(all);
    try {
      localStorage.setItem(store.key, JSON.stringify(all));
    } catch (error) {
    }
  },
};

// Calls fetch. A relative URL inherits the password in the URL of the page, and fetch refuses such a URL. So this
// function removes the password.
function ask(url, options) {
  const plain = new URL(url, location.href);
  plain.username = plain.password = "";
  return fetch(plain, options);
}

const sleep = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

// Formats 83.46 as 1:23.
function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (number) => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

// Formats 83.46 as 1:23.4. Tenths are shown only if they are not zero.
const exactly = (seconds) => {
  const tenths = Math.floor((seconds % 1) * 10 + 1e-6);
  return clock(seconds) + (tenths ? `.${tenths}` : "");
};

// Moves the focus to the nearest element in the direction of an arrow key. TVs have no mouse and no Tab key.
function moveFocus(event, selector) {
  const box = (element) => element.getBoundingClientRect();
  const from = box(document.activeElement);
  const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
  let best;
  let least = Infinity;
  for (const element of document.querySelectorAll(selector)) {
    const to = box(element);
    if (element === document.activeElement || !to.width) continue;
    const along = dx ? dx * (dx > 0 ? to.left - from.right : to.right - from.left) : dy * (dy > 0 ? to.top - from.bottom : to.bottom - from.top);
    const aside = dx
      ? Math.max(0, to.top - from.bottom, from.top - to.bottom) * 1000
      : Math.abs((to.left + to.right) - (from.left + from.right)) / 4;
    const middle = dx ? dx * (to.left + to.right - from.left - from.right) : dy * (to.top + to.bottom - from.top - from.bottom);
    if (middle <= 0 || along < -Math.min(to.height, from.height) / 2) continue;
    if (Math.max(along, 0) + aside < least) [best, least] = [element, Math.max(along, 0) + aside];
  }
  if (!best) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  best.focus();
  best.scrollIntoView({ block: "nearest" });
}

