// The list of invocations, the last one first. It mirrors what the store keeps.

const rows = new Map();
let order = [];
let selected = null;
let follows = true;
const redrawn = new Set();
let frame = 0;

function took(summary) {
  return summary.state === 'running' ? '…' : time(summary.took);
}

function newRow(summary) {
  const row = {
    summary,
    title: el('span', { class: 'title' }), end: el('span', { class: 'end' }),
    through: el('span', {}), at: el('span', {}),
  };
  row.element = el('div', { role: 'option', id: `row-${summary.id}`, class: 'row', 'aria-selected': 'false', click: () => choose(summary.id) },
    el('span', { class: 'dot' }), row.title, row.end, el('span', { class: 'under' }, row.through, row.at));
  return row;
}

function draw(row) {
  const { summary } = row;
  row.element.className = `row ${summary.state}`;
  const [method, ...path] = summary.title.split(' ');
  const parts = summary.kind === 'http' ? [method, path.join(' ')] : [summary.kind, summary.title];
  const many = summary.items > 1 ? ` ×${summary.items}` : '';
  row.title.replaceChildren(el('b', {}, parts[0]), ` ${parts[1]}${many}`);
  row.title.title = summary.title;
  const failed = summary.failed && summary.items > 1 ? `${summary.failed} of ${summary.items} · ` : '';
  row.end.replaceChildren(...(summary.status ? [el('b', { class: summary.status >= 400 ? 'bad' : '' }, summary.status), ' · '] : [failed]), took(summary));
  row.through.textContent = [HOSTS[summary.host] ?? summary.host, summary.trigger].filter(Boolean).join(' · ');
  row.at.textContent = clock(summary.began_ms);
  row.element.setAttribute('aria-label', `${STATES[summary.state]}: ${parts.join(' ')}${many}, ${row.through.textContent}`);
  row.element.hidden = !passes(summary);
}

function passes(summary) {
  const wanted = find('filter').value.trim().toLowerCase();
  if (!wanted) return true;
  const said = `${summary.title} ${summary.kind} ${summary.trigger} ${summary.host} ${HOSTS[summary.host] ?? ''} ${STATES[summary.state]} ${summary.state} ${summary.status ?? ''}`.toLowerCase();
  return wanted.split(/\s+/).every((word) => said.includes(word));
}

/** Takes what has changed; it is drawn once a frame, however much it is. */
function take(news) {
  for (const summary of news.changed) {
    const row = rows.get(summary.id);
    if (row) row.summary = summary;
    else {
      rows.set(summary.id, newRow(summary));
      order.push(summary.id);
    }
    redrawn.add(summary.id);
  }
  const from = news.first === null ? order.length : Math.max(order.indexOf(news.first), 0);
  for (const id of order.splice(0, from)) {
    rows.get(id)?.element.remove();
    rows.delete(id);
    redrawn.delete(id);
  }
  const kept = order.length < news.total ? `the last ${order.length} of ${news.total}` : `${news.total}`;
  find('live').textContent = `live · ${kept}`;
  find('live').className = 'live on';
  frame ||= requestAnimationFrame(drawAll);
}

function drawAll() {
  frame = 0;
  const list = find('list');
  for (const id of redrawn) {
    const row = rows.get(id);
    if (!row) continue;
    draw(row);
    if (!row.element.isConnected) list.prepend(row.element);
  }
  find('none').hidden = order.length > 0;
  const last = order.findLast((id) => !rows.get(id).element.hidden);
  if (selected !== null && !rows.has(selected)) follows = true;
  if (follows && last && last !== selected) choose(last, true);
  else if (!last && order.length === 0) choose(null, true);
  else if (selected !== null && redrawn.has(selected)) refresh();
  redrawn.clear();
}

/** Shows an invocation. */
function choose(id, byItself = false) {
  rows.get(selected)?.element.setAttribute('aria-selected', 'false');
  selected = id;
  const row = rows.get(id);
  row?.element.setAttribute('aria-selected', 'true');
  if (row) find('list').setAttribute('aria-activedescendant', row.element.id);
  else find('list').removeAttribute('aria-activedescendant');
  if (!byItself) {
    follows = id === order.at(-1);
    row?.element.scrollIntoView({ block: 'nearest' });
  }
  find('detail').scrollTop = 0;
  refresh();
}

/** Goes so many rows down. */
function step(by) {
  const shown = order.filter((id) => !rows.get(id).element.hidden).reverse();
  if (shown.length === 0) return;
  const at = shown.indexOf(selected);
  choose(shown[Math.min(Math.max(at + by, 0), shown.length - 1)]);
}

function filter() {
  for (const row of rows.values()) row.element.hidden = !passes(row.summary);
  if (rows.get(selected)?.element.hidden) step(0);
}
