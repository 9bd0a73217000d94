// What is said about a drawing: `doubted` and `read_out` of the app, under the same names.

const DIGIT = 0.35, SURE = 0.75, BELIEF = 0.25;

function doubted(probabilities) {
  return probabilities.map(p => BELIEF * p + (1 - BELIEF) / 10);
}

function read_out(probabilities, empty = false, drawing = false, alone = null) {
  if (empty) return {state: "empty", guess: "", sentence: "Draw one digit on the sheet, as large as you like.", note: ""};
  const [first, second] = Array.from(probabilities.keys()).sort((a, b) => probabilities[b] - probabilities[a]);
  const p = probabilities[first], q = probabilities[second];
  const low = Math.min(first, second), high = Math.max(first, second);
  const say = (state, guess, sentence, note = "") => ({state, guess, sentence, note});
  if (drawing && p < DIGIT) return say("drawing", "…", "Go on …");
  if (drawing) {
    const so_far = p >= SURE ? capitalize(with_article(first)) : `${low} or ${high}`;
    return say("drawing", `${first}`, `${so_far} so far …`);
  }
  if (p < DIGIT) {
    const asked = alone && alone[first] >= DIGIT ? ` Asked all the same, the network says ${first}.` : "";
    return say("nothing", "?", "I see no digit here.", `Draw one digit, 0 to 9.${asked}`);
  }
  if (p < SURE && p < 4 * q) return say("unsure", `${first}`, `It could be ${low} or ${high}.`);
  if (p < 0.95) return say("likely", `${first}`, `Probably ${with_article(first)}.`);
  return say("sure", `${first}`, `This is ${with_article(first)}.`);
}

/** From what the network alone says to what is said: the app's Recognizer._judge. */
function judge(alone, strokes) {
  const sure = Math.max(...alone) >= SURE;
  return strokes.length && !could_be_digit(strokes, sure) ? doubted(alone) : alone;
}

function with_article(digit) {
  return digit === 8 ? `an ${digit}` : `a ${digit}`;
}

function capitalize(text) {
  return text[0].toUpperCase() + text.slice(1);
}

function percent(p) {
  return `${Math.min(Math.max(100 * p, 0), 99.9).toFixed(1)} %`;
}

/** All that is said of the strokes on a sheet. */
function read_drawing(network, strokes, drawing) {
  const image = preprocess(strokes), activations = network.forward(image);
  const alone = activations.at(-1), probabilities = judge(alone, strokes);
  const said = read_out(probabilities, !strokes.length, drawing, alone);
  return {...said, digits: [{...said, image, activations, probabilities}]};
}
