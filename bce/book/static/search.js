// The formula or step that was asked for by its id or its name comes first.
const asked = (new URLSearchParams(location.search).get("q") ?? "").trim().toLowerCase();

Scorer.score = ([, title, anchor, , score]) => {
  if (anchor.toLowerCase() === `#${asked}`) return score + 200;
  return title.toLowerCase().endsWith(`: ${asked}`) ? score + 100 : score;
};

// A page that is opened from a file may not read the others, so there are no summaries.
if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
