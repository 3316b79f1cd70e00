import {
  type DocumentNode,
  type ExecutionResult,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
} from 'graphql';
import { compileQuery, isCompiledQuery } from 'graphql-jit';
import { type GraphqlContext } from '../../../graphql/context';
import { type OperationGate } from '../../../graphql/limits/operation-gate';
import { type ScannableOperation } from './scan-request';
import { VariablesScanner } from './variables-scanner';
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

/** Operations whose variables can be scanned: as many as are remembered, the oldest forgotten. */
const MAX_SCANNABLE = 1_000;

/** What is known of operations that were found valid; it is forgotten with their documents. */
export class KnownOperations {
  readonly #operations = new WeakMap<OperationDefinitionNode, KnownOperation>();
  /** By the document's text; of documents with one operation. */
  readonly #scannable = new Map<string, ScannableOperation & { readonly name: string | undefined }>();

  constructor(private readonly options: KnownOperationsOptions) {}

  /** How the variables of an operation are read from bytes; null where it is not known, or they cannot be. */
  scannable(source: string, operationName: unknown): ScannableOperation | null {
    const found = this.#scannable.get(source);
    return found && (operationName == null || operationName === '' || operationName === found.name)
      ? found
      : null;
  }

  of(document: DocumentNode, definition: OperationDefinitionNode): KnownOperation {
    let operation = this.#operations.get(definition);
    if (!operation) {
      operation = new KnownOperation(document, definition, {
        ...this.options,
        onScannable: (scannable) => this.#remember(document, definition, scannable),
      });
      this.#operations.set(definition, operation);
    }
    return operation;
  }

  #remember(
    { loc, definitions }: DocumentNode,
    { name }: OperationDefinitionNode,
    scannable: ScannableOperation,
  ): void {
    const operations = definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION);
    if (!loc || operations.length > 1) return;
    this.#scannable.set(loc.source.body, { ...scannable, name: name?.value });
    for (const oldest of this.#scannable.keys()) {
      if (this.#scannable.size <= MAX_SCANNABLE) break;
      this.#scannable.delete(oldest);
    }
  }
}

export interface KnownOperationOptions extends KnownOperationsOptions {
  /** Told when it is found that its variables can be scanned. */
  readonly onScannable?: (scannable: ScannableOperation) => void;
}

export class KnownOperation {
  /** What it costs. @throws AppError OPERATION_TOO_COSTLY; GraphQLError for an argument without a value */
  readonly cost: (variables: Variables) => number;
  #times = 0;
  #compiled: Compiled | null = null;

  constructor(
    private readonly document: DocumentNode,
    private readonly definition: OperationDefinitionNode,
    private readonly options: KnownOperationOptions,
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
    const scanner = VariablesScanner.of(options.schema, document, definition);
    if (scanner) options.onScannable?.({ scanner, read });
    this.#compiled = (context, given) => {
      const variables = read(given);
      return variables && compiled.query(undefined, context, variables);
    };
  }
}
