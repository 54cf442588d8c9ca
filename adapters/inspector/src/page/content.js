// Bytes: what they are, and each way to show them.

const IMAGES = [
  ['image/png', [0x89, 0x50, 0x4e, 0x47]], ['image/jpeg', [0xff, 0xd8, 0xff]], ['image/gif', [0x47, 0x49, 0x46, 0x38]],
  ['image/webp', [0x52, 0x49, 0x46, 0x46]], ['image/bmp', [0x42, 0x4d]],
];
/** So much is shown of a text. */
const SHOWN = 20000;

function bytesOf(blob) {
  if (!blob) return new Uint8Array();
  if (blob.text !== undefined) return new TextEncoder().encode(blob.text);
  return Uint8Array.from(atob(blob.base64 ?? ''), (letter) => letter.charCodeAt(0));
}

function imageType(blob) {
  if (!blob?.base64) return null;
  const bytes = bytesOf(blob);
  const found = IMAGES.find(([, sign]) => sign.every((byte, at) => bytes[at] === byte));
  return found ? found[0] : null;
}

function jsonOf(blob) {
  if (!blob?.text || !/^\s*[[{"\d\-tfn]/.test(blob.text)) return undefined;
  try { return JSON.parse(blob.text); } catch { return undefined; }
}

/** The ways to show it, the best one first. */
function modesOf(blob) {
  const modes = [];
  if (!blob || blob.length === 0) return modes;
  if (imageType(blob)) modes.push('image');
  const json = jsonOf(blob);
  if (json !== null && typeof json === 'object') modes.push('JSON');
  if (blob.text !== undefined) modes.push('text');
  modes.push('hex');
  return modes;
}

function cutNote(blob) {
  return blob?.cut ? [line('', el('span', { class: 'dim' }, `… cut: ${blob.length} bytes in all`))] : [];
}

/** One line of a sheet; its path is where marks find it. */
function line(path, ...parts) {
  return el('div', { class: 'line', 'data-path': path }, parts);
}

function value(text, kind) {
  return el('span', { class: `value ${kind ?? ''}` }, text.length > SHOWN ? `${text.slice(0, SHOWN)} … ${text.length - SHOWN} more` : text);
}

function pair(path, name, text) {
  return line(path, el('span', { class: 'key' }, name), el('span', { class: 'pun' }, ': '), value(String(text)));
}

/** A JSON document as lines, each with its pointer. */
function jsonLines(json, path = '', indent = 0, before = [], after = '') {
  const pad = '  '.repeat(indent);
  const pun = (text) => el('span', { class: 'pun' }, text);
  if (json === null || typeof json !== 'object') {
    const kind = typeof json === 'string' ? '' : 'num';
    return [line(path, pad, before, value(JSON.stringify(json), kind), pun(after))];
  }
  const isList = Array.isArray(json);
  const [open, close] = isList ? '[]' : '{}';
  const members = Object.entries(json);
  if (members.length === 0) return [line(path, pad, before, pun(open + close + after))];
  const lines = [line(path, pad, before, pun(open))];
  members.forEach(([name, member], at) => {
    const own = `${path}/${isList ? name : name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    const comma = at < members.length - 1 ? ',' : '';
    const label = isList ? [] : [el('span', { class: 'key' }, JSON.stringify(name)), pun(': ')];
    if (lines.length < 3000) lines.push(...jsonLines(member, own, indent + 1, label, comma));
  });
  lines.push(line('', pad, pun(close + after)));
  return lines;
}

function hexLines(bytes) {
  const lines = [];
  for (let at = 0; at < Math.min(bytes.length, 4096); at += 16) {
    const row = [...bytes.slice(at, at + 16)];
    const hex = row.map((byte) => byte.toString(16).padStart(2, '0')).join(' ').padEnd(48);
    const text = row.map((byte) => (byte > 31 && byte < 127 ? String.fromCharCode(byte) : '·')).join('');
    lines.push(line('', el('span', { class: 'dim' }, `${at.toString(16).padStart(6, '0')}  `), `${hex} ${text}`));
  }
  if (bytes.length > 4096) lines.push(line('', el('span', { class: 'dim' }, `… ${bytes.length - 4096} bytes more`)));
  return lines;
}

/** The lines of a body in a mode; `path` is where the whole of it is. */
function bodyLines(blob, mode, path) {
  if (!blob || blob.length === 0) return [];
  if (mode === 'image') {
    const url = URL.createObjectURL(new Blob([bytesOf(blob)], { type: imageType(blob) }));
    const shown = el('img', { alt: `an image of ${blob.length} bytes`, src: url, load: () => URL.revokeObjectURL(url) });
    return [el('div', { class: 'image', 'data-path': path }, shown)];
  }
  let lines;
  if (mode === 'JSON') lines = jsonLines(jsonOf(blob), path === 'document' ? '' : path);
  else if (mode === 'hex') lines = hexLines(bytesOf(blob));
  else lines = [line(path, value(blob.text ?? ''))];
  if (lines[0] && !lines[0].dataset.path && path !== 'document') lines[0].dataset.path = path;
  return [...lines, ...cutNote(blob)];
}
