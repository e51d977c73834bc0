// The picture of a paper: larger, smaller, turned, pushed about. Without this file the picture opens by its link.
(function () {
  "use strict";
  var STEPS = [1, 1.5, 2, 3, 4, 6], DRAG_PX = 4;
  var level = 0, turns = {}, pressed = null;

  function picture() { return document.querySelector(".viewer .sheet img"); }
  function key(img) { return img.getAttribute("src"); }
  function draw() {
    var img = picture();
    if (!img || !img.naturalWidth) { return; }
    var sheet = img.closest(".sheet"), turn = turns[key(img)] || 0, isSide = turn % 180 !== 0;
    var wide = isSide ? img.naturalHeight : img.naturalWidth, high = isSide ? img.naturalWidth : img.naturalHeight;
    sheet.classList.add("moving");
    var room = Math.min(window.innerHeight * 0.74, 1400);
    var scale = Math.min((sheet.clientWidth - 2) / wide, room / high) * STEPS[level];
    var frame = img.parentElement;
    if (!frame.classList.contains("frame")) {
      frame = document.createElement("span");
      frame.className = "frame";
      img.replaceWith(frame);
      frame.append(img);
    }
    frame.style.width = wide * scale + "px";
    frame.style.height = high * scale + "px";
    img.style.width = img.naturalWidth * scale + "px";
    img.style.height = img.naturalHeight * scale + "px";
    var shift = {90: "translateX(" + wide * scale + "px)", 180: "translate(" + wide * scale + "px," + high * scale + "px)",
      270: "translateY(" + high * scale + "px)"}[turn] || "";
    img.style.transform = shift + " rotate(" + turn + "deg)";
    sheet.classList.toggle("large", level > 0);
    var fit = document.querySelector("[data-view=fit]");
    if (fit) { fit.disabled = level === 0; }
  }
  // What was in the middle stays in the middle.
  function zoom(to) {
    var img = picture(), sheet = img && img.closest(".sheet");
    if (!sheet) { return; }
    var x = (sheet.scrollLeft + sheet.clientWidth / 2) / sheet.scrollWidth, y = (sheet.scrollTop + sheet.clientHeight / 2) / sheet.scrollHeight;
    level = Math.max(0, Math.min(STEPS.length - 1, to));
    draw();
    sheet.scrollLeft = x * sheet.scrollWidth - sheet.clientWidth / 2;
    sheet.scrollTop = y * sheet.scrollHeight - sheet.clientHeight / 2;
  }
  function turn(by) {
    var img = picture();
    if (!img) { return; }
    turns[key(img)] = ((turns[key(img)] || 0) + by + 360) % 360;
    draw();
  }
  function ready() {
    var img = picture(), tools = document.querySelector(".viewer [data-tools]");
    if (!img || !tools) { return; }
    tools.hidden = false;
    if (img.complete) { draw(); } else { img.addEventListener("load", draw); }
  }

  document.addEventListener("click", function (event) {
    var made = event.target.closest && event.target.closest("[data-view]");
    if (made) {
      ({"in": function () { zoom(level + 1); }, out: function () { zoom(level - 1); }, fit: function () { zoom(0); },
        left: function () { turn(-90); }, right: function () { turn(90); }})[made.dataset.view]();
      return;
    }
    var sheet = event.target.closest && event.target.closest("a.sheet.moving");
    if (!sheet || event.ctrlKey || event.metaKey || event.detail === 0) { return; }
    event.preventDefault();
    if (!pressed || !pressed.isMoved) { zoom(level ? 0 : 2); }
  });
  document.addEventListener("pointerdown", function (event) {
    var sheet = event.target.closest && event.target.closest("a.sheet.moving");
    pressed = sheet && event.pointerType !== "touch" ? {sheet: sheet, x: event.clientX, y: event.clientY} : null;
  });
  document.addEventListener("pointermove", function (event) {
    if (!pressed || !event.buttons) { return; }
    var x = event.clientX - pressed.x, y = event.clientY - pressed.y;
    if (!pressed.isMoved && Math.abs(x) + Math.abs(y) < DRAG_PX) { return; }
    pressed.isMoved = true;
    pressed.sheet.scrollLeft -= x;
    pressed.sheet.scrollTop -= y;
    pressed.x = event.clientX;
    pressed.y = event.clientY;
  });
  document.addEventListener("dragstart", function (event) {
    if (event.target.closest && event.target.closest(".sheet.moving")) { event.preventDefault(); }
  });
  document.addEventListener("wheel", function (event) {
    if (event.ctrlKey && event.target.closest && event.target.closest(".sheet.moving")) {
      event.preventDefault();
      zoom(level + (event.deltaY < 0 ? 1 : -1));
    }
  }, {passive: false});
  document.addEventListener("htmx:afterSettle", ready);
  window.addEventListener("resize", draw);
  ready();
})();
