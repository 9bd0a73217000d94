// The network: Network.forward of hwd_lib/network.py, and the way back from the text in this page to weights.

const DIGITS = [..."0123456789"]; // what its classes are called, unless the network says otherwise

const ACTIVATIONS = {
  relu: z => (z > 0 ? z : 0),
  tanh: Math.tanh,
  sigmoid: z => (Math.tanh(z * 0.5) + 1) * 0.5,
};

function softmax(logits) {
  const largest = Math.max(...logits);
  let total = 0;
  for (let i = 0; i < logits.length; i++) total += logits[i] = Math.exp(logits[i] - largest);
  for (let i = 0; i < logits.length; i++) logits[i] /= total;
}

class Network {
  /** `vector` holds, layer after layer, weights (n_in, n_out) row by row and then biases (n_out), as in Python. */
  constructor({layers, activation, biases, names = DIGITS}, vector) {
    Object.assign(this, {layers, activation, names, weights: [], biases: []});
    let start = 0;
    for (let i = 0; i < layers.length - 1; i++) {
      const end = start + layers[i] * layers[i + 1];
      this.weights.push(vector.subarray(start, end));
      start = biases ? end + layers[i + 1] : end;
      if (biases) this.biases.push(vector.subarray(end, start));
    }
  }

  /** The activations of all layers, [x, hidden 1, …, probabilities], for one example x. */
  forward(x) {
    const activations = [x], last = this.weights.length - 1, activate = ACTIVATIONS[this.activation];
    for (let i = 0; i <= last; i++) {
      const input = activations[i], weights = this.weights[i], width = this.layers[i + 1];
      const a = this.biases.length ? this.biases[i].slice() : new Float32Array(width);
      for (let row = 0; row < input.length; row++) {
        const value = input[row];
        if (value === 0) continue; // paper, or a silent unit: most of them
        for (let j = 0, at = row * width; j < width; j++, at++) a[j] += value * weights[at];
      }
      if (i === last) softmax(a);
      else for (let j = 0; j < width; j++) a[j] = activate(a[j]);
      activations.push(a);
    }
    return activations;
  }
}

/** Read what hwd_lib/page packed: float16 numbers, all low bytes before all high ones, deflated, as base64. */
async function unpack(text) {
  const characters = atob(text.trim()), packed = new Uint8Array(characters.length);
  for (let i = 0; i < packed.length; i++) packed[i] = characters.charCodeAt(i);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  const size = bytes.length / 2, vector = new Float32Array(size), table = float16_table();
  for (let i = 0; i < size; i++) vector[i] = table[bytes[i] | (bytes[size + i] << 8)];
  return vector;
}

/** The value of each of the 65,536 numbers of 16 bits: sign, 5 bits of exponent, 10 of fraction (IEEE 754). */
function float16_table() {
  const table = new Float32Array(65536);
  for (let bits = 0; bits < table.length; bits++) {
    const sign = bits >> 15 ? -1 : 1, exponent = (bits >> 10) & 31, fraction = bits & 1023;
    table[bits] = sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -14 * fraction / 1024);
  }
  return table;
}
