// The page: strokes -> reading -> what there is to see. Read it from `changed` downwards.

const MOST_UNITS = 100; // squares shown for all hidden layers together, ten in a row
const MEMORY = `hwd ${location.pathname}`; // where the browser's tab remembers the drawing, and nobody else does

const find = selector => document.querySelector(selector);
let bars = make_bars(DIGITS);
const known = new Map(); // what was read of groups of strokes that are still the same
let network = null, reading = null, chosen = 0, count = 0;
let last_reading = 0, pause = 0, timer = null;

const sheet = new Sheet(find(".hwd-sheet canvas"), changed);

/** Read the drawing, but no more often than the machine can: ink never waits long for it. */
function changed(finished) {
  clearTimeout(timer);
  const wait = last_reading + pause - performance.now();
  if (finished || wait <= 0) read(finished);
  else timer = setTimeout(read, wait, false);
}

function read(finished) {
  const started = performance.now(), {strokes} = sheet;
  if (network) {
    reading = read_drawing(network, strokes, sheet.drawing, known);
    if (reading.digits.length !== count) chosen = reading.digits.length - 1; // the newest, mostly
    count = reading.digits.length;
    show();
  }
  if (finished) {
    remember(strokes);
    find("#undo").disabled = !sheet.past.length;
    find("#redo").disabled = !sheet.future.length;
    find("#clear").disabled = !strokes.length;
    find(".hwd-said").textContent = reading?.guess ? `${reading.sentence} ${reading.note}`.trim() : "";
  }
  find(".hint").hidden = strokes.length > 0;
  last_reading = performance.now();
  pause = 2 * (last_reading - started);
}

// What there is to see

function show() {
  const {state, guess, sentence, note, digits} = reading;
  find(".answer").dataset.state = state;
  find(".hwd-guess").textContent = guess;
  find(".hwd-guess").dataset.letters = Math.min(6, guess.length);
  find(".hwd-guess").classList.toggle("word", network.names !== DIGITS && guess.length > 1);
  find(".verdict").textContent = sentence;
  find(".note").textContent = note;
  show_cards(digits);
  const {probabilities, image, activations} = digits[chosen];
  show_bars(probabilities, state === "empty");
  squares(find("#pixels"), SIDE, image, 1);
  show_units(activations.slice(1, -1), state === "empty");
}

/** A card for each digit of a number: what the network sees of it, and a click shows how it was read. */
function show_cards(digits) {
  const list = find(".cards");
  while (list.children.length > digits.length) list.lastChild.remove();
  while (list.children.length < digits.length) {
    const card = document.createElement("button"), place = list.children.length;
    card.type = "button";
    card.append(document.createElement("canvas"), document.createElement("b"), document.createElement("small"));
    card.addEventListener("click", () => {
      chosen = place;
      show();
    });
    list.append(card);
  }
  digits.forEach(({image, guess, probabilities}, i) => {
    const card = list.children[i], [canvas, name, sure] = card.children;
    if (card.image !== image) squares(canvas, SIDE, image, 1);
    card.image = image;
    card.ariaPressed = i === chosen;
    name.textContent = guess;
    sure.textContent = guess ? percent(Math.max(...probabilities)) : "";
    card.disabled = !guess;
    card.ariaLabel = guess ? null : "Nothing yet";
  });
}

/** A bar for each class; where there are many, in rows; where they are words, below each other. */
function make_bars(names) {
  const list = find(".bars"), n = names.length, words = names.some(name => name.length > 2);
  const rows = Math.ceil(n / 13), columns = words ? Math.min(rows, 3) : Math.ceil(n / Math.min(rows, 3));
  list.style.setProperty("--columns", columns);
  list.style.setProperty("--rows", Math.ceil(n / columns));
  list.className = `bars${words ? " words" : rows > 1 ? " many" : ""}${columns > 13 ? " crowd" : ""}`;
  list.textContent = "";
  return names.map((text, k) => {
    const item = document.createElement("li"), value = document.createElement("span");
    const bar = document.createElement("i"), name = document.createElement("b");
    value.className = "hwd-probability";
    value.dataset.digit = k;
    name.textContent = text;
    item.append(value, bar, name);
    bar.append(document.createElement("s"));
    list.append(item);
    return {item, value, bar: bar.firstChild};
  });
}

