// A box that scrolls sideways can be reached with the keyboard; one that shows everything is no stop on the way.
// All boxes are measured before the first is changed, so that the page is laid out once.
const measure = (boxes) => {
  const scrolls = boxes.map((box) => box.scrollWidth > box.clientWidth);
  boxes.forEach((box, i) => {
    if (scrolls[i]) {
      box.tabIndex = 0;
    } else {
      box.removeAttribute("tabindex");
    }
  });
};
const boxes = [...document.querySelectorAll(".formula, .highlight pre, .table-wrapper, .map")];
const observer = new ResizeObserver((entries) => measure(entries.map(({ target }) => target)));
boxes.forEach((box) => observer.observe(box));
document.fonts.ready.then(() => requestAnimationFrame(() => measure(boxes)));
