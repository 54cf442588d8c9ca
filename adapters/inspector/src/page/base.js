// Elements, requests, words. Text becomes text nodes and attributes alone: nothing here parses HTML.

const token = new URLSearchParams(location.search).get('token') ?? '';
const find = (id) => document.getElementById(id);

/** Makes an element; children that are no elements are text. */
function el(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (typeof value === 'function') made.addEventListener(name, value);
    else if (value === true) made.setAttribute(name, '');
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

/** Asks for data, or has something done; an answer that is none is an error with its words. */
async function api(path, order) {
  const headers = { authorization: `Bearer ${token}` };
  const request = order === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(order) };
  const response = await fetch(`/_isobar/api/${path}`, request);
  const answer = await response.json().catch(() => ({ error: `status ${response.status}` }));
  if (!response.ok) throw new Error(answer.error ?? `status ${response.status}`);
  return answer;
}

let saying;
/** Says something for a while. */
function say(words) {
  const said = find('said');
  said.textContent = words;
  said.hidden = false;
  clearTimeout(saying);
  saying = setTimeout(() => { said.hidden = true; }, 4000);
}

const HOSTS = { aws: 'AWS Lambda', azure: 'Azure Functions', gcp: 'Google Cloud', local: 'this machine' };
const STATES = { running: 'running', done: 'well', partly: 'partly failed', failed: 'failed', lost: 'never answered' };

/** Microseconds, as people read them. */
function time(micros) {
  if (micros === null || micros === undefined) return '';
  if (micros < 1000) return `${micros} µs`;
  if (micros < 1e6) return `${(micros / 1000).toFixed(micros < 1e4 ? 1 : 0)} ms`;
  return `${(micros / 1e6).toFixed(1)} s`;
}

function clock(ms) {
  return new Date(ms).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false });
}
