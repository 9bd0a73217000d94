/* What the live app needs besides `sheet.js`: keys, files that are dropped, names for screen readers, a memory in the
   browser's tab, and what to say of a connection that is lost. Nothing of it is needed to draw and to be read.
   `root` is the app. */
if (!root.dataset.ready) {
  const LARGEST = 9_000_000; // bytes; Tornado closes a connection that sends a message above 10 MiB
  const PATIENCE = 4000; // milliseconds without an answer to the pen, until the connection is called lost
  const RETRY = 1000; // milliseconds between two questions whether the server is there again
  const MEMORIES = 2; // what the browser's tab remembers: the drawing, and the digits that were kept

  root.dataset.ready = 'no';
  const find = selector => root.querySelector(selector);
  const voila = document.body.dataset.voila; // the app is the whole page
  const say = words => { find('.hwd-told .widget-html-content').innerHTML = words; };
  root.addEventListener('pointerdown', event => { // Python takes back what it said itself
    if (event.target.tagName === 'CANVAS') say('');
  });

  // The input that opens the file dialog is not in the page. So it is met on its way to the dialog.
  const refuse = event => {
    if (event.target.files[0].size < LARGEST) return;
    event.stopImmediatePropagation();
    say('<p class="hwd-wrong" role="alert">This file is too large: expected less than ' +
      `${LARGEST / 1e6} million bytes. Choose a network of this app.</p>`);
  };
  root.addEventListener('click', event => {
    if (!event.target.closest('.widget-upload:not(.hwd-photo)')) return;
    const open = HTMLInputElement.prototype.click;
    HTMLInputElement.prototype.click = function () {
      HTMLInputElement.prototype.click = open;
      this.addEventListener('change', refuse, true);
      open.call(this);
    };
  }, true);

  // Files that are dropped go the same way, as if they had been chosen in the dialog.
  const whole = voila ? window : root;
  const drops = (kind, act) => whole.addEventListener(kind, event => {
    if (!root.isConnected || !event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    root.classList.toggle('hwd-dropping', kind === 'dragover');
    act?.(event.dataTransfer.files);
  });
  drops('dragover');
  drops('dragleave');
  drops('drop', files => {
    const open = HTMLInputElement.prototype.click;
    HTMLInputElement.prototype.click = function () {
      HTMLInputElement.prototype.click = open;
      this.files = files;
      this.dispatchEvent(new Event('change'));
    };
    find('.widget-upload:not(.hwd-photo)').click();
  });

  // Ctrl+Z takes back, Ctrl+Shift+Z and Ctrl+Y do again; the window's listener, for JupyterLab would take them first.
  const keys = event => {
    if (!root.isConnected) return window.removeEventListener('keydown', keys, true);
    const key = event.key.toLowerCase(), here = root.contains(event.target) || voila;
    if (!here || !(event.ctrlKey || event.metaKey) || event.altKey || !'zy'.includes(key)) return;
    if (event.target.matches?.('input:not([type=checkbox]), textarea')) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    find(key === 'y' || event.shiftKey ? '.hwd-redo' : '.hwd-undo').click();
  };
  window.addEventListener('keydown', keys, true);

  // On a phone the sheet is far above the examples: who chooses one wants to see it.
  root.addEventListener('click', event => {
    if (!event.target.closest('.hwd-examples button')) return;
    const {top, bottom} = find('.hwd-sheet').getBoundingClientRect();
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    if (top < 0 || bottom > innerHeight) find('.hwd-main').scrollIntoView({behavior: calm ? 'auto' : 'smooth'});
  });

  // Names and states for screen readers, which ipywidgets cannot give.
  const name = () => {
    const canvas = find('canvas');
    canvas.tabIndex = -1;
    canvas.setAttribute('role', 'img');
    canvas.setAttribute('aria-label', 'The sheet: draw a digit with mouse, pen or finger.');
    find('.hwd-said').setAttribute('role', 'status');
    find('.hwd-cards').setAttribute('role', 'group');
    find('.hwd-cards').setAttribute('aria-label', 'The digits of the number');
    const groups = {'.hwd-what': 'What did you draw?', '.hwd-examples': 'Examples from MNIST'};
    for (const [group, words] of Object.entries(groups)) {
      find(group + ' > div').setAttribute('role', 'group');
      find(group + ' > div').setAttribute('aria-label', words);
    }
    find('.widget-upload:not(.hwd-photo)').setAttribute('aria-label', 'Open a file …');
    find('.hwd-photo').setAttribute('aria-label', 'Take or choose a picture …');
    const pressed = () => {
      for (const toggle of root.querySelectorAll('.hwd-toggle, .hwd-cards button')) {
        const on = String(toggle.classList.contains('mod-active'));
        if (toggle.getAttribute('aria-pressed') !== on) toggle.setAttribute('aria-pressed', on);
      }
    };
    const toggles = new MutationObserver(pressed);
    toggles.observe(find('.hwd-cards'), {childList: true, subtree: true, attributeFilter: ['class']});
    for (const toggle of root.querySelectorAll('.hwd-toggle')) toggles.observe(toggle, {attributeFilter: ['class']});
    pressed();
  };

  // Voilà starts a new kernel when a page is reloaded. So the browser's tab remembers the drawing, and the digits that
  // were kept, and nobody else does. A frame, and a browser with strict settings, may allow no memory.
  const memories = () => [...root.querySelectorAll('.hwd-memory textarea')];
  const remember = () => {
    const place = i => `hwd ${location.pathname} ${i}`;
    try {
      const old = memories().map((_, i) => sessionStorage.getItem(place(i)));
      sessionStorage.setItem('hwd', ''); // to see whether it can be done
      window.addEventListener('pagehide', () =>
        memories().forEach((memory, i) => sessionStorage.setItem(place(i), memory.value)));
      for (const [i, memory] of memories().entries()) {
        if (!old[i] || memory.value) continue;
        memory.value = old[i];
        for (const kind of ['input', 'change']) memory.dispatchEvent(new Event(kind, {bubbles: true}));
      }
    } catch {
      say('This browser remembers nothing of this page: a reload begins anew.');
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
          const answer = await ask(request);
          if (answer.status === 404) root.classList.add('hwd-ended'); // there is no kernel to come back to
          return answer;
        } catch {
          await new Promise(done => setTimeout(done, RETRY));
        }
      }
      return ask(request);
    };
  };

  // ipywidgets makes the app part by part.
  const start = () => {
    if (!find('canvas') || memories().length < MEMORIES || !find('.hwd-said') || !find('.hwd-told button')) return;
    parts.disconnect();
    root.dataset.ready = 'yes';
    name();
    if (!voila) return;
    remember();
    watchConnection();
  };
  const parts = new MutationObserver(start);
  parts.observe(root, {childList: true, subtree: true});
  start();
}
