"""The look of the live app, and the few lines of JavaScript that it cannot do without, in one place.

Both travel inside the app's own HTML, so that they work wherever it is shown, with no file to serve and no
network.
"""

from html import escape
from pathlib import Path

LARGEST_UPLOAD = 9_000_000  # bytes; Tornado closes a connection that sends a message above 10 MiB
PATIENCE = 4000  # milliseconds without an answer to the pen, until the connection is called lost
RETRY = 1000  # milliseconds between two questions whether the server is there again

CSS = Path(__file__).with_name("page.css").read_text("utf-8")

# What it is for, part by part. Nothing of it is needed to draw and to be read; nothing else is in JavaScript.
# - keydown, wheel: the canvas swallows every key (Tab among them) and the wheel; so they are kept from it.
# - mousemove: a mouse that hovers draws nothing, and need not keep the server busy.
# - pointerdown: a line that leaves the sheet goes on until the button is let go, outside as well.
# - canvas, said, groups, why, open: names and states for screen readers, which ipywidgets cannot give.
# - memory: Voilà starts a new kernel when a page is reloaded. So the browser's tab remembers the drawing,
#   and nobody else does.
# - refuse: a file that is too large for the connection would break it. The input that opens the file dialog
#   is not in the page, so it is met on its way to the dialog.
# - lost: says that the connection is gone, and takes it back when it is there again. A connection that hangs
#   tells nobody; so a pen that gets no answer counts as well.
# - ask: JupyterLab's own part asks after the kernel before it connects again. When nobody answers, it waits
#   for 10 to 30 seconds, and by then the kernel may be gone. So the question is asked again every second.
JAVASCRIPT = """
const root = this.closest('.hwd-app');
if (root && !root.dataset.ready) {
  root.dataset.ready = 'no';
  const onCanvas = event => event.target.tagName === 'CANVAS';
  for (const kind of ['keydown', 'wheel'])
    root.addEventListener(kind, event => onCanvas(event) && event.stopPropagation(), true);
  let down = false;
  for (const kind of ['mousedown', 'mouseup', 'mouseout'])
    root.addEventListener(kind, event => { if (onCanvas(event)) down = kind === 'mousedown'; }, true);
  root.addEventListener('mousemove', event => onCanvas(event) && !down && event.stopPropagation(), true);
  root.addEventListener('pointerdown', event => {
    if (onCanvas(event) && event.pointerType === 'mouse') event.target.setPointerCapture(event.pointerId);
  }, true);
  const refuse = event => {
    if (event.target.files[0].size < LARGEST) return;
    event.stopImmediatePropagation();
    root.querySelector('.hwd-about .widget-html-content').innerHTML = '<p class="hwd-wrong" role="alert">' +
      'This file is too large: expected less than LARGEST bytes. Choose a network of this app.</p>';
  };
  root.addEventListener('click', event => {
    if (!event.target.closest('.widget-upload')) return;
    const open = HTMLInputElement.prototype.click;
    HTMLInputElement.prototype.click = function () {
      HTMLInputElement.prototype.click = open;
      this.addEventListener('change', refuse, true);
      open.call(this);
    };
  }, true);
  const start = () => {
    const find = selector => root.querySelector(selector);
    const canvas = find('canvas'), memory = find('.hwd-memory textarea'), said = find('.hwd-said');
    if (!canvas || !memory || !said) return;
    watch.disconnect();
    root.dataset.ready = 'yes';
    canvas.tabIndex = -1;
    canvas.setAttribute('role', 'img');
    canvas.setAttribute('aria-label', 'The sheet: draw a digit with mouse, pen or finger.');
    canvas.parentElement.dataset.lmSuppressShortcuts = 'true';
    said.setAttribute('role', 'status');
    const groups = {'.hwd-what': 'What did you draw?', '.hwd-examples': 'Examples from MNIST'};
    for (const group in groups) {
      find(group + ' > div').setAttribute('role', 'group');
      find(group + ' > div').setAttribute('aria-label', groups[group]);
    }
    const open = find('.widget-upload'), why = find('.hwd-why');
    open.setAttribute('aria-label', 'Open a file …');
    const pressed = () => why.setAttribute('aria-pressed', why.classList.contains('mod-active'));
    new MutationObserver(pressed).observe(why, {attributeFilter: ['class']});
    pressed();
    if (!document.body.dataset.voila) return;
    const place = 'hwd ' + location.pathname, old = sessionStorage.getItem(place);
    window.addEventListener('pagehide', () => sessionStorage.setItem(place, memory.value));
    if (old && !memory.value) {
      memory.value = old;
      for (const kind of ['input', 'change']) memory.dispatchEvent(new Event(kind, {bubbles: true}));
    }
    let cut = false, unanswered = 0;
    const tell = silent => root.classList.toggle('hwd-lost', cut || silent);
    const answered = () => { unanswered = clearTimeout(unanswered); tell(false); };
    root.addEventListener('pointerdown', event => {
      if (onCanvas(event) && !find('[data-state=full]')) unanswered ||= setTimeout(tell, PATIENCE, true);
    }, true);
    new MutationObserver(answered).observe(find('.hwd-live'), {childList: true, subtree: true});
    const kernel = window.jupyterapp?.widgetManager?.kernel;
    kernel?.connectionStatusChanged.connect((_, status) => {
      cut = status !== 'connected';
      tell(false);
    });
    const settings = kernel?.serverSettings ?? {}, ask = settings.fetch;
    settings.fetch = async request => {
      while (cut && request.method === 'GET') {
        try { return await ask(request); } catch { await new Promise(done => setTimeout(done, RETRY)); }
      }
      return ask(request);
    };
  };
  const watch = new MutationObserver(start);
  watch.observe(root, {childList: true, subtree: true});
  start();
}
"""

HEAD = "<h2>Draw a digit</h2><p>A neural network reads it while the ink is wet.</p>"

OWN = (
    "<h2>Your digits</h2><p>Draw a digit and say which it is: it is kept here. When the network misreads "
    "some, teach it: a copy learns your hand in a second.</p>"
)
NO_DIGITS = '<p class="hwd-count hwd-note">None yet. Draw one, then choose under the sheet what it is.</p>'
NETWORKS = "<h2>Networks</h2><p>Choose who reads, and let another one read the same drawing.</p>"
EXAMPLES = "<h2>Examples</h2><p>Digits from MNIST that the network has not learned from.</p>"
TAKE = "<h2>Take it with you</h2><p>Everything is made for you alone; nothing is stored here.</p>"
NOTHING_TO_TAKE = '<span class="hwd-note">Draw something first.</span>'

HINT = (
    '<svg viewBox="0 0 100 130" aria-hidden="true"><path pathLength="1" '
    'd="M22 28C38 8 76 12 74 38C72 58 52 60 44 60C60 60 80 68 78 92C76 122 32 124 18 102"/></svg>'
    "Draw a digit here"
)

OFFLINE = (
    '<div role="alert"><b>Connection lost.</b> Reconnecting… Your drawing is kept. '
    '<a href="">Reload the page</a> if this takes long.</div>'
)
OPEN = '<p class="hwd-note">Your own: a network (.npz), or the digits that you kept (.json).</p>'
FULL = "The sheet is full: clear it to draw on."


def style():
    """The style sheet as an element that, once it is in the page, also runs the script."""
    script = JAVASCRIPT
    for name, value in (("LARGEST", LARGEST_UPLOAD), ("PATIENCE", PATIENCE), ("RETRY", RETRY)):
        script = script.replace(name, str(value))
    return f'<style onload="{escape(script, True)}">{CSS}</style>'
