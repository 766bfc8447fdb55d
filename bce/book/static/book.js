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
