// What is said about a drawing: hwd_lib/widgets/reading.py, under the same names.

const DIGIT = 0.35, SURE = 0.75, BELIEF = 0.25, AN = "8AEFHILMNORSX";

function believed(alone, strokes) {
  return could_be_digit(strokes, Math.max(...alone) >= SURE) ? alone : doubted(alone);
}

function doubted(probabilities) {
  return probabilities.map(p => BELIEF * p + (1 - BELIEF) / 10);
}

function read_out(probabilities, empty = false, drawing = false, alone = null, names = DIGITS) {
  const digits = names === DIGITS, say = (state, guess, sentence, note = "") => ({state, guess, sentence, note});
  if (empty) return say("empty", "", `Draw ${digits ? "one digit on the sheet" : `one of ${listed(names)}`}, as large as you like.`);
  const [first, second] = Array.from(probabilities.keys()).sort((a, b) => probabilities[b] - probabilities[a]);
  const p = probabilities[first], q = probabilities[second], guess = names[first];
  const low = names[Math.min(first, second)], high = names[Math.max(first, second)];
  if (drawing && p < DIGIT) return say("drawing", "…", "Go on …");
  if (drawing) {
    const so_far = p >= SURE ? capitalized(with_article(guess)) : `${low} or ${high}`;
    return say("drawing", guess, `${so_far} so far …`);
  }
  if (p < DIGIT && !digits) return say("nothing", "?", "I cannot tell what this is.", `I know ${listed(names)}.`);
  if (p < DIGIT) {
    const asked = alone && alone[first] >= DIGIT ? ` Asked all the same, the network says ${guess}.` : "";
    return say("nothing", "?", "I see no digit here.", `Draw one digit, 0 to 9.${asked}`);
  }
  if (p < SURE && p < 4 * q) return say("unsure", guess, `It could be ${low} or ${high}.`);
  if (p < 0.95) return say("likely", guess, `Probably ${with_article(guess)}.`);
  return say("sure", guess, `This is ${with_article(guess)}.`);
}

function with_article(name) {
  if ([...name].length > 1) return `“${name}”`;
  return AN.includes(name.toUpperCase()) ? `an ${name}` : `a ${name}`;
}

/** hwd_lib/saved.py */
function listed(names, most = 6) {
  return (names.length <= most ? names : [...names.slice(0, 3), `… ${names.at(-1)}`]).join(", ");
}

function capitalized(text) {
  return text[0].toUpperCase() + text.slice(1);
}

function percent(p) {
  return `${Math.min(Math.max(100 * p, 0), 99.9).toFixed(1)} %`;
}

/** All that is said of the strokes on a sheet: of one digit as ever, of several as of a number. */
function read_drawing(network, strokes, drawing, known) {
  if (network.names !== DIGITS) return read_sign(network, strokes, drawing);
  const lines = read_number(strokes, network, known), digits = lines.flat();
  if (digits.length < 2) {
    const image = digits[0]?.image ?? preprocess([]), activations = digits[0]?.activations ?? network.forward(image);
    const alone = activations.at(-1), probabilities = strokes.length ? believed(alone, strokes) : alone;
    const said = read_out(probabilities, !strokes.length, drawing, alone);
    if (!strokes.length) said.sentence = "Write a digit, or a number.";
    return {...said, digits: [{image, activations, probabilities, guess: said.guess}]};
  }
  const shown = digits.map(digit => {
    const {text, probabilities} = digit;
    return {...digit, guess: text, probabilities: text === UNREAD ? doubted(probabilities) : probabilities};
  });
  return {...read_out_number(lines, drawing), digits: shown};
}

/** The same by a network of other classes: the whole sheet is one sign, and what strokes look like tells nothing. */
function read_sign(network, strokes, drawing) {
  const image = preprocess(strokes), activations = network.forward(image), probabilities = activations.at(-1);
  const said = read_out(probabilities, !strokes.length, drawing, null, network.names);
  return {...said, digits: [{image, activations, probabilities, guess: said.guess}]};
}

function read_out_number(lines, drawing) {
  const guess = number_text(lines), words = guess.replaceAll("\n", ", "), sureness = digit => Math.max(...digit.probabilities);
  const weakest = lines.flat().reduce((a, b) => (sureness(b) < sureness(a) ? b : a));
  const [p, q] = Array.from(weakest.probabilities).sort((a, b) => b - a);
  const say = (state, sentence, note = "") => ({state, guess, sentence, note});
  if (drawing) return say("drawing", `${words} so far …`);
  if (guess.includes(UNREAD)) return say("nothing", "I cannot read all of it.", "Where a ? stands, I see no digit.");
  if (p < SURE && p < 4 * q) {
    const other = {text: weakest.probabilities.indexOf(q)};
    const or = number_text(lines.map(line => line.map(digit => (digit === weakest ? other : digit))));
    return say("unsure", `It could be ${words} or ${or.replaceAll("\n", ", ")}.`);
  }
  return p < 0.95 ? say("likely", `Probably ${words}.`) : say("sure", `This is ${words}.`);
}
