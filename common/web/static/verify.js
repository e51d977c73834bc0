// What stands behind # never reaches a server by itself: this puts it into the form and sends that.
(function () {
  var form = document.querySelector("[data-verify]");
  function send() {
    if (location.hash.length < 2) { return; }
    form.elements.claim.value = location.hash.slice(1);
    history.replaceState(null, "", location.pathname);
    form.submit();
  }
  window.addEventListener("hashchange", send);
  send();
})();
