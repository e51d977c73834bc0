// Photographs made smaller, turned and looked at before they are sent; on the page of papers they are sent at
// once, so a power cut loses none. What a browser cannot open is sent as it is, and the server says what to do.
// Pictures are drawn on canvases: no address but this site's is loaded.
(function () {
  var SIDE = 2400, KEEP_BYTES = 1000000, QUALITY = 0.82, LOOK = 640, PREVIEW = 320, DARK = 60, EDGES = 3, SIDE_MIN = 900;
  var words = document.querySelector("template[data-photo-words]");
  if (!words || !window.createImageBitmap || !window.DataTransfer) { return; }
  words = words.dataset;
  if (words.side) { SIDE = Number(words.side); KEEP_BYTES = 400000; }
  var busy = 0;

  function drawn(bitmap, side, turns) {
    var scale = Math.min(1, side / Math.max(bitmap.width, bitmap.height));
    var width = Math.max(1, Math.round(bitmap.width * scale)), height = Math.max(1, Math.round(bitmap.height * scale));
    var canvas = document.createElement("canvas"), pen;
    canvas.width = turns % 2 ? height : width;
    canvas.height = turns % 2 ? width : height;
    pen = canvas.getContext("2d");
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.translate(canvas.width / 2, canvas.height / 2);
    pen.rotate(turns * Math.PI / 2);
    pen.drawImage(bitmap, -width / 2, -height / 2, width, height);
    return canvas;
  }
  function notes(bitmap) {
    var canvas = drawn(bitmap, LOOK, 0), w = canvas.width, h = canvas.height, found = [];
    var data = canvas.getContext("2d").getImageData(0, 0, w, h).data, grey = new Float32Array(w * h), sum = 0, i, x, y;
    for (i = 0; i < grey.length; i += 1) {
      grey[i] = 0.299 * data[4 * i] + 0.587 * data[4 * i + 1] + 0.114 * data[4 * i + 2];
      sum += grey[i];
    }
    if (Math.max(bitmap.width, bitmap.height) < SIDE_MIN) { found.push("small"); }
    if (sum / grey.length < DARK) { found.push("dark"); }
    var total = 0, squares = 0, count = 0, edge;
    for (y = 2; y < h - 2; y += 1) {
      for (x = 2; x < w - 2; x += 1) {
        i = y * w + x;
        edge = 8 * grey[i] - grey[i - 1] - grey[i + 1] - grey[i - w] - grey[i + w] - grey[i - w - 1] - grey[i - w + 1] - grey[i + w - 1] - grey[i + w + 1];
        edge = Math.max(0, Math.min(255, edge));
        total += edge;
        squares += edge * edge;
        count += 1;
      }
    }
    if (count && Math.sqrt(squares / count - (total / count) * (total / count)) < EDGES) { found.push("blurred"); }
    return found;
  }
  function jpeg(canvas, name) {
    return new Promise(function (done) {
      canvas.toBlob(function (blob) { done(new File([blob], name.replace(/\.\w+$/, "") + ".jpg", {type: "image/jpeg"})); }, "image/jpeg", QUALITY);
    });
  }
  // One chosen file: what is sent, how it looks, what to say of it.
  function taken(entry) {
    if (!/^image\//.test(entry.first.type)) { return Promise.resolve(entry); }
    return createImageBitmap(entry.first).then(function (bitmap) {
      var canvas = drawn(bitmap, SIDE, entry.turns);
      var isFit = entry.first.size <= KEEP_BYTES && !entry.turns && /jpeg|png/.test(entry.first.type) && Math.max(bitmap.width, bitmap.height) <= SIDE;
      entry.notes = notes(bitmap);
      entry.preview = drawn(canvas, PREVIEW, 0);
      bitmap.close();
      return isFit ? entry.first : jpeg(canvas, entry.first.name);
    }).then(function (file) { entry.file = file; return entry; }, function () { entry.notes = ["alien"]; return entry; });
  }

  function button(text, press) {
    var made = document.createElement("button");
    made.type = "button";
    made.className = "button second little";
    made.textContent = text;
    made.addEventListener("click", press);
    return made;
  }
  function wait(by, form) {
    var go = document.querySelector("[data-go]");
    busy += by;
    Array.prototype.forEach.call(form.elements, function (one) { if (one.type === "submit") { one.disabled = busy > 0; } });
    if (!busy && go && go.dataset.wanted) { delete go.dataset.wanted; go.click(); }
  }
  function rowOf(node) { return node.closest("[data-row]"); }

  // --- a row of the page of papers as the server draws it anew, in place of the old one
  function swapped(row, answer) {
    return answer.text().then(function (text) {
      var page = new DOMParser().parseFromString(text, "text/html"), fresh = page.getElementById(row.id);
      var told = page.querySelector("main .summary"), before = document.querySelector("main .summary");
      if (!fresh) { throw new Error("no row"); }
      var hadFocus = row.contains(document.activeElement), input;
      row.replaceWith(fresh);
      if (before) { before.remove(); }
      if (told) { document.querySelector("main section").prepend(told); }
      bind(fresh);
      input = fresh.querySelector("input[data-photos]") || document.querySelector("[data-go]");
      if (hadFocus && input) { input.focus({preventScroll: true}); }
    });
  }
  // As fetch, and tells how much has gone: a large paper takes its time on a slow net.
  function posted(address, body, tell) {
    return new Promise(function (done, fail) {
      var call = new XMLHttpRequest();
      call.open("POST", address);
      call.upload.onprogress = function (event) { if (event.lengthComputable) { tell(Math.round(100 * event.loaded / event.total)); } };
      call.onload = function () { done({text: function () { return Promise.resolve(call.responseText); }}); };
      call.onerror = call.onabort = function () { fail(new Error("not sent")); };
      call.send(body);
    });
  }
  function send(entries, input, tell) {
    var form = input.form, body = new FormData();
    body.append("csrf_token", form.elements.csrf_token.value);
    body.append("then", "stay");
    body.append("looked", "1");
    body.append("at_once", "1");
    entries.forEach(function (entry) {
      body.append(input.name, entry.file);
      body.append("notes-" + input.name, entry.notes.join(" "));
    });
    return posted(form.action, body, tell).then(function (answer) { return swapped(rowOf(input), answer); });
  }

  function desk(input) {
    var entries = [], list = document.createElement("ul"), said = document.createElement("p");
    list.className = "papers";
    said.className = "small";
    said.setAttribute("role", "status");
    input.after(said, list);

    function put() {
      var bag = new DataTransfer();
      entries.forEach(function (entry) { bag.items.add(entry.file); });
      input.files = bag.files;
      if (input.form.elements.looked) { input.form.elements.looked.value = "1"; }
      list.textContent = "";
      entries.forEach(function (entry) { list.append(row(entry)); });
    }
    function row(entry) {
      var item = document.createElement("li"), name = document.createElement("p");
      name.className = "small";
      name.textContent = entry.file.name + " · " + Math.max(1, Math.round(entry.file.size / 1024)) + " KB";
      if (entry.preview) { item.append(entry.preview); }
      item.append(name);
      entry.notes.forEach(function (code) {
        var note = document.createElement("p");
        note.className = "light warn small";
        note.textContent = words[code];
        item.append(note);
      });
      if (entry.preview) { item.append(button(words.turn, function () { entry.turns += 1; work([entry]); })); }
      item.append(" ", button(words.drop, function () { entries.splice(entries.indexOf(entry), 1); put(); input.focus(); }));
      return item;
    }
    function sent(percent) { said.textContent = words.sent.replace("00", percent); }
    // One after the other: an old machine has memory for one large picture, not for twelve.
    function work(some) {
      var form = input.form;
      wait(1, form);
      said.textContent = words.busy;
      return some.reduce(function (before, entry) { return before.then(function () { return taken(entry); }); }, Promise.resolve())
        .then(function () { return rowOf(input) ? send(some, input, sent) : put(); })
        .then(function () { said.textContent = ""; }, function () { put(); said.textContent = words.lost; })
        .then(function () { wait(-1, form); });
    }
    return function (files) {
      var fresh = Array.prototype.map.call(files, function (file) { return {first: file, file: file, turns: 0, notes: [], preview: null}; });
      entries = entries.concat(fresh);
      if (fresh.length) { work(fresh); } else { put(); }
    };
  }

  function watch(input) {
    var add = desk(input), camera = input.parentNode.querySelector("input[capture]");
    input.addEventListener("change", function () { add(input.files); });
    input.addEventListener("photos", function (event) { add(event.detail); });
    if (camera) {
      camera.addEventListener("change", function () {
        var files = Array.prototype.slice.call(camera.files);
        camera.value = "";
        add(files);
      });
    }
  }
  // What a button of a row does is done beside the page; where that fails, as without a script.
  function post(pressed, body) {
    body.append("csrf_token", pressed.form.elements.csrf_token.value);
    body.append("paper", pressed.value);
    return fetch(pressed.form.action, {method: "POST", body: body}).then(function (answer) { return swapped(rowOf(pressed), answer); });
  }
  function press(pressed, work) {
    pressed.addEventListener("click", function (event) {
      if (pressed.dataset.failed) { return; }
      event.preventDefault();
      pressed.disabled = true;
      work().catch(function () { pressed.disabled = false; pressed.dataset.failed = "1"; pressed.click(); });
    });
  }
  function turned(pressed) {
    return fetch(pressed.dataset.turn).then(function (answer) { return answer.blob(); }).then(createImageBitmap)
      .then(function (bitmap) { return jpeg(drawn(bitmap, SIDE, 1), "turned"); })
      .then(function (file) {
        var body = new FormData();
        body.append("turned", file);
        return post(pressed, body);
      });
  }
  function bind(root) {
    root.querySelectorAll("input[data-photos]").forEach(watch);
    root.querySelectorAll("button[data-turn]").forEach(function (one) { press(one, function () { return turned(one); }); });
    root.querySelectorAll("button[form=remove]").forEach(function (one) { press(one, function () { return post(one, new FormData()); }); });
  }
  bind(document);
})();