function show_bars(probabilities, empty) {
  const best = probabilities.indexOf(Math.max(...probabilities));
  bars.forEach(({item, value, bar}, k) => {
    const p = empty ? 0 : probabilities[k];
    item.className = k === best && !empty ? "best" : "";
    value.dataset.value = p.toFixed(4);
    value.textContent = empty ? "" : percent(p).replace(" %", "");
    bar.style.setProperty("--p", p < 0.005 ? 0 : p.toFixed(3)); // less than that is a speck
  });
}

/** The hidden units as squares that light up, layer below layer. */
function show_units(hidden, empty) {
  const each = Math.max(1, Math.floor(MOST_UNITS / hidden.length)), values = [];
  for (const a of hidden) {
    const shown = Array.from(a.subarray(0, each), Math.abs), brightest = Math.max(...shown) || 1;
    if (values.length) values.push(...Array(10).fill(NaN)); // a row of nothing between two layers
    values.push(...shown.map(value => (empty ? 0 : value / brightest)));
    while (values.length % 10) values.push(NaN);
  }
  squares(find("#units"), 10, values, 10);
}

/** Draw values in [0, 1] as a field of squares; `side` is that of one in pixels. NaN leaves a place empty. */
function squares(canvas, columns, values, side) {
  const context = canvas.getContext("2d"), gap = side > 1 ? side / 5 : 0;
  canvas.width = columns * side; // which also wipes it
  canvas.height = values.length / columns * side;
  context.fillStyle = canvas.colour ??= getComputedStyle(canvas).color;
  values.forEach((value, i) => {
    context.globalAlpha = gap ? 0.1 + 0.9 * value : value;
    if (value > 0 || (gap && value === 0))
      context.fillRect(i % columns * side, Math.floor(i / columns) * side, side - gap, side - gap);
  });
}

for (const query of ["(prefers-color-scheme: dark)", "(forced-colors: active)"])
  matchMedia(query).addEventListener("change", () => {
    for (const canvas of document.querySelectorAll("canvas")) canvas.colour = null;
    for (const card of find(".cards").children) card.image = null;
    sheet.paint();
    if (reading) show();
  });

// What can be pressed

find("#undo").addEventListener("click", () => sheet.undo());
find("#redo").addEventListener("click", () => sheet.redo());
find("#clear").addEventListener("click", () => sheet.put([]));
document.addEventListener("keydown", event => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
  const key = event.key.toLowerCase(), again = key === "y" || (key === "z" && event.shiftKey);
  if (key !== "z" && !again) return;
  event.preventDefault();
  again ? sheet.redo() : sheet.undo();
});

// Memory. A strict browser, or a frame, throws at the very name of sessionStorage.

function remember(strokes) {
  try {
    sessionStorage.setItem(MEMORY, JSON.stringify(strokes));
  } catch { /* then it is not remembered */ }
}

function recall() {
  try {
    return clean_strokes(JSON.parse(sessionStorage.getItem(MEMORY)));
  } catch {
    return [];
  }
}

async function start() {
  const old = recall();
  if (old.length && !sheet.strokes.length) sheet.show(old);
  try {
    network = new Network(JSON.parse(find("#about").textContent), await unpack(find("#weights").textContent));
  } catch (error) {
    find(".wrong").textContent = `The network in this page cannot be read (${error.message}). Expected the whole file ` +
      "as it was made, and a browser of 2023 or newer: fetch the page again, or take another browser.";
    return;
  }
  if (network.names !== DIGITS) bars = make_bars(network.names);
  find(".cards").hidden = network.names !== DIGITS; // what is one sign needs none
  find("#units").closest("figure").hidden = network.layers.length < 3;
  const together = sum(network.layers.slice(1, -1));
  const some = together > MOST_UNITS ? `${MOST_UNITS} of ` : "";
  find("#units-note").textContent = `${some}${together.toLocaleString("en")} hidden units; what lights up, speaks.`;
  read(true);
  document.body.dataset.opened = Math.round(performance.now()); // milliseconds since the page was asked for
  document.body.dataset.ready = "yes";
}

start();
