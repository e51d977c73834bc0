// Filing: what is typed is kept at once, an ID number is checked as it is typed, fields that are not asked are
// hidden, Ctrl+Enter goes on. Without this file every page works by its own buttons.
(function () {
  var form = document.querySelector("form[data-keep]");
  var words = document.querySelector("template[data-id-words]");
  var WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

  // --- kept as typed
  function keeper(form) {
    var line = document.querySelector("[data-saved]"), timer = 0, isBusy = false, isStale = false, after = [];

    function say(text, link) {
      line.textContent = text;
      if (!link) { return; }
      var anchor = document.createElement("a");
      anchor.href = "/sign-in";
      anchor.target = "_blank";
      anchor.textContent = link;
      line.append(" ", anchor);
    }
    function later(ms) { clearTimeout(timer); timer = setTimeout(save, ms); }
    // A box that was unticked is typed, too: a form alone would not tell of it.
    function body() {
      var said = new URLSearchParams(new FormData(form));
      Array.prototype.forEach.call(form.elements, function (one) {
        if (one.type === "checkbox" && !one.checked && one.name) { said.append(one.name, ""); }
        if (one.type === "file") { said.delete(one.name); }
      });
      return said;
    }

    function save() {
      timer = 0;
      if (isBusy) { isStale = true; return; }
      isBusy = true;
      say(line.dataset.busy);
      fetch(form.dataset.keep, {method: "POST", body: body(), headers: {Accept: "application/json"}})
        .then(function (answer) {
          return answer.json().then(function (said) { return answer.ok ? kept(said) : refused(answer, said.error || {}); });
        })
        .catch(function () { say(line.dataset.lost); later(5000); })
        .then(function () {
          isBusy = false;
          if (isStale) { isStale = false; later(200); }
        });
    }
    function kept(said) {
      if (form.elements._rev) {
        form.elements._rev.value = said._rev;
        form.elements._was.value = said._was;
      }
      Object.keys(said.others).forEach(function (key) { put(form.elements[key], said.others[key]); });
      var now = new Date(), clock = ("0" + now.getHours()).slice(-2) + ":" + ("0" + now.getMinutes()).slice(-2);
      say(line.dataset.words + " " + clock + (said.told.length ? "  " + said.told.join(" ") : ""));
      after.splice(0).forEach(function (next) { next(); });
    }
    function refused(answer, error) {
      if (answer.status === 401) { say(line.dataset.out, line.dataset.sign); later(20000); return; }
      if (error.code === "E220") { return renew(); }
      say(error.sentence ? error.sentence + " " + line.dataset.stays : line.dataset.lost);
      if (answer.status >= 500) { later(15000); }
    }
    // Somebody signed in anew in another window: this page needs the new secret of its forms.
    function renew() {
      return fetch(location.href).then(function (answer) { return answer.text(); }).then(function (text) {
        var field = new DOMParser().parseFromString(text, "text/html").querySelector("[name=csrf_token]");
        if (!field) { throw new Error("no form"); }
        document.querySelectorAll("[name=csrf_token]").forEach(function (one) { one.value = field.value; });
        later(0);
      });
    }
    function put(control, value) {
      if (!control) { return; }
      if (control.type === "checkbox") { control.checked = Boolean(value); } else { control.value = value; }
    }
    // Fields may stand outside of their form.
    function typed(event) { if (event.target.form === form && event.target.type !== "file") { later(500); } }
    document.addEventListener("input", typed);
    document.addEventListener("change", typed);
    form.addEventListener("submit", function () { clearTimeout(timer); timer = 0; });
    window.addEventListener("pagehide", function () {
      if (timer) { navigator.sendBeacon(form.dataset.keep, body()); }
    });
    return {whenKept: function (next) { after.push(next); later(0); }};
  }

  // --- ID numbers
  function born(number) {
    var digits = number.length === 18 ? number.slice(6, 14) : "19" + number.slice(6, 12);
    var day = digits.slice(0, 4) + "-" + digits.slice(4, 6) + "-" + digits.slice(6, 8), date = new Date(day + "T00:00:00Z");
    return !isNaN(date) && date.toISOString().slice(0, 10) === day ? day : "";
  }
  function isWhole(number) {
    if (/^[0-9]{15}$/.test(number)) { return true; }
    if (!/^[0-9]{17}[0-9X]$/.test(number)) { return false; }
    var sum = WEIGHTS.reduce(function (total, weight, at) { return total + weight * Number(number[at]); }, 0);
    return "10X98765432"[sum % 11] === number[17];
  }
  // As the site reads it: wide digits, and what is pasted along with a number.
  function plain(typed) {
    var unseen = /[\s\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff-]/g;
    return typed.normalize("NFKC").replace(unseen, "").toUpperCase();
  }
  function watch(input, keep) {
    var said = document.createElement("p"), last = "";
    said.className = "small";
    said.setAttribute("role", "status");
    input.after(said);
    function isCitizen() {
      var kind = input.form.elements.id_type;
      return !kind || input.name !== "id_number" || kind.value === "111";
    }
    function look() {
      var number = plain(input.value), day;
      if (!isCitizen() || !number) { said.textContent = ""; return; }
      if (number.length !== 18 && !(number.length === 15 && document.activeElement !== input)) {
        said.textContent = words.dataset.count.replace("{n}", number.length);
        return;
      }
      day = isWhole(number) ? born(number) : "";
      said.textContent = day
        ? words.dataset.good.replace("{day}", day).replace("{sex}", Number(number[number.length === 18 ? 16 : 14]) % 2 ? words.dataset.man : words.dataset.woman)
        : words.dataset.bad;
      said.classList.toggle("problem", !day);
      if (day && number !== last && input.name === "id_number") { last = number; known(input.form, keep); }
    }
    input.addEventListener("input", look);
    input.addEventListener("change", look);
    if (input.value) { last = plain(input.value); look(); }
  }
  // What this site knows of the person is asked for once the number is whole and kept.
  function known(form, keep) {
    var box = form.querySelector("[data-known]");
    if (!box) { return; }
    keep.whenKept(function () {
      fetch(box.dataset.known).then(function (answer) { return answer.ok ? answer.text() : ""; })
        .then(function (text) { box.innerHTML = text; });
    });
  }

  // --- fields asked under a condition
  function conditions(form) {
    form.querySelectorAll("[data-when]").forEach(function (part) {
      function look() {
        var other = form.elements[part.dataset.when];
        part.hidden = Boolean(other) && other.value.normalize("NFKC").trim() !== part.dataset.equals.normalize("NFKC");
      }
      form.addEventListener("change", look);
      look();
    });
    // A heading goes with the last of its fields.
    form.querySelectorAll("[data-part]").forEach(function (part) {
      function look() { part.hidden = !part.querySelector("[data-asked]:not([hidden])"); }
      form.addEventListener("change", look);
      look();
    });
  }

  // --- hands stay on the keys
  function begin() {
    if (document.activeElement !== document.body || document.querySelector(".summary")) { return; }
    var fields = document.querySelectorAll("main .field input:not([type=hidden]):not(.sr), main .field select, main .field textarea");
    var first = Array.prototype.find.call(fields, function (field) {
      if (field.type === "radio") { return !field.form.elements[field.name].value; }
      return !field.value && field.type !== "checkbox" && field.getAttribute("aria-required") && field.offsetParent;
    });
    first = document.querySelector("[data-first]") || first || document.querySelector("[data-go]");
    if (first) { first.focus({preventScroll: first.matches("[data-go]")}); }
  }
  document.addEventListener("keydown", function (event) {
    var go = document.querySelector("[data-go]");
    if (!go || event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) { return; }
    event.preventDefault();
    // While a photograph is being worked on it waits for that.
    if (go.disabled) { go.dataset.wanted = "1"; } else { go.click(); }
  });

  if (form) {
    var keep = keeper(form);
    if (words) { form.querySelectorAll("input[autocapitalize=characters]").forEach(function (input) { watch(input, keep); }); }
    conditions(form);
  }
  begin();
})();
