// All of one invocation.

let shown = null;
let asking = false;
let again = false;

/** Asks for the chosen invocation; what changes meanwhile is asked for afterwards, once. */
async function refresh() {
  if (selected === null) {
    shown = null;
    return drawDetail();
  }
  if (asking) {
    again = true;
    return;
  }
  asking = true;
  const id = selected;
  try {
    const answer = await api(`record/${id}`);
    if (id === selected) {
      shown = answer;
      drawDetail();
    }
  } catch (error) {
    if (rows.has(id) && id === selected) say(error.message);
  }
  asking = false;
  if (again || id !== selected) {
    again = false;
    setTimeout(refresh, 80);
  }
}

function drawDetail() {
  const detail = find('detail');
  const { scrollTop } = detail;
  const scrolled = [...detail.querySelectorAll('.lines')].map((lines) => lines.scrollTop);
  detail.dataset.id = shown?.record.id ?? '';
  detail.replaceChildren(...(shown ? parts(shown) : []));
  detail.scrollTop = scrollTop;
  [...detail.querySelectorAll('.lines')].forEach((lines, at) => { lines.scrollTop = scrolled[at] ?? 0; });
}

function parts({ record, summary, marks, snippet, effect }) {
  const isDocument = record.native_in.line === 'event' || Boolean(record.portable.events) || /^\s*\{"Data"/.test(record.native_in.body.text ?? '');
  const incoming = marks.filter((mark) => mark.side === 'in');
  const outgoing = marks.filter((mark) => mark.side === 'out');
  const host = HOSTS[record.host] ?? record.host;
  const nativeIn = nativeSide(record.native_in, 'Native', `what ${host} sent`, isDocument, 'native-in');
  let portable = nothingSide();
  if (record.portable.request) portable = requestSide(record);
  if (record.portable.events) portable = eventsSide(record);
  const nativeOut = nativeSide(record.native_out, 'Native', `what ${host} was told`, isDocument || record.native_in.line === 'event', 'native-out');
  const out = answerSide(record);
  return [
    heading(record, summary),
    actions(record, snippet),
    failure(record.answer?.error, record),
    record.portable.events?.length > 0 && items(record),
    el('h3', {}, 'In', el('small', {}, 'native → portable')),
    marked(el('div', { class: 'sides' }, nativeIn, portable), incoming, nativeIn, portable),
    el('h3', {}, 'Out', el('small', {}, 'portable → native')),
    marked(el('div', { class: 'sides' }, out, nativeOut), outgoing, nativeOut, out),
    effect && el('p', { class: 'told' }, el('b', {}, 'Then '), effect),
    logs(record),
  ].flat().filter(Boolean);
}

function heading(record, summary) {
  const { timing } = record;
  const end = timing.told ?? timing.handled ?? 0;
  const cuts = [['decode', 0, timing.decoded], ['handler', timing.decoded, timing.handled], ['tell', timing.handled, timing.told]];
  const known = cuts.filter(([, from, to]) => from !== null && to !== null && to >= from);
  const bar = el('div', { class: 'bar', 'aria-hidden': 'true' });
  known.forEach(([name, from, to]) => {
    const part = el('i', { class: `b${['decode', 'handler', 'tell'].indexOf(name)}` });
    part.style.width = `${(100 * (to - from)) / Math.max(end, 1)}%`;
    bar.append(part);
  });
  const title = summary.kind === 'http' ? summary.title : `${summary.kind} ${summary.title}${summary.items > 1 ? ` ×${summary.items}` : ''}`;
  return [
    el('div', { class: 'top' }, el('h2', {}, title), el('span', { class: `chip ${record.state}` }, STATES[record.state])),
    el('p', { class: 'facts' }, [HOSTS[record.host] ?? record.host, record.trigger, clock(record.began_ms), record.request_id].filter(Boolean).join(' · ')),
    bar,
    el('div', { class: 'legend' }, known.map(([name, from, to]) => el('span', {}, `${name} ${time(to - from)}`)), el('span', {}, end ? `in all ${time(end)}` : '')),
  ];
}

function failure(error, record) {
  if (!error && record.state === 'lost') {
    return el('div', { class: 'failure' }, el('p', {}, 'It was never answered: the client went away, or the program ended first.'));
  }
  if (!error) return null;
  return el('div', { class: 'failure' },
    el('p', {}, el('b', {}, error.told), error.permanent ? ' (for good: no retry can help)' : ''),
    error.causes.length > 0 && el('ol', {}, error.causes.map((cause) => el('li', {}, el('i', {}, 'because '), cause))),
    el('p', { class: 'place mono', title: error.place }, fromPackage(error.place)),
    error.backtrace && kept('backtrace', el('summary', {}, 'Backtrace'), el('pre', {}, error.backtrace)));
}

/** A place without the folders that lie around its package. */
function fromPackage(place) {
  return place.replace(/^.*\/(?=[^/]+\/src\/)/, '');
}

function preview(blob) {
  if (!blob || blob.length === 0) return '';
  const text = blob.text ?? `${blob.length} bytes`;
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}

function items(record) {
  const all = record.portable.events;
  if (all.length === 1 && !all[0].outcome?.error) return null;
  const row = (item, at) => {
    const { outcome, view } = item;
    const what = outcome?.what ?? 'running';
    const chip = { done: 'done', again: 'failed', dropped: 'partly', 'not tried': 'again' }[what] ?? 'running';
    return el('tr', {}, el('td', { class: 'num' }, at + 1), el('td', {}, el('code', {}, view.id ?? view.name ?? '')),
      el('td', {}, el('code', {}, preview(item.data) || view.key || JSON.stringify(view.after ?? '') )),
      el('td', {}, el('span', { class: `chip ${chip}` }, OUTCOMES[what] ?? 'running'), outcome?.result ? el('code', {}, ` ${preview(outcome.result)}`) : '',
        failure(outcome?.error, record)));
  };
  const left = record.items_left_out ? ` The first ${all.length} of ${all.length + record.items_left_out}.` : '';
  return [el('h3', {}, all.length > 1 ? 'Batch' : 'Event', el('small', {}, `${all.length} item${all.length > 1 ? 's' : ''}, each with its outcome.${left}`)),
    el('table', { class: 'items' }, el('thead', {}, el('tr', {}, ['', 'Id', 'Data', 'Outcome'].map((name) => el('th', { scope: 'col' }, name)))), el('tbody', {}, all.slice(0, 100).map(row)))];
}

function logs(record) {
  const lines = record.logs.map((entry) => el('div', { class: `line ${entry.level}` },
    el('span', { class: 'dim' }, `+${Math.max(0, entry.at_ms - record.began_ms)} ms `.padStart(10)), el('span', { class: 'lv' }, entry.level), value(entry.message),
    el('span', { class: 'dim' }, entry.fields.map(([name, text]) => `  ${name}=${text}`).join(''))));
  const left = record.logs_left_out ? `and ${record.logs_left_out} more` : '';
  return [el('h3', {}, 'Log', el('small', {}, lines.length ? left : 'no line was written within it')),
    lines.length > 0 && el('section', { class: 'side logs', 'aria-label': 'Log' }, el('div', { class: 'lines', tabindex: '0' }, lines))];
}
