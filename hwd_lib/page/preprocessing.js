// From pen strokes to the 28x28 image that a network expects: hwd_lib/preprocessing.py, function by function, under the
// same names. What each is for, and why, stands there. A stroke is a list of [x, y]; an image is 784 numbers, row by row.

const SIDE = 28, BOX = 20, PEN_WIDTH = 2.45, SOFTNESS = 1.0, MIDDLE = SIDE / 2;
const SPECK = 0.1, SPACING = 0.4, MOST_POINTS_DRAWN = 400, MOST_POINTS = 3000, MOST_STROKES = 200;
const SMALLEST_DIGIT = 24, FARTHEST = 1e6, SMALLEST = 1e-6;

function preprocess(strokes, pen_width = PEN_WIDTH, softness = SOFTNESS) {
  strokes = drop_specks(clean_strokes(strokes));
  strokes = fit_to_box(strokes, BOX - pen_width);
  strokes = resample(strokes);
  const image = rasterise(strokes, pen_width, softness);
  return rasterise(centre_mass(strokes, image), pen_width, softness);
}

function clean_strokes(strokes) {
  strokes = items(strokes).slice(0, MOST_STROKES).filter(Array.isArray);
  const every = Math.floor(sum(strokes.map(stroke => stroke.length)) / MOST_POINTS) + 1;
  const near = ([x, y]) => Math.abs(x) <= FARTHEST && Math.abs(y) <= FARTHEST; // false for NaN
  return strokes
    .map(stroke => stroke.filter((_, i) => i % every === 0).map(to_pair).filter(near))
    .filter(stroke => stroke.length);
}

function drop_specks(strokes, share = SPECK) {
  const sizes = strokes.map(stroke => Math.max(...ptp(stroke)));
  const smallest = share * Math.max(0, ...sizes) - SMALLEST;
  return strokes.filter((_, i) => sizes[i] >= smallest);
}

function fit_to_box(strokes, size = BOX - PEN_WIDTH) {
  if (!strokes.length) return [];
  const [left, top, right, bottom] = bounds(strokes.flat());
  const longest = Math.max(right - left, bottom - top);
  const scale = longest > SMALLEST ? size / longest : 0;
  const fit = ([x, y]) => [(x - (left + right) / 2) * scale + MIDDLE, (y - (top + bottom) / 2) * scale + MIDDLE];
  return strokes.map(stroke => stroke.map(fit));
}

function resample(strokes, spacing = SPACING) {
  const along = strokes.map(distance_along);
  spacing = Math.max(spacing, sum(along.map(distance => distance.at(-1))) / MOST_POINTS_DRAWN);
  return strokes.map((stroke, i) => {
    const distance = along[i], whole = distance.at(-1);
    const steps = Math.ceil(whole / spacing - 1e-6), points = [];
    for (let step = 0, next = 1; step <= steps; step++) { // the wanted point lies between next - 1 and next
      const at = step === steps ? whole : whole * step / steps;
      while (next < stroke.length - 1 && distance[next] <= at) next++;
      const [x, y] = stroke[next - 1], [x2, y2] = stroke[Math.min(next, stroke.length - 1)];
      const length = distance[Math.min(next, stroke.length - 1)] - distance[next - 1];
      const share = length > 0 ? Math.min(1, (at - distance[next - 1]) / length) : 0;
      points.push([x + share * (x2 - x), y + share * (y2 - y)]);
    }
    return points;
  });
}

function rasterise(strokes, pen_width = PEN_WIDTH, softness = SOFTNESS) {
  const image = new Float32Array(SIDE * SIDE);
  const squared = new Float64Array(SIDE * SIDE).fill(Infinity);
  const reach = Math.ceil((pen_width + softness) / 2); // farther away there is no ink
  for (const stroke of strokes) for (const [x, y] of stroke) {
    const right = Math.min(SIDE - 1, Math.floor(x) + reach), bottom = Math.min(SIDE - 1, Math.floor(y) + reach);
    for (let row = Math.max(0, Math.ceil(y) - reach); row <= bottom; row++)
      for (let column = Math.max(0, Math.ceil(x) - reach); column <= right; column++) {
        const distance = (row - y) ** 2 + (column - x) ** 2, at = row * SIDE + column;
        if (distance < squared[at]) squared[at] = distance;
      }
  }
  for (let at = 0; at < image.length; at++)
    image[at] = Math.min(1, Math.max(0, (pen_width / 2 - Math.sqrt(squared[at])) / softness + 0.5));
  return image;
}

function centre_mass(strokes, image) {
  let mass = 0, x = 0, y = 0;
  image.forEach((ink, at) => {
    mass += ink;
    x += ink * (at % SIDE);
    y += ink * Math.floor(at / SIDE);
  });
  if (!mass) return strokes;
  return strokes.map(stroke => stroke.map(point => [point[0] + MIDDLE - x / mass, point[1] + MIDDLE - y / mass]));
}

function could_be_digit(strokes, sure = true) {
  strokes = drop_specks(clean_strokes(strokes));
  if (!strokes.length || Math.max(...ptp(strokes.flat())) < SMALLEST_DIGIT) return false;
  strokes = fit_to_box(strokes, 1.0);
  const [wide, high] = ptp(strokes.flat());
  const length = sum(strokes.map(stroke => distance_along(stroke).at(-1)));
  strokes.sort((a, b) => bounds(a)[0] - bounds(b)[0]); // from left to right
  for (let i = 1; i < strokes.length; i++) {
    const left = strokes.slice(0, i).flat(), right = strokes.slice(i).flat();
    const apart = bounds(right)[0] - bounds(left)[2] > (sure ? 0.04 : -0.1);
    if (apart && Math.min(ptp(left)[1], ptp(right)[1]) > 0.7 * high) return false; // two tall things side by side
  }
  return wide < 2.5 * high && length < (sure ? 6 : 4);
}

function items(things) {
  return Array.isArray(things) ? things : [];
}

function to_pair(point) {
  return Array.isArray(point) && point.length > 1 ? [to_number(point[0]), to_number(point[1])] : [NaN, NaN];
}

function to_number(value) {
  return typeof value === "number" ? value : NaN;
}

function distance_along(stroke) {
  const distance = [0];
  for (let i = 1; i < stroke.length; i++)
    distance.push(distance[i - 1] + Math.hypot(stroke[i][0] - stroke[i - 1][0], stroke[i][1] - stroke[i - 1][1]));
  return distance;
}

// What NumPy brings along.

function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}

/** The smallest box around points: [left, top, right, bottom]. */
function bounds(points) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of points) {
    if (x < box[0]) box[0] = x;
    if (y < box[1]) box[1] = y;
    if (x > box[2]) box[2] = x;
    if (y > box[3]) box[3] = y;
  }
  return box;
}

/** From peak to peak: how wide and how high points lie apart. */
function ptp(points) {
  const [left, top, right, bottom] = bounds(points);
  return [right - left, bottom - top];
}
