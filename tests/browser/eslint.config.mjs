// How the scripts of the app and of the page are read: ESLint's own recommendations, and a few more.
import js from '@eslint/js';

const browser = Object.fromEntries(
  ['clearTimeout', 'createImageBitmap', 'DataTransfer', 'document', 'Event', 'fetch', 'File', 'HTMLElement', 'HTMLInputElement', 'innerHeight', 'location', 'matchMedia', 'MouseEvent',
    'MutationObserver', 'navigator', 'performance', 'sessionStorage', 'setTimeout', 'window']
    .map(name => [name, 'readonly']));
const rules = {
  'eqeqeq': 'error', 'no-implicit-globals': 'off', 'no-var': 'error', 'prefer-const': 'error', 'no-shadow': 'error',
};

export default [
  js.configs.recommended,
  { // each runs inside a block, with its panel as `root`
    files: ['hwd_lib/widgets/*.js'],
    languageOptions: {sourceType: 'script', globals: {...browser, root: 'readonly'}},
    linterOptions: {reportUnusedDisableDirectives: 'error'},
    rules,
  },
  { // together they are one script: names of one are used in another
    files: ['hwd_lib/page/*.js'],
    languageOptions: {sourceType: 'script'},
    rules: {...rules, 'no-undef': 'off', 'no-unused-vars': ['error', {vars: 'local'}]},
  },
];
