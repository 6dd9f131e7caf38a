// Variable references that stay the same from stop to stop, so that expanded rows stay expanded.

/** Numbers for nodes, keyed by parent and name. A node that is asked for again keeps its number. */
export class HandleTree<Node> {
  readonly #numbers = new Map<string, number>();
  readonly #nodes: Node[] = [];

  /** The number of the child called `name` under `parent` (0 = the top), which is now `node`. */
  put(parent: number, name: string, node: Node): number {
    const key = `${parent}/${name}`;
    const handle = this.#numbers.get(key) ?? this.#nodes.length + 1;
    this.#numbers.set(key, handle);
    this.#nodes[handle - 1] = node;
    return handle;
  }

  get(handle: number): Node | undefined {
    return this.#nodes[handle - 1];
  }
}
