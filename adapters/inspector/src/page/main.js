// Begins.

find('filter').addEventListener('input', filter);
find('sample').addEventListener('click', sample);
find('clear').addEventListener('click', clear);
find('help').addEventListener('click', help);

/** Follows what changes. Where the other end is gone it is tried again: dev may have been started anew. */
function listen() {
  const events = new EventSource(`/_isobar/api/events?token=${encodeURIComponent(token)}`);
  events.addEventListener('message', (event) => take(JSON.parse(event.data)));
  events.addEventListener('error', () => {
    find('live').textContent = 'not connected';
    find('live').className = 'live off';
    events.close();
    setTimeout(listen, 1000);
  });
}

async function begin() {
  try { ({ hosts } = await api('hosts')); } catch (error) { say(error.message); }
  find('list').focus();
  listen();
}

begin();
