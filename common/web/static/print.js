// A button that opens the browser's print window; without scripts the page says which keys do it.
// Where the page before promised to print, the window opens once by itself.
document.querySelectorAll("[data-print]").forEach(function (button) {
  button.addEventListener("click", function () { window.print(); });
  if (button.dataset.print === "now") window.addEventListener("load", function () { window.print(); });
});
