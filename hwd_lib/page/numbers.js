// Whole numbers: hwd_lib/numbers.py, function by function, under the same names. How it works, and why, stands there.
// A box is [left, top, right, bottom]; a piece is [i, start, end]; a group is [first, end].

const LOWEST = 0.25, UNREAD = "?"; // DIGIT and SURE stand in reading.js
const MOST_PIECES = 5, WIDEST = 2.0, LOW = 0.6, SHORT = 2.5, BROAD = 0.5, WIDE = 1.7, GAP = 2.0, MORE = 0.3;
const CLOSE = 0.2, OVERLAP = 8.0, CUT = 0.7, TALL = 0.5, BACK = 0.05, NEXT_LINE = 0.6, APART = 0.2;

function read_number(strokes, network, known = new Map()) {
  strokes = drop_specks(clean_strokes(strokes));
  if (!strokes.length) return [];
  const proposals = find_lines(strokes).map(propose), close = least_paper(proposals) < APART;
  if (close) proposals.push(propose(strokes)); // or is it one line, with a digit whose parts stand above each other?
  look_at(proposals.flatMap(proposal => proposal.strokes), network, known);
  const costs = [], lines = [];
  for (const proposal of proposals) {
    const [cost, digits] = choose(proposal, known);
    costs.push(cost);
    lines.push(digits);
  }
  if (!close) return lines;
  return costs.at(-1) <= sum(costs.slice(0, -1)) + MORE ? [lines.at(-1)] : lines.slice(0, -1);
}

function number_text(lines) {
  return lines.map(line => line.map(digit => digit.text).join("")).join("\n");
}

function propose(strokes) {
  const pieces = cut_strokes(strokes);
  const boxes = pieces.map(([i, start, end]) => bounds(strokes[i].slice(start, end)));
  const cut = [false, ...pieces.slice(1).map((piece, k) => piece[0] === pieces[k][0]), false];
  const groups = candidate_groups(boxes);
  return {boxes, cut, groups, strokes: groups.map(([first, end]) => join(strokes, pieces.slice(first, end)))};
}

function look_at(groups, network, known) {
  const keys = new Map(groups.map(strokes => [key(strokes), strokes]));
  for (const old of known.keys()) if (!keys.has(old)) known.delete(old);
  for (const [name, strokes] of keys) {
    if (known.has(name)) continue;
    const image = preprocess(strokes), activations = network.forward(image);
    known.set(name, {image, activations, probabilities: activations.at(-1)});
  }
}

function choose(proposal, known) {
  const {boxes, cut, groups, strokes} = proposal, looks = strokes.map(group => known.get(key(group)));
  const costs = group_costs(boxes, groups, looks.map(look => look.probabilities)), height = line_height(boxes);
  const [cost, chain] = cheapest_chain(groups, costs, boundary_costs(boxes, cut));
  return [cost, chain.map(i => {
    const text = digit_text(strokes[i], looks[i].probabilities, height);
    return {text, strokes: strokes[i], box: bounds(strokes[i].flat()), ...looks[i]};
  })];
}

function digit_text(strokes, probabilities, height) {
  const p = Math.max(...probabilities), scale = SMALLEST_DIGIT / (LOWEST * height);
  const scaled = strokes.map(stroke => stroke.map(([x, y]) => [x * scale, y * scale]));
  return p >= DIGIT && could_be_digit(scaled, p >= SURE) ? `${argmax(probabilities)}` : UNREAD;
}

function find_lines(strokes) {
  const boxes = strokes.map(bounds), high = TALL * line_height(boxes), far = NEXT_LINE * line_height(boxes);
  const middle = boxes.map(([, top, , bottom]) => (top + bottom) / 2);
  const tall = middle.filter((_, i) => boxes[i][3] - boxes[i][1] >= high).sort((a, b) => a - b);
  if (!tall.length) return [strokes]; // nothing but dashes and dots
  const lines = [[tall[0]]];
  for (let i = 1; i < tall.length; i++) tall[i] - tall[i - 1] > far ? lines.push([tall[i]]) : lines.at(-1).push(tall[i]);
  const middles = lines.map(line => sum(line) / line.length);
  const nearest = middle.map(y => argmax(middles.map(line => -Math.abs(y - line))));
  return [...middles.keys()].map(line => strokes.filter((_, i) => nearest[i] === line));
}

function cut_strokes(strokes) {
  const height = line_height(strokes.map(bounds)), pieces = [];
  strokes.forEach((stroke, i) => {
    const ends = [0, ...cut_places(stroke, height), stroke.length - 1];
    for (let k = 1; k < ends.length; k++) pieces.push([i, ends[k - 1], ends[k] + 1]);
  });
  const middle = ([i, start, end]) => {
    const [left, , right] = bounds(strokes[i].slice(start, end));
    return left + right;
  };
  return pieces.sort((a, b) => middle(a) - middle(b));
}

