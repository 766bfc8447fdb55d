// Lighthouse on every page of the built book, as a phone sees it: node benchmarks/audit.mjs (`make audit` does it).
// Needs Chromium, or CHROME_PATH. Fails if a page is below the book's promise.
import { createServer } from "node:http";
import { readFile, readdir } from "node:fs/promises";
import { extname, join, relative } from "node:path";
import { gzipSync } from "node:zlib";
import { createRequire } from "node:module";
import { existsSync } from "node:fs";

const site = "_build/html";
const prefix = "/a/sub-path/";
const { default: lighthouse } = await import(createRequire(join(process.cwd(), "_build/audit/package.json")).resolve("lighthouse"));
const { launch } = await import(createRequire(join(process.cwd(), "_build/audit/package.json")).resolve("chrome-launcher"));

const promise = { performance: 98, accessibility: 100, "best-practices": 100, seo: 100 };
const longest = { "first-contentful-paint": 1500, "largest-contentful-paint": 2000, "cumulative-layout-shift": 0.01 };
const heaviest = 250 * 1024;

const kinds = { ".html": "text/html; charset=utf-8", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml",
  ".woff2": "font/woff2", ".json": "application/json", ".txt": "text/plain", ".xml": "application/xml" };
const server = createServer(async (request, response) => {
  const path = decodeURIComponent(new URL(request.url, "http://localhost").pathname);
  try {
    if (path === "/robots.txt" || path.startsWith(prefix)) {
      const body = await readFile(join(site, path.replace(prefix, "/")));
      const packed = extname(path) === ".woff2" ? body : gzipSync(body);
      response.writeHead(200, { "Content-Type": kinds[extname(path)] ?? "application/octet-stream",
        ...(packed === body ? {} : { "Content-Encoding": "gzip" }), "Cache-Control": "max-age=600" });
      response.end(packed);
      return;
    }
  } catch {
    // Falls through to the answer for what is not there.
  }
  response.writeHead(404).end();
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const start = `http://127.0.0.1:${server.address().port}${prefix}`;

const isPage = async (path) => !(await readFile(path, "utf8")).includes('http-equiv="refresh"');
const all = (await readdir(site, { recursive: true })).filter((name) => name.endsWith(".html")).sort();
const asked = process.argv.slice(2);
const pages = [];
for (const name of all) {
  // The search and the page for lost addresses ask not to be listed by search engines, which Lighthouse counts against them.
  const isListed = !["404.html", "search.html"].includes(name);
  if (isListed && (!asked.length || asked.includes(name)) && (await isPage(join(site, name)))) pages.push(name);
}

const chromePath = process.env.CHROME_PATH ?? ["/usr/bin/chromium", "/usr/bin/google-chrome"].find(existsSync);
const chrome = await launch({ chromePath, chromeFlags: ["--headless=new", "--no-sandbox"] });
console.log("page".padEnd(42), "perf a11y best  seo   FCP   LCP    CLS   KiB");
const look = async (name) => {
  const { lhr } = await lighthouse(start + name, { port: chrome.port, output: "json", logLevel: "error",
    onlyCategories: Object.keys(promise) });
  const scores = Object.keys(promise).map((category) => Math.round(lhr.categories[category].score * 100));
  const times = Object.keys(longest).map((audit) => lhr.audits[audit].numericValue);
  const requests = lhr.audits["network-requests"].details.items;
  const size = requests.reduce((sum, request) => sum + (request.transferSize ?? 0), 0);
  const foreign = requests.filter((request) => !request.url.startsWith(start) && !request.url.startsWith("data:")).map(({ url }) => url)
    .filter((url) => !url.endsWith("/robots.txt"));
  const problems = [
    ...Object.values(promise).flatMap((least, i) => (scores[i] < least ? [Object.keys(promise)[i]] : [])),
    ...Object.values(longest).flatMap((most, i) => (times[i] > most ? [Object.keys(longest)[i]] : [])),
    ...(size > heaviest ? ["size"] : []),
    ...foreign.map((url) => `asks ${url}`),
  ];
  const failed = Object.values(lhr.audits).filter((audit) => audit.score !== null && audit.score < 0.9 && audit.scoreDisplayMode !== "informative" && audit.scoreDisplayMode !== "metricSavings");
  console.log(name.padEnd(42), ...scores.map((score) => String(score).padStart(4)),
    ...times.slice(0, 2).map((time) => `${(time / 1000).toFixed(2)}s`), times[2].toFixed(4), String(Math.round(size / 1024)).padStart(4),
    problems.length ? `  below the promise: ${problems.join(", ")}; see ${failed.map(({ id }) => id).join(", ")}` : "");
  return problems.length === 0;
};

// Whatever else the machine does slows a page down, and nothing speeds it up: one look out of three that is good tells the truth.
let failures = 0;
for (const name of pages) {
  if (!((await look(name)) || (await look(name)) || (await look(name)))) failures += 1;
}
await chrome.kill();
server.close();
if (failures) {
  console.error(`${failures} of ${pages.length} pages are below the book's promise`);
  process.exitCode = 1;
}
