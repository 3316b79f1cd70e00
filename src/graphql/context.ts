import { type RequestContext } from '../platform/tenancy/request-context';
import { type Loaders } from './loaders';

/** Hands out the instances that the composition root made. */
export interface ServiceLocator {
  get<T>(token: new (...parameters: never[]) => T): T;
}

/** What every resolver gets: who asks, and loaders that live as long as the request. */
export interface GraphqlContext extends RequestContext {
  readonly loaders: Loaders;
  /** For subscription sources, which type-graphql calls without an instance; resolvers use their constructor. */
  readonly services: ServiceLocator;
}
