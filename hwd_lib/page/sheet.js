// The sheet: what pen, finger, mouse and keys do becomes strokes, lists of [x, y]. It knows nothing of networks.

const SHORT_SIDE = 800; // units; strokes are counted in those of the app's sheet
const PEN = SHORT_SIDE / 20; // units, how wide ink is
const MOST_INK = 20000; // points
const PALM = 2000; // milliseconds after the pen was there in which a touch is a resting hand
const SLIP = 300; // milliseconds in which a second finger turns a touch into a gesture of two
const STEP = 20; // units that an arrow key moves the pen

class Sheet {
  /** `changed(finished)` is called after each change; `finished` is false while the pen is down. */
  constructor(canvas, changed) {
    Object.assign(this, {canvas, changed, context: canvas.getContext("2d")});
    this.strokes = []; // never changed in place once a stroke is finished: the past keeps them as they were
    this.past = [];
    this.future = [];
    this.pointer = null; // the event that began the stroke that is being drawn
    this.pen_seen = -Infinity; // when
    this.key_pen = null; // [x, y], where the keys have the pen
    canvas.addEventListener("pointerdown", event => this.down(event));
    canvas.addEventListener("pointermove", event => this.move(event));
    canvas.addEventListener("pointerup", event => this.up(event));
    canvas.addEventListener("pointercancel", event => this.cancel(event));
    // While a finger writes, it does not scroll; touch-action says so, too, but then a tap on a button may be lost.
    canvas.addEventListener("touchmove", event => this.drawing && event.preventDefault(), {passive: false});
    canvas.addEventListener("keydown", event => this.key(event));
    canvas.addEventListener("blur", () => this.lift_key_pen());
    new ResizeObserver(() => this.resize()).observe(canvas);
  }

  get drawing() { return this.pointer !== null; }
  get full() { return sum(this.strokes.map(stroke => stroke.length)) >= MOST_INK; }

  // What the buttons do

  /** Put other strokes on the sheet; `undo` brings the ones before back. */
  put(strokes) {
    this.past.push(this.strokes);
    this.future = [];
    this.show(strokes);
  }

  undo() { this.step(this.past, this.future); }
  redo() { this.step(this.future, this.past); }

  step(from, to) {
    this.finish();
    if (!from.length) return;
    to.push(this.strokes);
    this.show(from.pop());
  }

  show(strokes) {
    this.strokes = strokes;
    this.pointer = null;
    this.paint();
    this.changed(true);
  }

  // Pointers. The pen goes before the finger; of fingers, one draws and two scroll or zoom.

  down(event) {
    if (event.pointerType === "pen") this.pen_seen = event.timeStamp;
    if (event.pointerType === "touch") {
      if (event.timeStamp - this.pen_seen < PALM) return;
      if (this.pointer?.pointerType === "touch" && event.timeStamp - this.pointer.timeStamp < SLIP) this.take_back();
    }
    if (event.button !== 0 || this.full || this.two_fingers) return;
    if (this.drawing) {
      if (event.pointerType !== "pen" || this.pointer.pointerType === "pen") return;
      this.take_back(); // it was the hand that came down before its pen
    }
    this.pointer = event;
    this.canvas.setPointerCapture?.(event.pointerId);
    this.begin(this.at(event));
  }

  move(event) {
    if (event.pointerType === "pen") this.pen_seen = event.timeStamp;
    if (this.pointer?.pointerId !== event.pointerId) return;
    const events = event.getCoalescedEvents?.() ?? [];
    this.extend((events.length ? events : [event]).map(part => this.at(part)));
  }

  up(event) {
    if (event.pointerType === "touch" && event.isPrimary) this.two_fingers = false;
    if (this.pointer?.pointerId !== event.pointerId) return;
    this.extend([this.at(event)]);
    this.finish();
  }

  cancel(event) {
    this.two_fingers = false;
    if (this.pointer?.pointerId === event.pointerId) this.finish();
  }

  at(event) {
    const box = this.canvas.getBoundingClientRect();
    const limit = (value, most) => Math.round(10 * Math.min(Math.max(value / this.unit, 0), most / this.unit)) / 10;
    return [limit(event.clientX - box.left, box.width), limit(event.clientY - box.top, box.height)];
  }

