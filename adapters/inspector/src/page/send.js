// Replays, edits, samples, fixtures and snippets.

let hosts = [];

function actions(record, snippet) {
  const others = hosts.map((host) => el('option', { value: host.word, selected: host.word === record.host }, host.title));
  const chosen = el('select', { id: 'replay-host', 'aria-label': 'The host to replay on', title: 'The host to replay on' }, others);
  const button = (id, key, words, doing, primary) => el('button', { id, type: 'button', class: primary ? 'primary' : '', 'aria-keyshortcuts': key, click: doing }, words, el('kbd', {}, key));
  return el('div', { class: 'actions' },
    button('replay', 'r', 'Replay', () => replay(record, chosen.value), true),
    hosts.length > 1 && chosen,
    button('edit', 'e', 'Edit and replay', () => edit(record)),
    button('fixture', 'f', 'Save as fixture', () => saveFixture(record)),
    snippet && button('test', 't', 'Copy as test', () => copyTest(snippet)));
}

async function send(order) {
  follows = true;
  await api('send', order);
}

async function replay(record, host) {
  say('Replaying …');
  try {
    await send({ host: host ?? record.host, replay: record.id });
    say('Replayed.');
  } catch (error) { say(error.message); }
}

function fieldOf(label, input) {
  const id = `field-${input.name}`;
  input.id = id;
  return el('div', {}, el('label', { for: id }, label), input);
}

const input = (name, text) => { const made = el('input', { name, spellcheck: 'false', autocomplete: 'off' }); made.value = text; return made; };
const area = (name, text) => { const made = el('textarea', { name, spellcheck: 'false' }); made.value = text; return made; };

/** Opens a dialog; what its form has is done on submit, and it stays open where that fails. */
function ask(title, fields, words, doing) {
  const dialog = find('dialog');
  const wrong = el('p', { class: 'wrong', role: 'alert' });
  const go = el('button', { type: 'submit', class: 'primary' }, words);
  const form = el('form', {}, el('h2', {}, title), fields, wrong,
    el('div', { class: 'buttons' }, el('button', { type: 'button', click: () => dialog.close() }, 'Cancel'), go));
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    wrong.textContent = '';
    go.disabled = true;
    try {
      await doing(new FormData(form));
      dialog.close();
    } catch (error) { wrong.textContent = error.message; }
    go.disabled = false;
  });
  form.addEventListener('keydown', (event) => { if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.requestSubmit(); });
  dialog.replaceChildren(form);
  dialog.showModal();
}

const headerText = (headers) => headers.map(([name, text]) => `${name}: ${text}`).join('\n');

function readHeaders(text) {
  return text.split('\n').filter((header) => header.trim()).map((header) => {
    const at = header.indexOf(':');
    if (at < 1) throw new Error(`A header is NAME: VALUE, not ${header}`);
    return [header.slice(0, at).trim().toLowerCase(), header.slice(at + 1).trim()];
  });
}

/** An edited body; one that is no text stays as it is. */
function edited(blob, text) {
  return blob?.base64 !== undefined ? { length: blob.length, base64: blob.base64 } : { length: 0, text: text.replaceAll('\r\n', '\n') };
}

function prettier(blob) {
  const json = jsonOf(blob);
  return json !== null && typeof json === 'object' ? JSON.stringify(json, null, 2) : blob?.text ?? '';
}

function edit(record) {
  const { request } = record.portable;
  const host = hosts.some((known) => known.word === record.host) ? record.host : hosts[0]?.word ?? record.host;
  const source = request ?? record.native_in;
  if (source.body.cut) return say('It is too long to be edited: only a part of it was kept.');
  const body = source.body.base64 === undefined ? area('body', request ? source.body.text ?? '' : prettier(source.body)) : input('bytes', `${source.body.length} bytes, sent as they are`);
  if (source.body.base64 !== undefined) body.disabled = true;
  const headers = fieldOf('Headers', area('headers', headerText(source.headers)));
  if (request) {
    const target = request.uri.replace(/^[a-z]+:\/\/[^/?]*/, '') || '/';
    return ask('Edit the request, and send it', [
      el('div', { class: 'two' }, fieldOf('Method', input('method', request.method)), fieldOf('Path and query', input('target', target))),
      headers, fieldOf('Body', body),
    ], 'Send', (form) => send({ host, request: { method: form.get('method').trim().toUpperCase(), uri: form.get('target').trim(), headers: readHeaders(form.get('headers')), body: edited(source.body, form.get('body') ?? '') } }));
  }
  return ask('Edit the native event, and send it', [fieldOf('Event', body), headers], 'Send', (form) =>
    send({ host, native: { line: source.line, headers: readHeaders(form.get('headers')), body: edited(source.body, form.get('body') ?? '') } }));
}

