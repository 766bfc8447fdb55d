// A box that scrolls sideways can be reached with the keyboard; one that shows everything is no stop on the way.
// They are measured when the page is laid out, and all before the first is changed, so that it is laid out once.
const observer = new ResizeObserver((entries) => {
  const scrolls = entries.map(({ target }) => target.scrollWidth > target.clientWidth);
  entries.forEach(({ target }, i) => {
    if (scrolls[i]) {
      target.tabIndex = 0;
    } else {
      target.removeAttribute("tabindex");
    }
  });
});
document.fonts.ready.then(() =>
  document.querySelectorAll(".formula, .highlight pre, .table-wrapper, .map").forEach((box) => observer.observe(box)),
);

// A selection is copied with its formulas as the author wrote them; what pastes pages gets the page as it is.
document.addEventListener("copy", (event) => {
  const selection = getSelection();
  if (selection.isCollapsed) {
    return;
  }
  const range = selection.getRangeAt(0).cloneRange();
  const formulaAround = (node) => (node instanceof Element ? node : node.parentElement)?.closest("math");
  const [first, last] = [range.startContainer, range.endContainer].map(formulaAround);
  if (first) {
    range.setStartBefore(first);
  }
  if (last) {
    range.setEndAfter(last);
  }
  const copied = document.createElement("div");
  copied.className = "visually-hidden";
  copied.append(range.cloneContents());
  const formulas = copied.querySelectorAll("math:has(annotation)");
  if (!formulas.length) {
    return;
  }
  copied.querySelectorAll("details:not([open]) > :not(summary), button, .visually-hidden").forEach((e) => e.remove());
  event.clipboardData.setData("text/html", copied.innerHTML);
  const alone = first && first === last;
  for (const formula of formulas) {
    const mark = alone ? "" : formula.getAttribute("display") === "block" ? "$$" : "$";
    formula.replaceWith(`${mark}${formula.querySelector("annotation").textContent}${mark}`);
  }
  // Only what is laid out has lines.
  document.body.append(copied);
  event.clipboardData.setData("text/plain", copied.innerText);
  copied.remove();
  event.preventDefault();
});
