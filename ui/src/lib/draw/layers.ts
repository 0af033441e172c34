import type { Machine } from '../data/types';

export interface Node {
  name: string;
  x: number;
  y: number;
  terminal: boolean;
}

export interface Edge {
  from: Node;
  to: Node;
  events: string[];
}

export interface Diagram {
  nodes: Node[];
  edges: Edge[];
  columns: number;
  rows: number;
}

/**
 * Lays out a state machine in columns by the shortest distance from the initial state, with
 * terminal states in the last column. Positions are in cells.
 */
export function layers(machine: Machine): Diagram {
  const depth = distances(machine);
  const inner = machine.states.filter((s) => !machine.terminal.includes(s)).map((s) => depth.get(s) ?? 0);
  const last = Math.max(0, ...inner) + 1;
  const filled: number[] = [];
  const nodes = machine.states.map((name): Node => {
    const terminal = machine.terminal.includes(name);
    const x = terminal ? last : (depth.get(name) ?? 0);
    const y = filled[x] ?? 0;
    filled[x] = y + 1;
    return { name, x, y, terminal };
  });
  const rows = Math.max(1, ...filled.map((n) => n ?? 0));
  for (const node of nodes) node.y += (rows - filled[node.x]!) / 2;
  return { nodes, edges: edges(machine, nodes), columns: Math.max(0, ...nodes.map((n) => n.x)) + 1, rows };
}

function distances(machine: Machine): Map<string, number> {
  const depth = new Map([[machine.initial, 0]]);
  for (const [state, steps] of depth)
    for (const t of machine.transitions) if (t.from === state && !depth.has(t.to)) depth.set(t.to, steps + 1);
  return depth;
}

function edges(machine: Machine, nodes: Node[]): Edge[] {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const found = new Map<string, Edge>();
  for (const { from, event, to } of machine.transitions) {
    const [a, b] = [byName.get(from), byName.get(to)];
    if (!a || !b || a === b) continue;
    const edge = found.get(`${from}\n${to}`) ?? { from: a, to: b, events: [] };
    if (!edge.events.includes(event)) edge.events.push(event);
    found.set(`${from}\n${to}`, edge);
  }
  return [...found.values()];
}

/** The SVG path of an edge, from border to border of the boxes. */
export function edgePath(edge: Edge, rows: number, cell: { width: number; height: number; box: { width: number; height: number } }): string {
  const cx = (n: Node) => n.x * cell.width + cell.width / 2;
  const cy = (n: Node) => n.y * cell.height + cell.height / 2;
  const { from, to } = edge;
  const half = cell.box.width / 2;
  if (from.x === to.x) {
    const direction = Math.sign(to.y - from.y);
    const side = (direction > 0 ? 1 : -1) * half * 0.35;
    return `M${cx(from) + side} ${cy(from) + (direction * cell.box.height) / 2}L${cx(to) + side} ${cy(to) - (direction * cell.box.height) / 2}`;
  }
  const direction = Math.sign(to.x - from.x);
  const shift = direction > 0 ? -4 : 5; // keeps the two directions apart
  const x1 = cx(from) + direction * half;
  const x2 = cx(to) - direction * half;
  const y1 = cy(from) + shift;
  const y2 = cy(to) + shift;
  // An edge that skips a column passes above or below it, on the side where it ends.
  const side = to.y + 0.5 < rows / 2 || (to.y + 0.5 === rows / 2 && direction > 0) ? -1 : 1;
  const far = Math.abs(to.x - from.x) > 1 ? side * cell.height * (0.3 + 0.55 * Math.abs(to.x - from.x)) : 0;
  const middle = (x1 + x2) / 2;
  return `M${x1} ${y1}C${middle} ${y1 + far} ${middle} ${far === 0 ? y2 : y2 + far * 0.45} ${x2} ${y2}`;
}
