// Conveniences only: everything that they touch can be read, followed and selected without them.

// Copy a citation, or the LaTeX of a step, by one click.
const copyButton = (what, text) => {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  button.setAttribute("aria-label", `Copy ${what}`);
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text());
      button.textContent = "Copied";
    } catch {
      button.textContent = "Not allowed here";
    }
    setTimeout(() => (button.textContent = "Copy"), 2000);
  });
  return button;
};

// A page has hundreds of places for a button; those of a statement are made when the pointer or the focus gets there.
const addCitationButton = (text) => {
  const format = text.previousElementSibling;
  format.append(" ", copyButton(format.textContent, () => text.textContent));
};
const addButtons = (statement) => {
  statement.querySelectorAll(".cite-text").forEach(addCitationButton);
  for (const formula of statement.querySelectorAll(".step > .formula, .definition-row > .formula, .head.formula")) {
    const tex = formula.querySelector("annotation");
    const number = formula.parentElement.querySelector(":scope > .permalink")?.textContent;
    if (tex) {
      formula.append(copyButton(number ? `the LaTeX of step ${number}` : "the LaTeX", () => tex.textContent));
    }
  }
};

if (navigator.clipboard) {
  document.querySelectorAll("section > .cite-text").forEach(addCitationButton);
  const complete = new WeakSet();
  const arrive = ({ target }) => {
    const statement = target.closest?.(".statement");
    if (statement && !complete.has(statement)) {
      complete.add(statement);
      addButtons(statement);
    }
  };
  document.addEventListener("pointerover", arrive);
  document.addEventListener("focusin", arrive);
}

// Filter the list of all steps.
const field = document.getElementById("filter-steps");
if (field) {
  const output = field.parentElement.querySelector("output");
  field.parentElement.hidden = false;
  const filter = () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    const matches = (item) => words.every((word) => item.textContent.toLowerCase().includes(word));
    let shown = 0;
    for (const section of document.querySelectorAll(".all-steps")) {
      for (const statement of section.querySelectorAll(":scope > ul > li")) {
        const steps = [...statement.querySelectorAll("li")];
        const found = steps.filter(matches);
        statement.hidden = !matches(statement);
        for (const step of steps) {
          step.hidden = found.length > 0 && !found.includes(step);
        }
        shown += statement.hidden ? 0 : 1;
      }
      section.hidden = !section.querySelector(":scope > ul > li:not([hidden])");
    }
    output.textContent = words.length ? `${shown} definitions and derivations` : "";
  };
  field.addEventListener("input", filter);
  if (field.value) {
    filter();
  }
}

// On the map, show what a box rests on and what uses it.
for (const map of document.querySelectorAll(".map")) {
  const show = (event) => {
    const id = event.target.closest("a")?.dataset.id;
    for (const path of map.querySelectorAll(".uses path")) {
      path.classList.toggle("near", Boolean(id) && (path.dataset.from === id || path.dataset.to === id));
    }
  };
  map.addEventListener("pointerover", show);
  map.addEventListener("focusin", show);
}
