import {
  type DocumentNode,
  type ExecutionResult,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import { compileQuery, isCompiledQuery } from 'graphql-jit';
import { type GraphqlContext } from '../../../graphql/context';
import { type OperationGate } from '../../../graphql/limits/operation-gate';
import { type Variables, variablesReader, withReadVariables } from './variables-reader';

/** Null, and nothing executed, where variables are not of their types. */
type Compiled = (
  context: GraphqlContext,
  variables: Variables,
) => Promise<ExecutionResult> | ExecutionResult | null;

/** An operation that comes again is worth compiling; one that comes once is not. */
const COMPILE_AT = 2;

export interface KnownOperationsOptions {
  readonly schema: GraphQLSchema;
  readonly gate: OperationGate;
  /** From which time on an operation is compiled: 2 unless given. */
  readonly compileAt?: number | undefined;
}

/** What is known of operations that were found valid; it is forgotten with their documents. */
export class KnownOperations {
  readonly #operations = new WeakMap<OperationDefinitionNode, KnownOperation>();

  constructor(private readonly options: KnownOperationsOptions) {}

  of(document: DocumentNode, definition: OperationDefinitionNode): KnownOperation {
    let operation = this.#operations.get(definition);
    if (!operation) {
      operation = new KnownOperation(document, definition, this.options);
      this.#operations.set(definition, operation);
    }
    return operation;
  }
}

export class KnownOperation {
  /** What it costs. @throws AppError OPERATION_TOO_COSTLY; GraphQLError for an argument without a value */
  readonly cost: (variables: Variables) => number;
  #times = 0;
  #compiled: Compiled | null = null;

  constructor(
    private readonly document: DocumentNode,
    private readonly definition: OperationDefinitionNode,
    private readonly options: KnownOperationsOptions,
  ) {
    this.cost = options.gate.costOf({ document, definition });
  }

  /**
   * To be called once whenever it is asked for.
   * @returns null when graphql-js has to execute it: it did not come often enough, cannot be compiled, or its variables
   *   are not of their types, which graphql-js words as clients know it. Nothing was executed then
   */
  answer(context: GraphqlContext, variables: Variables): Promise<ExecutionResult> | ExecutionResult | null {
    if (++this.#times === (this.options.compileAt ?? COMPILE_AT)) this.#compile();
    return this.#compiled?.(context, variables) ?? null;
  }

  #compile(): void {
    const { document, definition, options } = this;
    const prepared = withReadVariables(options.schema, document);
    const compiled = compileQuery(prepared.schema, prepared.document, definition.name?.value);
    if (!isCompiledQuery(compiled)) return;
    const read = variablesReader(options.schema, definition);
    this.#compiled = (context, given) => {
      const variables = read(given);
      return variables && compiled.query(undefined, context, variables);
    };
  }
}
