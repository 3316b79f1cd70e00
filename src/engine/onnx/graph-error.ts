/** The graph that was asked for cannot be built. A defect of the caller, never of the data. */
export class GraphError extends Error {
  override readonly name = 'GraphError';
}