function cut_places(stroke, height) {
  const before = running_bounds(stroke), after = running_bounds(stroke.toReversed()).reverse();
  const possible = before.map(([, top, right, bottom], i) => {
    const [left, top_after, , bottom_after] = after[i];
    return right - left <= BACK * height && Math.min(bottom - top, bottom_after - top_after) >= TALL * height;
  });
  const stretches = [];
  possible.forEach((yes, i) => {
    if (yes) i && possible[i - 1] ? stretches.at(-1).push(i) : stretches.push([i]);
  });
  return stretches.map(stretch => stretch[Math.floor(stretch.length / 2)]);
}

function candidate_groups(boxes) {
  const n = boxes.length, widest = WIDEST * line_height(boxes), groups = n > MOST_PIECES ? [[0, n]] : [];
  for (let first = 0; first < n; first++)
    for (let end = first + 1; end <= Math.min(first + MOST_PIECES, n); end++) {
      const [left, , right] = join_boxes(boxes.slice(first, end));
      if (right - left <= widest || end - first === 1 || end - first === n) groups.push([first, end]);
    }
  return groups;
}

function group_costs(boxes, groups, probabilities) {
  const height = line_height(boxes);
  return groups.map(([first, end], k) => {
    const [left, top, right, bottom] = join_boxes(boxes.slice(first, end));
    return -Math.log(Math.max(DIGIT, ...probabilities[k]))
      + SHORT * Math.max(0, LOW - (bottom - top) / height)
      + WIDE * Math.max(0, (right - left) / height - BROAD)
      + GAP * inner_gap(boxes.slice(first, end), height)
      + MORE * (first === 0 && end < boxes.length);
  });
}

function inner_gap(boxes, height) {
  let widest = 0;
  for (const [along, across] of [[0, 1], [1, 0]]) { // from left to right, and from top to bottom
    const sorted = boxes.toSorted((a, b) => a[along] - b[along]);
    for (let i = 1; i < boxes.length; i++) {
      const before = join_boxes(sorted.slice(0, i)), after = join_boxes(sorted.slice(i));
      const smaller = Math.min(before[across + 2] - before[across], after[across + 2] - after[across]);
      widest = Math.max(widest, (after[along] - before[along + 2]) * smaller);
    }
  }
  return widest / height ** 2;
}

function boundary_costs(boxes, cut) {
  return cut.map((within, i) => {
    if (i === 0 || i === boxes.length) return CUT * within;
    const overlap = join_boxes(boxes.slice(0, i))[2] - join_boxes(boxes.slice(i))[0];
    return OVERLAP * Math.max(0, overlap / line_height(boxes) - CLOSE) + CUT * within;
  });
}

function cheapest_chain(groups, costs, boundary) {
  const best = boundary.map((_, i) => (i ? Infinity : 0)), last = [], chain = [];
  for (const k of [...groups.keys()].sort((a, b) => groups[a][1] - groups[b][1])) {
    const [first, end] = groups[k], cost = best[first] + costs[k] + boundary[end];
    if (cost < best[end]) [best[end], last[end]] = [cost, k];
  }
  for (let end = boundary.length - 1; end; end = groups[last[end]][0]) chain.unshift(last[end]);
  return [best.at(-1), chain];
}

function least_paper(proposals) {
  const boxes = proposals.map(proposal => join_boxes(proposal.boxes));
  const highest = Math.max(...proposals.map(proposal => line_height(proposal.boxes)));
  return Math.min(Infinity, ...boxes.slice(1).map((below, i) => (below[1] - boxes[i][3]) / highest));
}

function line_height(boxes) {
  const high = boxes.map(([, top, , bottom]) => bottom - top), wide = boxes.map(([left, , right]) => right - left);
  return Math.max(...high, 0.3 * Math.max(...wide), SMALLEST);
}

function join_boxes(boxes) {
  return bounds(boxes.flatMap(([left, top, right, bottom]) => [[left, top], [right, bottom]]));
}

function join(strokes, pieces) {
  const joined = [];
  for (const [i, start, end] of pieces.toSorted((a, b) => a[0] - b[0] || a[1] - b[1])) {
    const before = joined.at(-1);
    if (before?.[0] === i && before[2] === start + 1) before[2] = end;
    else joined.push([i, start, end]);
  }
  return joined.map(([i, start, end]) => strokes[i].slice(start, end));
}

function key(strokes) {
  return strokes.map(stroke => stroke.join()).join("|");
}

// What NumPy brings along.

function argmax(values) {
  return values.indexOf(Math.max(...values));
}

/** For each point the box around it and all points before it. */
function running_bounds(points) {
  const boxes = [], box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of points) {
    box[0] = Math.min(box[0], x);
    box[1] = Math.min(box[1], y);
    box[2] = Math.max(box[2], x);
    box[3] = Math.max(box[3], y);
    boxes.push([...box]);
  }
  return boxes;
}
