// A button that opens the browser's print window; without scripts the page says which keys do it.
document.querySelectorAll("[data-print]").forEach(function (button) {
  button.addEventListener("click", function () { window.print(); });
});
