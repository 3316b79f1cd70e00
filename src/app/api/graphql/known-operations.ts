import {
  type DocumentNode,
  execute,
  type ExecutionResult,
  getOperationAST,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  parse,
  specifiedRules,
  validate,
  type ValidationRule,
} from 'graphql';
import { type CompiledQuery, compileQuery, isCompiledQuery } from 'graphql-jit';
import { type GraphqlContext } from '../../../graphql/context';
import { type OperationGate } from '../../../graphql/limits/operation-gate';

type Variables = Readonly<Record<string, unknown>>;

/** Most that is said of a document that is not valid. */
export const MAX_VALIDATION_ERRORS = 5;
/** Text of the documents that are remembered, in characters. */
const MAX_REMEMBERED = 4 * 2 ** 20;
/** An operation that comes again is worth compiling; one that comes once is not. */
const COMPILE_AT = 2;

export interface KnownOperationsOptions {
  readonly schema: GraphQLSchema;
  readonly gate: OperationGate;
  /** Whether clients may ask for the schema. */
  readonly openSchema: boolean;
  /** From which execution on an operation is compiled: 2 unless given. */
  readonly compileAt?: number | undefined;
}

/**
 * Documents that were parsed, checked and weighed once, so that the same text costs nothing of that again; operations
 * that come again are compiled. The least recently used are forgotten.
 */
export class KnownOperations {
  readonly #documents = new Map<string, KnownDocument>();
  #remembered = 0;

  constructor(private readonly options: KnownOperationsOptions) {}

  /**
   * @throws AppError OPERATION_TOO_LARGE; GraphQLError when it is no GraphQL
   * @returns what is wrong with it instead, where it is not valid: that is not remembered
   */
  read(source: string): KnownDocument | readonly GraphQLError[] {
    const known = this.#documents.get(source);
    if (known) {
      // To the end of the line of those that are forgotten.
      this.#documents.delete(source);
      this.#documents.set(source, known);
      return known;
    }
    const { schema, gate, openSchema } = this.options;
    // What is no operation is told so by the parser, or by whoever looks for one.
    const document = gate.parse(source) ?? parse(source, { maxTokens: gate.maxTokens });
    const rules = openSchema ? specifiedRules : [...specifiedRules, noIntrospection];
    const errors = validate(schema, document, rules, { maxErrors: MAX_VALIDATION_ERRORS });
    if (errors.length > 0) return errors;
    const read = new KnownDocument(document, this.options);
    this.#remember(source, read);
    return read;
  }

  #remember(source: string, document: KnownDocument): void {
    this.#documents.set(source, document);
    this.#remembered += source.length;
    for (const [oldest] of this.#documents) {
      if (this.#remembered <= MAX_REMEMBERED) break;
      this.#documents.delete(oldest);
      this.#remembered -= oldest.length;
    }
  }
}

/** A valid document. */
export class KnownDocument {
  readonly #operations = new Map<string, KnownOperation>();

  constructor(
    private readonly document: DocumentNode,
    private readonly options: KnownOperationsOptions,
  ) {}

  /** @throws GraphQLError when there is no such operation, or no name and several */
  operation(name: string | null): KnownOperation {
    let operation = this.#operations.get(name ?? '');
    if (!operation) {
      const definition = getOperationAST(this.document, name);
      if (!definition) throw new GraphQLError(absence(name, this.document));
      operation = new KnownOperation(this.document, definition, this.options);
      this.#operations.set(name ?? '', operation);
    }
    return operation;
  }
}

/** An operation of a valid document. */
export class KnownOperation {
  readonly type: OperationDefinitionNode['operation'];
  /** What it costs. @throws AppError OPERATION_TOO_COSTLY; GraphQLError for an argument without a value */
  readonly cost: (variables: Variables) => number;
  #executions = 0;
  #compiled: CompiledQuery | null = null;

  constructor(
    private readonly document: DocumentNode,
    private readonly definition: OperationDefinitionNode,
    private readonly options: KnownOperationsOptions,
  ) {
    this.type = definition.operation;
    this.cost = options.gate.costOf({ document, definition });
  }

  /** A result without `data` says that nothing was executed: the variables are not of their types. */
  execute(context: GraphqlContext, variables: Variables): Promise<ExecutionResult> | ExecutionResult {
    if (++this.#executions === (this.options.compileAt ?? COMPILE_AT)) this.#compile();
    if (!this.#compiled) return this.#interpret(context, variables);
    const result = this.#compiled.query(undefined, context, variables);
    // Only graphql-js words what is wrong with variables as clients know it.
    return 'data' in result || 'then' in result ? result : this.#interpret(context, variables);
  }

  #interpret(context: GraphqlContext, variables: Variables): Promise<ExecutionResult> | ExecutionResult {
    const { document, definition } = this;
    return execute({
      schema: this.options.schema,
      document,
      contextValue: context,
      variableValues: variables,
      operationName: definition.name?.value ?? null,
    });
  }

  #compile(): void {
    const { document, definition } = this;
    const compiled = compileQuery(this.options.schema, document, definition.name?.value);
    // What cannot be compiled is executed by graphql-js as before.
    if (isCompiledQuery(compiled)) this.#compiled = compiled;
  }
}

/** Said once, of the field that begins it. */
const noIntrospection: ValidationRule = (context) => ({
  Field: (node) => {
    const { value } = node.name;
    if (value !== '__schema' && value !== '__type') return;
    context.reportError(
      new GraphQLError(`The schema cannot be asked for here: "${value}" is not answered.`, { nodes: node }),
    );
  },
});

function absence(name: string | null, { definitions }: DocumentNode): string {
  if (name !== null) return `Unknown operation named "${name}".`;
  const count = definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION).length;
  return count === 0
    ? 'Must provide an operation.'
    : 'Must provide operation name if query contains multiple operations.';
}
