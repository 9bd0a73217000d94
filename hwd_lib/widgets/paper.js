/* Pictures of paper: chosen, taken, dropped or pasted, and made small before they travel. `root` is the app. */
if (!root.dataset.paper) {
  const LONGEST = 1600; // pixels: digits on a page have enough of them
  const QUALITY = 0.9;

  root.dataset.paper = 'yes';
  const upload = () => root.querySelector('.hwd-photo');
  const isPicture = file => file && (file.type.startsWith('image/') || /\.(jpe?g|png|webp|gif|bmp|heic)$/i.test(file.name));

  // The browser reads what the telephone wrote, turned as it was held, and whatever form it has.
  const shrink = async file => {
    const picture = await createImageBitmap(file, {imageOrientation: 'from-image'});
    const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
    const canvas = document.createElement('canvas');
    canvas.width = Math.max(1, Math.round(picture.width * scale));
    canvas.height = Math.max(1, Math.round(picture.height * scale));
    const pen = canvas.getContext('2d');
    pen.fillStyle = '#fff'; // what is transparent is paper
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.imageSmoothingQuality = 'high';
    pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const blob = await new Promise(done => canvas.toBlob(done, 'image/jpeg', QUALITY));
    return new File([blob], file.name, {type: blob.type});
  };

  // ipywidgets' input is not in the page: it is met on its way to the dialog.
  const atInput = act => {
    const open = HTMLInputElement.prototype.click;
    HTMLInputElement.prototype.click = function () {
      HTMLInputElement.prototype.click = open;
      act(this, open);
    };
  };
  const hand = (input, file) => {
    const files = new DataTransfer();
    files.items.add(file);
    input.files = files.files;
    const event = new Event('change');
    event.small = true;
    input.dispatchEvent(event);
  };
  const send = async (input, file) => {
    root.classList.add('hwd-reading');
    // A picture that this browser cannot open goes as it is: Python says what is wrong with it.
    hand(input, await shrink(file).catch(() => file));
    root.classList.remove('hwd-reading');
  };
  root.addEventListener('click', event => {
    if (!event.target.closest('.hwd-photo') || !event.isTrusted) return;
    atInput((input, open) => {
      input.addEventListener('change', changed => {
        if (changed.small) return;
        changed.stopImmediatePropagation();
        if (input.files.length) send(input, input.files[0]);
      }, true);
      open.call(input);
    });
  }, true);
  const bring = file => {
    atInput(input => send(input, file));
    upload().click();
  };
  const listen = (target, kind, files) => target.addEventListener(kind, event => {
    if (!root.isConnected || !upload()) return;
    const file = [...files(event) ?? []].find(isPicture);
    if (!file) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    root.classList.remove('hwd-dropping');
    bring(file);
  }, true);
  listen(document.body.dataset.voila ? window : root, 'drop', event => event.dataTransfer?.files);
  listen(window, 'paste', event => event.clipboardData?.files);

  // A digit in the picture is chosen: with the mouse, a finger or the keys.
  const choose = event => {
    const digit = event.target.closest?.('[data-mark]'), chosen = root.querySelector('.hwd-which textarea');
    if (!digit || !chosen || (event.type === 'keydown' && !['Enter', ' '].includes(event.key))) return;
    event.preventDefault();
    chosen.value = digit.dataset.mark;
    for (const kind of ['input', 'change']) chosen.dispatchEvent(new Event(kind, {bubbles: true}));
  };
  root.addEventListener('click', choose);
  root.addEventListener('keydown', choose);
  root.addEventListener('click', event => {
    const copy = event.target.closest('.hwd-copy');
    if (copy) navigator.clipboard?.writeText(root.querySelector('.hwd-lines').innerText.trim());
  });
}
