// A link to a term, a definition, a derivation or a step shows it while the pointer or the focus rests on the link.

const preview = document.createElement("div");
preview.className = "preview";
preview.id = "preview";
preview.setAttribute("role", "tooltip");
preview.hidden = true;
document.body.append(preview);

const pages = new Map();
const pageOf = (address) => {
  const name = address.origin + address.pathname;
  if (name === location.origin + location.pathname) return Promise.resolve(document);
  if (!pages.has(name)) {
    const read = fetch(name).then((answer) => answer.text());
    pages.set(name, read.then((text) => new DOMParser().parseFromString(text, "text/html")));
  }
  return pages.get(name);
};

// What stands at an anchor: the meaning of a term, one step, or a statement without its evidence and references.
const contentOf = (target) => {
  if (target.matches("dt")) return [target, target.nextElementSibling];
  if (target.matches(".step")) return [...target.querySelectorAll(".relation, :scope > .formula, .reason")];
  if (target.matches(".statement")) {
    const parts = target.querySelectorAll(":scope > .statement-title, :scope > .conditions, :scope > .formula, .definition-row > .formula");
    return [...parts, ...[...target.querySelectorAll(".step > .formula")].slice(-1)];
  }
  return [];
};

const links = document.querySelectorAll('article a.reference.internal[href*="#"]');
let shownFor = null;
let timer = 0;

const hide = () => {
  clearTimeout(timer);
  preview.hidden = true;
  shownFor?.removeAttribute("aria-describedby");
  shownFor = null;
};

const show = async (link) => {
  const address = new URL(link.href);
  const page = await pageOf(address);
  let target = page.getElementById(decodeURIComponent(address.hash.slice(1)));
  // A named step can be reached by its number, which stands inside of it.
  if (target && !target.matches("dt, .step, .statement")) target = target.closest(".step") ?? target;
  const parts = target ? contentOf(target) : [];
  if (!parts.length) return;
  hide();
  preview.replaceChildren(...parts.map((part) => document.importNode(part, true)));
  preview.querySelectorAll("[id]").forEach((element) => element.removeAttribute("id"));
  preview.querySelectorAll(".permalink, .headerlink, button, [tabindex]").forEach((element) => element.remove());
  preview.hidden = false;
  const at = link.getBoundingClientRect();
  const left = Math.max(8, Math.min(at.left, document.documentElement.clientWidth - preview.offsetWidth - 8));
  const below = at.bottom + preview.offsetHeight + 12 < innerHeight;
  preview.style.left = `${left + scrollX}px`;
  preview.style.top = `${(below ? at.bottom + 4 : at.top - preview.offsetHeight - 4) + scrollY}px`;
  link.setAttribute("aria-describedby", preview.id);
  shownFor = link;
};

const later = (act, wait) => {
  clearTimeout(timer);
  timer = setTimeout(act, wait);
};

// A page that is opened from a file may not read the others; what stands on the same page is shown there too.
const canRead = (link) => location.protocol !== "file:" || new URL(link.href).pathname === location.pathname;

links.forEach((link) => {
  if (!canRead(link)) return;
  link.addEventListener("pointerenter", () => later(() => show(link), 250));
  link.addEventListener("pointerleave", () => later(hide, 250));
  link.addEventListener("focus", () => show(link));
  link.addEventListener("blur", hide);
});
preview.addEventListener("pointerenter", () => clearTimeout(timer));
preview.addEventListener("pointerleave", () => later(hide, 250));
document.addEventListener("keydown", (event) => event.key === "Escape" && hide());
