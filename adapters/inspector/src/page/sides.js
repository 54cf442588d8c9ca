// Both sides of a translation, side by side, and what differs.

/** Which way each body is shown; kept over redraws. */
const chosenModes = new Map();

function side(title, about, blob, key, build) {
  const modes = modesOf(blob);
  const mode = modes.includes(chosenModes.get(key)) ? chosenModes.get(key) : modes[0];
  const buttons = modes.map((name) => el('button', {
    type: 'button', 'aria-pressed': String(name === mode),
    click: () => { chosenModes.set(key, name); drawDetail(); },
  }, name));
  return el('section', { class: 'side', 'aria-label': title },
    el('h4', {}, title, el('small', { title: about }, about), el('span', { class: 'modes', role: 'group', 'aria-label': 'Shown as' }, buttons.length > 1 ? buttons : [])),
    el('div', { class: 'lines', tabindex: '0' }, build(mode)));
}

const blank = () => el('div', { class: 'line blank' });

function nativeSide(native, title, about, isDocument, key) {
  if (!native) return side(title, about, null, key, () => [line('', el('span', { class: 'dim' }, 'nothing yet'))]);
  return side(title, about, native.body, key, (mode) => {
    const lines = [];
    const dim = (text) => el('span', { class: 'dim' }, text);
    const headers = native.headers.map(([name, text]) => pair(`header:${name}`, name, text));
    const body = bodyLines(native.body, mode, isDocument ? 'document' : 'body');
    if (/HTTP\//.test(native.line)) {
      lines.push(line('line', value(native.line)), ...headers);
      if (body.length > 0) lines.push(blank(), ...body);
    } else {
      lines.push(line('line', dim(native.line)), ...body);
      if (headers.length > 0) lines.push(blank(), line('', dim('what the host says beside it')), ...headers);
    }
    return lines;
  });
}

function requestSide(record) {
  const request = record.portable.request;
  return side('Portable', 'what the handler saw', request.body, 'portable-in', (mode) => {
    const lines = [pair('method', 'method', request.method), pair('uri', 'uri', request.uri)];
    lines.push(...request.headers.map(([name, text]) => pair(`header:${name}`, name, text)));
    lines.push(...contextLines(record));
    if (request.body.length > 0) lines.push(blank(), ...bodyLines(request.body, mode, 'body'));
    return lines;
  });
}

function contextLines(record) {
  const said = Object.entries(record.context ?? {});
  if (said.length === 0) return [];
  return [blank(), line('', el('span', { class: 'dim' }, 'context')), ...said.map(([name, text]) => pair(`context:${name}`, name, text))];
}

function eventsSide(record) {
  const items = record.portable.events;
  const first = items[0]?.data;
  return side('Portable', items.length === 1 ? 'the event that the handler saw' : `${items.length} events`, first, 'portable-in', (mode) => {
    const lines = [];
    items.slice(0, 20).forEach((item, at) => {
      if (at > 0) lines.push(blank());
      if (items.length > 1) lines.push(line('', el('span', { class: 'dim' }, `event ${at + 1}`)));
      for (const [name, member] of Object.entries(item.view)) {
        if (member !== null && typeof member === 'object') {
          lines.push(...jsonLines(member, `${at}/${name}`, 0, [el('span', { class: 'key' }, name), el('span', { class: 'pun' }, ': ')]));
        } else lines.push(pair(`${at}/${name}`, name, member));
      }
      const modes = modesOf(item.data);
      if (modes.length) lines.push(...bodyLines(item.data, modes.includes(mode) ? mode : modes[0], `${at}/data`));
    });
    if (items.length > 20) lines.push(blank(), line('', el('span', { class: 'dim' }, `… ${items.length - 20} more`)));
    lines.push(...contextLines(record));
    return lines;
  });
}

function nothingSide() {
  return side('Portable', 'what the handler saw', null, 'portable-in',
    () => [line('', el('span', { class: 'dim' }, 'nothing: it was refused before the handler'))]);
}

function answerSide(record) {
  const { answer } = record;
  if (answer) {
    return side('Portable', 'what the handler answered', answer.body, 'portable-out', (mode) => {
      const lines = [pair('status', 'status', answer.status), ...answer.headers.map(([name, text]) => pair(`header:${name}`, name, text))];
      if (answer.body.length > 0) lines.push(blank(), ...bodyLines(answer.body, mode, 'body'));
      return lines;
    });
  }
  const items = record.portable.events ?? [];
  return side('Portable', 'what became of each event', null, 'portable-out', () => items.slice(0, 100).map((item, at) =>
    pair(`${at}/id`, item.view.id ?? `event ${at + 1}`, OUTCOMES[item.outcome?.what] ?? '…')));
}

const OUTCOMES = { done: 'done', again: 'failed: it is to be delivered again', dropped: 'failed for good: acknowledged', 'not tried': 'not tried: it is to be delivered again' };

/** Marks the lines of both sheets, and lists how each difference came to be. */
function marked(sheets, marks, native, portable) {
  const at = (sheet, path) => path === null ? null : [...sheet.querySelectorAll('[data-path]')].find((found) => found.dataset.path === path);
  const rowsOf = marks.map((mark) => {
    const lines = [at(native, mark.native), at(portable, mark.portable)].filter(Boolean);
    for (const found of lines) {
      if (!found.classList.contains('marked')) found.prepend(el('span', { class: 'tag' }, mark.what));
      found.classList.add('marked', mark.what);
      found.title = found.title ? `${found.title}\n${mark.what}: ${mark.why}` : `${mark.what}: ${mark.why}`;
    }
    const light = (on) => () => {
      row.classList.toggle('lit', on);
      for (const found of lines) {
        found.classList.toggle('lit', on);
        if (on) found.scrollIntoView({ block: 'nearest' });
      }
    };
    const row = el('div', { class: `markrow ${mark.what}`, tabindex: '0', focus: light(true), blur: light(false), mouseenter: light(true), mouseleave: light(false) },
      el('span', { class: 'what' }, mark.what), el('code', {}, mark.native ?? '—'), el('code', {}, mark.portable ?? '—'), el('span', { class: 'why' }, mark.why));
    return row;
  });
  if (rowsOf.length === 0) return [sheets, el('p', { class: 'facts' }, 'No difference: it passed as it is.')];
  const counts = Object.entries(Object.groupBy(marks, (mark) => mark.what)).map(([what, some]) => `${some.length} ${what}`);
  return [sheets, kept('marks', el('summary', {}, `${marks.length} differences: ${counts.join(', ')}`),
    el('div', { class: 'markrow' }, el('span', {}), el('small', { class: 'why' }, 'native'), el('small', { class: 'why' }, 'portable'), el('small', { class: 'why' }, 'how, or why')), rowsOf)];
}

const opened = new Map([['marks', true]]);
/** A part that stays open or closed over redraws. */
function kept(key, ...children) {
  const made = el('details', { class: key, open: opened.get(key) ?? false }, children);
  made.addEventListener('toggle', () => opened.set(key, made.open));
  return made;
}
