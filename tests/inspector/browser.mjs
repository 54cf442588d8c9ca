// Tries the inspector in headless Chromium: on each host that `cargo isobar dev` plays, and in a program
// that serves it itself.
//
// usage: node browser.mjs PROJECT CARGO_ISOBAR HELLO [FOLDER_FOR_SCREENSHOTS]

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { createRequire } from 'node:module';

const [project, isobar, hello, screenshots] = process.argv.slice(2);
const { chromium } = createRequire(path.join(process.cwd(), 'x.js'))('playwright-core');
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const ARGUMENTS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'];
const EVIL = '<script>window.alert(1)</script><img src=x onerror="alert(2)">"\'><svg onload=alert(3)>';

let passed = 0;
let failed = 0;
const children = new Set();

function check(name, good, detail = '') {
  if (good) passed += 1;
  else failed += 1;
  console.log(good ? `ok ${name}` : `FAILED ${name}: ${detail}`);
}

/** Runs checks; one that throws is a failure, and the others go on. */
async function trying(name, doing) {
  try { await doing(); } catch (error) { check(name, false, error.stack); }
}

async function until(what, name, seconds = 60) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const got = await what();
    if (got) return got;
    if (Date.now() > end) throw new Error(`never came: ${name}`);
    await new Promise((done) => { setTimeout(done, 50); });
  }
}

async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}

function start(command, args, options = {}) {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  child.text = '';
  child.stdout.on('data', (data) => { child.text += data; });
  child.stderr.on('data', (data) => { child.text += data; });
  children.add(child);
  child.ended = once(child, 'exit').then(([code]) => { children.delete(child); return code; });
  return child;
}

async function stop(child) {
  child.kill('SIGINT');
  return child.ended;
}

/** Starts `cargo isobar dev` as a host; the URL of its inspector. */
async function dev(...args) {
  const child = start(isobar, ['isobar', 'dev', '--json', '--no-watch', '--port', String(await freePort()), ...args], { cwd: project });
  const line = await until(() => {
    if (child.exitCode !== null) throw new Error(child.text);
    return child.text.split('\n').find((said) => said.includes('"event":"serving"'));
  }, 'dev serves', 1200);
  const { inspector, url } = JSON.parse(line.slice(line.indexOf('{')));
  return { child, inspector, url };
}

function invoke(...args) {
  return new Promise((done) => {
    execFile(isobar, ['isobar', 'invoke', '--json', ...args], { cwd: project }, (error, stdout, stderr) => done({ code: error?.code ?? 0, stdout, stderr }));
  });
}

