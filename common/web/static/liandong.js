// Keys, the scanner, and lists that refresh themselves. Everything here also works without it, by links and forms.
(function () {
  "use strict";
  var typed = "", last = 0, timer = 0;
  var SCAN_GAP_MS = 50, SCAN_MIN = 10, KEY_WAIT_MS = 120;

  function off() { try { return localStorage.getItem("keys") === "off"; } catch (e) { return false; } }
  function writes(node) { return node && (/^(INPUT|TEXTAREA|SELECT)$/.test(node.tagName) || node.isContentEditable); }
  function finder() { return document.querySelector("form[data-find] input[name=q]"); }

  // A short sound, only for who asked for it.
  function ring() {
    if (document.documentElement.dataset.sounds !== "1" || !window.AudioContext) { return; }
    var sound = new AudioContext(), tone = sound.createOscillator(), level = sound.createGain();
    level.gain.value = 0.1;
    tone.connect(level).connect(sound.destination);
    tone.start();
    tone.stop(sound.currentTime + 0.15);
  }

  // --- the list of keys
  function show() {
    var old = document.getElementById("keys-window");
    if (old) { old.showModal(); return; }
    fetch("/shortcuts").then(function (answer) { return answer.text(); }).then(function (page) {
      var found = new DOMParser().parseFromString(page, "text/html").getElementById("shortcuts");
      if (!found || document.getElementById("keys-window")) { return; }
      var box = document.createElement("dialog"), head = found.querySelector("h1"), title = document.createElement("h2");
      box.id = "keys-window";
      title.textContent = head.textContent;
      title.id = "keys-title";
      head.replaceWith(title);
      box.setAttribute("aria-labelledby", title.id);
      box.append(found, button("close"), button(off() ? "on" : "off"));
      document.body.append(box);
      box.showModal();
    });
  }
  function button(what) {
    var made = document.createElement("button"), words = document.body.dataset;
    made.type = "button";
    made.className = what === "close" ? "button" : "button second";
    made.textContent = words["keys" + what.charAt(0).toUpperCase() + what.slice(1)];
    made.addEventListener("click", function () {
      if (what !== "close") { try { localStorage.setItem("keys", what); } catch (e) { /* this browser keeps nothing */ } }
      var box = document.getElementById("keys-window");
      box.close();
      box.remove();
    });
    return made;
  }

  // --- keys and scanner: a scanner types a whole line faster than any person
  function press(key) {
    if (key === "?") { show(); return; }
    if (key === "/") { var field = finder(); if (field) { field.focus(); field.select(); } return; }
    var target = document.querySelector('[data-key="' + (window.CSS ? CSS.escape(key) : key) + '"]');
    if (target) { target.click(); }
  }
  function scanned(line) {
    // Where papers are checked, a code is scanned to be checked, not to look for its case.
    var field = document.querySelector("form[data-verify] input[name=claim]") || finder();
    if (!field) { return; }
    ring();
    field.value = line;
    field.form.submit();
  }
  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || writes(event.target)) { return; }
    var now = event.timeStamp, isQuick = now - last < SCAN_GAP_MS;
    last = now;
    clearTimeout(timer);
    if (event.key === "Enter") {
      if (isQuick && typed.length >= SCAN_MIN) { event.preventDefault(); scanned(typed); }
      typed = "";
      return;
    }
    if (event.key.length !== 1) {
      if (event.key !== "Shift") { typed = ""; last = 0; }
      return;
    }
    typed = isQuick ? typed + event.key : event.key;
    if (event.key === "/" || event.key === "?") { event.preventDefault(); }
    if (typed.length === 1 && !off() && !document.querySelector("dialog[open]")) {
      timer = setTimeout(press, KEY_WAIT_MS, event.key);
    }
  });
  document.addEventListener("click", function (event) {
    var link = event.target.closest && event.target.closest("[data-keys]");
    if (link && window.HTMLDialogElement) { event.preventDefault(); show(); }
  });

  // --- which way is picked, for what it does not ask for (Chromium before 105 has no :has() for it)
  function pick(box) {
    var ways = Array.prototype.slice.call(box.querySelectorAll("input[type=radio]"));
    box.closest("form").dataset.pick = ways.findIndex(function (one) { return one.checked; }) + 1;
  }
  function pickAll() { document.querySelectorAll("form .pick").forEach(pick); }
  document.addEventListener("change", function (event) {
    var box = event.target.closest && event.target.closest("form .pick");
    if (box) { pick(box); }
  });
  // Whoever goes back finds what was ticked, and no change is told.
  window.addEventListener("pageshow", pickAll);
  pickAll();

  // --- lists that refresh themselves: nothing typed, ticked, opened or focused inside is lost
  var focused = "", swapped = "";
  function busy(list) {
    if (list.querySelector("details[open], dialog[open]")) { return true; }
    // A link is found again by where it leads; on anything else somebody's focus must stay.
    if (list.contains(document.activeElement) && document.activeElement.tagName !== "A") { return true; }
    return Array.prototype.some.call(list.querySelectorAll("input, select, textarea"), function (one) {
      if (one.type === "hidden") { return false; }
      if (one.type === "checkbox" || one.type === "radio") { return one.checked !== one.defaultChecked; }
      return one.tagName !== "SELECT" && one.value !== one.defaultValue;
    });
  }
  function cases(list) {
    return Array.prototype.map.call(list.querySelectorAll("a[href^='/case/']"), function (one) { return one.getAttribute("href"); });
  }
  // Nobody looks: nothing is asked for. Back in front of somebody, it is at once.
  document.addEventListener("htmx:beforeRequest", function (event) {
    if (document.hidden && event.detail.elt.id === "list") { event.preventDefault(); }
  });
  document.addEventListener("visibilitychange", function () {
    if (!document.hidden && window.htmx) { htmx.trigger(document.body, "refresh"); }
  });
  var before = [];
  document.addEventListener("htmx:beforeSwap", function (event) {
    var part = event.detail.target;
    if (!part || !part.querySelector) { return; }
    if (busy(part)) { event.detail.shouldSwap = false; return; }
    swapped = part.id;
    if (swapped === "list") { before = cases(part); }
    focused = part.contains(document.activeElement) ? document.activeElement.getAttribute("href") || "" : "";
  });
  document.addEventListener("htmx:afterSettle", function () {
    var part = swapped && document.getElementById(swapped);
    if (!part) { return; }
    if (focused) {
      // What it led to may be over: then the first thing there is, rather than the top of the page.
      var again = part.querySelector('a[href="' + focused.replace(/["\\]/g, "") + '"]') || part.querySelector("a[href]");
      if (again) { again.focus(); }
      focused = "";
    }
    if (swapped === "list" && cases(part).some(function (one) { return before.indexOf(one) < 0; })) { ring(); }
  });
})();
