// A flame graph as SVG that needs nothing else: the callers are below what they call, and a frame is as wide as its share of the time.
import { ORIGINS } from './origins.mjs';

const WIDTH = 1_400;
const MARGIN = 14;
const ROW = 17;
const HEAD = 74;
/** A character of the frames' text is about so wide. */
const CHARACTER = 6.3;
/** Frames with a smaller share of the time are left out. */
const LEAST = 0.003;

const STYLE = `
    svg { --page: #ffffff; --text: #1b2129; --subdued: #4d5762; }
    @media (prefers-color-scheme: dark) { svg { --page: #14181d; --text: #e8edf2; --subdued: #b0bac5; } }
    text { font: 13px system-ui, 'DejaVu Sans', sans-serif; fill: var(--text); }
    .title { font-size: 17px; font-weight: 600; }
    .subdued { fill: var(--subdued); }
    g text { font: 10.5px ui-monospace, 'DejaVu Sans Mono', monospace; fill: #14181d; pointer-events: none; }
    rect:hover { stroke: var(--text); }
${Object.entries(ORIGINS)
  .map(([origin, { colour }]) => `    .${origin} { fill: ${colour}; }`)
  .join('\n')}`;

/** Draws a tree of `readTree`. */
export function drawFlames(root, title) {
  const frames = place(root);
  const height = HEAD + (Math.max(...frames.map(({ depth }) => depth)) + 1) * ROW + MARGIN;
  const seconds = (root.time / 1_000_000).toFixed(1);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="title">
  <title id="title">${escape(title)}</title>
  <style>${STYLE}
  </style>
  <rect width="${WIDTH}" height="${height}" rx="14" style="fill: var(--page)" />
  <text class="title" x="${MARGIN}" y="28">${escape(title)}</text>
  <text class="subdued" x="${WIDTH - MARGIN}" y="28" text-anchor="end">${seconds} s of processor time; callers below, widths by share of the time, less than ${LEAST * 100} % left out</text>
${legend()}
${frames.map((frame) => draw(frame, root.time, height)).join('\n')}
</svg>
`;
}

/** The frames that are wide enough, with their depth and how much time lies to the left of them. */
function place(root) {
  const frames = [];
  const visit = (frame, depth, before) => {
    frames.push({ ...frame, depth, before });
    let next = before;
    for (const child of frame.children) {
      if (child.time >= LEAST * root.time) visit(child, depth + 1, next);
      next += child.time;
    }
  };
  visit(root, 0, 0);
  return frames;
}

function draw({ name, origin, time, depth, before }, whole, height) {
  const scale = (WIDTH - 2 * MARGIN) / whole;
  const [x, width] = [MARGIN + before * scale, time * scale];
  const y = height - MARGIN - (depth + 1) * ROW;
  const share = ((100 * time) / whole).toFixed(1);
  const text = shorten(name, Math.floor((width - 6) / CHARACTER));
  const label = text && `<text x="${round(x + 3)}" y="${y + 12}">${escape(text)}</text>`;
  return `<g><title>${escape(name)}: ${share} %</title><rect class="${origin}" x="${round(x)}" y="${y}" width="${round(width - 0.5)}" height="${ROW - 1}" />${label}</g>`;
}

function legend() {
  let x = MARGIN;
  return Object.entries(ORIGINS)
    .map(([origin, { label }]) => {
      const entry = `  <rect class="${origin}" x="${x}" y="44" width="13" height="13" /><text x="${x + 18}" y="55">${label}</text>`;
      x += 40 + label.length * 7;
      return entry;
    })
    .join('\n');
}

/** What of a name there is room for; nothing where that would say nothing. */
function shorten(name, most) {
  if (name.length <= most) return name;
  return most < 4 ? '' : `${name.slice(0, most - 1)}…`;
}

function round(number) {
  return Number(number.toFixed(1));
}

function escape(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