/** Opens the page; dialogs, errors and refusals of the policy are noted. */
async function open(browser, url, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, acceptDownloads: true, ...options });
  context.setDefaultTimeout(15000);
  const page = await context.newPage();
  page.noted = [];
  page.on('dialog', (dialog) => { page.noted.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on('pageerror', (error) => page.noted.push(`error: ${error.message}`));
  page.on('console', (message) => { if (message.type() === 'error') page.noted.push(`console: ${message.text()}`); });
  await page.goto(url);
  await page.locator('#live.on').waitFor();
  return page;
}

const row = (page, text) => page.locator('.row', { hasText: text }).first();

/** Chooses the newest invocation of this text, and waits until all of it is shown. */
async function choose(page, text) {
  const found = row(page, text);
  await found.waitFor();
  await page.locator('.row:not(.running)', { hasText: text }).first().click();
  const id = (await found.getAttribute('id')).slice('row-'.length);
  await page.locator(`#detail[data-id="${id}"]`).waitFor();
  return id;
}

const detail = (page) => page.locator('#detail').innerText();
const count = (page) => page.locator('.row').count();

// ------------------------------------------------------------------ each kind on each host

const ORDER = '{"seats":2}';
const KINDS = {
  aws: [
    ['http', 'GET /hello?name=Ada', ['/hello?name=Ada'], ['rawPath', 'uri: https://', '"message"', 'statusCode', 'greets Ada']],
    ['message', 'orders ×2', ['--sqs', '--body', ORDER, '--body', ORDER], ['receiptHandle', 'delivery_count: 1', 'batchItemFailures', 'each with its outcome', 'deleted from the queue']],
    ['object', 'uploads', ['--s3-put', 'uploads/a b.csv'], ['a+b.csv', 'key: a b.csv', 'decoded']],
    ['schedule', 'nightly', ['--eventbridge-schedule'], ['Scheduled Event', 'due: ', 'nightly is due']],
    ['change', 'customers', ['--dynamodb', '--source', 'customers'], ['NewImage', 'operation: insert']],
    ['other', 'com.example.happened', ['--eventbridge'], ['detail-type', 'type: com.example.happened']],
    ['invoke', 'inspected', ['--lambda-invoke', '--body', '{"seats":3}'], ['"quoted"', 'the caller gets the result']],
  ],
  azure: [
    ['http', 'GET /hello?name=Ada', ['/hello?name=Ada'], ['proxied', 'x-ms-invocation-id', 'uri: http']],
    ['message', 'orders', ['--storage-queue', '--body', ORDER], ['DequeueCount', 'delivery_count: 1', '"Outputs"', 'queueTrigger orders']],
    ['object', 'uploads', ['--blob-put', 'uploads/a b.csv'], ['a%20b.csv', 'key: a b.csv']],
    ['schedule', 'nightly', ['--timer'], ['ScheduleStatus', 'kind: schedule']],
    ['change', 'customers', ['--cosmos-db', '--source', 'customers'], ['documents', 'operation: write']],
    ['other', 'com.example.happened', ['--event-grid'], ['eventGridTrigger events', 'type: com.example.happened']],
  ],
  gcp: [
    ['http', 'GET /hello?name=Ada', ['/hello?name=Ada'], ['x-forwarded-for', 'uri: https://']],
    ['message', 'orders', ['--pubsub', '--body', ORDER], ['"messageId"', 'it was base64', 'HTTP/1.1 204']],
    ['object', 'uploads', ['--gcs-put', 'uploads/a b.csv'], ['ce-type', 'key: a b.csv']],
    ['schedule', 'nightly', ['--cloud-scheduler'], ['x-cloudscheduler-jobname', 'kind: schedule']],
    ['change', 'customers', ['--firestore', '--source', 'customers'], ['operation: insert']],
    ['other', 'com.example.happened', ['--eventarc'], ['type: com.example.happened']],
  ],
  local: [
    ['http', 'GET /hello?name=Ada', ['/hello?name=Ada'], ['uri: http://', '"message"']],
    ['message', 'orders', ['--sqs', '--body', ORDER], ['POST /events/message/orders', 'HTTP/1.1 204']],
    ['object', 'uploads', ['--s3-put', 'uploads/a b.csv'], ['key: a b.csv']],
    ['schedule', 'nightly', ['--eventbridge-schedule'], ['kind: schedule']],
    ['change', 'customers', ['--dynamodb', '--source', 'customers'], ['kind: change']],
    ['other', 'com.example.happened', ['--eventbridge'], ['type: com.example.happened']],
  ],
};

/** Each kind arrives while the page looks; returns a test of each. */
async function kinds(page, host) {
  const snippets = [];
  for (const [kind, title, args, wanted] of KINDS[host]) {
    await trying(`${host}: ${kind}`, async () => {
      const sent = await invoke(...args);
      const id = await choose(page, kind === 'http' ? title : `${kind} ${title}`);
      const text = await until(async () => {
        const now = await detail(page);
        return wanted.every((word) => now.includes(word)) && now;
      }, wanted.join(', '), 15).catch(() => null) ?? await detail(page);
      const missing = wanted.filter((word) => !text.includes(word));
      const state = await page.locator('.top .chip').innerText();
      check(`${host}: ${kind} arrives live, with both its sides`, sent.code === 0 && missing.length === 0 && state === 'well', `${state}; lacks ${missing}: ${sent.stderr}\n${text}`);
      snippets.push(await snippet(page, id));
    });
  }
  return snippets.filter(Boolean);
}

/** The test that the page gives of an invocation: by its key. */
async function snippet(page) {
  if (await page.locator('#test').count() === 0) return null;
  await page.keyboard.press('t');
  const text = await page.locator('dialog[open] #snippet').innerText();
  await page.keyboard.press('Escape');
  await page.locator('dialog').waitFor({ state: 'hidden' });
  return text;
}

// ------------------------------------------------------------------ failures, edits, records

async function failures(page) {
  await invoke('--sqs', '--body', ORDER, '--body', '{"seats":1000}', '--body', 'nonsense');
  await choose(page, 'orders ×3');
  const text = await until(async () => {
    const now = await detail(page);
    return now.includes('itemIdentifier') && now;
  }, 'the answer');
  check('a batch is one entry, each item with its outcome', /1\s+1\s+\{"seats":2\}\s+done/.test(text)
    && /2\s+2\s+\{"seats":1000\}\s+failed: it is to be delivered again/.test(text), text);
  check('a failure shows the whole chain of its causes', ['500 Internal Server Error', 'because', 'the books cannot be read', 'invalid digit found in string', 'src/main.rs:'].every((word) => text.toLowerCase().includes(word.toLowerCase())), text);
  check('what the host was told, and does then', text.includes('"itemIdentifier": "2"') && text.includes('is delivered again'), text);
  return snippet(page);
}

async function edits(page) {
  await choose(page, 'GET /hello?name=Ada');
  await page.keyboard.press('e');
  await page.locator('#field-target').fill('/hello?name=Bob');
  await page.locator('dialog button.primary').click();
  await choose(page, 'GET /hello?name=Bob');
  check('a request is edited and replayed', (await detail(page)).includes('Hello, Bob!'), await detail(page));
  await choose(page, 'message orders ×2');
  await page.keyboard.press('e');
  const body = page.locator('#field-body');
  await body.fill((await body.inputValue()).replaceAll('\\"seats\\":2', '\\"seats\\":7'));
  await page.keyboard.press('Control+Enter');
  await until(async () => (await detail(page)).includes('{"seats":7}'), 'the edited event');
  check('a native event is edited and replayed', true);
}

async function records(page) {
  await choose(page, 'message orders ×2');
  const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('f')]);
  const file = path.join(project, download.suggestedFilename());
  await download.saveAs(file);
  const fixture = JSON.parse(await readFile(file, 'utf8'));
  check('an invocation is saved as a fixture', fixture.host === 'aws' && fixture.native.body.text.includes('receiptHandle'), JSON.stringify(fixture));
  for (const host of ['azure', 'gcp', 'local']) {
    await choose(page, 'message orders ×2');
    const before = await page.locator('.row', { hasText: { azure: 'Azure Functions', gcp: 'Google Cloud', local: 'this machine' }[host] }).count();
    await page.locator('#replay-host').selectOption(host);
    await page.locator('#replay').click();
    const rows = page.locator('.row.done', { hasText: { azure: 'Azure Functions', gcp: 'Google Cloud', local: 'this machine' }[host] });
    await until(async () => (await rows.count()) >= before + 2, `a replay on ${host}`);
    check(`a batch of AWS is replayed on ${host}, one by one`, true);
  }
  return file;
}

