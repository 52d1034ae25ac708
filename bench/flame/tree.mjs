// What a profile holds, as a tree of functions and the time in each.
import { nameOf, originOf } from './origins.mjs';

/** What loads modules, and so calls what they do when they are loaded. */
const LOADER = /^node:internal\/(modules|deps\/cjs-module-lexer)\//;

/**
 * Reads a profile of Node's `--cpu-prof`. Times are in microseconds.
 * @returns `root`, `{ name, origin, time, children }`, whose time is that of all that is in the tree; `own`, the self time of each origin;
 * and the times that are not in it, `idle` and `loading`
 */
export function readTree({ nodes, samples, timeDeltas }) {
  const byId = new Map(nodes.map((node) => [node.id, { ...node, self: 0 }]));
  // A sample lasts until the next one.
  samples.forEach((id, i) => (byId.get(id).self += Math.max(0, timeDeltas[i + 1] ?? 0)));

  const childrenOf = ({ children = [] }) => children.map((id) => byId.get(id));
  const timeOf = (node) => childrenOf(node).reduce((sum, child) => sum + timeOf(child), node.self);
  const result = { own: {}, idle: 0, loading: 0 };
  const toTree = (node) => {
    const origin = originOf(node.callFrame);
    result.own[origin] = (result.own[origin] ?? 0) + node.self;
    const children = childrenOf(node)
      .filter((child) => {
        const outside = isOutside(child.callFrame);
        if (outside) result[outside] += timeOf(child);
        return !outside;
      })
      .map(toTree);
    const time = children.reduce((sum, child) => sum + child.time, node.self);
    return { name: nameOf(node.callFrame), origin, time, children: children.sort((a, b) => b.time - a.time) };
  };
  return { root: toTree(byId.get(nodes[0].id)), ...result };
}

function isOutside({ functionName, url }) {
  if (functionName === '(idle)') return 'idle';
  return LOADER.test(url) ? 'loading' : null;
}
