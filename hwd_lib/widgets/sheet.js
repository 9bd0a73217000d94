/* Pointers on the canvases of a panel. `root` is the panel.

   ipycanvas knows a mouse and touches, and tells no pen from a palm. So what the browser tells it is kept from it,
   and the one pointer that draws is passed on to it as its mouse; `touchcancel` takes a stroke back. */
if (!root.dataset.sheet) {
  const PEN_RULES = 5000; // milliseconds after a pen was there, in which a touch is a palm
  const GESTURE = 250; // milliseconds in which a second finger makes it a gesture of two; later it is an accident

  root.dataset.sheet = 'ready';
  const onCanvas = event => event.target.tagName === 'CANVAS';
  let drawing = null; // the pointer that draws: {id, type, canvas, since}
  let penSeen = -Infinity;
  const fingers = new Set(); // on the canvas, whether they draw or not

  // ipycanvas gives its canvas the focus, and a canvas with the focus swallows every key, Tab among them. So the focus
  // goes to the sheet around it: without a jump of the page, and keys reach whoever wants them.
  const guard = canvas => {
    canvas.removeAttribute('tabindex');
    canvas.parentElement.tabIndex = -1;
    canvas.focus = () => canvas.parentElement.focus({preventScroll: true});
  };
  root.addEventListener('focusin', event => {
    if (!onCanvas(event)) return;
    guard(event.target);
    event.target.focus();
  });
  // Of the keys that come while somebody draws, JupyterLab may have Ctrl+S; single letters would change its cells.
  root.addEventListener('keydown', event => {
    const single = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (single && event.target.querySelector(':scope > canvas')) event.stopPropagation();
  });

  for (const kind of ['mousedown', 'mousemove', 'mouseup', 'mouseout', 'touchcancel'])
    root.addEventListener(kind, event => onCanvas(event) && event.isTrusted && event.stopPropagation(), true);

  // Two fingers scroll and zoom the page, as the style sheet allows. But a finger that draws does not, nor does a hand
  // that comes down while it draws.
  const touch = event => {
    if (!onCanvas(event) || !event.isTrusted) return;
    event.stopPropagation();
    const gesture = event.type === 'touchstart' && !(drawing && settled());
    if (event.cancelable && !gesture && (drawing || fingers.size < 2)) event.preventDefault();
  };
  for (const kind of ['touchstart', 'touchmove', 'touchend'])
    root.addEventListener(kind, touch, {capture: true, passive: false});

  const settled = () => performance.now() - drawing.since > GESTURE;
  const send = (kind, {clientX, clientY}) =>
    drawing.canvas.dispatchEvent(new MouseEvent(kind, {clientX, clientY}));
  const end = event => {
    send('mouseup', event);
    drawing = null;
  };
  const takeBack = () => {
    drawing.canvas.dispatchEvent(Object.assign(new Event('touchcancel'), {touches: []}));
    drawing = null;
  };

  root.addEventListener('pointerdown', event => {
    if (!onCanvas(event) || event.button !== 0) return;
    const canvas = event.target, type = event.pointerType, now = performance.now();
    guard(canvas);
    if (type === 'touch') {
      fingers.add(event.pointerId);
      if (now - penSeen < PEN_RULES) return;
      if (fingers.size > 1) {
        if (drawing && !settled()) takeBack();
        return;
      }
    }
    if (type === 'pen') {
      penSeen = now;
      if (drawing?.type === 'touch') takeBack(); // it was the palm
    }
    if (drawing) return;
    drawing = {id: event.pointerId, type, canvas, since: now};
    canvas.setPointerCapture(event.pointerId); // a line that leaves the sheet goes on, until it is let go
    send('mousedown', event);
  }, true);

  root.addEventListener('pointermove', event => {
    if (event.pointerType === 'pen' && onCanvas(event)) penSeen = performance.now();
    if (event.pointerId !== drawing?.id) return;
    if (event.buttons) send('mousemove', event);
    else end(event); // it was let go where nobody told: over a menu, or in another window
  }, true);

  root.addEventListener('pointerup', event => {
    fingers.delete(event.pointerId);
    if (event.pointerId === drawing?.id) end(event);
  }, true);

  root.addEventListener('pointercancel', event => { // the browser has begun to scroll, or to zoom
    fingers.delete(event.pointerId);
    if (event.pointerId !== drawing?.id) return;
    if (settled()) end(event);
    else takeBack();
  }, true);

  root.addEventListener('contextmenu', event => { // a finger that rests
    if (onCanvas(event) && drawing) event.preventDefault();
  }, true);

  root.addEventListener('wheel', event => onCanvas(event) && event.stopPropagation(), true); // ipycanvas takes it all
}