/** What is chosen in the list is shown beside it: a key that does something to it can be pressed. */
async function shown(page) {
  await until(() => page.evaluate(() => {
    const chosen = document.querySelector('.row[aria-selected="true"]:not([hidden])');
    const shown = document.getElementById('detail').dataset.id;
    return chosen?.id === `row-${shown}` && document.getElementById('edit') !== null;
  }), 'what is chosen');
}

/** All of it without a mouse. */
async function keyboard(page) {
  const press = async (...keys) => { for (const key of keys) await page.keyboard.press(key); };
  await press('Escape', '?');
  check('keys: help', (await page.locator('dialog').innerText()).includes('edit and replay'));
  await press('Escape', 's');
  await page.locator('dialog[open] #field-trigger').waitFor();
  // the host is chosen; the trigger by typing its name
  await press('Tab');
  await page.keyboard.type('Kinesis');
  await press('Tab', 'Tab');
  await press('Control+a');
  await page.keyboard.type('{"seats":1}');
  await press('Control+Enter');
  await page.locator('.row.done', { hasText: 'message orders' }).first().waitFor();
  await until(async () => (await detail(page)).includes('"seats": 1\n'), 'the sample');
  check('keys: a sample of any trigger is sent', true);
  await shown(page);
  const before = await page.locator('.row').first().getAttribute('id');
  await press('r');
  await until(async () => (await page.locator('.row').first().getAttribute('id')) !== before, 'a replay');
  check('keys: a replay', true);
  await press('Escape', 'g', 'j', 'j');
  const third = await page.locator('.row').nth(2).getAttribute('aria-selected');
  await press('k');
  const second = await page.locator('.row').nth(1).getAttribute('aria-selected');
  check('keys: up and down the list', third === 'true' && second === 'true');
  await press('Enter');
  check('keys: into the invocation', await page.evaluate(() => document.activeElement.id) === 'detail');
  await press('/');
  await page.keyboard.type('picture');
  const only = await page.locator('.row:visible').allInnerTexts();
  await press('Escape');
  check('keys: filter, and out of it', only.every((text) => text.includes('/picture')) && await page.locator('.row:visible').count() > 1, only.join());
  await press('Escape', '/');
  await page.keyboard.type('hello name=Ada');
  await press('Enter', 'g', 'Home');
  await shown(page);
  await press('e');
  await page.locator('#field-target').waitFor();
  await press('Tab', 'Control+a');
  await page.keyboard.type('/hello?name=Grace');
  await press('Control+Enter');
  await press('Escape', '/', 'Escape');
  await row(page, 'GET /hello?name=Grace').waitFor();
  check('keys: a request is edited and replayed', true);
  await shown(page);
  const [download] = await Promise.all([page.waitForEvent('download'), press('f')]);
  check('keys: a fixture is saved', download.suggestedFilename().endsWith('.json'));
  check('keys: a test is copied', (await snippet(page)).includes('isobar::testing::'));
  const clipboard = await page.evaluate(() => navigator.clipboard.readText()).catch(() => '');
  check('keys: the clipboard has it', clipboard.includes('#[tokio::test]'), clipboard);
}

