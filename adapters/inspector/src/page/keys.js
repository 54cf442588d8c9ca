// The keyboard: all that the page does.

const KEYS_HELP = [
  ['j k  ↓ ↑', 'the next, the one before'], ['g', 'the newest; then follow what arrives'], ['Enter', 'to the invocation; Escape goes back to the list'],
  ['r', 'replay'], ['e', 'edit and replay'], ['s', 'send a request or a sample of any trigger'], ['f', 'save as a fixture file'],
  ['t', 'copy as a test'], ['/', 'filter'], ['c', 'clear'], ['?', 'this help'], ['Ctrl Enter', 'in a form: send'],
];

function help() {
  const dialog = find('dialog');
  dialog.replaceChildren(el('h2', {}, 'Keyboard'), el('dl', {}, KEYS_HELP.map(([key, words]) => [el('dt', {}, el('kbd', {}, key)), el('dd', {}, words)])),
    el('div', { class: 'buttons' }, el('button', { type: 'button', class: 'primary', click: () => dialog.close() }, 'Close')));
  dialog.showModal();
}

async function clear() {
  try { await api('clear', {}); } catch (error) { say(error.message); }
}

const press = (id) => () => find(id)?.click();
const DOES = {
  j: () => step(1), ArrowDown: () => step(1), k: () => step(-1), ArrowUp: () => step(-1),
  g: () => { const last = order.at(-1); if (last) choose(last); follows = true; }, Home: () => step(-order.length), End: () => step(order.length),
  Enter: () => find('detail').focus(), r: press('replay'), e: press('edit'), f: press('fixture'), t: press('test'),
  s: sample, c: clear, '/': () => find('filter').focus(), '?': help,
};

document.addEventListener('keydown', (event) => {
  if (find('dialog').open || event.ctrlKey || event.metaKey || event.altKey) return;
  const { target, key } = event;
  if (key === 'Escape') {
    if (target === find('filter')) { target.value = ''; filter(); }
    find('list').focus();
    return;
  }
  if (target.matches('input, textarea, select')) {
    if (key === 'Enter') find('list').focus();
    return;
  }
  // a button has its own Enter, a sheet its own arrows
  if (key === 'Enter' && target.matches('button, summary')) return;
  if (key.startsWith('Arrow') && find('detail').contains(target)) return;
  const does = DOES[key];
  if (does) {
    event.preventDefault();
    does();
  }
});
