// What was done in the tour, as code. The access key is never in it.

const indent = (text, by) => text.replaceAll('\n', `\n${by}`);
/** A document on one line. */
const flat = (query) => query.replaceAll(/\s+/g, ' ');
/** In one piece it would end the script of the tour itself. */
const SCRIPT_END = ['</', 'script>'].join('');
const json = (value) => JSON.stringify(value, null, 2);

/** A word of a shell: nothing in it means anything but itself. */
const shellWord = (text) => `'${text.replaceAll("'", `'\\''`)}'`;

/** A text within a script of a page: nothing in it ends the script. */
const scriptText = (text) => JSON.stringify(text).replaceAll('<', '\\u003c');

/** A line for a terminal, in which KEY is the access key. */
export function curl({ endpoint, query, variables }) {
  return [
    `curl -s ${shellWord(endpoint)} \\`,
    `  -H 'content-type: application/json' \\`,
    `  -H "x-api-key: $KEY" \\`,
    `  -d ${shellWord(json({ query: flat(query), variables }))}`,
  ].join('\n');
}

/** A module for Node.js, which has the access key in its environment. */
export function javascript({ endpoint, query, variables }) {
  return `const response = await fetch(${JSON.stringify(endpoint)}, {
  method: 'POST',
  headers: { 'content-type': 'application/json', 'x-api-key': process.env.KEY },
  body: JSON.stringify({
    query: ${JSON.stringify(flat(query))},
    variables: ${indent(json(variables), '    ')},
  }),
});
console.log(JSON.stringify(await response.json(), null, 2));`;
}

/** A page that listens as a recipient. */
export function html({ connectionUri }) {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Messages</title>
<ul id="messages"></ul>
<script>
  const socket = new WebSocket(${scriptText(connectionUri)});
  socket.onmessage = (event) => {
    const item = document.createElement('li');
    item.textContent = event.data;
    document.getElementById('messages').prepend(item);
  };
${SCRIPT_END}
</html>`;
}