async function bodies(page) {
  await invoke('/picture');
  await choose(page, 'GET /picture');
  const image = page.locator('#detail .image img').first();
  await until(() => image.evaluate((img) => img.complete && img.naturalWidth === 1), 'the picture');
  check('an image is shown as one', true);
  await page.locator('.side', { hasText: 'what the handler answered' }).getByRole('button', { name: 'hex' }).click();
  check('bytes are shown in hex', (await detail(page)).includes('89 50 4e 47'), await detail(page));
}

async function scripts(page, url) {
  const before = await page.evaluate(() => document.querySelectorAll('script, svg, iframe, object, embed').length);
  const encoded = encodeURIComponent(EVIL);
  await fetch(`${url}/echo?${encoded}`, { method: 'POST', body: EVIL, headers: { 'x-evil': EVIL, 'content-type': `text/html; ${EVIL.replaceAll('"', "'")}` } });
  await fetch(`${url}/hello?name=${encoded}`);
  await invoke('--sqs', '--body', EVIL, '--attribute', `evil=${EVIL}`, '--body', JSON.stringify({ seats: EVIL }));
  await invoke('--s3-put', `uploads/${EVIL}`);
  await invoke('--eventbridge', '--type', EVIL, '--body', JSON.stringify({ evil: EVIL, [EVIL]: 1 }));
  await until(async () => (await page.locator('.row', { hasText: EVIL.slice(0, 20) }).count()) >= 1, 'the evil event');
  for (const found of await page.locator('.row').all()) {
    const text = await found.innerText();
    if (!/evil|script|echo|uploads|orders|hello/i.test(text)) continue;
    await found.click();
    const id = (await found.getAttribute('id')).slice('row-'.length);
    await page.locator(`#detail[data-id="${id}"]`).waitFor();
    if (text.includes('/echo')) {
      const shown = await detail(page);
      check('it is shown as the text that it is', shown.includes('<script>window.alert(1)</script>'), shown);
      for (const mode of await page.locator('.modes button').all()) if (await mode.isVisible()) await mode.click().catch(() => {});
    }
  }
  const after = await page.evaluate(() => ({
    elements: document.querySelectorAll('script, svg, iframe, object, embed').length,
    images: [...document.querySelectorAll('img')].filter((img) => !img.src.startsWith('blob:')).length,
    handlers: document.querySelectorAll('[onerror], [onload], [onclick]').length,
  }));
  check('an event full of script tags makes no element', after.elements === before && after.images === 0 && after.handlers === 0, JSON.stringify({ before, after }));
  check('and opens no dialog, breaks no policy, throws nothing', page.noted.length === 0, page.noted.join('\n'));
  const blocked = await page.evaluate(() => {
    try { document.body.innerHTML = '<i>x</i>'; return false; } catch (error) { return error.name === 'TypeError'; }
  });
  check('and could make none: no text may become HTML', blocked);
}

