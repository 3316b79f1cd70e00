import { type DocumentNode, type GraphQLSchema } from 'graphql';
import { AppError } from '../../errors';
import { type GraphqlConfig } from '../../platform/config/graphql-settings';
import { parseWithin } from './document-limits';
import { dearest, type Operation, operationCost } from './operation-cost';

/** Keeps out what is larger or dearer than this server does at once, by whatever way it comes. */
export class OperationGate {
  constructor(
    private readonly schema: GraphQLSchema,
    private readonly config: GraphqlConfig,
  ) {}

  get maxCost(): number {
    return this.config.maxOperationCost;
  }

  /**
   * To be called before a document is validated.
   * @returns null when it is no GraphQL
   * @throws AppError OPERATION_TOO_LARGE
   */
  parse(source: string): DocumentNode | null {
    const { config } = this;
    return parseWithin(source, {
      tokens: config.maxOperationTokens,
      depth: config.maxOperationDepth,
      fields: config.maxOperationFields,
      aliases: config.maxOperationAliases,
      directives: config.maxOperationDirectives,
      rootFields: config.maxRootFields,
    });
  }

  /**
   * To be called before a valid operation is executed.
   * @returns what it costs; null when it will not be executed because of its variables
   * @throws AppError OPERATION_TOO_COSTLY, with `details.cost` and `details.limit`
   */
  cost(operation: Operation): number | null {
    const found = operationCost(this.schema, operation);
    if (found === null || found.cost <= this.maxCost) return found?.cost ?? null;
    throw new AppError(
      'OPERATION_TOO_COSTLY',
      `The operation costs ${found.cost}, and ${this.maxCost} is the limit: ask for smaller pages or fewer inputs, leave out what lies below long lists, or send several requests.`,
      dearest(found),
      { details: { cost: found.cost, limit: this.maxCost } },
    );
  }
}
