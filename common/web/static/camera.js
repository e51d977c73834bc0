// A camera at the desk (also a document camera): what it sees is put beside the paper chosen in the window, one
// picture after the other. Shown only where there is a camera; photos.js makes the pictures fit.
(function () {
  var box = document.querySelector("dialog[data-camera]"), opener = document.querySelector("[data-camera-open]");
  var media = navigator.mediaDevices;
  if (!box || !opener || !box.showModal || !media || !media.enumerateDevices) { return; }
  var video = box.querySelector("video"), paper = box.querySelector("select"), said = box.querySelector("[role=status]");
  var snap = box.querySelector("[data-snap]"), turn = box.querySelector("[data-switch]");
  var cameras = [], at = 0, stream = null, taken = 0;

  function find() {
    return media.enumerateDevices().then(function (all) {
      cameras = all.filter(function (one) { return one.kind === "videoinput"; });
      opener.hidden = !cameras.length;
      turn.hidden = cameras.length < 2;
    });
  }
  function stop() {
    if (stream) { stream.getTracks().forEach(function (track) { track.stop(); }); }
    stream = null;
    snap.disabled = true;
  }
  function start() {
    var id = cameras[at] && cameras[at].deviceId, wanted = {width: {ideal: 4096}, height: {ideal: 3072}};
    if (id) { wanted.deviceId = {exact: id}; }
    stop();
    return media.getUserMedia({video: wanted}).then(function (found) {
      stream = found;
      video.srcObject = found;
      return video.play();
    }).then(function () { snap.disabled = false; said.textContent = ""; return find(); })
      .catch(function (fault) { said.textContent = fault.name === "NotAllowedError" ? box.dataset.barred : box.dataset.busy; });
  }
  function take() {
    var canvas = document.createElement("canvas"), input = document.querySelector("input[data-photos][name='" + paper.value + "']");
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    canvas.getContext("2d").drawImage(video, 0, 0);
    canvas.toBlob(function (blob) {
      taken += 1;
      var file = new File([blob], box.dataset.name + "-" + taken + ".jpg", {type: "image/jpeg"});
      input.dispatchEvent(new CustomEvent("photos", {detail: [file]}));
      said.textContent = box.dataset.taken.replace("{n}", taken).replace("{paper}", paper.selectedOptions[0].text);
    }, "image/jpeg", 0.92);
  }
  opener.addEventListener("click", function () { taken = 0; box.showModal(); start(); });
  snap.addEventListener("click", take);
  turn.addEventListener("click", function () { at = (at + 1) % cameras.length; start(); });
  box.querySelector("[data-close]").addEventListener("click", function () { box.close(); });
  box.addEventListener("close", stop);
  media.addEventListener("devicechange", find);
  find();
})();
