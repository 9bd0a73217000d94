/* What the live app needs besides `sheet.js`: names for screen readers, a memory in the browser's tab, files that are
   too large, and a connection that is lost. Nothing of it is needed to draw and to be read. `root` is the app. */
if (!root.dataset.ready) {
  const LARGEST = 9_000_000; // bytes; Tornado closes a connection that sends a message above 10 MiB
  const PATIENCE = 4000; // milliseconds without an answer to the pen, until the connection is called lost
  const RETRY = 1000; // milliseconds between two questions whether the server is there again

  root.dataset.ready = 'no';
  const find = selector => root.querySelector(selector);

  // The input that opens the file dialog is not in the page. So it is met on its way to the dialog.
  const refuse = event => {
    if (event.target.files[0].size < LARGEST) return;
    event.stopImmediatePropagation();
    find('.hwd-about .widget-html-content').innerHTML = '<p class="hwd-wrong" role="alert">' +
      `This file is too large: expected less than ${LARGEST} bytes. Choose a network of this app.</p>`;
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

  // Names and states for screen readers, which ipywidgets cannot give.
  const name = () => {
    const canvas = find('canvas'), why = find('.hwd-why');
    canvas.tabIndex = -1;
    canvas.setAttribute('role', 'img');
    canvas.setAttribute('aria-label', 'The sheet: draw a digit with mouse, pen or finger.');
    canvas.parentElement.dataset.lmSuppressShortcuts = 'true';
    find('.hwd-said').setAttribute('role', 'status');
    const groups = {'.hwd-what': 'What did you draw?', '.hwd-examples': 'Examples from MNIST'};
    for (const [group, words] of Object.entries(groups)) {
      find(group + ' > div').setAttribute('role', 'group');
      find(group + ' > div').setAttribute('aria-label', words);
    }
    find('.widget-upload').setAttribute('aria-label', 'Open a file …');
    const pressed = () => why.setAttribute('aria-pressed', why.classList.contains('mod-active'));
    new MutationObserver(pressed).observe(why, {attributeFilter: ['class']});
    pressed();
  };

  // Voilà starts a new kernel when a page is reloaded. So the browser's tab remembers the drawing, and nobody else.
  const remember = () => {
    const memory = find('.hwd-memory textarea');
    const place = 'hwd ' + location.pathname, old = sessionStorage.getItem(place);
    window.addEventListener('pagehide', () => sessionStorage.setItem(place, memory.value));
    if (old && !memory.value) {
      memory.value = old;
      for (const kind of ['input', 'change']) memory.dispatchEvent(new Event(kind, {bubbles: true}));
    }
  };

  // A connection that hangs tells nobody; so a pen that gets no answer counts as a lost connection as well.
  const watchConnection = () => {
    let cut = false, unanswered = 0;
    const tell = silent => root.classList.toggle('hwd-lost', cut || silent);
    const answered = () => { unanswered = clearTimeout(unanswered); tell(false); };
    root.addEventListener('pointerdown', event => {
      if (event.target.tagName === 'CANVAS' && !find('[data-state=full]'))
        unanswered ||= setTimeout(tell, PATIENCE, true);
    }, true);
    new MutationObserver(answered).observe(find('.hwd-live'), {childList: true, subtree: true});
    const kernel = window.jupyterapp?.widgetManager?.kernel;
    kernel?.connectionStatusChanged.connect((_, status) => {
      cut = status !== 'connected';
      tell(false);
    });
    // JupyterLab's own part asks after the kernel before it connects again. When nobody answers, it waits for 10 to
    // 30 seconds, and by then the kernel may be gone. So the question is asked again every second.
    const settings = kernel?.serverSettings ?? {}, ask = settings.fetch;
    settings.fetch = async request => {
      while (cut && request.method === 'GET') {
        try {
          return await ask(request);
        } catch {
          await new Promise(done => setTimeout(done, RETRY));
        }
      }
      return ask(request);
    };
  };

  // ipywidgets makes the app part by part.
  const start = () => {
    if (!find('canvas') || !find('.hwd-memory textarea') || !find('.hwd-said')) return;
    parts.disconnect();
    root.dataset.ready = 'yes';
    name();
    if (!document.body.dataset.voila) return;
    remember();
    watchConnection();
  };
  const parts = new MutationObserver(start);
  parts.observe(root, {childList: true, subtree: true});
  start();
}
