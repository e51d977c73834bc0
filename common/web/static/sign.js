// A signature on the screen, by pen, finger or mouse: what is drawn becomes a picture of the form.
(function () {
  document.querySelectorAll("[data-sign]").forEach(function (box) {
    var canvas = box.querySelector("canvas"), input = box.querySelector("input[type=file]"), clear = box.querySelector("button");
    var pen = canvas.getContext("2d"), isDown = false, isEmpty = true;
    if (!window.DataTransfer || !window.PointerEvent) { return; }
    box.hidden = false;

    function blank() {
      pen.fillStyle = "#fff";
      pen.fillRect(0, 0, canvas.width, canvas.height);
      isEmpty = true;
      input.files = new DataTransfer().files;
    }
    function at(event) {
      var frame = canvas.getBoundingClientRect();
      return [(event.clientX - frame.left) * canvas.width / frame.width, (event.clientY - frame.top) * canvas.height / frame.height];
    }
    function keep() {
      canvas.toBlob(function (blob) {
        var bag = new DataTransfer();
        if (!isEmpty) { bag.items.add(new File([blob], "signature.png", {type: "image/png"})); }
        input.files = bag.files;
      }, "image/png");
    }
    canvas.addEventListener("pointerdown", function (event) {
      var point = at(event);
      isDown = true;
      canvas.setPointerCapture(event.pointerId);
      pen.lineWidth = 5;
      pen.lineCap = pen.lineJoin = "round";
      pen.strokeStyle = "#111";
      pen.beginPath();
      pen.moveTo(point[0], point[1]);
      event.preventDefault();
    });
    canvas.addEventListener("pointermove", function (event) {
      if (!isDown) { return; }
      var point = at(event);
      pen.lineTo(point[0], point[1]);
      pen.stroke();
      isEmpty = false;
    });
    ["pointerup", "pointercancel"].forEach(function (name) {
      canvas.addEventListener(name, function () {
        if (!isDown) { return; }
        isDown = false;
        keep();
        var chosen = box.closest("form").querySelector("[value='" + box.dataset.sign + "']");
        if (chosen && !isEmpty) { chosen.checked = true; }
      });
    });
    clear.addEventListener("click", blank);
    blank();
  });
})();