async function tokens(browser, inspector) {
  const bare = inspector.split('?')[0];
  const page = await (await browser.newContext()).newPage();
  for (const [name, url] of [['without its token', bare], ['with a wrong one', `${bare}?token=0`]]) {
    const response = await page.goto(url);
    check(`${name} the page is refused`, response.status() === 403 && (await response.text()).includes('token'));
  }
  const data = await page.request.get(`${bare}/api/list`);
  check('without its token there is no data', data.status() === 403);
  await page.context().close();
}

// ------------------------------------------------------------------ many

function rss(pid) {
  return readFile(`/proc/${pid}/status`, 'utf8').then((text) => Number(/VmRSS:\s+(\d+)/.exec(text)[1]) / 1024);
}

function many(port, number, body) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
  let left = number;
  const one = () => new Promise((done, fail) => {
    const request = http.request({ port, host: '127.0.0.1', path: '/hello', method: 'POST', agent, headers: { 'content-type': 'text/plain', 'content-length': body.length } }, (response) => {
      response.resume();
      response.on('end', done);
    });
    request.on('error', fail);
    request.end(body);
  });
  const worker = async () => { while (left-- > 0) await one(); };
  return Promise.all(Array.from({ length: 8 }, worker)).finally(() => agent.destroy());
}

async function heap(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  await session.send('Performance.enable');
  const { metrics } = await session.send('Performance.getMetrics');
  await session.detach();
  const of = (name) => metrics.find((metric) => metric.name === name).value;
  return { megabytes: of('JSHeapUsedSize') / 2 ** 20, nodes: of('Nodes') };
}

async function flood(page, name, port, pids) {
  const measure = async (total) => {
    await until(async () => (await page.locator('#live').innerText()).includes(`of ${total}`), `${total} in the list`);
    return { programs: await Promise.all(pids.map(rss)), ...await heap(page) };
  };
  const body = Buffer.alloc(4096, 'x');
  const seen = await page.evaluate(() => Number((find('live').textContent.match(/(\d+)$/) ?? ['0', '0'])[1]));
  await many(port, 2000 - seen, body);
  const early = await measure(2000);
  let reacted = 0;
  const flooding = many(port, 8000, body);
  let done = false;
  flooding.then(() => { done = true; });
  while (!done) {
    // it reacts to keys meanwhile
    await page.keyboard.press('j');
    await page.keyboard.press('?');
    await page.locator('dialog[open]').waitFor();
    await page.keyboard.press('Escape');
    reacted += 1;
  }
  await flooding;
  const late = await measure(10000);
  // the list's number is said at once, its rows are drawn with the next frame
  await until(async () => await count(page) === 200, '200 rows');
  check(`${name}: 10,000 invocations, and the page reacts meanwhile`, reacted > 0, `${reacted} times`);
  const flat = (before, after) => after < before * 1.25 + 8;
  check(`${name}: its memory is flat`, late.programs.every((megabytes, at) => flat(early.programs[at], megabytes)), JSON.stringify({ early, late }));
  check(`${name}: the page's memory is flat`, flat(early.megabytes, late.megabytes) && late.nodes < early.nodes * 1.5 + 2000, JSON.stringify({ early, late }));
  const say = (at) => `${at.programs.map((megabytes) => megabytes.toFixed(1)).join(' and ')} MB, the page ${at.megabytes.toFixed(1)} MB`;
  console.log(`   after 2,000: ${say(early)}; after 10,000: ${say(late)}; ${reacted} reactions meanwhile`);
}

// ------------------------------------------------------------------ the runs

async function onAws(browser) {
  const { child, inspector, url } = await dev('--as', 'aws');
  const tests = [];
  await trying('aws', async () => {
    await tokens(browser, inspector);
    const page = await open(browser, inspector, { permissions: ['clipboard-read', 'clipboard-write'] });
    tests.push(...await kinds(page, 'aws'));
    await trying('failures', async () => tests.push(await failures(page)));
    await trying('bodies', () => bodies(page));
    await trying('edits', () => edits(page));
    await trying('records', () => records(page));
    await trying('keyboard', () => keyboard(page));
    check('nothing went wrong on the page', page.noted.length === 0, page.noted.join('\n'));
    if (screenshots) await shoot(browser, inspector);
    await trying('scripts', () => scripts(page, url));
    await page.keyboard.press('c');
    // the rows go at once, what is said instead of them with the next frame
    await until(async () => await count(page) === 0 && await page.locator('#none').isVisible(), 'an empty list');
    check('keys: clear', true);
    await page.context().close();
  });
  check('dev --as aws ends in good order', await stop(child) === 0, child.text);
  return tests;
}

