// The formulas of bce.book.site.explorables once more, for a reader who moves a slider. Without this script the pictures stand.

const sigmoid = (x) => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)));
const surprise = (p) => -Math.log(p);
const timesLog = (p, q) => (p === 0 ? 0 : p * Math.log(q));
const crossEntropy = (p, q) => -timesLog(p, q) - timesLog(1 - p, 1 - q);
const entropy = (p) => crossEntropy(p, p);
const divergence = (p, q) => timesLog(p, p / q) + timesLog(1 - p, (1 - p) / (1 - q));
// Sums without cancellation, for any label from 0 to 1.
const loss = (x, z) => ((x > 0 ? 1 : 0) - z) * x + Math.log1p(Math.exp(-Math.abs(x)));
const gradient = (x, z) => {
  const e = Math.exp(-Math.abs(x));
  return x >= 0 ? 1 - z - e / (1 + e) : e / (1 + e) - z;
};

// float32: each operation is rounded.
const f = Math.fround;
const stableLoss = (x, z) => {
  const direction = f((x > 0 ? 1 : 0) - f(z));
  return f(f(direction * f(x)) + f(Math.log1p(f(Math.exp(-Math.abs(f(x)))))));
};
const naiveLoss = (x, z) => {
  const probability = f(1 / f(1 + f(Math.exp(-f(x)))));
  const heads = f(-f(z) * f(Math.log(probability)));
  const tails = f(f(1 - f(z)) * f(Math.log(f(1 - probability))));
  return f(heads - tails);
};
const rightDigits = (computed, x, z) => {
  const exact = loss(f(x), f(z));
  const digits = -Math.log10(Math.abs(computed - exact) / exact);
  return Number.isNaN(digits) ? 0 : Math.min(Math.max(digits, 0), 8);
};
const say = (value) => {
  if (Number.isNaN(value)) return "not a number";
  if (!Number.isFinite(value)) return "infinity";
  return value.toExponential(6).replace(/e([+-])(\d)$/, "e$10$2");
};

// For each name: the curves at a place of the horizontal axis, the place of the marks, and what they show, in words.
const explorables = {
  "coin-entropy": {
    curves: (p) => [entropy(p), surprise(p), surprise(1 - p)],
    position: ({ p }) => p,
    readout: ({ p }, [average, heads, tails]) =>
      `Heads has probability ${p.toFixed(2)}. The surprise of heads is ${heads.toFixed(3)} nats, that of tails ` +
      `${tails.toFixed(3)}. On average that is ${average.toFixed(3)} nats, or ${(average / Math.LN2).toFixed(3)} bits.`,
  },
  "true-and-believed": {
    curves: (q, { p }) => [crossEntropy(p, q), entropy(p), divergence(p, q)],
    position: ({ q }) => q,
    readout: ({ p, q }, [crossed, own, extra]) =>
      `The truth is ${p.toFixed(2)}, the belief ${q.toFixed(2)}. The cross-entropy is ${crossed.toFixed(3)} nats: ` +
      `${own.toFixed(3)} of entropy and ${extra.toFixed(3)} of divergence.`,
  },
  "loss-and-gradient": {
    curves: (x, { z }) => [loss(x, z), gradient(x, z)],
    position: ({ x }) => x,
    readout: ({ x, z }, [value, slope]) =>
      `Logit ${x.toFixed(1)}, label ${z.toFixed(2)}: the prediction is ${sigmoid(x).toFixed(3)}, ` +
      `the loss ${value.toFixed(3)} nats, the gradient ${slope.toFixed(3)}.`,
  },
  "softmax-and-sigmoid": {
    curves: (a, { b }) => {
      const largest = Math.max(a, b);
      const first = Math.exp(a - largest);
      return [first / (first + Math.exp(b - largest)), sigmoid(a)];
    },
    position: ({ a }) => a,
    readout: ({ a, b }, [first]) =>
      `The softmax of ${a.toFixed(1)} and ${b.toFixed(1)} gives ${first.toFixed(3)} and ${(1 - first).toFixed(3)}. ` +
      `The sigmoid of the difference ${(a - b).toFixed(1)} is ${sigmoid(a - b).toFixed(3)}.`,
  },
  "digits-lost": {
    curves: (x, { z }) => [rightDigits(stableLoss(x, z), x, z), rightDigits(naiveLoss(x, z), x, z)],
    position: ({ x }) => x,
    readout: ({ x, z }, [stable, naive]) =>
      `Logit ${x.toFixed(1)}, label ${z.toFixed(2)}: the stable form gives ${say(stableLoss(x, z))}, with ` +
      `${stable.toFixed(1)} right digits; the naive form gives ${say(naiveLoss(x, z))}, with ${naive.toFixed(1)}.`,
  },
};

const numbers = (text) => text.split(" ").map(Number);

const prepare = (figure) => {
  const { curves, position, readout } = explorables[figure.dataset.explorable];
  const picture = figure.querySelector("svg");
  const sliders = [...figure.querySelectorAll("input")];
  const [left, top, width, height] = numbers(picture.dataset.area);
  const [xLow, xHigh] = numbers(picture.dataset.x);
  const [yLow, yHigh] = numbers(picture.dataset.y);
  const points = Number(picture.dataset.points);
  const across = (x) => left + (width * (x - xLow)) / (xHigh - xLow);
  const up = (y) => top + height - (height * (y - yLow)) / (yHigh - yLow);
  const grid = Array.from({ length: points }, (_, i) => xLow + ((xHigh - xLow) * i) / (points - 1));

  const draw = () => {
    const values = Object.fromEntries(sliders.map((slider) => [slider.name, slider.valueAsNumber]));
    const heights = grid.map((x) => curves(x, values));
    picture.querySelectorAll(":scope > svg path").forEach((path, curve) => {
      let joined = false;
      const parts = grid.map((x, i) => {
        const y = up(heights[i][curve]);
        const letter = joined ? "L" : "M";
        joined = !Number.isNaN(y);
        return joined ? `${letter}${across(x).toFixed(1)} ${Math.min(Math.max(y, -600), 600).toFixed(1)}` : "";
      });
      path.setAttribute("d", parts.join(""));
    });
    const place = position(values);
    const marks = curves(place, values);
    picture.querySelectorAll("circle").forEach((mark, curve) => {
      mark.setAttribute("cx", across(place).toFixed(1));
      mark.setAttribute("cy", up(marks[curve]).toFixed(1));
    });
    figure.querySelector("output").textContent = readout(values, marks);
  };
  sliders.forEach((slider) => slider.addEventListener("input", draw));
};

document.querySelectorAll(".explorable").forEach(prepare);
