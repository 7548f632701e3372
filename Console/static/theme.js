// Before the first paint: the colours that were chosen on this browser, if they were.
"use strict";
try {
  const chosen = localStorage.getItem("proppr-theme");
  if (chosen === "dark" || chosen === "light") document.documentElement.dataset.theme = chosen;
} catch {
  // A browser that keeps nothing: the system's colours.
}
