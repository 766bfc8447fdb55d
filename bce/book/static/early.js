// Before the page is painted: the reader's choice of light or dark, and the font of the formulas on its way.
document.documentElement.classList.remove("no-js");

const choose = () => {
  if (document.body) {
    let theme = "auto";
    try {
      theme = localStorage.getItem("theme") || theme;
    } catch {
      // A browser that keeps nothing shows what the system asks for.
    }
    document.body.dataset.theme = theme;
  }
  return Boolean(document.body);
};
new MutationObserver((_, observer) => choose() && observer.disconnect()).observe(document.documentElement, {
  childList: true,
});

// Browsers refuse to preload a font for a page that is opened from a file, where it is near anyway.
if (location.protocol !== "file:") {
  const font = document.createElement("link");
  Object.assign(font, { rel: "preload", as: "font", type: "font/woff2", crossOrigin: "" });
  font.href = document.currentScript.dataset.font;
  document.head.append(font);
}
