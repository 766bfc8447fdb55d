// A box that scrolls sideways can be reached with the keyboard; one that shows everything is no stop on the way.
const measure = (box) => {
  if (box.scrollWidth > box.clientWidth) {
    box.tabIndex = 0;
  } else {
    box.removeAttribute("tabindex");
  }
};
const boxes = document.querySelectorAll(".formula, .highlight pre, .table-wrapper, .map");
const observer = new ResizeObserver((entries) => entries.forEach((entry) => measure(entry.target)));
boxes.forEach((box) => observer.observe(box));
document.fonts.ready.then(() => boxes.forEach(measure));