  // Strokes

  begin(point) {
    this.past.push(this.strokes);
    this.future = [];
    this.strokes = [...this.strokes, [point]];
    this.ink([point]);
    this.changed(false);
  }

  extend(points) {
    const stroke = this.strokes.at(-1), before = stroke.length;
    for (const point of points) {
      const [x, y] = stroke.at(-1);
      if ((point[0] !== x || point[1] !== y) && !this.full) stroke.push(point);
    }
    if (stroke.length === before) return;
    this.ink(stroke.slice(before - 1));
    this.changed(false);
  }

  finish() {
    if (!this.drawing) return;
    this.pointer = null;
    this.changed(true);
  }

  /** The stroke that is being drawn was none. */
  take_back() {
    this.two_fingers = this.pointer.pointerType === "touch";
    this.show(this.past.pop());
  }

  // Keys: arrows move the pen, Space puts it down and lifts it

  key(event) {
    const moves = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};
    const move = moves[event.key], [width, height] = this.size();
    if (event.ctrlKey || event.metaKey || event.altKey || !(move || [" ", "Escape"].includes(event.key))) return;
    event.preventDefault();
    if (event.key === "Escape") return this.lift_key_pen();
    const [x, y] = this.key_pen ?? [width / 2, height / 4];
    if (move) {
      const limit = (value, most) => Math.min(Math.max(value, 0), most);
      this.key_pen = [limit(x + STEP * move[0], width), limit(y + STEP * move[1], height)];
      if (this.pointer?.key) this.extend([this.key_pen]);
    } else if (this.pointer?.key) {
      this.finish();
    } else if (!this.drawing && !this.full) {
      this.key_pen = [x, y];
      this.pointer = event;
      this.begin(this.key_pen);
    }
    this.paint();
  }

  lift_key_pen() {
    if (this.pointer?.key) this.finish();
    this.key_pen = null;
    this.paint();
  }

  // Ink

  size() { return [this.canvas.clientWidth / this.unit, this.canvas.clientHeight / this.unit]; }

  resize() {
    const {canvas} = this, sharp = window.devicePixelRatio || 1;
    this.unit = Math.min(canvas.clientWidth, canvas.clientHeight) / SHORT_SIDE; // CSS pixels
    canvas.width = Math.round(canvas.clientWidth * sharp);
    canvas.height = Math.round(canvas.clientHeight * sharp);
    this.context.setTransform(sharp * this.unit, 0, 0, sharp * this.unit, 0, 0); // from now on it draws in units
    this.keep_inside();
    this.paint();
  }

  /** A phone was turned: what lies beside the sheet now comes back, smaller if need be. */
  keep_inside() {
    if (!this.strokes.length || this.drawing) return;
    const [width, height] = this.size(), [left, top, right, bottom] = bounds(this.strokes.flat());
    if (left >= 0 && top >= 0 && right <= width && bottom <= height) return;
    const room = 1 - PEN / SHORT_SIDE, scale = Math.min(1, room * width / (right - left), room * height / (bottom - top));
    const moved = (value, low, high, most) => {
      const half = scale * (high - low) / 2;
      return Math.min(Math.max((low + high) / 2, half), most - half) + (value - (low + high) / 2) * scale;
    };
    this.strokes = this.strokes.map(stroke =>
      stroke.map(([x, y]) => [moved(x, left, right, width), moved(y, top, bottom, height)]));
    this.changed(true);
  }

  paint() {
    const {canvas, context} = this;
    context.clearRect(0, 0, ...this.size());
    context.strokeStyle = getComputedStyle(canvas).color;
    context.lineCap = context.lineJoin = "round";
    context.lineWidth = PEN;
    for (const stroke of this.strokes) this.ink(stroke);
    if (!this.key_pen) return;
    context.lineWidth = PEN / 8;
    context.beginPath();
    context.arc(...this.key_pen, PEN / 2, 0, 2 * Math.PI);
    context.stroke();
    context.lineWidth = PEN;
  }

  ink(points) {
    const {context} = this;
    context.beginPath();
    context.moveTo(...points[0]);
    for (const point of points.length > 1 ? points.slice(1) : points) context.lineTo(...point);
    context.stroke();
  }
}
