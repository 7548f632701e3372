// Before the first paint: the colours that were chosen on this browser, else the system's, also when those change.
"use strict";
{
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => {
    try {
      return localStorage.getItem("proppr-theme");
    } catch {
      return null; // A browser that keeps nothing.
    }
  };
  const show = () => {
    const theme = chosen();
    document.documentElement.dataset.theme = theme === "dark" || theme === "light" ? theme : system.matches ? "dark" : "light";
    document.dispatchEvent(new CustomEvent("proppr:theme"));
  };
  show();
  system.addEventListener("change", show);
}
