import { type RequestContext } from '../platform/tenancy/request-context';
import { type Loaders } from './loaders';

/** Hands out the instances that the composition root made. */
export interface ServiceLocator {
  get<T>(token: new (...parameters: never[]) => T): T;
}

/** What every resolver gets: who asks, and loaders that live as long as the request. */
export interface GraphqlContext extends RequestContext {
  readonly loaders: Loaders;
  /** Aborted when the request is given up: by its client, or because it took too long. */
  readonly signal?: AbortSignal | null;
  /** For subscription sources, which type-graphql calls without an instance; resolvers use their constructor. */
  readonly services: ServiceLocator;
}