const BODIES = { message: '{"hello":"world"}', change: '{"id":"1","name":"Ada"}', invoke: '{"hello":"world"}', other: '{"hello":"world"}', object: '', schedule: '' };
const KEYS = { object: ['Key', 'a.txt'], change: ['Key', '1'], other: ['Type', 'com.example.happened'] };

function sample() {
  const host = el('select', { name: 'host' }, hosts.map((known) => el('option', { value: known.word }, known.title)));
  const trigger = el('select', { name: 'trigger' });
  const fields = el('div', {});
  const chosen = () => hosts.find((known) => known.word === host.value) ?? hosts[0];
  const fill = () => {
    const found = chosen()?.triggers.find((known) => known.word === trigger.value);
    if (!found) {
      return fields.replaceChildren(el('div', { class: 'two' }, fieldOf('Method', input('method', 'GET')), fieldOf('Path and query', input('target', '/'))),
        fieldOf('Headers', area('headers', 'content-type: application/json')), fieldOf('Body', area('body', '')));
    }
    const key = KEYS[found.kind];
    const has = ['message', 'change', 'invoke', 'other'].includes(found.kind) || (found.kind === 'object' && false);
    return fields.replaceChildren(fieldOf('Source: queue, topic, bucket, schedule or table', input('name', found.name)),
      key ? fieldOf(key[0], input('key', key[1])) : '',
      has ? fieldOf(found.batches ? 'Body; a line of --- between several makes a batch' : 'Body', area('body', BODIES[found.kind])) : '');
  };
  const refill = () => {
    trigger.replaceChildren(el('option', { value: '' }, 'an HTTP request'), ...(chosen()?.triggers ?? []).map((known) => el('option', { value: known.word }, known.title)));
    fill();
  };
  host.addEventListener('change', refill);
  trigger.addEventListener('change', fill);
  refill();
  ask('Send a sample', [el('div', { class: 'two' }, fieldOf('Host', host), fieldOf('Trigger', trigger)), fields], 'Send', (form) => {
    const body = (form.get('body') ?? '').replaceAll('\r\n', '\n');
    if (!form.get('trigger')) {
      return send({ host: form.get('host'), request: { method: form.get('method').trim().toUpperCase(), uri: form.get('target').trim(), headers: body ? readHeaders(form.get('headers')) : [], body: { length: 0, text: body } } });
    }
    return send({ host: form.get('host'), sample: { trigger: form.get('trigger'), name: form.get('name').trim(), key: form.get('key') ?? '', bodies: body ? body.split(/^---$/m).map((part) => part.trim()) : [] } });
  });
}

async function saveFixture(record) {
  try {
    const fixture = await api(`fixture/${record.id}`);
    const name = `${record.host}-${(rows.get(record.id)?.summary.title ?? 'invocation').replace(/[^A-Za-z0-9]+/g, '-').replace(/^-|-$/g, '').toLowerCase()}.json`;
    const url = URL.createObjectURL(new Blob([`${JSON.stringify(fixture, null, 2)}\n`], { type: 'application/json' }));
    el('a', { href: url, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10000);
    say(`Saved ${name}. cargo isobar invoke --fixture ${name} sends it again, on any host.`);
  } catch (error) { say(error.message); }
}

async function copyTest(snippet) {
  const dialog = find('dialog');
  const copied = el('span', {}, 'Copy it from here.');
  dialog.replaceChildren(el('h2', {}, 'A test of this invocation'),
    el('p', { class: 'facts' }, copied, ` It goes where app() makes your handler, and wants isobar's feature testing among the dev-dependencies.`),
    el('pre', { id: 'snippet', tabindex: '0' }, snippet),
    el('div', { class: 'buttons' }, el('button', { type: 'button', class: 'primary', click: () => dialog.close() }, 'Close')));
  dialog.showModal();
  await navigator.clipboard.writeText(snippet).then(() => { copied.textContent = 'It is copied.'; }, () => {});
}