async function onHost(browser, host) {
  const { child, inspector } = await dev(...(host === 'local' ? [] : ['--as', host]));
  let tests = [];
  await trying(host, async () => {
    const page = await open(browser, inspector, { colorScheme: 'dark' });
    tests = await kinds(page, host);
    const file = path.join(project, 'aws-orders.json');
    const sent = await invoke('--fixture', file);
    check(`${host}: AWS's fixture is sent by invoke --fixture`, sent.code === 0 && sent.stdout.includes('"well": true'), sent.stdout + sent.stderr);
    check(`${host}: nothing went wrong on the page`, page.noted.length === 0, page.noted.join('\n'));
    await page.context().close();
  });
  if (host === 'gcp') {
    await trying('many through dev', async () => {
      const page = await open(browser, inspector);
      const port = new URL(inspector).port;
      await flood(page, 'dev --as gcp', port, [child.pid]);
      await page.context().close();
    });
  }
  check(`dev as ${host} ends in good order`, await stop(child) === 0, child.text);
  return tests;
}

async function byItself(browser) {
  const port = await freePort();
  const child = start(hello, [], { env: { ...process.env, PORT: String(port), RUST_LOG: 'info,isobar::access=off' } });
  const inspector = await until(() => /the inspector is at (\S+)/.exec(child.text)?.[1], 'hello prints the URL');
  const page = await open(browser, inspector);
  await fetch(`http://localhost:${port}/hello`);
  await choose(page, 'GET /hello');
  await page.keyboard.press('r');
  await until(async () => await count(page) === 2, 'a replay');
  check('a program serves the page itself, and replays', (await detail(page)).includes('Hello, world!'), await detail(page));
  await page.keyboard.press('s');
  await page.locator('#field-target').fill('/else');
  await page.keyboard.press('Control+Enter');
  await choose(page, 'GET /else');
  check('and sends samples', (await detail(page)).includes('"status": 404') || (await detail(page)).includes('Not Found'), await detail(page));
  await flood(page, 'hello', port, [child.pid]);
  // what is no longer kept may be asked for while there are so many
  const noted = page.noted.filter((said) => !said.includes('status of 404'));
  check('nothing went wrong on its page', noted.length === 0, noted.join('\n'));
  const code = await stop(child);
  check('an open page does not hold up the end', code === 0 && !child.text.includes('cut off'), child.text.slice(-2000));
  await page.context().close();
}

/** The tests that the page gave, as a user would run them. */
async function snippets(tests) {
  // each has a name of its own
  const renamed = tests.map((test, at) => test.replace(/async fn (\w+)/, `async fn $1_${at}`));
  await writeFile(path.join(project, 'src/recorded.rs'), renamed.join('\n'));
  const child = start('cargo', ['test', '--offline'], { cwd: project });
  const code = await child.ended;
  const ran = Number(/test result: ok\. (\d+) passed/.exec(child.text)?.[1] ?? 0);
  check(`${tests.length} recorded tests compile and pass`, code === 0 && ran === tests.length && ran > 20, `${ran}\n${child.text}\n${renamed.join('\n')}`);
}

async function shoot(browser, inspector) {
  for (const colorScheme of ['light', 'dark']) {
    const page = await open(browser, inspector, { colorScheme });
    await choose(page, colorScheme === 'light' ? 'GET /hello?name=Ada' : 'message orders ×3');
    await page.locator('.markrow').first().waitFor();
    await page.mouse.move(0, 0);
    await page.screenshot({ path: path.join(screenshots, `inspector-${colorScheme}.png`) });
    await page.context().close();
  }
}

const browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
try {
  const tests = await onAws(browser);
  for (const host of ['azure', 'gcp', 'local']) tests.push(...await onHost(browser, host));
  await trying('hello', () => byItself(browser));
  await trying('snippets', () => snippets(tests));
} finally {
  await browser.close();
  for (const child of children) child.kill('SIGKILL');
}
console.log(`inspector: ${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
